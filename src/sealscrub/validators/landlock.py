"""Shut a process in: what it may read, where it may write, and no TCP, by Landlock on Linux.

Landlock is the kernel's own sandbox for a process without privileges; once on, it can't be taken off, and every
child and every later thread inherits it. What the kernel at hand can't restrict is said as a weakening, never
passed over.

References
----------
The kernel's manual, ``Documentation/userspace-api/landlock.rst``; ``landlock(7)``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sealscrub.errors import IncompleteError

from .sandbox.system_calls import call, library

__all__ = ["Restriction", "landlock_abi", "restrict"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_REFER, _TRUNCATE, _IOCTL_DEV, _RESOLVE_UNIX = (1 << bit for bit in (13, 14, 15, 16))
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV | _RESOLVE_UNIX
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


@dataclass(frozen=True)
class Restriction:
    """What came of a call of `restrict`.

    Attributes
    ----------
    abi : int
        The version of Landlock that is in force for this process; 0 if there is none.
    weakenings : tuple of str
        What of files stays open that a caller may take for shut, each a clause for a report; never a path. Sockets are
        the matter of `sealscrub.validators.sandbox`.
    """

    abi: int
    weakenings: tuple[str, ...] = ()


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def landlock_abi() -> int:
    """Version of Landlock that this kernel offers.

    Returns
    -------
    int
        1 and above; 0 on another system, an older kernel, or one that was started without it.

    Examples
    --------
    >>> landlock_abi() >= 0
    True
    """
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return max(0, call(_CREATE_RULESET, None, 0, _VERSION_FLAG))
    except OSError:
        return 0


def restrict(
    readable: Iterable[Path],
    writable: Iterable[Path],
    tcp: bool = False,
    *,
    listed: Iterable[Path] = (),
    execute: bool = True,
) -> Restriction:
    """Restrict this process, for good, to reading some paths and writing others.

    Call it before threads are started (numpy's and polars's are, by their import): it holds for the calling
    thread and for what that one starts afterwards. Files that are open already stay open.

    Parameters
    ----------
    readable : iterable of Path
        Files, and folders with all that is in them. One that isn't there is passed over.
    writable : iterable of Path
        The same, for reading, writing, making and removing.
    tcp : bool
        Whether TCP stays open.
    listed : iterable of Path
        Folders whose names may be read, all through, and not what is in their files.
    execute : bool
        Whether programs under ``readable`` may be started.

    Returns
    -------
    Restriction
        With ``abi`` 0 nothing was restricted.

    Raises
    ------
    IncompleteError
        The kernel offers Landlock and refused the rules: the process isn't sandboxed.
    """
    abi = landlock_abi()
    if not abi:
        return Restriction(0, ("this system has no Landlock: files are open",))
    handled = _handled(abi)
    no_tcp = _TCP_BIND_AND_CONNECT if abi >= 4 and not tcp else 0
    rules = _Ruleset(handled, no_tcp, _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    reading = _READ_FILE | _READ_DIR | (_EXECUTE if execute else 0)
    writing = handled if execute else handled & ~_EXECUTE
    try:
        ruleset = call(_CREATE_RULESET, ctypes.byref(rules), size, 0)
        try:
            for allowed, paths in ((reading, readable), (writing, writable), (_READ_DIR, listed)):
                for path in paths:
                    _allow(ruleset, Path(path), allowed)
            threads = len(os.listdir("/proc/self/task"))
            _no_new_privileges()
            call(_RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)
    except OSError as error:
        why = errno.errorcode.get(error.errno or 0, "unknown")
        raise IncompleteError(f"the kernel refused the sandbox ({why})", hint="run without other sandboxes.") from None
    return Restriction(abi, tuple(_weakenings(abi, threads)))


def _handled(abi: int) -> int:
    bits = 17 if abi >= 9 else 16 if abi >= 5 else 15 if abi >= 3 else 14 if abi >= 2 else 13
    return (1 << bits) - 1


def _weakenings(abi: int, threads: int) -> Iterable[str]:
    if threads > 1:
        yield "threads that ran already aren't restricted"
    if abi < 3:
        yield "files that can be named can be cut short"


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            allowed &= _ON_FILES
        rule = _PathBeneath(allowed, folder)
        call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(folder)


def _no_new_privileges() -> None:
    if library().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
