"""Which tables depend on which by several columns that both have: a case number and the county it is unique in."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import polars as pl

from .column_sketches import plain_ids
from .key_guesses import AGREES
from .link_guesses import MAYBE, LinkGuess
from .table_profile import TableProfile

__all__ = ["guess_shared"]

_MOST_SHARED = 12
_TOGETHER = (2, 3)


def guess_shared(child: TableProfile, reached: Iterable[TableProfile]) -> list[LinkGuess]:
    """Guess links over two or three columns of the same names and types, at least one of them an id; the best first.

    No single one distinguishes rows of the other table; together they do. Only the first rows are compared, so
    in larger tables a link may not be found.
    """
    found = [
        guess for parent in reached if parent is not child if (guess := _best_shared_link(child, parent)) is not None
    ]
    return sorted(found, key=lambda guess: (not guess.sure, len(guess.also), -round(guess.share, 2), guess.parent))


def _best_shared_link(child: TableProfile, parent: TableProfile) -> LinkGuess | None:
    ids = [name for name in child.sketches if name in parent.sketches and _may_link(child, parent, name)]
    rest = [name for name in child.columns if name not in ids and _may_link(child, parent, name)]
    shared = [*ids, *rest][:_MOST_SHARED]
    if not ids or any(parent.sketches[name].unique >= AGREES for name in ids):
        return None
    mine, theirs = _texts(child, shared), _texts(parent, shared)
    for together in (names for size in _TOGETHER for names in combinations(shared, size) if names[0] in ids):
        guess = _compare_columns(child, mine, parent, theirs, together)
        if guess is not None:
            return guess
    return None


def _may_link(child: TableProfile, parent: TableProfile, name: str) -> bool:
    mine, theirs = child.first.schema[name], parent.first.schema.get(name)
    plain = mine == theirs and not mine.is_float() and not mine.is_nested() and mine != pl.Boolean
    return plain and name not in child.people and not child.is_key(name) and not parent.is_key(name)


def _texts(profile: TableProfile, names: list[str]) -> pl.DataFrame:
    columns = (profile.first[name] for name in names)
    return pl.DataFrame(
        {each.name: each.cast(pl.String) if each.dtype.is_temporal() else plain_ids(each) for each in columns}
    )


def _compare_columns(
    child: TableProfile, mine: pl.DataFrame, parent: TableProfile, theirs: pl.DataFrame, names: tuple[str, ...]
) -> LinkGuess | None:
    here, there = mine.select(names).drop_nulls(), theirs.select(names).drop_nulls()
    if here.is_empty() or there.is_empty():
        return None
    unique = there.n_unique() / there.height
    share = here.join(there.unique(), on=list(names), how="semi").height / here.height
    if unique < AGREES or share < MAYBE:
        return None
    return LinkGuess(child.name, names[0], parent.name, names[0], "", share, unique, True, also=names[1:])
