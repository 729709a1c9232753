"""The mark that aggregate figures carry: they are counted over sealed arrests too, and may not become training input.

It is a column: a column outlasts CSV, copies and other tools. In Parquet it stands in the metadata too, which Arrow
keeps when the column is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sealscrub.errors import MarkedAggregate

__all__ = ["MARK", "marks_of", "refuse_marked"]

MARK = "sealscrub_aggregate_report"
"""Name of the column; its value in every row is the release's id."""


def refuse_marked(columns: Iterable[str], use: str, *, where: str = "") -> None:
    """Refuse a table with the mark, whatever it is to be used for but another report.

    Raises
    ------
    MarkedAggregate
        When one of the columns is the mark; also one that a join gave a suffix or a prefix, and a database capitals.

    Examples
    --------
    >>> refuse_marked(["precinct", "count"], "training")
    """
    if use != "aggregate_report" and any(MARK in str(name).lower() for name in columns):
        raise MarkedAggregate.found(where=where)


def marks_of(data: Any, columns: Iterable[str]) -> list[str]:
    """Give every name under which a mark can stand: columns, and what Arrow and pandas keep beside them.

    Examples
    --------
    >>> import pyarrow
    >>> table = pyarrow.table({"n": [1]}).replace_schema_metadata({MARK: "0f"})
    >>> marks_of(table, table.column_names)
    ['n', 'sealscrub_aggregate_report']
    """
    library = type(data).__module__.partition(".")[0]
    schema = data.schema if library == "pyarrow" else None  # of a lazy frame, asking for it may run a query
    beside = [
        each
        for each in (getattr(schema, "metadata", None), data.attrs if library == "pandas" else None)
        if isinstance(each, Mapping)
    ]
    keys = [key for each in beside for key in each]
    return [*columns, *(key.decode(errors="replace") if isinstance(key, bytes) else str(key) for key in keys)]
