"""What a model file still holds of sealed records, found without executing anything of it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audit_values import Certainty, ModelFinding, ModelNote, NotChecked
    from .model_audit import audit_model
    from .model_audit_report import ModelAudit
    from .reader_process import Limits

__all__ = ["Certainty", "Limits", "ModelAudit", "ModelFinding", "ModelNote", "NotChecked", "audit_model"]

_HOMES = {"audit_model": "model_audit", "Limits": "reader_process", "ModelAudit": "model_audit_report"}


if not TYPE_CHECKING:  # to a type checker a name that is not imported above is an error

    def __getattr__(name: str) -> Any:
        """Load a name when it is asked for: the reading child comes through here, and loads no more than it needs."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f".{_HOMES.get(name, 'audit_values')}", __name__), name)
