"""What replaces Landlock where a system has none: Python's audit hooks refuse files, sockets and programs.

They see what goes through Python: ``open``, ``os``, ``sqlite3``, ``socket``, ``subprocess``. A library that opens a
file in code of its own (polars, Arrow, DuckDB) is not seen, and neither is a process once it runs: reports say so.

References
----------
PEP 578, Python Runtime Audit Hooks.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["WEAKENINGS", "refuse"]

#: What stays open, each a clause for a report.
WEAKENINGS = (
    "this system has no Landlock: Python's audit hooks replace it, which do not see files that libraries open in "
    "code of their own (polars, Arrow, DuckDB)",
    "processes that it starts of this interpreter may read other files",
)

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove": 1,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.truncate": 1,
    "os.rename": 2,
    "os.link": 2,
    "os.symlink": 2,
}
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile")
_CALLS = (
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
)
_NETWORKS = {int(family) for family in (socket.AF_INET, socket.AF_INET6)}


class _RefusingHook:
    """Decides of each event, and raises if it is refused; what it raises names the path."""

    def __init__(
        self, readable: Iterable[Path], writable: Iterable[Path], listed: Iterable[Path], *, network: bool = False
    ) -> None:
        self._network = network
        self._writable = {_real_path(path) for path in writable}
        self._readable = {_real_path(path) for path in readable} | self._writable
        self._listed = {_real_path(path) for path in listed} | self._readable

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = bool(flags & _WRITING) if isinstance(flags, int) else not set("wax+").isdisjoint(mode or "")
            self._check(path, self._writable if writes else self._readable)
        elif event in ("os.listdir", "os.scandir"):
            self._check("." if arguments[0] is None else arguments[0], self._listed)
        elif event in ("os.getxattr", "os.listxattr"):
            self._check(arguments[0], self._readable)
        elif event == "sqlite3.connect":
            if arguments[0] not in (":memory:", "", b":memory:"):
                self._check(arguments[0], self._readable)
        elif event in _CHANGES:
            for path in arguments[: _CHANGES[event]]:
                self._check(path, self._writable)
        elif event in _CALLS and not self._network:
            self._check_call(arguments)
        elif event in _PROGRAMS:
            self._check_program(event, arguments)

    def _check(self, path: Any, allowed: set[str]) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a file that is open already
        name = os.fsdecode(path)
        if name.startswith("file:"):  # as SQLite's addresses may begin
            name = name[5:].partition("?")[0]
        place = _real_path(name)
        while place not in allowed:
            above = os.path.dirname(place)
            if above == place:
                raise PermissionError(errno.EACCES, "refused by the nullity test", os.path.abspath(name))
            place = above

    def _check_call(self, arguments: tuple[Any, ...]) -> None:
        """Refuse the network; sockets of this machine's own kind are open, as with Landlock."""
        family = getattr(arguments[0], "family", socket.AF_INET)
        if int(family) in _NETWORKS and not _within_a_pair():
            raise PermissionError(errno.EACCES, "refused by the nullity test", "(a network socket)")

    def _check_program(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse programs but this interpreter, which workers of joblib and multiprocessing are."""
        program = arguments[1] if event == "os.spawn" else arguments[0]
        if event == "subprocess.Popen" and program is None:
            words = arguments[1]
            program = words if isinstance(words, str | bytes | os.PathLike) else next(iter(words), "")
        name = os.fsdecode(program) if isinstance(program, str | bytes | os.PathLike) else ""
        if event == "os.system" or _real_path(name) != _real_path(sys.executable):
            raise PermissionError(errno.EACCES, "refused by the nullity test", name or "(a program)")


def _within_a_pair() -> bool:
    """Whether Python itself makes a pair of connected sockets, which on Windows goes through the network's loopback."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == socket.__file__ and frame.f_code.co_name.endswith("socketpair"):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _real_path(path: str | os.PathLike[str]) -> str:
    try:
        return os.path.normcase(os.path.realpath(path))
    except (OSError, ValueError):  # no path at all, which opening it will say
        return os.path.normcase(os.path.abspath(os.devnull))


def refuse(
    readable: Iterable[Path], writable: Iterable[Path], listed: Iterable[Path], *, network: bool = False
) -> tuple[str, ...]:
    """Refuse this process, for good, what Landlock would: other files, the network, other programs.

    Parameters
    ----------
    readable, writable, listed : iterable of Path
        As for :func:`sealscrub.validators.landlock.restrict`.
    network : bool
        Whether the network is shut by other means, which let the function's own processes talk.

    Returns
    -------
    tuple of str
        What stays open.
    """
    sys.addaudithook(_RefusingHook(readable, writable, listed, network=network))
    return WEAKENINGS
