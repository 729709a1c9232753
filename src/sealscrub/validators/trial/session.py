"""What a session has other than the data: variables that its work left in modules, the environment, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .closure_data import captured_data, fingerprints, own_modules, session_state
from .outcome import Outcome
from .pickle_contents import carried_objects

__all__ = ["Session", "carried_data", "carried_texts", "read_on_import", "session_of"]


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


def session_of(code: Iterable[Callable[..., Any]], reference: Outcome, inputs: Sequence[str]) -> Session:
    """Say what the session has other than the data of what some functions use, from a run in a fresh interpreter."""
    here = {name: value for each in code for name, value in session_state(each).items()}
    ours = fingerprints(here)
    changed = {name: here[name] for name, one in reference.state.items() if ours.get(name, one) != one}
    hidden = [name for name in reference.environment if _may_hold_data(name, inputs)]
    names = [name.partition(":")[2] for name in changed]
    said = [f"environment variable {name}" for name in hidden]
    names += [*(said if len(said) <= _FEW else [_MANY]), *reference.refused]
    return Session(changed, hidden, names)


def read_on_import(*outcomes: Outcome) -> str:
    """Say so if it is not a call of the function that was refused something, but the import of its module."""
    for each in outcomes:
        if each.imported and each.denied:
            return f"The module {each.imported} reads {', '.join(each.denied[:_FEW])} when it is imported."
    return ""


def _may_hold_data(name: str, inputs: Sequence[str]) -> bool:
    """Places of files hold none themselves, and reading them is refused as it is."""
    return f"env:{name}" not in inputs and os.sep not in os.environ.get(name, os.sep)


def carried_data(function: Callable[..., Any]) -> list[str]:
    """Name data that a function uses and is not given, whether it travels with it or is made again by an import."""
    return captured_data(function) or _carried(function)[0]


def carried_texts(function: Callable[..., Any]) -> list[str]:
    """Name long texts that a function uses and is not given, which may be data, as :func:`carried_data` does."""
    return _carried(function)[1]


def _carried(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    return carried_objects(function, own_modules(function))
