"""A report for programs: verdicts that are written in the code, names, and the state of the index. Nothing else.

JUnit and SARIF are rendered only from :class:`Verdicts`, so neither can give a count away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sealscrub.errors import UsageError

__all__ = ["Case", "Rule", "Suite", "Verdicts"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What can be said about a case. It is made where the code is written, not from what a run found.

    Parameters
    ----------
    code : str
        What JUnit calls it, after ``sealscrub.``.
    outcome : {"failure", "error", "skipped"}
    message : str
        The sentence for it.
    id, name : str
        SARIF's.
    says : str
        What it says about a table, as SARIF puts it after the table's name.
    help : str
        What to do.

    Raises
    ------
    UsageError
        If a sentence of it holds a number.

    Examples
    --------
    >>> found = Rule(code="sealed", outcome="failure", message="The table holds sealed records.")
    >>> found.outcome
    'failure'
    """

    code: str
    outcome: Literal["failure", "error", "skipped"]
    message: str
    id: str = ""
    name: str = ""
    says: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        if any(char.isnumeric() for text in (self.message, self.says, self.help) for char in text):
            raise UsageError("a verdict that travels cannot hold a number", hint="say it without one.")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that was asked, and what is to be said about it: nothing if it passes.

    Parameters
    ----------
    name : str
    rules : tuple of Rule
        The first is JUnit's outcome.
    column : str, optional
        The column, if it is one.

    Examples
    --------
    >>> found = Rule(code="sealed", outcome="failure", message="The table holds sealed records.")
    >>> Case(name="ARREST_NO", rules=(found,), column="ARREST_NO").rules[0].code
    'sealed'
    """

    name: str
    rules: tuple[Rule, ...] = ()
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Cases of one thing, such as a table.

    Parameters
    ----------
    name : str
    cases : tuple of Case
    rules : tuple of Rule
        What is to be said about the thing as a whole.
    classname : str
        JUnit's name of the cases' class; by default the suite's.
    properties : mapping of str to str
        Facts, by name; several of one name are a tuple.
    path : str
        Where it is below the repository, with slashes; empty if its name is all that is known.

    Examples
    --------
    >>> Suite(name="train.csv", cases=(Case(name="ARREST_NO"),), properties={"epoch": "4"}).properties["epoch"]
    '4'
    """

    name: str
    cases: tuple[Case, ...]
    rules: tuple[Rule, ...] = ()
    classname: str = ""
    properties: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """A report for programs.

    Parameters
    ----------
    run : Suite
        Of the run as a whole.
    suites : tuple of Suite
        Of each thing that was looked at.
    exit_code : int
    complete : bool
        Whether everything was checked.
    rules : tuple of Rule
        All that can be said, in SARIF's order.
    unexplained : Rule, optional
        What SARIF says about every table of an incomplete run that no warning explains.

    Examples
    --------
    >>> Verdicts(run=Suite(name="scan", cases=(Case(name="coverage"),)), exit_code=0).complete
    True
    """

    run: Suite
    suites: tuple[Suite, ...] = ()
    exit_code: int
    complete: bool = True
    rules: tuple[Rule, ...] = ()
    unexplained: Rule | None = None
