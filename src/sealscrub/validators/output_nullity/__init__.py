"""The nullity test of outputs: whether a system answers what it would had the sealed records never existed.

Names load on first use: the process of the tested system is sandboxed before it loads anything heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..trial.verdicts import OutputNullityVerdict
    from .http_routes import Routes
    from .probes import Probe
    from .response import Response
    from .service_check import assert_output_nullity, check_output_nullity
    from .service_report import OutputNullityReport
    from .system_check import check_guard

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
    "OutputNullityReport": ".service_report",
    "OutputNullityVerdict": "..trial.verdicts",
    "Probe": ".probes",
    "Response": ".response",
    "Routes": ".http_routes",
    "assert_output_nullity": ".service_check",
    "check_guard": ".system_check",
    "check_output_nullity": ".service_check",
}


if not TYPE_CHECKING:  # to a type checker a name that is not imported above is an error

    def __getattr__(name: str) -> Any:
        """Load a name."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
