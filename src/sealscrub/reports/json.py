"""JSON: a report as programs read it. Its shape is each report's own."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from typing import Any

__all__ = ["to_json"]


def to_json(facts: Any) -> str:
    """Write facts as JSON: ASCII, indented, in their order; a day or a moment as ISO 8601 has it."""
    return json.dumps(facts, indent=2, allow_nan=False, default=_value) + "\n"


def _value(value: Any) -> Any:
    """Give what JSON does not know on its own as what it knows."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value.isoformat()
