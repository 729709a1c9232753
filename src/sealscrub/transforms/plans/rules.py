"""A plan's rules as they are worked with: one form for each kind, whichever way the plan writes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sealscrub.errors import ConfigError
from sealscrub.frames import RowEdit
from sealscrub.identifiers import get_scheme
from sealscrub.matching import KeyColumn, parse_on

from .model import Effect, KeySpec, LinkSpec, PlanSpec, TableSpec
from .sql.loading import duckdb_type

__all__ = ["ElementsRule", "KeyRule", "LinkRule", "SupportRule", "TableRules", "read_rules"]


@dataclass(frozen=True, slots=True)
class KeyRule:
    """A key of a table, and what becomes of rows whose key matches: they go, or an edit is made in them."""

    key: KeyColumn
    edit: RowEdit | None


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Rows of a table hang on rows of another; as orphans they go only when they had parents and all went."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    where: str
    scheme: str | None = None
    when: str | None = None
    fan_out: int = 1000
    edit: RowEdit | None = field(default=None, hash=False)  # holds a mapping
    orphan: bool = False

    @property
    def path(self) -> str:
        """How the link is written."""
        own, other = "+".join(self.columns), "+".join(self.parent_columns)
        return f"{self.table}.{own} → {self.parent}.{other}"


@dataclass(frozen=True, slots=True)
class ElementsRule:
    """Elements of a column's lists that go; `count` is a column that counts them, `drop` for a row left without."""

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

    @property
    def node(self) -> str:
        """What the elements as a table of their own are called."""
        return f"{self.table}.{self.column}[]"


@dataclass(frozen=True, slots=True)
class SupportRule:
    """A column that counts rows of another table that support a row."""

    link: LinkRule
    count: str


@dataclass(frozen=True, slots=True)
class TableRules:
    """All rules of one table."""

    name: str
    spec: TableSpec
    where: str
    keys: tuple[KeyRule, ...] = ()
    links: tuple[LinkRule, ...] = ()
    elements: tuple[ElementsRule, ...] = ()
    supports: tuple[SupportRule, ...] = ()
    parent_columns: tuple[str, ...] = field(default=(), compare=False)

    @property
    def edits(self) -> tuple[RowEdit, ...]:
        """Edits of rows that are reached."""
        edits = [rule.edit for rule in self.keys] + [rule.edit for rule in self.links]
        return tuple(edit for edit in edits if edit is not None)

    @property
    def derived_whole(self) -> bool:
        """Whether the whole table is recomputed."""
        return self.spec.derived_from is not None

    @property
    def reached(self) -> bool:
        """Whether anything can change in the table."""
        spec = self.spec
        return bool(
            self.keys or self.links or self.elements or spec.derived or spec.derived_from or spec.rekey or spec.columns
        )

    def schemes(self) -> set[str]:
        """Schemes of the keys in its columns and lists."""
        return {rule.key.scheme for rule in self.keys} | {part.scheme for part in self.elements if part.scheme}

    def structural(self) -> set[str]:
        """Columns that keys, links, edits and ids account for."""
        names = {column for rule in self.keys for column in rule.key.columns}
        names |= {column for rule in self.links for column in rule.columns}
        names |= {column for edit in self.edits for column in edit.columns}
        names |= {rule.column for rule in self.elements} | {rule.count for rule in self.elements if rule.count}
        names |= {rule.count for rule in self.supports} | set(self.spec.rekey) | set(self.parent_columns)
        if self.spec.files:
            names.add(self.spec.files.column)
        return names

    def accounted(self) -> set[str]:
        """Columns that the plan says something about."""
        independent = self.spec.independent if isinstance(self.spec.independent, dict) else {}
        return self.structural() | set(self.spec.derived) | set(independent) | set(self.spec.columns)

    def named(self) -> set[str]:
        """Columns that the plan names, each of which the table must have."""
        return self.accounted() | set(self.spec.keep_levels) | set(self.spec.types) | set(self.spec.accept_marks)


def read_rules(spec: PlanSpec, where: str = "plan") -> dict[str, TableRules]:
    """Bring a plan's rules into one form.

    Raises
    ------
    ConfigError
        When a rule names a table that the plan has not, or is not complete.
    SchemeError
        When a scheme is unknown, or cannot be a key of records.
    """
    _refuse_roles(spec, where)
    rules = {}
    for name, table in spec.tables.items():
        place = f"{where}: tables.{name}"
        links = (*_links(spec, name, table, place, orphan=False), *_links(spec, name, table, place, orphan=True))
        elements, supports = _elements(spec, name, table, place)
        for column, declared in table.types.items():
            duckdb_type(declared, where=f"{place}.types.{column}")
        links = (*links, *(rule.link for rule in supports))
        rules[name] = TableRules(name, table, place, _keys(table, place), links, elements, supports)
    found = {name: _with_parents(rule, rules) for name, rule in rules.items()}
    for rule in found.values():
        _refuse_two_ways(rule)
        _refuse_edited_parent(rule, found)
    return found


def _refuse_edited_parent(rule: TableRules, rules: Mapping[str, TableRules]) -> None:
    """Refuse rows that hang on a value which an edit takes away: they would stay, and name what is sealed."""
    links = [(link.where, link.parent, set(link.parent_columns)) for link in rule.links]
    links += [
        (part.where, part.parent, {part.parent_column or ""}) for part in rule.elements if part.parent is not None
    ]
    for where, parent, columns in links:
        edited = {column for edit in rules[parent].edits for column in edit.columns}
        for column in sorted(columns & edited):
            raise ConfigError(
                f"hangs on tables.{parent}.{column}, which an edit of that table takes out of rows that stay",
                where=where,
                hint="link it to the table of the records, or name its own keys.",
            )


def _refuse_two_ways(rule: TableRules) -> None:
    """Refuse a column that comes about in two ways: one of them would undo, or not see, what the other does."""
    spec = rule.spec
    independent = set(spec.independent) if isinstance(spec.independent, dict) else set()
    emptied = {column for column, said in spec.columns.items() if said == "null"}
    ways = [
        ("derived", set(spec.derived)),
        ("independent", independent),
        ("columns", set(spec.columns)),
        ("keys, links, ids or edits", rule.structural()),
    ]
    for at, (way, columns) in enumerate(ways):
        for other, others in ways[at + 1 :]:
            both = columns & others
            if way == "independent" and other != "columns":
                both = set()  # a key may well be said to be nobody else's
            if way == "columns":
                both &= emptied
            for column in sorted(both):
                raise ConfigError(
                    f"is said to be of {way}, and of {other}",
                    where=f"{rule.where}.{way}.{column}",
                    hint="say one of them.",
                )


def _refuse_roles(spec: PlanSpec, where: str) -> None:
    """Refuse one source under two names: what one of them drops would stay in the other."""
    names: dict[str, str] = {}
    for name, table in spec.tables.items():
        first = names.setdefault(table.source, name)
        if first != name:
            raise ConfigError(
                f"has the same source as tables.{first}",
                where=f"{where}: tables.{name}.source",
                hint="one table has one entry; put both entries' rules into it.",
            )
    folded: dict[str, str] = {}
    for name in spec.tables:
        first = folded.setdefault(name.lower(), name)
        if first != name:
            raise ConfigError(
                f"SQL cannot tell it from tables.{first}", where=f"{where}: tables.{name}", hint="rename one."
            )
    for reserved in ("this", "before", "after"):
        if reserved in folded:
            raise ConfigError(
                f"{reserved!r} has a meaning of its own in recipes",
                where=f"{where}: tables.{folded[reserved]}",
                hint="call the table otherwise; its source may keep its name.",
            )


def _with_parents(rule: TableRules, rules: Mapping[str, TableRules]) -> TableRules:
    """Note which columns of a table others hang on."""
    columns: list[str] = []
    for other in rules.values():
        for link in other.links:
            if link.parent == rule.name:
                columns += link.parent_columns
        for part in other.elements:
            if part.parent == rule.name and part.parent_column:
                columns.append(part.parent_column)
    return TableRules(
        rule.name,
        rule.spec,
        rule.where,
        rule.keys,
        rule.links,
        rule.elements,
        rule.supports,
        tuple(dict.fromkeys(columns)),
    )


def _keys(table: TableSpec, place: str) -> tuple[KeyRule, ...]:
    found = []
    if isinstance(table.keys, dict):
        for scheme, named in table.keys.items():
            for column in (named,) if isinstance(named, str) else named:
                found.append(KeyRule(parse_on({scheme: column}, where=place)[0], _edit(table, None, f"{place}.keys")))
    else:
        for number, part in enumerate(table.keys):
            where = f"{place}.keys.{number}"
            found.append(KeyRule(_key(part, where), _edit(table, part, where)))
    return tuple(found)


def _key(part: KeySpec, where: str) -> KeyColumn:
    if part.columns is None:
        return parse_on({part.scheme: part.column or ""}, where=where)[0]
    scheme = get_scheme(part.scheme)
    if set(part.columns) != set(scheme.parts):
        parts = ", ".join(scheme.parts) or "one column: say column = 'NAME'"
        raise ConfigError(f"the parts of {scheme.name} are not these", where=where, hint=f"{scheme.name} has {parts}.")
    named = "+".join(part.columns[name] for name in scheme.parts)
    return parse_on({part.scheme: named}, where=where)[0]


def _edit(table: TableSpec, part: Effect | None, where: str) -> RowEdit | None:
    """What is done to rows that a rule reaches; the rule's own word counts more than the table's."""
    action = part.action if part is not None and part.action is not None else table.action
    own = part if part is not None and (part.null or part.set) else table
    if action == "drop":
        if part is not None and (part.null or part.set):
            raise ConfigError("null and set are for rows that stay", where=where, hint="say action = 'null' as well.")
        return None
    if not (own.null or own.set):
        raise ConfigError(
            "action = 'null' names no column", where=where, hint="null = ['COLUMN'], or set = { COLUMN = value }."
        )
    return RowEdit(tuple(own.null), dict(own.set), tuple(table.accept_marks))


def _links(spec: PlanSpec, name: str, table: TableSpec, place: str, *, orphan: bool) -> Iterator[LinkRule]:
    written = table.orphan_of if orphan else table.link
    place = f"{place}.{'orphan_of' if orphan else 'link'}"
    parts: Iterable[tuple[str, LinkSpec]]
    if isinstance(written, dict):
        parts = [(f"{place}.{column}", _short(column, other, f"{place}.{column}")) for column, other in written.items()]
    else:
        parts = [(f"{place}.{number}", part) for number, part in enumerate(written)]
    for where, part in parts:
        _check_table(spec, part.table, where)
        if orphan and part.when is not None:
            raise ConfigError("orphans go when all parents went", where=where, hint="leave when out.")
        if part.scheme is not None and len(part.columns) > 1:
            raise ConfigError("a link by a scheme is over one column", where=where, hint="leave scheme out.")
        yield LinkRule(
            name,
            tuple(part.columns),
            part.table,
            tuple(part.columns.values()),
            where,
            scheme=get_scheme(part.scheme).name if part.scheme else None,
            when=part.when,
            fan_out=part.fan_out or spec.fan_out,
            edit=_edit(table, part, where),
            orphan=orphan,
        )


def _short(column: str, other: str, where: str) -> LinkSpec:
    table, column_there = _split(other, where)
    return LinkSpec(table=table, columns={column: column_there})


def _split(text: str, where: str) -> tuple[str, str]:
    table, dot, column = text.partition(".")
    if not (dot and table and column):
        raise ConfigError(
            "a column of another table is written TABLE.COLUMN", where=where, hint="such as 'arrests.arrest_id'."
        )
    return table, column


def _check_table(spec: PlanSpec, table: str, where: str) -> None:
    if table not in spec.tables:
        close = difflib.get_close_matches(table, list(spec.tables), n=1)
        raise ConfigError(
            f"the plan has no table {table!r}",
            where=where,
            hint=f"did you mean {close[0]!r}?" if close else "name one of its tables.",
        )


def _elements(
    spec: PlanSpec, name: str, table: TableSpec, place: str
) -> tuple[tuple[ElementsRule, ...], tuple[SupportRule, ...]]:
    found = []
    for number, part in enumerate(table.elements):
        where = f"{place}.elements.{number}"
        parent, column = _parent(spec, part.link, where)
        found.append(
            ElementsRule(
                name, part.column, where, part.scheme, parent, column, part.field, part.separator, empty=part.empty
            )
        )
    edges, supports = table.edges, []
    if edges is not None:
        where = f"{place}.edges"
        if edges.id is not None:
            other, column_there = _split(edges.support, where)
            _check_table(spec, other, where)
            link = LinkRule(name, (edges.id,), other, (column_there,), where, fan_out=1 << 40, orphan=True)
            supports.append(SupportRule(link, edges.count or ""))
        else:
            parent, column = _parent(spec, edges.link, where)
            found.append(
                ElementsRule(
                    name,
                    edges.support,
                    where,
                    edges.scheme,
                    parent,
                    column,
                    edges.field,
                    edges.separator,
                    empty="drop",
                    count=edges.count,
                )
            )
    return tuple(found), tuple(supports)


def _parent(spec: PlanSpec, link: str | None, where: str) -> tuple[str | None, str | None]:
    if link is None:
        return None, None
    table, column = _split(link, where)
    _check_table(spec, table, where)
    return table, column
