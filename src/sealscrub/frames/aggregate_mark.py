"""The mark that aggregate figures carry: they are counted over sealed arrests too, and may not become training input.

It is a column, and not a word in a file's metadata: a column outlasts CSV, copies and other tools.
"""

from __future__ import annotations

from collections.abc import Iterable

from sealscrub.errors import MarkedAggregate

__all__ = ["MARK", "refuse_marked"]

MARK = "sealscrub_aggregate_report"
"""Name of the column; its value in every row is the release's id."""


def refuse_marked(columns: Iterable[str], use: str, *, where: str = "") -> None:
    """Refuse a table with the mark, whatever it is to be used for but another report.

    Raises
    ------
    MarkedAggregate
        When one of the columns is the mark; also one that a join has given a suffix, or a prefix.

    Examples
    --------
    >>> refuse_marked(["precinct", "count"], "training")
    """
    if use != "aggregate_report" and any(MARK in str(name) for name in columns):
        raise MarkedAggregate.found(where=where)
