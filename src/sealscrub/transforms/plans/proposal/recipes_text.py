"""Recipes to start from, for columns whose names say how such columns are mostly made; all are to be decided."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..column_names import words_of
from .key_guesses import is_date_name
from .table_profile import TableProfile
from .toml_text import entry, quoted

__all__ = ["proposed_recipes"]

_COUNTED = frozenset({"arrest", "arrests", "count", "counts", "n", "num", "prior", "priors"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def proposed_recipes(profile: TableProfile, events: TableProfile | None, derived: Mapping[str, str]) -> Iterator[str]:
    """Write recipes over a person's earlier events, if the table and the events have a person and a date.

    Parameters
    ----------
    profile : TableProfile
        The table.
    events : TableProfile, optional
        The table of arrests.
    derived : mapping of str to str
        Its columns that look derived.
    """
    mine, theirs = _person_and_date(profile), _person_and_date(events)
    if mine is None or theirs is None or events is None:
        return
    before = f"from {events.name} a where a.{theirs[0]} = this.{mine[0]} and a.{theirs[1]} < this.{mine[1]}"
    for name in derived:
        words = set(words_of(name))
        if "days" in words and words & {"last", "since", "prior", "previous"}:
            sql = f"select date_diff('day', max(a.{theirs[1]}), this.{mine[1]}) {before}"
            yield entry(name, quoted(sql))
        elif words & {"prior", "priors"} and words <= _COUNTED:
            yield entry(name, quoted(f"select count(*) {before}"))


def _person_and_date(profile: TableProfile | None) -> tuple[str, str] | None:
    if profile is None:
        return None
    person = next((name for name in profile.people if _PLAIN.fullmatch(name)), None)
    date = next((name for name in profile.columns if is_date_name(name) and _PLAIN.fullmatch(name)), None)
    return (person, date) if person and date else None
