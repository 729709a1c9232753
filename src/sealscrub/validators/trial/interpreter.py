"""One interpreter that is started ahead, waits for its data, and is ended with all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["CHILD", "Interpreter", "memory_limit"]

CHILD = f"{__package__}.child"
"""The script."""
_CGROUP = Path("/sys/fs/cgroup/memory.max")


class Interpreter:
    """A fresh interpreter that runs the child's script.

    Parameters
    ----------
    place : Path
        Its own folder, which holds its job.
    shut : bool
        Whether it is sandboxed.
    environment : mapping of str to str
    """

    def __init__(self, place: Path, shut: bool, environment: Mapping[str, str]) -> None:
        self.place, self.shut = place, shut
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", "-m", CHILD, str(place / "job.json")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def go(self, word: Mapping[str, Any]) -> None:
        """Give it which data to take."""
        if self._process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):  # it has ended, which its code shows
            self._process.stdin.write(json.dumps(word).encode() + b"\n")
            self._process.stdin.close()

    def wait(self, timeout: float | None) -> int | None:
        """Wait for its end, and give its code; None when the time is over."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """End it, and every process that it started and left."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        for left in self._left_processes():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(left, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def _left_processes(self) -> Iterator[int]:
        """Processes that left the group, told by the temporary folder that they were given."""
        if not sys.platform.startswith("linux"):
            return
        mark = b"TMPDIR=" + os.fsencode(self.place / "tmp")
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == os.getuid() and mark in entry.read_bytes().split(b"\0"):
                    yield int(entry.parent.name)


def memory_limit() -> int:
    """Bytes that a function may fill: what this machine or container has; 0 if that is not known."""
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0
    with contextlib.suppress(OSError, ValueError):
        whole = min(whole, int(_CGROUP.read_text()))
    return whole
