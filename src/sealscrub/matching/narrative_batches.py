"""Narratives and other texts: which of them mention what may not stay, and what is left of these without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.worker_processes import cores
from sealscrub.index import Index, TextIndex

from .narrative_reader import NarrativeReader
from .narrative_workers import Workers
from .policy import Policy

__all__ = ["Narratives"]

_AT_ONCE = 1 << 21  # bytes of texts that are read at once
_ROWS = 1 << 16
_ALONE = 16 << 20  # bytes of columns below which other processes would take longer to start


class Narratives:
    """Takes columns of texts, batch by batch, and says which mention something and what is left of them.

    The result does not depend on how many processes work on it, nor on how the texts come in batches.

    Parameters
    ----------
    index : Index
    names : TextIndex, optional
        Names on notices. Without it only identifiers are looked for.
    possible : str
        As of :func:`sealscrub.filters.guard_text`.
    policy : Policy, optional
    workers : int, optional
        How many processes work on large columns; by default as many as there are cores.

    Raises
    ------
    UnsuitableIndex
        When the index holds keys of no scheme that can be found in a text.
    ConfigError
        When `possible` is neither.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> with Narratives(example_index(["K14612345"])) as narratives:
    ...     rows, left = narratives.left_of(pl.Series(["Two hits. One is K14612345.", None, "No hits."]))
    >>> rows.tolist(), left
    ([0], ['Two hits.'])
    """

    def __init__(
        self,
        index: Index,
        names: TextIndex | None = None,
        *,
        possible: str = "remove",
        policy: Policy | None = None,
        workers: int | None = None,
    ) -> None:
        self._reader = NarrativeReader.of(index, names, possible, policy or Policy())
        self._count = cores() if workers is None else workers
        self._stack = ExitStack()
        self._pool: Workers | None = None
        self._seen = 0  # bytes

    def __enter__(self) -> Narratives:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._pool = None

    @property
    def finds_names(self) -> bool:
        """Whether names are looked for, in addition to identifiers."""
        return self._reader.names is not None

    def left_of(
        self, texts: pl.Series, done: Callable[[float], object] = lambda rows: None
    ) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Give the rows whose texts mention something, in their order, and what is left of each.

        Parameters
        ----------
        texts : polars.Series of String
        done : callable, optional
            Called with how many of them were read so far; of a long text, with parts of it.
        """
        rows: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
        left: list[str] = []
        sizes = texts.str.len_bytes().fill_null(0).to_numpy()
        starts = _batch_starts(sizes)
        ends = [*starts, len(texts)][1:]
        for start, end, (places, found) in zip(starts, ends, self._read(texts, sizes, done), strict=True):
            rows.append(places + start)
            left += found
            done(end)
        return np.concatenate(rows), left

    def holding(self, values: pl.Series) -> npt.NDArray[np.int64]:
        """Give the rows whose values, of whatever type, name a record that may not stay."""
        return np.flatnonzero(self._reader.holding(values))

    def _read(
        self, texts: pl.Series, sizes: npt.NDArray[np.int64], done: Callable[[float], object]
    ) -> Iterator[tuple[npt.NDArray[np.int64], list[str]]]:
        starts = _batch_starts(sizes)
        spans = [(start, stop - start) for start, stop in pairwise([*starts, len(texts)])]
        self._seen += int(sizes.sum())
        if self._pool is None and self._count > 1 and self._seen >= _ALONE and len(spans) > 1:
            self._pool = self._stack.enter_context(Workers(self._reader, self._count))
        pool = self._pool

        def ask(different: list[str], start: int, rows: int) -> dict[int, str]:
            if pool is not None:
                return pool.left_of(different)
            size, so_far = sum(map(len, different)), 0

            def tell(read: int) -> None:
                nonlocal so_far
                so_far += read
                done(start + rows * so_far / size)

            return self._reader.left_of(different, tell)

        def read(span: tuple[int, int]) -> tuple[npt.NDArray[np.int64], list[str]]:
            some = texts.slice(*span)
            different = some.drop_nulls().unique(maintain_order=True)
            left = ask(different.to_list(), *span)
            if not left:
                return np.zeros(0, np.int64), []
            known = pl.DataFrame({"text": different[list(left)], "left": list(left.values())})
            told = some.alias("text").to_frame().join(known, on="text", how="left", maintain_order="left")["left"]
            places = np.flatnonzero(told.is_not_null().to_numpy())
            return places, told.drop_nulls().to_list()

        if pool is None:
            yield from map(read, spans)
        else:
            with ThreadPoolExecutor(pool.count, thread_name_prefix="sealscrub") as threads:
                yield from threads.map(read, spans)

    def __reduce__(self) -> str:
        raise TypeError("cannot pickle Narratives: they hold an index")

    def __repr__(self) -> str:
        return "Narratives()"


def _batch_starts(sizes: npt.NDArray[np.int64]) -> list[int]:
    """Where those texts begin that are read at once."""
    before = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    starts, place = [], 0
    while place < len(sizes):
        starts.append(place)
        behind = int(np.searchsorted(before, before[place] + _AT_ONCE))
        place = max(place + 1, min(behind, place + _ROWS))
    return starts
