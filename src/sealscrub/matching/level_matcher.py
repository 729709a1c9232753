"""Which levels of a list name a record that the index holds, whether or not a row uses them: as wholes, and within."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError
from sealscrub.identifiers import Canonicalised, Status, canonicalise, digest_column, get_scheme
from sealscrub.index import Index, Reason

from .composite_text import keys_within
from .held_rows import judged_values
from .key_columns import KeyColumn
from .policy import Policy
from .texts.shapes import Shapes, shape_of
from .value_search import Likeness, ValueSearch

__all__ = ["LevelMatcher", "LevelTally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTally:
    """Counts of the levels of one column that no row uses: those that are barred, and those that were not checked.

    Examples
    --------
    >>> LevelTally(column="arrest_no", found=2)
    LevelTally(column='arrest_no', found=2, unchecked=0)
    """

    column: str
    found: int = 0
    unchecked: int = 0


class LevelMatcher:
    """Compares levels with an index: those of a key column by its scheme, all as the sweep compares values.

    A key of several columns is found if its parts are in one level.

    Parameters
    ----------
    index : Index
        An open index.
    keys : sequence of KeyColumn
        From :func:`parse_on`.
    policy : Policy, optional
    leave : collection of str
        Columns whose levels are not compared.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> levels = LevelMatcher(example_index(["K14612345"]), [KeyColumn("arrest_number", ("id",))])
    >>> levels.barred(pl.Series(["k14-612345", "M14000017", "assault"])).tolist()
    [True, False, False]
    """

    def __init__(
        self,
        index: Index,
        keys: Sequence[KeyColumn],
        policy: Policy | None = None,
        *,
        leave: Collection[str] = (),
    ) -> None:
        policy = policy or Policy()
        self.leave = frozenset(leave)
        self.columns = frozenset(column for key in keys for column in key.columns)
        self._index, self._policy = index, policy
        self._keys = tuple(keys)
        self._schemes = tuple(scheme for scheme in index.schemes if not get_scheme(scheme).parts)
        self._composite = tuple(scheme for scheme in index.schemes if get_scheme(scheme).parts)
        spelled = [scheme for scheme in self._schemes if not get_scheme(scheme).opaque]
        self._shapes = {scheme: Shapes([[shape_of(get_scheme(scheme), near=False)]]) for scheme in spelled}
        allowed = "withheld" in policy.allow
        self._barred = [Reason.SEALED] if allowed else [Reason.SEALED, Reason.WITHHELD]
        near = [] if "near" in policy.accept else [Status.NEAR]
        self._doubtful = near if "unparsable" in policy.accept else [*near, Status.UNPARSABLE, Status.DAMAGED]

    def barred(self, levels: pl.Series) -> Mask:
        """Say which levels may be in no list: those that are held, and those that are near one."""
        likeness = self._likeness(levels)
        near: Mask = likeness == Likeness.NEAR
        return self._held(levels, likeness) | near

    def held(self, levels: pl.Series) -> Mask:
        """Say which levels name a record that is sealed, or withheld if that is not allowed."""
        return self._held(levels, self._likeness(levels))

    def _held(self, levels: pl.Series, likeness: npt.NDArray[np.uint8]) -> Mask:
        found: Mask = likeness == Likeness.HELD
        for scheme in self._schemes if len(levels) else ():
            read = _canonical(levels, scheme) if self._are_like(levels, scheme) else None
            if read is not None:
                rows = np.flatnonzero(read.status == Status.OK)
                digests = digest_column(read.values[rows], self._index.scheme_key(scheme))
                found[rows] |= np.isin(self._index.lookup(scheme, digests), self._barred)
        for scheme in self._composite if levels.dtype == pl.String and len(levels) else ():
            rows, keys = keys_within(levels, scheme)
            digests = digest_column(keys, self._index.scheme_key(scheme))
            found[rows[np.isin(self._index.lookup(scheme, digests), self._barred)]] = True
        return found

    @cached_property
    def _search(self) -> ValueSearch:
        return ValueSearch(self._index, self._policy)

    def _likeness(self, levels: pl.Series) -> npt.NDArray[np.uint8]:
        """Judge levels as the sweep does."""
        flags, kind = np.zeros(len(levels), np.uint8), levels.dtype
        if not len(levels) or kind.is_temporal() or kind.is_nested() or kind in (pl.Boolean, pl.Null, pl.Object):
            return flags
        if levels.null_count():
            there = levels.is_not_null().to_numpy()
            flags[there] = self._likeness(levels.drop_nulls())
            return flags
        if kind != pl.String:
            return judged_values(self._search, levels)
        matters = self._search.may_hold(levels)
        flags[matters] = judged_values(self._search, levels.filter(pl.Series(matters)))
        return flags

    def _are_like(self, levels: pl.Series, scheme: str) -> bool:
        """Say cheaply whether a level may be a key: files have many short lists, and few with keys in them."""
        if levels.dtype.is_numeric():
            return self._search.may_hold_numbers(levels, scheme)
        if levels.dtype != pl.String or scheme not in self._shapes:
            return True
        return bool(self._shapes[scheme].fit(levels.drop_nulls()).any())

    def unchecked(self, column: str, levels: pl.Series) -> Mask:
        """Say which levels are neither plain nor held: near ones, and of a key column unparsable ones and parts."""
        return self._held_and_unchecked(column, levels)[1]

    def _held_and_unchecked(self, column: str, levels: pl.Series) -> tuple[Mask, Mask]:
        likeness = self._likeness(levels)
        held = self._held(levels, likeness)
        found: Mask = likeness == Likeness.NEAR
        for key in self._keys:
            if column not in key.columns:
                continue
            if len(key.columns) > 1:
                return held, ~held
            read = _canonical(levels, key.scheme)
            found |= True if read is None else np.isin(read.status, self._doubtful)
        return held, found & ~held

    def suspect(self, column: str, levels: pl.Series) -> Mask:
        """Say which levels of a column matter if no row uses them: held, or not checked."""
        if column in self.leave:
            return np.zeros(len(levels), bool)
        held, unchecked = self._held_and_unchecked(column, levels)
        return held | unchecked

    def tally(self, unused: Sequence[tuple[str, pl.Series]]) -> tuple[LevelTally, ...]:
        """Count levels that no row uses, by column; columns of which nothing is to be said are left out."""
        counts: dict[str, list[int]] = {}
        for column, levels in unused:
            counted = counts.setdefault(column, [0, 0])
            for at, which in enumerate(self._held_and_unchecked(column, levels)):
                counted[at] += int(which.sum())
        made = (LevelTally(column=name, found=found, unchecked=rest) for name, (found, rest) in counts.items())
        return tuple(each for each in made if each.found or each.unchecked)


def _canonical(levels: pl.Series, scheme: str) -> Canonicalised | None:
    """Read levels by a scheme; None if their type holds no identifiers."""
    try:
        return canonicalise(levels.alias("levels"), scheme)
    except ColumnError:
        return None
