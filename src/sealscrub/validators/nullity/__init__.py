"""The nullity test: whether a function's result is what it would be had the sealed records never existed.

Names load on first use: the process of the tested function is sandboxed before it loads anything heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..trial.verdicts import NullityVerdict
    from .function_check import assert_nullity, check_nullity
    from .function_report import NullityReport

__all__ = ["NullityReport", "NullityVerdict", "assert_nullity", "check_nullity"]

_HOMES = {"NullityReport": ".function_report", "NullityVerdict": "..trial.verdicts"}


if not TYPE_CHECKING:  # to a type checker a name that is not imported above is an error

    def __getattr__(name: str) -> Any:
        """Load a name."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_HOMES.get(name, ".function_check"), __name__), name)
