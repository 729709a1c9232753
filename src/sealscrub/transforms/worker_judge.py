"""Judges that are sent to other machines: they hold where the index is, never its content nor a key."""

from __future__ import annotations

import functools
import json
import pickle
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub import __version__
from sealscrub.errors import SealscrubError, UnreadableInput
from sealscrub.index import Index
from sealscrub.index.followed_index import FollowedIndex
from sealscrub.matching import KeyColumn, Policy, Sweep, TableMatcher, Verdicts
from sealscrub.matching.key_columns import unparsed_values
from sealscrub.matching.match_counts import MatchCounts
from sealscrub.matching.part_cipher import PartCipher, parts_of_bytes
from sealscrub.tables.arrow.arrow_values import readable_series
from sealscrub.tables.spark.spark_table import key_batch
from sealscrub.tables.spark.worker_functions import Counter, Failure, WorkerFailed

__all__ = ["WorkerJudge"]

_KEYS = "(keys)"


@functools.lru_cache(maxsize=2)
def _open_once(reference: bytes) -> Index | FollowedIndex:
    """Open an index once a process, which runs many tasks; the one before it may still be asked."""
    index: Index | FollowedIndex = pickle.loads(reference)  # noqa: S301 - from the driver, whose code runs here anyway
    return index


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerJudge:
    """Judges rows where it is sent.

    Parameters
    ----------
    reference : bytes
        The pickle of an index: its file, its key's file, its id and its epoch; or of one that is followed.
    keys : tuple of KeyColumn
    policy : Policy
    zone : str
        Time zone in which points in time are dates.
    run : str
        Of which parts are counted: those of another are refused.
    version : str
        Of this package, where the rows were first read.
    """

    reference: bytes
    keys: tuple[KeyColumn, ...]
    policy: Policy
    zone: str
    run: str
    version: str = __version__

    @classmethod
    def of(cls, matcher: TableMatcher, zone: str, *, follow: str = "") -> WorkerJudge:
        """Make the judge that judges as a matcher does; for a use to `follow`, by the newest index in its place."""
        index = FollowedIndex(matcher.index, follow) if follow else matcher.index
        reference, run = pickle.dumps(index), secrets.token_hex(16)
        return cls(reference=reference, keys=matcher.keys, policy=matcher.policy, zone=zone, run=run)

    @property
    def columns(self) -> tuple[str, ...]:
        """The key columns."""
        return tuple(dict.fromkeys(column for key in self.keys for column in key.columns))

    def matcher(self) -> TableMatcher:
        """Open the index here, once a process, and give a matcher that has counted nothing.

        Raises
        ------
        WorkerFailed
            When it cannot be opened, covers too little, or the package is of another version.
        """
        if self.version != __version__:
            raise WorkerFailed(Failure.VERSION)
        try:
            opened = _open_once(self.reference)
            if not isinstance(opened, FollowedIndex):
                return TableMatcher(opened, self.keys, self.policy)
            matcher = TableMatcher(opened.newest(), self.keys, self.policy)
            matcher.check_complete()  # of no rows yet: its coverage is another than that of the first
        except (SealscrubError, OSError):
            raise WorkerFailed(Failure.INDEX) from None
        return matcher

    def verdicts(self, columns: Sequence[Any]) -> Verdicts:
        """Judge rows by their key columns."""
        return self.matcher().judge(key_batch(self.columns, columns, self.zone))

    def coded(self, *columns: Any) -> Any:
        """Give for each row some bytes: whether it matches, whether it could not be checked, and each key's status."""
        verdicts = self.verdicts(columns)
        flags = np.column_stack([verdicts.matched, verdicts.unchecked]).astype(np.uint8)
        codes = np.ascontiguousarray(np.hstack([flags, verdicts.status]))
        return pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(codes.shape[1]), len(codes), [None, pa.py_buffer(codes)]
        ).cast(pa.binary())

    def decoded(self, codes: Sequence[bytes]) -> Verdicts:
        """Read what :meth:`coded` gave.

        Raises
        ------
        UnreadableInput
            When a row has no verdict.
        """
        width = 2 + len(self.keys)
        if any(code is None or len(code) != width for code in codes):
            raise UnreadableInput("a row has no verdict")
        found = np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), width)
        matched, unchecked = found[:, 0] == 1, found[:, 1] == 1
        return Verdicts(matched, unchecked, ~matched, np.asfortranarray(found[:, 2:]))

    def kept(self, columns: Sequence[Any]) -> npt.NDArray[np.bool_]:
        """Say which rows stay; refuse a row that would have been refused when the table was first read."""
        verdicts = self.verdicts(columns)
        if not self.policy.quarantine and verdicts.unchecked.any():
            raise WorkerFailed(Failure.UNCHECKED)
        return verdicts.keep

    def stays(self, columns: Sequence[Any]) -> npt.NDArray[np.bool_]:
        """Say which rows stay, those among them that could not be checked."""
        return self.verdicts(columns).keep

    def stays_unparsed(self, column: str, columns: Sequence[Any]) -> npt.NDArray[np.bool_]:
        """Say which rows stay in which the value of a key column does not parse."""
        batch = key_batch(self.columns, columns, self.zone)
        return self.matcher().judge(batch).keep & dict(unparsed_values(batch, self.keys))[column]

    def set_aside(self, columns: Sequence[Any]) -> npt.NDArray[np.bool_]:
        """Say which rows could not be checked."""
        return self.verdicts(columns).unchecked

    def key_counter(self) -> Counter:
        """Make what counts the verdicts of a part."""
        return _KeyCounter(self)

    def counted(self, index: Index, parts: Iterable[bytes]) -> Iterator[MatchCounts]:
        """Read verdicts that were counted on workers.

        Raises
        ------
        UnreadableInput
            When a part is there twice or was not counted in this run.
        """
        keys, cipher = len(self.keys), PartCipher(index, self.run)
        for part in parts:
            text = parts_of_bytes(part).get(_KEYS, "")
            yield cipher.open(_KEYS, text, lambda plain: MatchCounts.of_plain(plain, keys))

    def sweeps(self, leave: Collection[str], nested: Collection[str]) -> Callable[[list[str]], Callable[[], Counter]]:
        """Give what makes sweeps of columns, of which some are nested."""
        return partial(_sweeping, self, frozenset(leave), frozenset(nested))


class _KeyCounter:
    def __init__(self, judge: WorkerJudge) -> None:
        self._judge, self._matcher = judge, judge.matcher()

    def add(self, columns: Sequence[Any]) -> None:
        self._matcher.judge(key_batch(self._judge.columns, columns, self._judge.zone))

    def part(self) -> bytes:
        matcher = self._matcher
        return json.dumps(
            {_KEYS: PartCipher(matcher.index, self._judge.run).seal(_KEYS, matcher.counted.plain)}
        ).encode()


def _sweeping(
    judge: WorkerJudge, leave: frozenset[str], nested: frozenset[str], names: list[str]
) -> Callable[[], Counter]:
    return partial(_SweepCounter, judge, leave, tuple(names), nested=bool(nested.intersection(names)))


class _SweepCounter:
    """Sweeps columns: nested ones as they are; of others the values that differ, and how often each is there."""

    def __init__(self, judge: WorkerJudge, leave: frozenset[str], names: tuple[str, ...], *, nested: bool) -> None:
        self._names, self._nested = names, nested
        self._sweep = Sweep(judge.matcher().index, judge.policy, leave=leave, run=judge.run)

    def add(self, columns: Sequence[Any]) -> None:
        if self._nested:
            for name, column in zip(self._names, columns, strict=True):
                self._sweep_values(name, column, None)
            return
        place, times, *values = columns
        place, times = (pl.Series(pl.from_arrow(each)) for each in (place, times))
        for at, (name, column) in enumerate(zip(self._names, values, strict=True)):
            rows = (place == at).to_numpy()
            self._sweep_values(name, column.filter(rows), times.to_numpy()[rows])

    def part(self) -> bytes:
        return json.dumps(self._sweep.counted).encode()

    def _sweep_values(self, name: str, column: Any, times: npt.NDArray[np.int64] | None) -> None:
        values = readable_series(pa.chunked_array([column]), name)
        if values is None:
            self._sweep.unread(name, len(column))
            return
        try:
            if times is None:
                self._sweep.add(name, values)
            else:
                self._sweep.add_counted(name, values, times)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):  # a nested type that polars does not take
            self._sweep.unread(name, len(values))
