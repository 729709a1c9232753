"""The nullity test of outputs: whether a system answers what it would had the sealed records never existed.

Names load when they are first asked for: the process of the tested system is shut in before it loads anything heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .check import assert_output_nullity, check_output_nullity
    from .probes import Probe
    from .report import OutputNullityReport, OutputNullityVerdict
    from .routes import Response, Routes
    from .running import check_guard

__all__ = [
    "OutputNullityReport",
    "OutputNullityVerdict",
    "Probe",
    "Response",
    "Routes",
    "assert_output_nullity",
    "check_guard",
    "check_output_nullity",
]

_HOMES = {
    "OutputNullityReport": ".report",
    "OutputNullityVerdict": ".report",
    "Probe": ".probes",
    "Response": ".routes",
    "Routes": ".routes",
    "assert_output_nullity": ".check",
    "check_guard": ".running",
    "check_output_nullity": ".check",
}


def __getattr__(name: str) -> Any:
    """Load a name."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name], __name__), name)
