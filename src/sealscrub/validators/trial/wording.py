"""How a trial and its report speak of what is under test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Wording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words for one kind of thing under test.

    Attributes
    ----------
    suite : str
        What JUnit calls the kind of test: ``nullity``.
    tool : str
        What the report is headed with: ``nullity test``.
    tested : str
        ``function``, ``system``.
    given : str
        What it gets the data as: ``argument``, ``data``.
    other_result : str
        ``another result``, ``other answers``.
    fails : str
        ``fails``, ``cannot be built``.
    meanings : mapping of str to str
        Each verdict in a sentence.
    next_steps : mapping of str to str
        What to do, by verdict.
    """

    suite: str
    tool: str
    tested: str
    given: str
    other_result: str
    fails: str
    meanings: Mapping[str, str]
    next_steps: Mapping[str, str]
