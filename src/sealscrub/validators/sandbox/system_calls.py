"""Linux's system calls that have no name in Python: their numbers by processor, and a way to make them.

References
----------
``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h`` of the kernel; ``audit.h``.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Machine", "call", "library", "machine"]

_CALL_NUMBERS = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "pidfd_getfd": 438, "mount_setattr": 442, "getxattrat": 464, "listxattrat": 465,
}  # fmt: skip
_X86 = {
    "shmget": 29, "shmat": 30, "socket": 41, "connect": 42, "sendto": 44, "sendmsg": 46, "bind": 49, "semget": 64,
    "semop": 65, "msgget": 68, "msgrcv": 70, "ptrace": 101, "pivot_root": 155, "mount": 165, "umount2": 166,
    "getxattr": 191, "lgetxattr": 192, "fgetxattr": 193, "listxattr": 194, "llistxattr": 195, "flistxattr": 196,
    "semtimedop": 220, "mq_open": 240, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272,
    "perf_event_open": 298, "open_by_handle_at": 304, "sendmmsg": 307, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "seccomp": 317, "bpf": 321, "socketpair": 53, **_CALL_NUMBERS,
}  # fmt: skip
_GENERIC = {
    "getxattr": 8, "lgetxattr": 9, "fgetxattr": 10, "listxattr": 11, "llistxattr": 12, "flistxattr": 13,
    "umount2": 39, "mount": 40, "pivot_root": 41, "unshare": 97, "ptrace": 117, "mq_open": 180, "msgget": 186,
    "msgrcv": 188, "semget": 190, "semtimedop": 192, "semop": 193, "shmget": 194, "shmat": 196, "socket": 198,
    "socketpair": 199, "bind": 200, "connect": 203, "sendto": 206, "sendmsg": 211, "add_key": 217, "request_key": 218,
    "keyctl": 219, "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268, "sendmmsg": 269,
    "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "seccomp": 277, "bpf": 280, **_CALL_NUMBERS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor: what the kernel calls it in filters, and its numbers."""

    audit: int
    numbers: Mapping[str, int]


_MACHINES = {
    "x86_64": Machine(0xC000003E, _X86),
    "aarch64": Machine(0xC00000B7, _GENERIC),
    "riscv64": Machine(0xC00000F3, _GENERIC),
}


def machine() -> Machine | None:
    """Give the processor's numbers; None on another system, or a processor whose numbers are not here.

    Examples
    --------
    >>> found = machine()
    >>> found is None or found.numbers["io_uring_setup"] == 425
    True
    """
    if not sys.platform.startswith("linux") or sys.maxsize < 2**32 or sys.byteorder != "little":
        return None
    return _MACHINES.get(os.uname().machine)


def library() -> ctypes.CDLL:
    """Give the C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: object) -> int:
    """Make a system call.

    Raises
    ------
    OSError
    """
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    lib = library()
    lib.syscall.restype = ctypes.c_long
    got = int(lib.syscall(ctypes.c_long(number), *given))
    if got < 0:
        raise OSError(ctypes.get_errno(), "system call")
    return got
