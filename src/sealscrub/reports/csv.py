"""CSV: rows of a report for a spreadsheet, to which no name is a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["to_csv"]


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows under the names of their columns; what a row does not have stays empty.

    Parameters
    ----------
    columns : sequence of str
    rows : iterable of mapping of str to object
        A text that a spreadsheet would take for a formula, as the name of a column too, gets an apostrophe in front.

    Examples
    --------
    >>> print(to_csv(["=A1"], [{"=A1": "@SUM(A1)"}, {"=A1": -3}]), end="")
    '=A1
    '@SUM(A1)
    -3
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writerow({name: _safe(name) for name in columns})
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _safe(value: object) -> object:
    """Put an apostrophe before what begins as a formula does, behind white space and in full width too.

    See `OWASP on CSV injection <https://owasp.org/www-community/attacks/CSV_Injection>`_.
    """
    if not isinstance(value, str):
        return value
    begun = unicodedata.normalize("NFKC", value[:1] + value.lstrip()[:1])
    return f"'{value}" if begun.startswith(("\t", "\r", "\n")) or set(begun) & set("=+-@") else value
