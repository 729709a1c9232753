"""Which columns of a table are record keys: what ``--on`` and ``on=`` say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sealscrub.errors import ColumnError, ConfigError, SchemeError
from sealscrub.identifiers import Scheme, get_scheme

__all__ = ["KeyColumn", "On", "parse_on"]

On = Mapping[str, "str | Sequence[str]"] | Iterable[str]


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A key of a table: its scheme, and the column that holds it, or the columns of a composite key.

    Examples
    --------
    >>> KeyColumn("person_arrest", ("NYSID", "ARREST_DATE")).label
    'NYSID+ARREST_DATE'
    """

    scheme: str
    columns: tuple[str, ...]

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
        scheme = get_scheme(name)
        if not scheme.published:
            raise SchemeError(f"{scheme.name} ({scheme.title}) cannot be a key of records", hint=scheme.hint)
        key = KeyColumn(scheme.name, _columns(scheme, column))
        if key not in keys:
            keys.append(key)
    if not keys:
        raise ConfigError(
            "no key column is named, so nothing would be checked",
            where=where,
            hint="--on arrest_number=COLUMN",
        )
    if columns is not None:
        _check_present(keys, columns, where)
    return tuple(keys)


def _items(on: On) -> list[tuple[str, str]]:
    if isinstance(on, str):
        on = [on]
    if isinstance(on, Mapping):
        return [
            (scheme, column)
            for scheme, named in on.items()
            for column in ([named] if isinstance(named, str) else named)
        ]
    items = []
    for item in on:
        scheme, equals, column = item.partition("=")
        if not (equals and scheme.strip() and column):
            raise ConfigError("a key column is named SCHEME=COLUMN", hint="for instance --on arrest_number=ARREST_NO.")
        items.append((scheme.strip(), column))
    return items


def _columns(scheme: Scheme, column: str) -> tuple[str, ...]:
    if not scheme.parts:
        return (column,)
    columns = tuple(column.split("+"))
    if len(columns) != len(scheme.parts) or not all(columns):
        example = "+".join(part.upper() for part in scheme.parts)
        raise ConfigError(f"{scheme.name} is made of {len(scheme.parts)} columns", hint=f"--on {scheme.name}={example}")
    return columns


def _check_present(keys: Iterable[KeyColumn], columns: Sequence[str], where: str) -> None:
    for key in keys:
        for column in key.columns:
            count = list(columns).count(column)
            if not count:
                raise ColumnError.absent(column, columns, where=where)
            if count > 1:
                raise ColumnError.twice(column, columns, where=where)
