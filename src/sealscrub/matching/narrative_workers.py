"""Processes that read texts side by side: each has the index open, and gets texts and gives what is left of them."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sealscrub.boundary.worker_processes import WorkerProcess, start_worker
from sealscrub.identifiers import get_scheme, scheme_names
from sealscrub.index.planted_keys import is_planted

from .narrative_reader import NarrativeReader

__all__ = ["Workers", "work"]


class Workers:
    """Some processes, each with a reader of its own.

    If another process cannot read as this one does (the index's key came from no file, a scheme is registered here
    only, or no process may be started), this one reads. The result is the same.

    Parameters
    ----------
    reader : NarrativeReader
    count : int
    """

    def __init__(self, reader: NarrativeReader, count: int) -> None:
        self._reader, self.count = reader, count
        self._idle: queue.SimpleQueue[WorkerProcess | None] = queue.SimpleQueue()
        self._all: list[WorkerProcess] = []

    def __enter__(self) -> Workers:
        for _ in range(0 if is_planted() else self.count):
            process = _start_reader(self._reader)
            self._all += [] if process is None else [process]
        able = [process for process in self._all if process.answer() == "ready"]
        for each in able or (None,):
            self._idle.put(each)
        self.count = max(1, len(able))
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._all:
            process.close()

    def left_of(self, texts: Sequence[str]) -> dict[int, str]:
        """Let one of them read texts, and give its answer."""
        process = self._idle.get()
        try:
            if process is not None and process.send(list(texts)):
                left = process.answer()
                if isinstance(left, dict):
                    return left
                process = None  # it ended: out of memory, or killed
            return self._reader.left_of(texts)
        finally:
            self._idle.put(process)


def _start_reader(reader: NarrativeReader) -> WorkerProcess | None:
    task = reader.index, reader.names, reader.possible, reader.policy, _schemes()
    return start_worker(__name__, task)


def _schemes() -> dict[str, object]:
    return {name: get_scheme(name).fingerprint for name in scheme_names()}


def work(task: Any, requests: Iterable[Any]) -> Iterator[object]:
    """Read texts until no more come: what one of the processes does."""
    index, names, possible, policy, schemes = task
    if schemes != _schemes():
        return
    reader = NarrativeReader.of(index, names, possible, policy)
    yield "ready"
    for texts in requests:
        yield reader.left_of(texts)
