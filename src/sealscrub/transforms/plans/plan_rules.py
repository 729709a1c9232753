"""A plan's rules as they are worked with: one form for each kind, whichever way the plan writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sealscrub.errors import ConfigError
from sealscrub.identifiers import get_scheme
from sealscrub.matching import KeyColumn, parse_on
from sealscrub.tables import RowEdit

from .element_rules import ElementsRule, check_table, list_elements, split_column
from .plan_spec import Effect, KeySpec, LinkSpec, PlanSpec, TableSpec
from .sql.duckdb_batches import duckdb_type

__all__ = ["KeyRule", "LinkRule", "SupportRule", "TableRules", "read_rules"]


@dataclass(frozen=True, slots=True)
class KeyRule:
    """A key of a table, and what happens to rows whose key matches: they are removed, or an edit is made in them."""

    key: KeyColumn
    edit: RowEdit | None


@dataclass(frozen=True, slots=True)
class LinkRule:
    """Rows of a table depend on rows of another; orphans only when all of their parents were removed."""

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
    def all_edits(self) -> tuple[RowEdit, ...]:
        """All edits that no recipe and no reading of texts makes: of rows that are reached, and of whole columns."""
        spec = self.spec
        counts = {rule.count for rule in self.elements} | {rule.count for rule in self.supports}
        columns = {*(rule.column for rule in self.elements), *filter(None, counts), *spec.rekey}
        emptied = tuple(column for column, rule in spec.columns.items() if rule == "null")
        return (*self.edits, RowEdit(set=dict.fromkeys(sorted(columns))), RowEdit(null=emptied))

    @property
    def derived_whole(self) -> bool:
        """Whether the whole table is recomputed."""
        return self.spec.derived_from is not None

    @property
    def reached(self) -> bool:
        """Whether anything can change in the table."""
        spec = self.spec
        columns = spec.derived or spec.columns or spec.rekey or spec.narrative
        return bool(self.keys or self.links or self.elements or columns or spec.derived_from)

    def schemes(self) -> set[str]:
        """Schemes of the keys in its columns and lists."""
        return {rule.key.scheme for rule in self.keys} | {part.scheme for part in self.elements if part.scheme}

    def linking(self) -> set[str]:
        """Columns by which rows depend on others, whose levels are values; a list that is declared for one stays."""
        names = {column for rule in self.links for column in rule.columns} | set(self.parent_columns)
        return (names | {*self.spec.rekey, *self.spec.narrative}) - set(self.spec.keep_levels)

    def structural(self) -> set[str]:
        """Columns that keys, links, edits and ids account for."""
        names = {column for rule in self.keys for column in rule.key.columns}
        names |= {column for rule in self.links for column in rule.columns}
        names |= {column for edit in self.edits for column in edit.columns}
        names |= {column for rule in self.elements for column in (rule.column, *rule.row_columns)}
        names |= {rule.count for rule in self.elements if rule.count}
        names |= {rule.count for rule in self.supports} | set(self.spec.rekey) | set(self.parent_columns)
        if self.spec.files:
            names.add(self.spec.files.column)
        return names

    def accounted(self) -> set[str]:
        """Columns that the plan says something about."""
        independent = self.spec.independent if isinstance(self.spec.independent, dict) else {}
        return self.structural() | {*self.spec.derived, *independent, *self.spec.columns, *self.spec.narrative}

    def addressed(self) -> set[str]:
        """Columns that are found by the name that the plan says, of which the table must have one each."""
        spec, left = self.spec, {place for place in self.spec.leave if not place.startswith("(")}
        names = self.structural().union(spec.derived, spec.columns, spec.narrative, left)
        return names.union(spec.keep_levels, spec.types, spec.accept_marks)

    def named(self) -> set[str]:
        """Columns that the plan names, each of which the table must have."""
        return self.accounted() | self.addressed()


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
    """Refuse rows that depend on a value which an edit takes away: they would stay, and name what is sealed."""
    links = [(link.where, link.parent, set(link.parent_columns)) for link in rule.links]
    links += [
        (part.where, part.parent, {part.parent_column or ""}) for part in rule.elements if part.parent is not None
    ]
    for where, parent, columns in links:
        edited = {column for edit in rules[parent].edits for column in edit.columns}
        for column in sorted(columns & edited):
            raise ConfigError(
                f"depends on tables.{parent}.{column}, which an edit of that table removes from remaining rows",
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
        ("narrative", set(spec.narrative)),
        ("keys, links, ids or edits", rule.structural()),
    ]
    for at, (way, columns) in enumerate(ways):
        for other, others in ways[at + 1 :]:
            both = columns & others
            if way == "independent" and other != "columns":
                both = set()  # a key may well be said to be no one else's
            if way == "columns":
                both &= emptied
            for column in sorted(both):
                raise ConfigError(
                    f"is declared as {way} and as {other}",
                    where=f"{rule.where}.{way}.{column}",
                    hint="choose one.",
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
                hint="merge both entries into one.",
            )
    folded: dict[str, str] = {}
    for name in spec.tables:
        first = folded.setdefault(name.lower(), name)
        if first != name:
            raise ConfigError(
                f"SQL cannot distinguish it from tables.{first}", where=f"{where}: tables.{name}", hint="rename one."
            )
    for reserved in ("this", "before", "after"):
        if reserved in folded:
            raise ConfigError(
                f"{reserved!r} is reserved in recipes",
                where=f"{where}: tables.{folded[reserved]}",
                hint="rename the table in the plan; its source may keep its name.",
            )


def _with_parents(rule: TableRules, rules: Mapping[str, TableRules]) -> TableRules:
    """Note which columns of a table others depend on."""
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
        parts = ", ".join(scheme.parts) or "one column: set column = 'NAME'"
        raise ConfigError(f"wrong parts for {scheme.name}", where=where, hint=f"{scheme.name} has {parts}.")
    named = "+".join(part.columns[name] for name in scheme.parts)
    return parse_on({part.scheme: named}, where=where)[0]


def _edit(table: TableSpec, part: Effect | None, where: str) -> RowEdit | None:
    """What is done to rows that a rule reaches; the rule's own word counts more than the table's."""
    on_match = part.on_match if part is not None and part.on_match is not None else table.on_match
    own = part if part is not None and (part.null or part.set) else table
    if on_match == "drop":
        if part is not None and (part.null or part.set):
            raise ConfigError(
                "null and set apply to remaining rows", where=where, hint="set on_match = 'null' as well."
            )
        return None
    if not (own.null or own.set):
        raise ConfigError(
            "on_match = 'null' names no column", where=where, hint="null = ['COLUMN'], or set = { COLUMN = value }."
        )
    return RowEdit(tuple(own.null), dict(own.set), tuple(table.accept_marks))


def _links(spec: PlanSpec, name: str, table: TableSpec, place: str, *, orphan: bool) -> Iterator[LinkRule]:
    written = table.orphan_of if orphan else table.link
    place = f"{place}.{'orphan_of' if orphan else 'link'}"
    parts: Iterable[tuple[str, LinkSpec]]
    if isinstance(written, dict):
        parts = [
            (f"{place}.{column}", _short_link(column, other, f"{place}.{column}")) for column, other in written.items()
        ]
    else:
        parts = [(f"{place}.{number}", part) for number, part in enumerate(written)]
    for where, part in parts:
        check_table(spec, part.table, where)
        if orphan and part.when is not None:
            raise ConfigError(
                "orphans are always removed when all parents are removed", where=where, hint="leave when out."
            )
        if part.scheme is not None and len(part.columns) > 1:
            raise ConfigError("a link by a scheme uses one column", where=where, hint="leave scheme out.")
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


def _short_link(column: str, other: str, where: str) -> LinkSpec:
    table, column_there = split_column(other, where)
    return LinkSpec(table=table, columns={column: column_there})


def _elements(
    spec: PlanSpec, name: str, table: TableSpec, place: str
) -> tuple[tuple[ElementsRule, ...], tuple[SupportRule, ...]]:
    found = list(list_elements(spec, name, table, place))
    edges, supports = table.edges, []
    if edges is not None and edges.id is not None:
        where = f"{place}.edges"
        other, column_there = split_column(edges.support, where)
        check_table(spec, other, where)
        link = LinkRule(name, (edges.id,), other, (column_there,), where, fan_out=1 << 40, orphan=True)
        supports.append(SupportRule(link, edges.count or ""))
    return tuple(found), tuple(supports)
