"""The words of the drawing."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["DOES", "KINDS", "recomputed"]

DOES = {
    "drop": "rows are removed",
    "null": "rows stay, fields change",
    "elements": "elements are removed",
    "edges": "unsupported edges removed",
    "files": "rows and files are removed",
    "columns": "rows stay, columns change",
    "derived": "recomputed as a whole",
    "independent": "no seal affects it",
}
"""What happens to a table's rows, by its action."""

KINDS = {
    "seal": ("seal", "a record key: rows whose key is sealed are reached"),
    "link": ("link", "rows are reached with the row that they depend on"),
    "orphan": ("orphan", "rows are reached when all that they depend on are removed"),
    "derived": ("recomputed", "computed again from scrubbed tables"),
    "rekey": ("surrogate", "an id is replaced by one that hides its order"),
}
"""What a line and a row of a box say, by its kind: in a word, and in a sentence."""

_MOST_LINES = 6


def recomputed(columns: Sequence[str]) -> str:
    """Name the columns that are recomputed."""
    if len(columns) > _MOST_LINES:
        return f"{', '.join(columns[: _MOST_LINES - 1])} and {len(columns) - _MOST_LINES + 1} more"
    return ", ".join(columns) if columns else "all columns"
