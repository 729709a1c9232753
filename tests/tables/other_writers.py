"""What somebody else does to a table of a lake, and when: before or after a function that a purge calls."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from ..contracts.test_every_format import Row
from ..transforms.arrests import CLEAR

LATE: list[Row] = [(CLEAR[7], 40, "late")]


def at(step: tuple[str, str, bool], change: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Do something once, at a step: a module, a function of it, and whether it comes after that is called."""
    module, name, after = step
    real, done = getattr(import_module(module), name), []

    def called(*given: Any, **named: Any) -> Any:
        if not after and not done:
            done.append(change())
        made = real(*given, **named)
        if not done:
            done.append(change())
        return made

    patch.setattr(f"{module}.{name}", called)
