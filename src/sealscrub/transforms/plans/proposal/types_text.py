"""Types of columns in formats of text, for recipes: dates, and numbers in columns that are recomputed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from sealscrub.reports import percent

from .table_profile import TableProfile
from .toml_text import DECIDE, block, comment, entry, inline, quoted

__all__ = ["proposed_types"]

_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_TIMESTAMP = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$"
_OTHER_DATE = r"^[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}( .*)?$"
_WHOLE_NUMBER = r"^-?(0|[1-9][0-9]{0,17})$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_TRUTH = r"^(true|false)$"
_MOST_OF_THEM = 0.95


def proposed_types(profile: TableProfile, derived: Collection[str]) -> Iterator[str]:
    """Write the types of a table's columns of text.

    Parameters
    ----------
    profile : TableProfile
        The table.
    derived : collection of str
        Columns that may be recomputed, so their numbers are needed as numbers.
    """
    if not profile.text:
        return
    sure: dict[str, str] = {}
    maybe: dict[str, tuple[str, float]] = {}
    elsewise = []
    for column in profile.first:
        if column.dtype != pl.String or profile.guesses[column.name].scheme:
            continue
        kind, share = _kind(column, numbers=column.name in derived)
        if kind == "other":
            elsewise.append(quoted(column.name))
        elif kind and share == 1:
            sure[column.name] = kind
        elif kind:
            maybe[column.name] = kind, share
    if sure:
        yield comment("types for recipes: all values of these columns that were read are written so.")
        yield entry("types", inline(sure))
    for name, (kind, share) in maybe.items():
        yield comment(f"{DECIDE} {percent(share)} of the values of {quoted(name)} are written as {kind}:")
        yield block([f"types.{entry(name, quoted(kind))}"])
    if elsewise:
        yield comment(f"{', '.join(elsewise)}: dates, not as ISO 8601 writes them; a recipe reads them by strptime.")


def _kind(column: pl.Series, *, numbers: bool) -> tuple[str, float]:
    values = column.drop_nulls()
    if values.is_empty():
        return "", 0.0
    forms = {"DATE": _DATE, "TIMESTAMP": _TIMESTAMP, "other": _OTHER_DATE}
    if numbers:
        forms |= {"BIGINT": _WHOLE_NUMBER, "DOUBLE": _NUMBER, "BOOLEAN": _TRUTH}
    for kind, form in forms.items():
        share = int(values.str.contains(form).sum()) / len(values)
        if share == 1 or (share >= _MOST_OF_THEM and kind != "BIGINT"):
            return kind, share
    return "", 0.0
