"""What proves that sealed records are out: the nullity test, and the scanner of model files."""

from __future__ import annotations

__all__: list[str] = []
