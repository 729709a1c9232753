"""CSV: rows of a report for a spreadsheet, to which no name is a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from .display_names import printable

__all__ = ["cell_meant", "guarded_cell", "to_csv"]


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows under the names of their columns; what a row does not have stays empty.

    Parameters
    ----------
    columns : sequence of str
    rows : iterable of mapping of str to object
        A text that a spreadsheet would take for a formula, as the name of a column too, gets an apostrophe in front;
        what does not print is an escape, since a terminal may show it.

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


def guarded_cell(value: object) -> object:
    """Put an apostrophe before a text that begins as a formula does, behind white space and in full width too.

    Of a text that has one in front already it is one more, so :func:`cell_meant` gives each as it was. See
    `OWASP on CSV injection <https://owasp.org/www-community/attacks/CSV_Injection>`_.

    Examples
    --------
    >>> guarded_cell("=A1"), guarded_cell("'=A1"), guarded_cell("A1"), guarded_cell(-3)
    ("'=A1", "''=A1", 'A1', -3)
    """
    return f"'{value}" if isinstance(value, str) and _is_formula(value.lstrip("'")) else value


def cell_meant(text: str) -> str:
    """Give the text of which :func:`guarded_cell` made this one; one that it would not have made stays.

    Examples
    --------
    >>> cell_meant("'=A1"), cell_meant("=A1"), cell_meant("'s-Gravenhage")
    ('=A1', '=A1', "'s-Gravenhage")
    """
    return text[1:] if text.startswith("'") and _is_formula(text.lstrip("'")) else text


def _is_formula(text: str) -> bool:
    begun = unicodedata.normalize("NFKC", text[:1] + text.lstrip()[:1])
    return begun.startswith(("\t", "\r", "\n")) or bool(set(begun) & set("=+-@"))


def _safe(value: object) -> object:
    return guarded_cell(printable(value)) if isinstance(value, str) and value else value
