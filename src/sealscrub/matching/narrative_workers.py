"""Processes that read texts side by side: each has the index open, and gets texts and gives what is left of them.

They are started with a program of our own, since ``multiprocessing`` would run the caller's main module again.
What fails in one ends it without a word: the process that asked then reads the texts itself, and says what is wrong.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from sealscrub.errors import SealscrubError
from sealscrub.identifiers import get_scheme, scheme_names
from sealscrub.index.planted_keys import is_planted

from .narrative_reader import NarrativeReader

__all__ = ["Workers", "cores", "work"]

_WORKER_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from sealscrub.matching.narrative_workers import work; work(sys.stdin.buffer, sys.stdout.buffer)"
)

_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 26), "MALLOC_TRIM_THRESHOLD_": str(1 << 28)}
"""glibc keeps what a process has freed for its next texts: to get it again takes a fifth of the time."""


def cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        self._all: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Workers:
        started = [] if is_planted() else [_start_worker(self._reader) for _ in range(self.count)]
        self._all = [process for process in started if process is not None]
        able = [process for process in self._all if _answer(process) == "ready"]
        for each in able or (None,):
            self._idle.put(each)
        self.count = max(1, len(able))
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._all:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    cast(BinaryIO, pipe).close()

    def left_of(self, texts: Sequence[str]) -> dict[int, str]:
        """Let one of them read texts, and give its answer."""
        process = self._idle.get()
        try:
            if process is not None and _send_texts(process, list(texts)):
                left = _answer(process)
                if isinstance(left, dict):
                    return left
                process = None  # it ended: out of memory, or killed
            return self._reader.left_of(texts)
        finally:
            self._idle.put(process)


def _start_worker(reader: NarrativeReader) -> subprocess.Popen[bytes] | None:
    try:
        task = pickle.dumps((reader.index, reader.names, reader.possible, reader.policy, _schemes()))
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-I", "-c", _WORKER_PROGRAM, json.dumps([path for path in sys.path if path])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "POLARS_MAX_THREADS": "1", **_KEEP_MEMORY},
        )
    except (SealscrubError, OSError, pickle.PicklingError, TypeError, AttributeError):  # it cannot be reopened there
        return None
    _write(cast(BinaryIO, process.stdin), task)
    return process


def _schemes() -> dict[str, object]:
    return {name: get_scheme(name).fingerprint for name in scheme_names()}


def _send_texts(process: subprocess.Popen[bytes], texts: list[str]) -> bool:
    return _write(cast(BinaryIO, process.stdin), pickle.dumps(texts))


def _answer(process: subprocess.Popen[bytes]) -> object:
    data = _read(cast(BinaryIO, process.stdout))
    return None if data is None else pickle.loads(data)  # noqa: S301 - our own process wrote it


def _write(pipe: BinaryIO, data: bytes) -> bool:
    try:
        pipe.write(len(data).to_bytes(8, "big"))
        pipe.write(data)
        pipe.flush()
    except OSError:
        return False
    return True


def _read(pipe: BinaryIO) -> bytes | None:
    size = pipe.read(8)
    if len(size) < 8:
        return None
    data = pipe.read(int.from_bytes(size, "big"))
    return data if len(data) == int.from_bytes(size, "big") else None


def work(task: BinaryIO, answers: BinaryIO) -> None:
    """Read texts until no more come: what one of the processes does; an error ends it."""
    first = _read(task)
    if first is None:
        return
    index, names, possible, policy, schemes = pickle.loads(first)  # noqa: S301 - our own parent wrote it
    if schemes != _schemes():
        return
    reader = NarrativeReader.of(index, names, possible, policy)
    _write(answers, pickle.dumps("ready"))
    while (data := _read(task)) is not None:
        left = reader.left_of(pickle.loads(data))  # noqa: S301 - our own parent wrote it
        if not _write(answers, pickle.dumps(left)):
            return
