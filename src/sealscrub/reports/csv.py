"""CSV: rows of a report for a spreadsheet, to which no name is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["to_csv"]


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows under the names of their columns; what a row does not have stays empty.

    Parameters
    ----------
    columns : sequence of str
    rows : iterable of mapping of str to object
        A text that a spreadsheet would take for a formula gets an apostrophe in front.

    Examples
    --------
    >>> to_csv(["name", "rows"], [{"name": "=SUM(A1)", "rows": 9}]).splitlines()
    ['name,rows', "'=SUM(A1),9"]
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
