"""Judge the tree of a recipe, as DuckDB parses it: only what is known to be harmless and repeatable passes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sealscrub.errors import ConfigError

from .functions import (
    EXACT_OF_WHOLE,
    FLOAT_TYPES,
    LIST_AGGREGATES,
    ORDER_DEPENDENT,
    ROW_SOURCES,
    SUMMING,
    VALUE_KEYWORDS,
    KnownFunctions,
)
from .sql_tree import (
    HIDDEN,
    WORLD,
    as_named,
    dicts,
    is_all,
    is_column,
    is_float,
    orders_by_column,
    path_of,
    this_column,
    words,
)

__all__ = ["Judge"]

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "SUBQUERY", "TABLE_FUNCTION"})
_JOINS = frozenset({"ASOF", "CROSS", "NATURAL", "REGULAR", "DEPENDENT"})
_MODIFIERS = frozenset({"DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER"})
_DIRECTIONS = frozenset({"ASCENDING", "DESCENDING", "ORDER_DEFAULT"})
_EXPRESSIONS = words(
    """BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR STAR SUBQUERY
    TYPE WINDOW"""
)
_NOT_CHILDREN = frozenset({"qualified_name", "literal", "sample", "at_clause"})
# rows in a tie share these
_SHARED_RANKS = frozenset({"cume_dist", "dense_rank", "percent_rank", "rank", "rank_dense"})
# stands for the columns of an EXISTS
_ONE = {
    "class": "CONSTANT",
    "type": "VALUE_CONSTANT",
    "alias": "",
    "literal": {"kind": "INTEGER", "text": "1"},
}


@dataclass(slots=True)
class Judge:
    """Walk a recipe's tree once, refuse what may not be in it, and note what it reads.

    Tables of the plan are put into the schema :data:`WORLD`, and columns of the row under `this` get a name that
    nothing else has, so no column is taken for another by accident.

    Parameters
    ----------
    where : str
        The recipe's place in the plan.
    plan : mapping of str to str
        The plan's tables, by their case-folded names.
    known : KnownFunctions
        What may be called.
    this : bool
        Whether there is a row called ``this``.
    """

    where: str
    plan: Mapping[str, str]
    known: KnownFunctions
    this: bool
    tables: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    this_columns: set[str] = field(default_factory=set)
    sums: bool = False
    makes_floats: bool = False
    may_tie: bool = False
    own_rows: bool = False
    _aliases: set[str] = field(default_factory=set)
    _lambdas: list[str] = field(default_factory=list)
    _flowing: int = 0  # within how many things from which a value may come into a sum

    def expression(self, node: Any) -> None:
        """Judge a scalar expression over the row; names without a table are columns of the row."""
        self._gather_aliases(node)
        self._walk(node, frozenset(), top=True)

    def query(self, node: Any) -> None:
        """Judge a whole SELECT."""
        self._gather_aliases(node)
        self._query(node, frozenset())

    def refuse(self, what: str, hint: str) -> NoReturn:
        """Raise the error that says what may not be in a recipe."""
        raise ConfigError(f"the recipe {what}", where=self.where, hint=hint)

    def _gather_aliases(self, node: Any) -> None:
        for each in dicts(node):
            names = [each.get("alias") or "", each.get("cte_name") or ""]
            names += [entry.get("key") or "" for entry in (each.get("cte_map") or {}).get("map", ())]
            if "this" in {name.casefold() for name in names}:
                self.refuse(
                    "calls something of its own this", "this is the row of the plan's table; use another alias."
                )
            if each.get("type") in _SOURCES:
                self._aliases.add((each.get("alias") or each.get("table_name") or "").casefold())
        self._aliases.discard("")
        named = {(each.get("alias") or "").casefold() for each in dicts(node) if "class" in each}
        used = {name.casefold() for each in dicts(node) if is_column(each) for name in each["column_names"]}
        self._flowing = int(bool(named & used))  # SELECT x / 2 AS y, sum(y)

    def _walk(self, node: Any, ctes: frozenset[str], *, top: bool = False) -> None:
        if isinstance(node, list):
            for each in node:
                self._walk(each, ctes, top=top)
            return
        if not isinstance(node, dict):
            return
        if "class" in node:
            self._expression(node, ctes, top)
        elif isinstance(node.get("type"), str):
            self._relation(node, ctes, top)
        else:
            self._children(node, ctes, top=top)

    def _children(self, node: Mapping[str, Any], ctes: frozenset[str], *, top: bool = False) -> None:
        for key, value in node.items():
            if key not in _NOT_CHILDREN:
                self._walk(value, ctes, top=top)

    # relations: queries, what is in FROM, and what orders or cuts a result

    def _relation(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        kind = node["type"]
        self._refuse_samples(node)
        if kind in _QUERIES:
            self._query(node, ctes)
        elif kind in _MODIFIERS:
            self._walk([each for key, each in node.items() if key != "orders"], ctes, top=top)
            self._walk([each for each in node.get("orders") or () if not is_all(each["expression"])], ctes, top=top)
        elif kind == "BASE_TABLE":
            self._table(node, ctes)
        elif kind == "JOIN":
            self._join(node, ctes)
        elif kind == "TABLE_FUNCTION":
            self._table_function(node, ctes)
        elif kind in _DIRECTIONS:
            self._children(node, ctes, top=top)
        elif kind in _SOURCES:
            self._children(node, ctes)
        else:
            self.refuse("holds a clause that cannot be judged", "write it as a plain SELECT.")

    def _refuse_samples(self, node: dict[str, Any]) -> None:
        if node.get("sample"):
            self.refuse(
                "samples rows", "leave out TABLESAMPLE and USING SAMPLE: a recipe gives the same when run again."
            )

    def _query(self, node: dict[str, Any], ctes: frozenset[str]) -> None:
        if node.get("type") not in _QUERIES:
            self.refuse("does more than select", "a recipe reads tables of the plan, and changes none.")
        self._refuse_samples(node)
        for entry in (node.get("cte_map") or {}).get("map", ()):
            name, value = entry["key"].casefold(), entry["value"]
            if value.get("key_targets"):
                self.refuse("uses USING KEY, whose result depends on the order of rows", "write it without USING KEY.")
            own = {name} if value["query_node"].get("type") == "RECURSIVE_CTE_NODE" else set()
            self._flowing += 1
            self._query(value["query_node"], ctes | own)
            self._flowing -= 1
            ctes |= {name}
        self._ordering(node.get("modifiers") or ())
        for key, value in node.items():
            if key not in {"cte_map", "type"} | _NOT_CHILDREN:
                self._flowing += key == "from_table"
                self._walk(value, ctes)
                self._flowing -= key == "from_table"

    def _ordering(self, modifiers: Iterable[Mapping[str, Any]]) -> None:
        """Refuse rows that are cut from an unordered result."""
        kinds = {each["type"]: each for each in modifiers}
        ordered = "ORDER_MODIFIER" in kinds
        cut = any(kind.startswith("LIMIT") for kind in kinds)
        if cut and not ordered:
            self.refuse("has a LIMIT without an ORDER BY", "say by ORDER BY which rows come first.")
        picks = bool(kinds.get("DISTINCT_MODIFIER", {}).get("distinct_on_targets"))
        if picks and not ordered:
            self.refuse("has DISTINCT ON without an ORDER BY", "say by ORDER BY which row of each group is taken.")
        self.may_tie |= cut or picks

    def _table(self, node: dict[str, Any], ctes: frozenset[str]) -> None:
        name = node.get("table_name") or ""
        if node.get("at_clause"):
            self.refuse("reads an earlier version of a table", "leave out AT.")
        if node.get("schema_name") or node.get("catalog_name") or len(node["qualified_name"]["path"]) > 1:
            self.refuse("names a table by its schema", "name tables as the plan does; nothing else can be read.")
        if name.casefold() in ctes:
            return
        if name.casefold() not in self.plan:
            nearest = difflib.get_close_matches(name.casefold(), self.plan, n=1, cutoff=0.6)
            known = f"did you mean {self.plan[nearest[0]]}?" if nearest else "a recipe reads tables of the plan only."
            self.refuse(f"reads {as_named('table', name)}, which the plan does not have", known)
        table = self.plan[name.casefold()]
        self.tables.add(table)
        node["schema_name"], node["table_name"], node["qualified_name"] = WORLD, table, {"path": [WORLD, table]}
        node["alias"] = node.get("alias") or name

    def _join(self, node: dict[str, Any], ctes: frozenset[str]) -> None:
        if node.get("ref_type") not in _JOINS:
            self.refuse("joins rows by their position", "join them by a column.")
        self.may_tie |= node["ref_type"] == "ASOF" or node.get("nearest_count", 1) != 1
        if node["ref_type"] == "NATURAL":
            self.columns.add("*")
        for column in node.get("using_columns") or ():
            self._note_column(column)
        self._children({key: value for key, value in node.items() if key != "type"}, ctes)

    def _table_function(self, node: dict[str, Any], ctes: frozenset[str]) -> None:
        function = node["function"]
        if function.get("class") != "FUNCTION" or path_of(function) not in [[name] for name in ROW_SOURCES]:
            self.refuse("calls a table function in FROM", f"allowed there: {', '.join(sorted(ROW_SOURCES))}.")
        self._walk(function.get("arguments"), ctes)

    # expressions

    def _expression(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        kind = node["class"]
        if kind not in _EXPRESSIONS:
            self.refuse("holds an expression that cannot be judged", "write it without parameters, #1 and DEFAULT.")
        if kind == "COLUMN_REF":
            self._column(node, top)
        elif kind == "STAR":
            self._star(node, ctes, top)
        elif kind == "FUNCTION":
            self._function(node, ctes, top)
        elif kind == "WINDOW":
            self._window(node, ctes, top)
        elif kind == "SUBQUERY":
            self._subquery(node, ctes, top)
        elif kind == "LAMBDA":
            self._lambda(node, ctes, top)
        else:
            if kind == "TYPE":
                self._type(path_of(node))
            self.may_tie |= kind == "COLLATE"
            self._makes(kind == "CONSTANT" and is_float(node.get("literal") or {}))
            self._children({key: value for key, value in node.items() if key != "class"}, ctes, top=top)

    def _type(self, path: list[str]) -> None:
        if len(path) > 1 or path[0] not in self.known.types:
            self.refuse("casts to a type that DuckDB does not have", "check the name of the type.")
        self._makes(path[0] in FLOAT_TYPES)

    def _subquery(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        query = node["subquery"]["node"]
        if node.get("subquery_type") in {"EXISTS", "NOT_EXISTS"}:
            # which columns a row has does not matter to whether there is one
            for each in query.get("select_list") or ():
                if each["class"] == "STAR" and not each.get("columns"):
                    each.clear()
                    each.update(_ONE)
        self._query(query, ctes)
        self._walk(node.get("child"), ctes, top=top)
        self._walk(node.get("children"), ctes, top=top)

    def _lambda(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        before = len(self._lambdas)
        if node.get("syntax_type") == "LAMBDA_KEYWORD":
            self._lambdas += [each["column_names"][0].casefold() for each in dicts(node["lhs"]) if is_column(each)]
        else:  # x -> y also is what takes a member from JSON
            self._walk(node["lhs"], ctes, top=top)
        self._walk(node["expr"], ctes, top=top)
        del self._lambdas[before:]

    def _column(self, node: dict[str, Any], top: bool) -> None:
        names = node["column_names"]
        first, *rest = (name.casefold() for name in names)
        if first in self._lambdas:
            return
        if first == "this" and self.this:
            if not rest:
                self.refuse("uses this as a whole", "name the columns: this.column.")
            self._this(node, names[1], names[2:])
        elif top:
            self._not_a_keyword(first, rest)
            self._this(node, names[0], names[1:])
        else:
            self._not_a_keyword(first, rest)
            if first in self._aliases:
                self.columns |= set() if rest else {"*"}
                names = names[1:] if rest else names
            for name in names:
                self._note_column(name)

    def _not_a_keyword(self, first: str, rest: list[str]) -> None:
        if first in VALUE_KEYWORDS and not rest:
            self.refuse(f"uses {first}, which differs from run to run", "write the date or the name itself.")

    def _this(self, node: dict[str, Any], column: str, members: list[str]) -> None:
        self._note_column(column)
        for member in members:
            self._note_column(member)
        self.this_columns.add(column.lower())
        node["column_names"] = ["this", this_column(column), *members]

    def _note_column(self, name: str) -> None:
        if name.casefold() in HIDDEN or name.casefold().startswith("this."):
            self.refuse("uses the number of a row", "rows have no number of their own; order them by a column.")
        self.columns.add(name.lower())

    def _star(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        if top or (self.this and (node.get("relation_name") or "").casefold() == "this"):
            self.refuse("uses this as a whole", "name the columns: this.column.")
        self.columns.add("*")
        self._children({key: value for key, value in node.items() if key not in {"class", "type"}}, ctes)

    def _function(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        name = self._callable(node)
        arguments = node.get("arguments") or []
        orders = (node.get("order_bys") or {}).get("orders") or []
        if name in self.known.windows and name not in self.known.aggregates:
            self.refuse(f"calls {name} without OVER", "add OVER (… ORDER BY …).")
        if name == "age" and len(arguments) < 2:
            self.refuse("calls age with one date, which counts from today", "give both dates.")
        if name in LIST_AGGREGATES:
            self._list_aggregate(arguments)
        if top and (name in self.known.aggregates | {"unnest"} or name in {"geomean", "wavg", "weighted_avg"}):
            self.refuse(f"calls {name} outside of a SELECT", "write (SELECT … FROM …), with the rows that are meant.")
        if name in ORDER_DEPENDENT:
            if not orders_by_column(orders):
                self.refuse(f"calls {name} without an ORDER BY inside", f"write {name}(… ORDER BY …).")
            self.may_tie = True
        self._note_function(name, node, ctes, top=top)

    def _callable(self, node: Mapping[str, Any]) -> str:
        """Give the name of a function that may be called."""
        path = path_of(node)
        name = path[-1]
        if len(path) > 1:
            self.refuse("calls a function after a dot", "write function(value) instead of value.function().")
        if name not in self.known.allowed or node.get("export_state"):
            shown = as_named("function", name)
            self.refuse(
                f"calls {shown}, which is unknown, differs from run to run, or reaches beyond the plan",
                "use functions whose result depends on their arguments only.",
            )
        return name

    def _list_aggregate(self, arguments: list[dict[str, Any]]) -> None:
        literal = (arguments[1]["expression"].get("literal") or {}) if len(arguments) > 1 else {}
        named = str(literal.get("text")).lower()
        if literal.get("kind") != "STRING" or named not in self.known.allowed & self.known.aggregates:
            self.refuse("aggregates a list by a function that cannot be judged", "name an aggregate, such as 'max'.")
        self._makes(named in self.known.float_makers)

    def _note_function(self, name: str, node: Mapping[str, Any], ctes: frozenset[str], *, top: bool) -> None:
        """Note what a function makes, and judge what goes into it."""
        sums = name in SUMMING
        self.sums |= sums
        if sums and name not in EXACT_OF_WHOLE:
            self.makes_floats |= name in self.known.float_makers
        self._makes(name in self.known.float_makers)
        self._flowing += sums
        self._children({key: value for key, value in node.items() if key not in {"class", "type"}}, ctes, top=top)
        self._flowing -= sums

    def _makes(self, floats: bool) -> None:
        self.makes_floats |= floats and self._flowing > 0

    def _window(self, node: dict[str, Any], ctes: frozenset[str], top: bool) -> None:
        name = self._callable(node)
        ordered = orders_by_column(node.get("orders") or [])
        by_position = str(node.get("start")).endswith("_ROWS") or str(node.get("end")).endswith("_ROWS")
        hangs = name in self.known.windows or (
            name in ORDER_DEPENDENT and not orders_by_column(node.get("arg_orders") or [])
        )
        if (hangs or by_position) and not ordered:
            self.refuse(f"calls {name} over rows in no order", "add an ORDER BY to its OVER clause.")
        self.may_tie |= (hangs and name not in _SHARED_RANKS) or by_position or name in ORDER_DEPENDENT
        self.own_rows |= top
        self._note_function(name, node, ctes, top=top)
