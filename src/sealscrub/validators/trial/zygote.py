"""The near end of forks: a process that has imported what every run imports, and is forked for each of them.

It has seen neither the function nor the data. Until a run's own process reads its job it is what a fresh interpreter
is at that point: of the same environment, modules, settings and limits, which `_circumstances` and `Zygote.fits`
compare. Where they differ, or something in it would not survive a fork or would be shared by two runs, runs get
fresh interpreters.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .interpreter import CHILD
from .readable_paths import code_roots, interpreter_paths

__all__ = ["Forked", "zygote_for"]

#: What differs between runs, and is set after the fork; no library keeps it from when it is imported.
_OF_A_RUN = ("TMPDIR", "JOBLIB_TEMP_FOLDER", "MPLCONFIGDIR", "PYTHONPATH", "PYTEST_CURRENT_TEST")
#: Threads of libraries that sleep, and that a forked process does without: jemalloc knows of forks, and polars' own
#: removes files that it put into the folder of the run, which is removed as a whole.
_HARMLESS = {"jemalloc_bg_thd", "polars-ooc-clea"}
_STATUS = ("Umask", "Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Cpus_allowed", "SigIgn", "SigBlk")
_SITE = {"sitecustomize", "usercustomize"}
_OURS = Path(__file__).parents[2]
_MOST_SAID = 1 << 18
_MOST_ROUNDS = 200
_PAUSE_S = 0.005
_LOST = -int(getattr(signal, "SIGKILL", 9))


class Zygote:
    """One process that is forked for runs.

    Parameters
    ----------
    environment : mapping of str to str
        Of a fresh interpreter for a run.
    circumstances : str
        What of this process a fresh interpreter would inherit.
    """

    def __init__(self, environment: Mapping[str, str], circumstances: str) -> None:
        self.circumstances, self.owner = circumstances, os.getpid()
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = {name: os.environ[name] for name in _OF_A_RUN if name != "PYTHONPATH" and name in os.environ}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
                [sys.executable, "-P", "-m", CHILD, "fork", str(theirs.fileno())],
                env={name: value for name, value in environment.items() if name not in _OF_A_RUN[:3]} | kept,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        atexit.register(self.close)
        self._names: set[str] = set()
        self._whole: bool | None = None

    def fits(self) -> bool:
        """Whether a fork of it is, now, what a fresh interpreter would be."""
        if self._whole is None:
            self._whole = self._is_whole(json.loads(self.line.recv(_MOST_SAID) or b"{}"))
        return self._whole and not any(self._hides(root) for root in code_roots())

    def _is_whole(self, found: Mapping[str, Any]) -> bool:
        """Whether it may be forked at all; not if a library was imported from the project's own folders."""
        if not found or not set(found["threads"]) <= _HARMLESS or found["open"] or found["shared"]:
            return False
        self._names = {*found["names"], *_SITE}
        known = [place.resolve() for place in interpreter_paths()]
        folders = (Path(folder).resolve() for folder in found["folders"])
        return all(any(folder.is_relative_to(place) for place in known) for folder in folders)

    def _hides(self, root: Path) -> bool:
        """Whether a fresh interpreter would find a module in a folder that this one has from elsewhere."""
        with contextlib.suppress(OSError):
            here = {name.partition(".")[0] for name in os.listdir(root)} & self._names
            return bool(here - ({_OURS.name} if root == _OURS.parent else set()))
        return False

    def close(self) -> None:
        """End it."""
        if os.getpid() != self.owner:
            return
        atexit.unregister(self.close)
        self.line.close()
        self._process.kill()
        self._process.wait()


_zygotes: list[Zygote] = []
_lock = threading.Lock()


def zygote_for(environment: Mapping[str, str]) -> Zygote | None:
    """Give the process that is forked for runs in an environment; None if they need fresh interpreters.

    One is kept, for the environment of the last run.
    """
    if not sys.platform.startswith("linux"):
        return None
    with _lock:
        circumstances = _circumstances(environment)
        kept = next((each for each in _zygotes if each.owner == os.getpid()), None)
        if kept is None or kept.circumstances != circumstances:
            if kept is not None:
                kept.close()
            kept = Zygote(environment, circumstances)
            _zygotes[:] = [kept]
        return kept if kept.fits() else None


def _circumstances(environment: Mapping[str, str]) -> str:
    """What a fresh interpreter has from this process other than its folder."""
    own = Path("/proc/self")
    kept = [line for line in own.joinpath("status").read_text().splitlines() if line.startswith(_STATUS)]
    names = sorted((name, value) for name, value in environment.items() if name not in _OF_A_RUN)
    return repr((names, kept, own.joinpath("limits").read_text(), sys.executable))


class Forked:
    """A process forked for one run, behaving as an :class:`.interpreter.Interpreter` does.

    Parameters
    ----------
    zygote : Zygote
    place : Path
        Its own folder.
    job : mapping of str to object
    environment : mapping of str to str
        What a fresh interpreter would get.
    """

    shut = True

    def __init__(
        self, zygote: Zygote, place: Path, job: Mapping[str, Any], environment: Mapping[str, str], folder: str
    ) -> None:
        self.place = place
        of_run = {name: environment.get(name) for name in _OF_A_RUN}
        (place / "job.json").write_text(json.dumps({**job, "environment": of_run, "folder": folder}))
        self._hold, hold = socket.socketpair()
        word, self._word = os.pipe()
        with hold, contextlib.suppress(OSError):  # if it has ended, the run has, too
            socket.send_fds(zygote.line, [os.fsencode(place / "job.json")], [hold.fileno(), word])
        os.close(word)
        self._said = b""

    def go(self, word: Mapping[str, Any]) -> None:
        """Give it which data to take."""
        with contextlib.suppress(BrokenPipeError), open(self._word, "wb") as pipe:
            self._word = -1
            pipe.write(json.dumps(word).encode() + b"\n")

    def wait(self, timeout: float | None) -> int | None:
        """Wait for its end, and give its code; None when the time is over."""
        lines = self._lines(2, timeout)
        return None if lines is None else int(lines[1]) if len(lines) == 2 else _LOST

    def end(self) -> None:
        """End it, and every process that it started and left: the one that keeps it inherits them."""
        if self._word >= 0:
            os.close(self._word)
            self._word = -1
        lines = self._lines(1, None)
        for _ in range(_MOST_ROUNDS if lines else 0):
            alive = list(_below(int((lines or [b"0"])[0])))
            if not alive:
                break
            for each in alive:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(each, signal.SIGKILL)
            time.sleep(_PAUSE_S)
        self._hold.close()

    def _lines(self, count: int, timeout: float | None) -> list[bytes] | None:
        """What the process that keeps it has said: its number, the code; fewer if it has ended."""
        until = None if timeout is None else time.monotonic() + timeout
        ready = select.poll()
        ready.register(self._hold, select.POLLIN)
        while self._said.count(b"\n") < count:
            left = None if until is None else 1000 * max(0.0, until - time.monotonic())
            if not ready.poll(left):
                return None
            part = b""
            with contextlib.suppress(ConnectionResetError):
                part = self._hold.recv(64)
            if not part:
                break
            self._said += part
        return self._said.split(b"\n")[:-1][:count]


def _below(top: int) -> Iterator[int]:
    """Number the processes that descend from one, but for those that have ended."""
    above: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            state, parent = place.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                above[int(place.parent.name)] = int(parent)
    for process in above:
        at = above[process]
        while at not in (0, top):
            at = above.get(at, 0)
        if at:
            yield process
