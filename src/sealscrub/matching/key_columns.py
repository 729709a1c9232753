"""Which columns of a table are record keys: what ``--on`` and ``on=`` say."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, ConfigError, SchemeError, Spelled
from sealscrub.identifiers import Canonicalised, Scheme, Status, canonicalise, canonicalise_parts, get_scheme

__all__ = ["KeyColumn", "On", "canonical_of", "parse_on", "unparsed_values"]

On = Mapping[str, "str | Sequence[str]"] | Iterable[str]


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A key of a table: its scheme, and the column that holds it, or the columns of a composite key.

    Parameters
    ----------
    scheme : str
    columns : tuple of str
        Of a composite key, in the order of the scheme's parts.
    leading : int
        Position of the column whose null means that a row has no key. A null in another column is not checked.

    Examples
    --------
    >>> KeyColumn("person_arrest", ("NYSID", "ARREST_DATE")).label
    'NYSID+ARREST_DATE'
    """

    scheme: str
    columns: tuple[str, ...]
    leading: int = field(default=0, repr=False)

    @property
    def label(self) -> str:
        """The column's name; of a composite key, the names with plus signs between them."""
        return "+".join(self.columns)


def parse_on(on: On, columns: Sequence[str] | None = None, *, where: str = "") -> tuple[KeyColumn, ...]:
    """Read which columns are keys.

    Parameters
    ----------
    on : mapping, or iterable of str
        ``{"arrest_number": "ARREST_NO"}``, with a list for several columns of a scheme; or
        ``["arrest_number=ARREST_NO", …]`` as on the command line. The columns of a composite key are written
        ``NYSID+ARREST_DATE``.
    columns : sequence of str, optional
        The table's columns. With them, each column that is named must be there.
    where : str
        What the table is called in errors.

    Returns
    -------
    tuple of KeyColumn

    Raises
    ------
    ConfigError
        When nothing is named, or an item is not ``SCHEME=COLUMN``.
    SchemeError
        When a scheme is unknown, or its values name a person or an event instead of one record.
    ColumnError
        When a column is not in the table.

    Examples
    --------
    >>> parse_on({"arrest_number": "ARREST_NO"})
    (KeyColumn(scheme='arrest_number', columns=('ARREST_NO',)),)
    >>> parse_on(["person_arrest=NYSID+ARREST_DATE"])[0].columns
    ('NYSID', 'ARREST_DATE')
    """
    keys: list[KeyColumn] = []
    for name, column in _items(on):
        scheme = _scheme_of(name, column)
        if not scheme.published:
            raise SchemeError(f"{scheme.name} ({scheme.title}) cannot be a key of records", hint=scheme.hint)
        key = KeyColumn(scheme.name, _columns(scheme, column))
        if key not in keys:
            keys.append(key)
    if not keys:
        raise ConfigError(
            "no key column given: nothing would be checked",
            where=where,
            hint=Spelled('on={"arrest_number": "COLUMN"}', "--on arrest_number=COLUMN"),
        )
    if columns is not None:
        _check_present(keys, columns, where)
    return tuple(keys)


def _scheme_of(name: str, column: str) -> Scheme:
    """Find the scheme, or say that it and the column were written the other way round."""
    try:
        return get_scheme(name)
    except SchemeError as unknown:
        with contextlib.suppress(SchemeError):
            scheme = get_scheme(column).name
            unknown.hint = Spelled(
                f"the scheme comes first: on={{{scheme!r}: {name!r}}}.",
                f"the scheme comes first: --on {shlex.quote(f'{scheme}={name}')}.",
            )
        raise


def _items(on: On) -> list[tuple[str, str]]:
    """Scheme and column of each key, as they are written."""
    if isinstance(on, Mapping):
        pairs = [(scheme, column) for scheme, named in on.items() for column in _as_list(named)]
    else:
        items = [item.partition("=") if isinstance(item, str) else ("", "", "") for item in _as_list(on)]
        pairs = [(scheme, column) for scheme, _, column in items]
    for scheme, column in pairs:
        if not (isinstance(scheme, str) and scheme.strip() and isinstance(column, str) and column):
            raise _no_column()
    return [(scheme.strip(), column) for scheme, column in pairs]


def _as_list(named: object) -> list[Any]:
    if isinstance(named, Iterable) and not isinstance(named, str | bytes):
        return list(named)
    return [named]


def _no_column() -> ConfigError:
    return ConfigError(
        "a key column must be given as SCHEME=COLUMN",
        hint=Spelled('for instance on={"arrest_number": "ARREST_NO"}.', "for instance --on arrest_number=ARREST_NO."),
    )


def _columns(scheme: Scheme, column: str) -> tuple[str, ...]:
    if not scheme.parts:
        return (column,)
    columns = tuple(column.split("+"))
    if len(columns) != len(scheme.parts) or not all(columns):
        example = "+".join(part.upper() for part in scheme.parts)
        raise ConfigError(
            f"{scheme.name} is made of {len(scheme.parts)} columns",
            hint=Spelled(f"on={{{scheme.name!r}: {list(scheme.parts)!r}}}", f"--on {scheme.name}={example}"),
        )
    return columns


_FIELD = "a key is a whole column: make the field that holds the ids a column of its own."
_DROPPED = "name one of its columns; a key column must not be dropped before, and an index is not a column."


def _check_present(keys: Iterable[KeyColumn], columns: Sequence[str], where: str) -> None:
    for key in keys:
        for column in key.columns:
            count = list(columns).count(column)
            if not count:
                within = column.partition(".")[0] in columns
                raise ColumnError.absent(column, columns, where=where, otherwise=_FIELD if within else _DROPPED)
            if count > 1:
                raise ColumnError.twice(column, columns, where=where)


def canonical_of(batch: pl.DataFrame, key: KeyColumn, *, where: str = "") -> Canonicalised:
    """Bring a key of a batch of rows to canonical values, a status for each row.

    Raises
    ------
    ColumnError
        When a column's type can hold no identifiers.
    """
    parts = get_scheme(key.scheme).parts
    # under a name of ours: a column can be called what polars takes for a pattern
    columns = [batch.get_column(column).alias("key") for column in key.columns]
    try:
        if parts:
            return canonicalise_parts(dict(zip(parts, columns, strict=True)), key.scheme, leading=parts[key.leading])
        return canonicalise(columns[0], key.scheme)
    except ColumnError as error:
        raise ColumnError(error.message, where=f"{where}: column {key.label!r}", hint=error.hint) from None


def unparsed_values(
    batch: pl.DataFrame, keys: Sequence[KeyColumn], *, where: str = ""
) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Say of each key column in which rows its value parses under none of the keys that it belongs to.

    Values that are near, or stand for none, do not count. Of a key of several columns all parts do, if the row does
    not have the whole.

    Parameters
    ----------
    batch : polars.DataFrame
        The key columns.
    keys : sequence of KeyColumn
        All keys of the table.
    where : str
        What the table is called in errors.

    Yields
    ------
    column : str
    rows : ndarray of bool

    Examples
    --------
    >>> batch = pl.DataFrame({"id": ["K14612345", "NONE", "K14612345; M14000017"]})
    >>> [(column, rows.tolist()) for column, rows in unparsed_values(batch, parse_on({"arrest_number": "id"}))]
    [('id', [False, False, True])]
    """
    read: dict[str, npt.NDArray[np.bool_]] = {}
    left: dict[str, npt.NDArray[np.bool_]] = {}
    for key in keys:
        status = canonical_of(batch, key, where=where).status
        parsed = (status == Status.OK) | (status == Status.NEAR)
        settled = parsed if len(key.columns) > 1 else parsed | (status == Status.NULL)
        for column in key.columns:
            read[column] = read.get(column, False) | parsed
            left[column] = left.get(column, False) | ~settled
    yield from ((column, rows & ~read[column]) for column, rows in left.items())
