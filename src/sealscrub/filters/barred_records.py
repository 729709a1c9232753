"""Which records may not be returned: the one question that every guard asks, of one index for the whole answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import LowCoverage, Spelled, UncheckedKeys
from sealscrub.index import Index
from sealscrub.matching import KeyColumn, Policy, RecordMatcher, TableMatcher, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.matching.known_recall import LOW_RECALL, covers_too_little, finds_too_little
from sealscrub.reports import counted

from .known_ids import Known, KnownIds, known_ids
from .live_index import LiveIndex, current

__all__ = ["Judge", "Judgement"]

UNCHECKED = Spelled(
    "Policy(quarantine=True) leaves such records out; Policy(accept=…) lets them pass.",
    "--accept near,unparsable lets them pass; sealscrub scrub sets them aside.",
)

USE = "output"
_FEW_RECORDS = 16  # records that are judged faster one by one than as a batch
_ONE_BY_ONE = 500  # and if not all keys are written canonically, than as columns


class Judge:
    """Says which records of an answer may not be returned.

    A record may not be returned where a key of it is sealed or withheld, and, if `known` is given, where the
    scrubbed system does not know it: an unknown id and a sealed one cannot be distinguished.

    Parameters
    ----------
    index : Index or LiveIndex
        Published for the use ``output``.
    on : mapping, or iterable of str
        Which fields are keys, as in :func:`sealscrub.scrub`; what a field is, is each guard's own.
    known : collection, Series, frame column, mapping of these by scheme, or callable, optional
        The ids that the scrubbed system holds (:mod:`sealscrub.filters.known_ids`).
    policy : Policy, optional
        What to do with near and unparsable keys. By default they are an error; with ``quarantine`` such a record
        is not returned; with ``accept`` it is.
    where : str
        What the answer is called in errors.
    use : str
        What the index must have been published for.

    Attributes
    ----------
    columns : tuple of str
        The key fields, each once.

    Raises
    ------
    UsageError
        When the index is for another use, out of its dates, or holds no keys of a scheme.
    LowCoverage
        When the key fields could recognise too small a share of the seals.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> judge = Judge(example_index(["K14612345"]), {"arrest_number": "id"})
    >>> judge.start().gone(pl.DataFrame({"id": ["K14612345", "M14000017"]})).tolist()
    [True, False]
    """

    def __init__(
        self,
        index: Index | LiveIndex,
        on: On,
        *,
        known: Known | None = None,
        policy: Policy | None = None,
        where: str = "answer",
        use: str = USE,
    ) -> None:
        self.index = index
        self.use = use
        self.keys: tuple[KeyColumn, ...] = parse_on(on)
        self.policy = (policy or Policy()).accepting("null")  # what is not of a record may be returned
        self.where = where
        self.known: KnownIds | None = None if known is None else known_ids(known, self.keys)
        self.columns = tuple(dict.fromkeys(column for key in self.keys for column in key.columns))
        self._ready: Matchers | None = None
        self.start()

    def start(self, index: Index | None = None) -> Judgement:
        """Begin an answer: everything in it is judged by the index as it is now.

        Parameters
        ----------
        index : Index, optional
            By which another part of the same answer is judged already.

        Raises
        ------
        UsageError, LowCoverage
            When there is no index that may be trusted now, or it no longer covers the key fields.
        """
        taken = current(self.index if index is None else index, self.use)
        self.matchers(taken)
        return Judgement(self, taken)

    def matchers(self, index: Index) -> Matchers:
        """Give what asks an index, the same for all answers that are judged by it.

        Raises
        ------
        UsageError, LowCoverage
            When the index does not cover the key fields.
        """
        ready = self._ready
        if ready is None or ready.index is not index:
            ready = self._ready = self._checked_matchers(index)
        return ready

    def _checked_matchers(self, index: Index) -> Matchers:
        covered = index.coverage(key.scheme for key in self.keys)
        schemes = [key.scheme for key in self.keys]
        if why := finds_too_little(index, schemes, self.policy):
            raise LowCoverage(why, where=self.where, hint=LOW_RECALL)
        if covers_too_little(index, schemes, self.policy):
            raise LowCoverage(
                f"the key fields could recognise {covered:.1%} of the seals, less than {self.policy.min_coverage:.1%}",
                where=self.where,
                hint=Spelled(
                    "name more key fields in on=, or accept less with Policy(min_coverage=…).",
                    "name more key fields with --on, or accept less with --min-coverage.",
                ),
            )
        return Matchers(index, self)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_ready": None}  # it holds keys

    def __repr__(self) -> str:
        return f"Judge({', '.join(key.label for key in self.keys)})"


class Matchers:
    """What asks one index, made once for all answers that are judged by it."""

    def __init__(self, index: Index, judge: Judge) -> None:
        self.index = index
        self.record = RecordMatcher(index, judge.keys, judge.policy)
        self.table = cache(lambda: TableMatcher(index, judge.keys, judge.policy, judge.where))


class Judgement:
    """The verdicts of one answer, all by one index.

    Attributes
    ----------
    judge : Judge
        What is asked.
    index : Index
        Whom it is asked of.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> judgement = Judge(example_index(["K14612345"]), {"arrest_number": "id"}).start()
    >>> judgement.gone(pl.DataFrame({"id": ["k14-612345", "M14000017"]})).tolist(), judgement.index.epoch
    ([True, False], 1)
    """

    __slots__ = ("_matchers", "index", "judge")

    def __init__(self, judge: Judge, index: Index) -> None:
        self.judge, self.index = judge, index
        self._matchers = judge.matchers(index)

    def gone(self, batch: pl.DataFrame) -> Mask:
        """Say which rows may not be returned.

        Parameters
        ----------
        batch : polars.DataFrame
            The key fields, at least, as :meth:`sealscrub.tables.FrameAdapter.key_batch` hands them out.

        Returns
        -------
        numpy.ndarray of bool, shape (rows,)

        Raises
        ------
        ColumnError
            When a field does not exist, or its values can be no identifiers.
        UncheckedKeys
            When a key is near a valid one or does not parse, and the policy says nothing else.
        """
        judge = self.judge
        verdicts = self._matchers.table().judge(batch)
        unknown = np.zeros(batch.height, bool) if judge.known is None else ~judge.known.holds(batch)
        unchecked = verdicts.unchecked & ~unknown
        if unchecked.any() and not judge.policy.quarantine:
            count = int(unchecked.sum())
            raise UncheckedKeys(
                f"{counted(count, 'record', 'has', 'have')} a key that is near a valid one or does not parse",
                where=judge.where,
                hint=UNCHECKED,
            )
        gone: Mask = verdicts.matched | unknown | unchecked
        return gone

    def judged(self, fields: pl.DataFrame | Mapping[str, Sequence[Any]]) -> Mask:
        """Say the same of either: a frame, or a sequence of values for each key field."""
        return self.gone(fields) if isinstance(fields, pl.DataFrame) else self.gone_of(fields)

    def gone_of(self, fields: Mapping[str, Sequence[Any]]) -> Mask:
        """Say the same of plain Python values: a sequence for each key field, None if a record has none."""
        listed = {name: list(fields[name]) for name in self.judge.columns if name in fields}
        if len(listed) == len(self.judge.columns) and (gone := self._plainly_gone(listed)) is not None:
            return gone
        return self.gone(self.batch(fields))

    def batch(self, fields: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
        """Make a batch of such values."""
        listed = {name: list(fields[name]) for name in self.judge.columns if name in fields}
        height = max(map(len, listed.values()), default=0)
        return pl.DataFrame({n: _series(n, listed.get(n, [None] * height)) for n in self.judge.columns})

    def is_gone(self, **fields: Any) -> bool:
        """Say the same of one record, by the values of its key fields."""
        plain = self._plainly(fields)
        return bool(self.gone(self.batch({n: [v] for n, v in fields.items()}))[0]) if plain is None else plain

    def _plainly_gone(self, fields: dict[str, list[Any]]) -> Mask | None:
        """Judge records without making a frame of them, if their keys are plain; None if they are not."""
        rows = len(next(iter(fields.values())))
        if rows > _FEW_RECORDS:
            matched = self._matchers.record.matched_plainly(fields)
            if matched is not None:
                known = self.judge.known
                return (
                    matched
                    if known is None
                    else matched | ~known.holds_all([fields[key.columns[0]] for key in self.judge.keys])
                )
        if rows > _ONE_BY_ONE:
            return None
        plain: list[bool] = []
        for row in zip(*fields.values(), strict=True):
            verdict = self._plainly(dict(zip(fields, row, strict=True)))
            if verdict is None:
                return None
            plain.append(verdict)
        return np.array(plain, bool)

    def _plainly(self, record: Mapping[str, Any]) -> bool | None:
        """Judge one record whose keys are plain; None for another."""
        matcher, known = self._matchers.record, self.judge.known
        values = matcher.canonical(record)
        if values is None:
            return None
        if matcher.matched(values):
            return True
        if known is None:
            return False
        return not known.holds_one(values)

    def __repr__(self) -> str:
        return f"Judgement(epoch={self.index.epoch})"


def _series(name: str, values: list[Any]) -> pl.Series:
    if all(value is None or isinstance(value, str) for value in values):
        return pl.Series(name, values, pl.String)
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):  # ids of several types in one answer
        return pl.Series(name, [None if value is None else str(value) for value in values], pl.String)
