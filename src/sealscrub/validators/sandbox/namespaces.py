"""Namespaces of Linux: a network, shared memory, a table of processes that are a process's own.

No one else's socket, queue or process is there to be named. What a kernel or a container refuses is tried with less,
from the strongest way to none.

References
----------
``namespaces(7)``, ``user_namespaces(7)``, ``network_namespaces(7)``.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from pathlib import Path

from .system_calls import library

__all__ = [
    "IPC",
    "MOUNTS",
    "NETWORK",
    "PROCESSES",
    "SHARED",
    "USER",
    "WAYS",
    "give_ids",
    "mount_processes",
    "mount_shared",
    "raise_loopback",
    "separate",
]

MOUNTS, IPC, USER, PROCESSES, NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
WAYS = (
    USER | MOUNTS | IPC | PROCESSES | NETWORK,
    USER | MOUNTS | IPC | NETWORK,
    MOUNTS | IPC | PROCESSES | NETWORK,
    MOUNTS | IPC | NETWORK,
    0,
)
"""What is tried, one after another."""
SHARED = Path("/dev/shm")  # noqa: S108 - where joblib and multiprocessing put theirs

_PRIVATE = (1 << 14) | (1 << 18)
_PLAIN = 2 | 4  # no set-user-id, no devices
_NO_PROGRAMS = 8
_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def separate(way: int) -> None:
    """Part this process from the others.

    Raises
    ------
    OSError
        When it is refused.
    """
    if way and library().unshare(way):
        raise OSError(ctypes.get_errno(), "unshare")


def give_ids(process: int) -> None:
    """Give a process in a user namespace of its own the ids that it had; from outside.

    Raises
    ------
    OSError
        When it is refused.
    """
    place = Path("/proc", str(process))
    if os.geteuid() == 0:
        whole = Path("/proc/self/uid_map").read_text(), Path("/proc/self/gid_map").read_text()
        users, groups = (_identity_map(each) for each in whole)
    else:
        users, groups = (f"{own} {own} 1\n" for own in (os.geteuid(), os.getegid()))
        with contextlib.suppress(FileNotFoundError):
            (place / "setgroups").write_text("deny")
    (place / "uid_map").write_text(users)
    (place / "gid_map").write_text(groups)


def _identity_map(ids: str) -> str:
    """Map every id that there is here to itself."""
    parts = (line.split() for line in ids.splitlines())
    return "".join(f"{first} {first} {count}\n" for first, _, count in parts)


def raise_loopback() -> None:
    """Let the processes of a network of their own talk to each other.

    Raises
    ------
    OSError
        When it is refused.
    """
    import fcntl  # not on Windows, where this module is imported as well

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH14s", b"lo", 0, b"")
        _, flags, _ = struct.unpack("16sH14s", fcntl.ioctl(any_socket, _FLAGS, asked))
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14s", b"lo", flags | _UP, b""))


def mount_shared() -> bool:
    """Put an empty folder of shared memory over the one of all processes; whether that was allowed."""
    try:
        _mount("none", "/", None, _PRIVATE, None)
        _mount("tmpfs", str(SHARED), "tmpfs", _PLAIN, "mode=1777")
    except OSError:
        return False
    return True


def mount_processes() -> None:
    """Let ``/proc`` show the processes of this namespace.

    Raises
    ------
    OSError
        When it is refused, as in containers that hide parts of it.
    """
    _mount("proc", "/proc", "proc", _PLAIN | _NO_PROGRAMS, None)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None) -> None:
    given = [None if text is None else text.encode() for text in (source, target, kind, data)]
    if library().mount(given[0], given[1], given[2], ctypes.c_ulong(flags), given[3]):
        raise OSError(ctypes.get_errno(), "mount")
