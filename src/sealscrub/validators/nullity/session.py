"""What a session has beside the data: variables that its work left in modules, the environment, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .captured import captured_data, fingerprints, session_state
from .carrying import carried_objects
from .process import Outcome
from .travelling import modules_by_value

__all__ = ["Session", "carried_data", "session_of"]


_FEW = 5
_MANY = "environment variables, of which a program that it starts may read any"


@dataclass(frozen=True, slots=True)
class Session:
    """What one run gets that another does not.

    Parameters
    ----------
    variables : dict of str to object
        Values that variables of modules have here, and not in a fresh interpreter, by ``module:name``.
    environment : list of str
        Environment variables that the function's own code read.
    names : list of str
        All of it as a report names it, with the files that were refused.
    """

    variables: dict[str, Any]
    environment: list[str]
    names: list[str]


def session_of(function: Callable[[Any], Any], reference: Outcome, inputs: Sequence[str]) -> Session:
    """Tell what the session has beside the data, from a run in a fresh interpreter."""
    here = session_state(function)
    ours = fingerprints(here)
    changed = {name: here[name] for name, one in reference.state.items() if ours.get(name, one) != one}
    hidden = [name for name in reference.environment if _may_hold_data(name, inputs)]
    names = [name.partition(":")[2] for name in changed]
    said = [f"environment variable {name}" for name in hidden]
    names += [*(said if len(said) <= _FEW else [_MANY]), *reference.refused]
    return Session(changed, hidden, names)


def _may_hold_data(name: str, inputs: Sequence[str]) -> bool:
    """Places of files hold none themselves, and reading them is refused as it is."""
    return f"env:{name}" not in inputs and os.sep not in os.environ.get(name, os.sep)


def carried_data(function: Callable[[Any], Any], reference: Outcome) -> list[str]:
    """Name data that travels with the function; what a fresh interpreter makes of the code alone is code."""
    made = {name.partition(":")[2] for name in reference.state}
    named = [name for name in captured_data(function) if name not in made]
    return named or carried_objects(function, modules_by_value(function))[0]
