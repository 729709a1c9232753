"""Which elements are removed: what ``elements`` and the support column of ``edges`` say."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sealscrub.errors import ConfigError
from sealscrub.identifiers import get_scheme
from sealscrub.matching import KeyColumn

from .plan_spec import EdgesSpec, ElementsSpec, PlanSpec, TableSpec

__all__ = ["ElementsRule", "check_table", "list_elements", "split_column"]


@dataclass(frozen=True, slots=True)
class ElementsRule:
    """Removed elements of a column's lists; `count` is a column that counts them, `drop` for a row left without.

    `key` is what the elements of a scheme are, with the columns of the row that hold other parts of it.
    """

    table: str
    column: str
    where: str
    scheme: str | None = None
    parent: str | None = None
    parent_column: str | None = None
    field: str | None = None
    separator: str | None = None
    empty: str = "empty"
    count: str | None = None
    key: KeyColumn | None = None

    @property
    def node(self) -> str:
        """What the elements as a table of their own are called."""
        return f"{self.table}.{self.column}[]"

    @property
    def row_columns(self) -> tuple[str, ...]:
        """Columns of the row that hold other parts of the key."""
        return tuple(column for column in self.key.columns if column != self.column) if self.key else ()


def list_elements(spec: PlanSpec, name: str, table: TableSpec, place: str) -> Iterator[ElementsRule]:
    """Read the rules of a table's lists; those of an edge's support come last.

    Raises
    ------
    ConfigError
        When a link names a table that the plan has not, columns are not the other parts of a key, or the lists of
        one column have two rules.
    SchemeError
        When a scheme is unknown.
    """
    columns: set[str] = set()
    for number, part in enumerate(table.elements):
        where = f"{place}.elements.{number}"
        if part.column in columns:
            raise _second_rule(part.column, where)
        columns.add(part.column)
        yield replace(_rule(spec, name, part, part.column, where), empty=part.empty)
    edges = table.edges
    if edges is not None and edges.id is None:
        where = f"{place}.edges"
        if edges.support in columns:
            raise _second_rule(edges.support, where)
        yield replace(_rule(spec, name, edges, edges.support, where), empty="drop", count=edges.count)


def _rule(spec: PlanSpec, name: str, part: ElementsSpec | EdgesSpec, column: str, where: str) -> ElementsRule:
    parent, parent_column = _parent(spec, part.link, where)
    key = _key(part.scheme, column, part.columns, where)
    return ElementsRule(name, column, where, part.scheme, parent, parent_column, part.field, part.separator, key=key)


def _second_rule(column: str, where: str) -> ConfigError:
    return ConfigError(
        f"the lists of {column!r} have a rule already, and only one of two would hold",
        where=where,
        hint="keep one of them.",
    )


def _key(named: str | None, column: str, beside: Mapping[str, str], where: str) -> KeyColumn | None:
    """Give the key that elements are, with the row's columns; all parts but one have such a column."""
    if named is None:
        return None
    scheme = get_scheme(named)
    left = [name for name in scheme.parts if name not in beside]
    if not scheme.parts and beside:
        raise ConfigError(f"{scheme.name} is a key of one column", where=where, hint="leave columns out.")
    if scheme.parts and (len(left) != 1 or len(beside) != len(scheme.parts) - 1):
        raise ConfigError(
            f"the elements are one of the parts of {scheme.name}, and columns must name the others",
            where=where,
            hint=f"{scheme.name} has {', '.join(scheme.parts)}: columns = {{ PART = 'COLUMN' }} for all but one.",
        )
    if column in beside.values():
        raise ConfigError(
            "a part of the key is the list itself", where=f"{where}.columns", hint="name columns of the row next to it."
        )
    columns = tuple(beside.get(name, column) for name in scheme.parts) or (column,)
    return KeyColumn(scheme.name, columns, leading=columns.index(column))


def split_column(text: str, where: str) -> tuple[str, str]:
    """Take ``TABLE.COLUMN`` apart.

    Raises
    ------
    ConfigError
    """
    table, dot, column = text.partition(".")
    if not (dot and table and column):
        raise ConfigError(
            "a column of another table is written TABLE.COLUMN", where=where, hint="such as 'arrests.arrest_id'."
        )
    return table, column


def check_table(spec: PlanSpec, table: str, where: str) -> None:
    """Refuse a table that the plan has not.

    Raises
    ------
    ConfigError
    """
    if table not in spec.tables:
        close = difflib.get_close_matches(table, list(spec.tables), n=1)
        raise ConfigError(
            f"the plan has no table {table!r}",
            where=where,
            hint=f"did you mean {close[0]!r}?" if close else "name one of its tables.",
        )


def _parent(spec: PlanSpec, link: str | None, where: str) -> tuple[str | None, str | None]:
    if link is None:
        return None, None
    table, column = split_column(link, where)
    check_table(spec, table, where)
    return table, column
