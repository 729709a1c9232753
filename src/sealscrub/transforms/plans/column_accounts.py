"""Whether a plan accounts for every column that may hold what other records put into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sealscrub.errors import ConfigError

from .column_names import looks_derived
from .plan_rules import TableRules

__all__ = ["check_accounted", "unaccounted"]


def unaccounted(rules: TableRules, columns: Sequence[str]) -> dict[str, str]:
    """Give the columns that the plan has to say something about and does not, each with why.

    In a table that declares derived or independent columns these are all that it does not name; in another, those
    whose name looks derived.
    """
    spec = rules.spec
    if rules.derived_whole or isinstance(spec.independent, str):
        return {}
    missing = [name for name in columns if name not in rules.accounted()]
    if spec.derived or spec.independent:
        return dict.fromkeys(missing, "the table declares the lineage of other columns only")
    return {name: f"looks derived by name ({word})" for name in missing if (word := looks_derived(name))}


def check_accounted(rules: Mapping[str, TableRules], columns: Mapping[str, Sequence[str]]) -> None:
    """Refuse a plan that leaves one of the columns of unknown lineage unsaid, or their table if nothing reaches it.

    Raises
    ------
    ConfigError
        With the places of all of them.
    """
    for name, known in columns.items():
        rule = rules[name]
        if not rule.reached and not isinstance(rule.spec.independent, str):
            raise ConfigError(
                "nothing reaches this table: it has neither keys nor links nor recipes",
                where=rule.where,
                hint="declare what reaches it, or independent = 'why no sealed record affects it'.",
            )
        missing = unaccounted(rule, known)
        if missing:
            first = next(iter(missing))
            more = f"; also {', '.join(list(missing)[1:6])}" if len(missing) > 1 else ""
            more += ", …" if len(missing) > 6 else ""
            raise ConfigError(
                f"the plan does not say where this column comes from: {missing[first]}{more}",
                where=f"{rule.where}.columns.{first}",
                hint=f"derived.{first} = 'SQL', independent.{first} = 'reason', or columns.{first} = 'null' or 'fail'.",
            )
