"""From a plan to what is drawn of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan_rules import LinkRule, TableRules
from ..recomputation.recipes import Recipe, read_sql_recipes
from ..written_plan import WrittenPlan
from .graph_values import Derivation, GraphTable, Link, Rekey, Seal
from .plan_graph import PlanGraph

__all__ = ["graph_of"]


def graph_of(plan: WrittenPlan) -> PlanGraph:
    """Draw a plan: nothing of its data is looked at.

    Raises
    ------
    ConfigError
        When a recipe is not a recipe.
    """
    rules = plan.rules.values()
    recipes = read_sql_recipes(plan.rules)
    return PlanGraph(
        tables=tuple(GraphTable(rule.name, _action(rule)) for rule in rules),
        links=tuple(link for rule in rules for link in _links(rule)),
        orphans=tuple(_link(link) for rule in rules for link in rule.links if link.orphan),
        derivations=tuple(_derivations(recipes)),
        seals=tuple(seal for rule in rules for seal in _seals(rule)),
        rekeys=tuple(rekey for rule in rules for rekey in _rekeys(plan, rule)),
        name=plan.name,
    )


def _action(rule: TableRules) -> str:
    if rule.derived_whole:
        return "derived"
    if rule.spec.edges is not None:
        return "edges"
    if rule.spec.files is not None:
        return "files"
    if rule.elements and not rule.keys and not rule.links:
        return "elements"
    if not rule.reached and isinstance(rule.spec.independent, str):
        return "independent"
    if not (rule.keys or rule.links or rule.elements):
        return "columns"
    return rule.spec.on_match


def _links(rule: TableRules) -> Iterator[Link]:
    for link in rule.links:
        if not link.orphan:
            yield _link(link)
    for part in rule.elements:
        if part.parent is not None:
            yield Link(rule.name, part.parent, f"{part.column}[]")


def _link(link: LinkRule) -> Link:
    return Link(link.table, link.parent, "+".join(link.columns))


def _seals(rule: TableRules) -> Iterator[Seal]:
    for key in rule.keys:
        yield Seal(key.key.scheme, rule.name, key.key.label)
    for part in rule.elements:
        if part.scheme is not None:
            yield Seal(part.scheme, rule.name, f"{part.column}[]")


def _derivations(recipes: list[Recipe]) -> Iterator[Derivation]:
    columns: dict[tuple[str, str], list[str]] = {}
    for recipe in recipes:
        for source in sorted(recipe.tables) or [recipe.table]:
            columns.setdefault((recipe.table, source), []).extend([recipe.column] if recipe.column is not None else [])
    for (table, source), names in columns.items():
        yield Derivation(table, source, tuple(names))


def _rekeys(plan: WrittenPlan, rule: TableRules) -> Iterator[Rekey]:
    for kind in plan.ids:
        origin = kind.name.partition(".")[0]
        for table, column in (*kind.columns, *kind.derived):
            if table == rule.name:
                yield Rekey(table, column, "" if table == origin else origin)
