"""The mark that aggregate figures carry: they are counted over sealed arrests too, and may not become training input.

It is a column: a column outlasts CSV, copies and other tools. In Parquet it is in the metadata too, which Arrow
keeps when the column is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sealscrub.errors import MarkedAggregate

from .mark_search import has_mark

__all__ = ["MARK", "arrow_names", "marked_in", "marks_of", "refuse_marked"]

MARK = "sealscrub_aggregate_report"
"""Name of the column; its value in every row is the release's id."""


_SHORTEST = 10  # to which formats such as dBase cut names of columns
_NAME_SEPARATORS = re.compile("[^a-z0-9]+")
_NUMBERED_MARK = re.compile(r"(seals[a-z_]*)_[0-9]{1,3}")  # dBase numbers a second column that it cut to the same name
_WORDS = MARK.replace("_", "")


def refuse_marked(columns: Iterable[str], use: str, *, where: str = "") -> None:
    """Refuse a table with the mark, whatever it is to be used for but another report.

    Raises
    ------
    MarkedAggregate
        When one of the columns is the mark; also one that a join gave a suffix or a prefix, that is written in capitals
        or in full width, with other signs between its words, or that was cut to ten characters or more.

    Examples
    --------
    >>> refuse_marked(["precinct", "count"], "training")
    """
    if use != "aggregate_report" and any(
        _is_mark(unicodedata.normalize("NFKC", str(name)).lower()) for name in columns
    ):
        raise MarkedAggregate.found(where=where)


@contextmanager
def marked_in(where: str) -> Iterator[None]:
    """Let lines be read; of figures among them it is said what the plan calls their table.

    Raises
    ------
    MarkedAggregate
    """
    try:
        yield
    except MarkedAggregate as error:
        error.where = where
        raise


def _is_mark(name: str) -> bool:
    if "seal" not in name:
        return False
    words, parted = _NAME_SEPARATORS.sub("", name), _NAME_SEPARATORS.sub("_", name)
    cut = (len(words) >= _SHORTEST and _WORDS.startswith(words)) or (
        len(parted) >= _SHORTEST and MARK.startswith(parted)
    )
    numbered = _NUMBERED_MARK.fullmatch(name)
    return cut or _WORDS in words or (numbered is not None and len(name) >= _SHORTEST and MARK.startswith(numbered[1]))


def marks_of(data: Any, columns: Iterable[str]) -> list[str]:
    """Give every name under which a mark can be: columns, fields inside of them, indexes, metadata, and values.

    Examples
    --------
    >>> import pyarrow
    >>> table = pyarrow.table({"n": [1]}).replace_schema_metadata({MARK: "0f"})
    >>> marks_of(table, table.column_names)
    ['n', 'n', 'sealscrub_aggregate_report']
    """
    library = type(data).__module__.partition(".")[0]
    if has_mark(data, MARK):
        return [*columns, MARK]
    return [*columns, *(_NAMES_BY_LIBRARY[library](data) if library in _NAMES_BY_LIBRARY else ())]


def arrow_names(schema: Any) -> Iterator[str]:
    """Names of an Arrow schema's fields, however deep, and the keys of its metadata.

    Examples
    --------
    >>> import pyarrow
    >>> list(arrow_names(pyarrow.schema([("a", pyarrow.struct([("b", pyarrow.int64())]))])))
    ['a', 'b']
    """
    for field in schema:
        yield from _arrow_field(field)
    yield from _decoded(schema.metadata)


def _arrow_field(field: Any) -> Iterator[str]:
    yield field.name
    yield from _decoded(field.metadata)
    yield from _arrow_type(field.type)


def _arrow_type(kind: Any) -> Iterator[str]:
    for at in range(kind.num_fields):
        yield from _arrow_field(kind.field(at))
    if hasattr(kind, "storage_type"):
        yield from _arrow_type(kind.storage_type)


def _decoded(metadata: Mapping[Any, Any] | None) -> Iterator[str]:
    for key in metadata or ():
        yield key.decode(errors="replace") if isinstance(key, bytes) else str(key)


def _of_arrow(data: Any) -> Iterator[str]:
    yield from arrow_names(data.schema)


def _of_pandas(data: Any) -> Iterator[str]:
    yield from map(str, (*data.index.names, *data.columns.names, *data.attrs))
    for kind in data.dtypes:
        if hasattr(kind, "pyarrow_dtype"):
            yield from _arrow_type(kind.pyarrow_dtype)


def _of_polars(data: Any) -> Iterator[str]:
    for kind in data.collect_schema().dtypes():
        yield from _polars_type(kind)


def _polars_type(kind: Any) -> Iterator[str]:
    for field in getattr(kind, "fields", None) or ():
        yield field.name
        yield from _polars_type(field.dtype)
    if getattr(kind, "inner", None) is not None:
        yield from _polars_type(kind.inner)


def _of_duckdb(data: Any) -> Iterator[str]:
    """The names of a struct's fields are in its type."""
    yield from map(str, data.types)


_NAMES_BY_LIBRARY = {
    "pyarrow": _of_arrow,
    "pandas": _of_pandas,
    "polars": _of_polars,
    "duckdb": _of_duckdb,
    "_duckdb": _of_duckdb,
}
