"""Columns that number the rows, by the names that programs give them: their gaps show what was removed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

__all__ = ["NUMBERING", "row_number_warnings"]

NUMBERING = "may number the rows, and then its gaps show which rows were removed"

_NAMED = re.compile(
    r"|\(index\)|(Unnamed: \d+|index|level_\d+|__index_level_\d+__)(\.\d+)*"  # pandas
    r"|row_nr|(\.\.\.1|X|rownames?|row[._]names)(\.\d+)*"  # polars, R
    r"|(?i:OBJECTID(_\d+)?|FID|ogc_fid)"  # ArcGIS, GDAL
)
_OTHERS = {"": "the column without a name", "(index)": "the index"}
_MOST_TABLES = 5


def row_number_warnings(columns: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Warn of columns that may number the rows, once for all tables that have one of the same name.

    The names alone decide, so that the same is said whichever records are sealed.

    Parameters
    ----------
    columns : mapping of str to collection of str
        By table the columns of which nothing else is declared, in their order.

    Examples
    --------
    >>> list(row_number_warnings({"arrests": ["arrest_no", "index"], "charges": ["charge"]}))[0][:52]
    "arrests: the column 'index' may number the rows, and"
    """
    tables: dict[str, list[str]] = {}
    for table, names in columns.items():
        for name in _numbering(names):
            tables.setdefault(name, []).append(table)
    for name, having in tables.items():
        more = ", …" if len(having) > _MOST_TABLES else ""
        shown = _OTHERS.get(name, f"the column {name!r}")
        yield (
            f"{', '.join(having[:_MOST_TABLES])}{more}: {shown} {NUMBERING}. "
            "Remove it (pandas writes a file without it by index=False, R by row.names=FALSE), or number the rows "
            "again after the scrub. If it numbers something else, say so with leave"
        )


def _numbering(names: Collection[str]) -> list[str]:
    """Give the names of such columns. X is one that R wrote if it comes first, and no Y makes it half of a place."""
    named = [name for name in dict.fromkeys(names) if _NAMED.fullmatch(name)]
    first = next(iter(names), None)
    return named if first == "X" and not {"Y", "y"} & set(names) else [name for name in named if name != "X"]
