"""Processes of our own that work side by side: each gets a task, and yields answers until it is done or killed.

They are started with a program of our own, since ``multiprocessing`` would run the caller's main module again.
What fails in one ends it without a word: the process that asked then does the work itself, and says what is wrong.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, cast

from sealscrub.errors import SealscrubError

__all__ = ["WorkerProcess", "cores", "run_worker", "start_worker"]

_WORKER_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from sealscrub.boundary.worker_processes import run_worker; run_worker(sys.argv[2])"
)

_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 26), "MALLOC_TRIM_THRESHOLD_": str(1 << 28)}
"""glibc keeps what a process has freed for what comes next: to get it again takes a fifth of the time."""

_CANNOT_SEND = (SealscrubError, OSError, pickle.PicklingError, TypeError, AttributeError)


def cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerProcess:
    """A process that works for this one.

    Parameters
    ----------
    process : subprocess.Popen
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def send(self, value: object) -> bool:
        """Send it a value; False if it ended, or cannot be given this value."""
        pipe = cast(BinaryIO, self._process.stdin)
        try:
            pickle.dump(value, pipe, pickle.HIGHEST_PROTOCOL)
            pipe.flush()
        except _CANNOT_SEND:
            return False
        return True

    def answer(self) -> object:
        """Wait for its next answer; None if it ended."""
        try:
            return _read(cast(BinaryIO, self._process.stdout))
        except (EOFError, pickle.UnpicklingError):
            return None

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                cast(BinaryIO, pipe).close()


def start_worker(module: str, task: object) -> WorkerProcess | None:
    """Start a process that works on a task.

    Parameters
    ----------
    module : str
        It has a ``work(task, requests)`` that yields answers; ``requests`` are the values that it is sent later.
    task : object

    Returns
    -------
    WorkerProcess or None
        None if no process can be started, or the task cannot be sent to it.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-I", "-c", _WORKER_PROGRAM, json.dumps([path for path in sys.path if path]), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "POLARS_MAX_THREADS": "1", **_KEEP_MEMORY},
        )
    except OSError:
        return None
    worker = WorkerProcess(process)
    try:
        sent = worker.send(task)
    except BaseException:
        worker.close()
        raise
    if not sent:
        worker.close()
    return worker if sent else None


def run_worker(module: str) -> None:
    """Answer, as one of the processes, until there is nothing more to say; an error ends it."""
    answers = sys.stdout.buffer
    for answer in importlib.import_module(module).work(_read(sys.stdin.buffer), _requests(sys.stdin.buffer)):
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _requests(pipe: BinaryIO) -> Iterator[object]:
    with suppress(EOFError):
        while True:
            yield _read(pipe)


def _read(pipe: BinaryIO) -> object:
    return pickle.load(pipe)  # noqa: S301 - our own process wrote it
