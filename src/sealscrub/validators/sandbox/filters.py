"""Filters of system calls (seccomp): which are refused, and which a process outside is asked about.

A filter is a program of the kernel's classic packet filter over the number of a call and its arguments, of which it
sees numbers and no memory. So an address is judged by a process outside, which reads it: see `judging`.

References
----------
The kernel's manual, ``Documentation/userspace-api/seccomp_filter.rst``; ``seccomp(2)``, ``seccomp_unotify(2)``.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from collections.abc import Iterable, Sequence

from .system_calls import Machine, call, library, machine

__all__ = ["install", "no_sockets", "refusing", "sandbox_rules"]

_LOAD, _EQUALS, _AT_LEAST, _BITS, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _REFUSE, _ASK = 0x7FFF0000, 0x00050000, 0x7FC00000
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
_OTHER_NUMBERS = 0x40000000  # x32, of the same processor
_FILTER, _LISTENER = 1, 8
_NO_NEW_PRIVILEGES = 38
_NETLINK = 16
_KIND, _STREAM, _DATAGRAM, _PACKETS_IN_ORDER = 0xF, 1, 2, 5

Step = tuple[int, int, int, int]
Rule = tuple[str, Sequence[Step]]

#: Ways round every rule for sockets and files, and what is kept in the kernel for all processes of a user.
_DETOUR_CALLS = ("io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl")
#: What would undo the walls, or look at the whole machine.
_WALLS = (
    "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "mount_setattr", "setns",
    "open_by_handle_at", "perf_event_open", "bpf", "kcmp",
)  # fmt: skip
_NEIGHBOURS = ("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd")
#: Of files that no one declared, too: the kernel's walls for files are not before them.
_ATTRIBUTES = (
    "getxattr", "lgetxattr", "fgetxattr", "getxattrat", "listxattr", "llistxattr", "flistxattr", "listxattrat",
)  # fmt: skip
_BY_KEY = ("shmget", "semget", "msgget", "mq_open")
_BY_NUMBER = ("shmat", "semop", "semtimedop", "msgrcv")


def _return_step(action: int) -> Step:
    return _RETURN, 0, 0, action


def _argument(at: int, *, high: bool = False) -> Step:
    return _LOAD, 0, 0, _ARGUMENTS + 8 * at + (4 if high else 0)


def _refuse(number: int) -> list[Step]:
    return [_return_step(_REFUSE | number)]


def _unless_zero(at: int, action: int) -> list[Step]:
    """Allow if a pointer is null; else the action."""
    return [
        _argument(at),
        (_EQUALS, 0, 3, 0),
        _argument(at, high=True),
        (_EQUALS, 0, 1, 0),
        _return_step(_ALLOW),
        _return_step(action),
    ]


def _new_socket(action: int, streams: int, datagrams: int) -> list[Step]:
    """Allow sockets of this machine's own kind; of the network's as given; and of nothing else."""
    return [
        _argument(0),
        (_EQUALS, 15, 0, int(socket.AF_UNIX)),
        (_EQUALS, 3, 0, int(socket.AF_INET)),
        (_EQUALS, 2, 0, int(socket.AF_INET6)),
        (_EQUALS, 7, 0, _NETLINK),
        _return_step(action),
        _argument(1),
        (_AND, 0, 0, _KIND),
        (_EQUALS, 6, 0, _STREAM),
        (_EQUALS, 6, 0, _DATAGRAM),
        (_EQUALS, 4, 0, _PACKETS_IN_ORDER),
        _return_step(action),
        _argument(2),
        (_EQUALS, 3, 0, 0),  # of netlink, what lists this machine's own interfaces
        _return_step(action),
        _return_step(streams),
        _return_step(datagrams),
        _return_step(_ALLOW),
    ]


def _no_fast_open(at: int) -> list[Step]:
    """Refuse to connect by sending, which Landlock's rules for TCP do not see."""
    return [_argument(at), (_BITS, 0, 1, int(socket.MSG_FASTOPEN)), *_refuse(errno.EOPNOTSUPP), _return_step(_ALLOW)]


def sandbox_rules(
    *, listener: bool, network: bool, memory: bool, neighbours: bool, datagrams: bool = True, streams: bool = True
) -> list[Rule]:
    """Give the rules for a function's process.

    Parameters
    ----------
    listener : bool
        Whether a process outside judges addresses; else only kinds of sockets are distinguished.
    network : bool
        Whether the process has a network of its own, in which it may bind what it likes.
    memory : bool
        Whether it has shared memory and message queues of its own.
    neighbours : bool
        Whether something else keeps it from reading other processes.
    datagrams, streams : bool
        Whether sockets of the network may be made.
    """
    action = _ASK if listener else _REFUSE | errno.EACCES
    rules: list[Rule] = [(name, _refuse(errno.ENOSYS)) for name in _DETOUR_CALLS]
    rules += [(name, _refuse(errno.EPERM)) for name in _WALLS]
    rules += [(name, _refuse(errno.ENOTSUP)) for name in _ATTRIBUTES]  # as a file system says that has none
    if not neighbours:
        rules += [(name, _refuse(errno.EPERM)) for name in _NEIGHBOURS]
    shut = _REFUSE | errno.EACCES
    kinds = _new_socket(action, _ALLOW if streams else shut, _ALLOW if datagrams else shut)
    rules.append(("socket", kinds))
    if listener:
        rules += [("connect", [_return_step(_ASK)]), ("sendto", _unless_zero(4, _ASK))]
        rules += [("sendmsg", [_return_step(_ASK)]), ("sendmmsg", [_return_step(_ASK)])]
        rules += [] if network else [("bind", [_return_step(_ASK)])]
        rules += [(name, [_return_step(_ASK)]) for name in _BY_KEY]
    elif not network:
        rules += [("sendto", _no_fast_open(3)), ("sendmsg", _no_fast_open(2)), ("sendmmsg", _no_fast_open(3))]
    if not memory:
        rules += [(name, _refuse(errno.EACCES)) for name in (*_BY_NUMBER, *(() if listener else _BY_KEY))]
    return rules


def no_sockets() -> list[Rule]:
    """Give the rules for a process that needs no socket at all."""
    rules = sandbox_rules(listener=False, network=False, memory=False, neighbours=False)
    kept = [rule for rule in rules if rule[0] != "socket"]
    return [*kept, ("socket", _refuse(errno.EACCES)), ("socketpair", _refuse(errno.EACCES))]


def refusing(names: Iterable[str], number: int = errno.EPERM) -> list[Rule]:
    """Give rules that refuse whole calls, as a container's own filter does."""
    return [(name, _refuse(number)) for name in names]


def _program(rules: Iterable[Rule], here: Machine) -> bytes:
    steps: list[Step] = [(_LOAD, 0, 0, _MACHINE), (_EQUALS, 1, 0, here.audit), _return_step(_REFUSE | errno.ENOSYS)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _OTHER_NUMBERS), _return_step(_REFUSE | errno.ENOSYS)]
    for name, block in rules:
        steps += [(_EQUALS, 0, len(block), here.numbers[name]), *block]
    steps.append(_return_step(_ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def install(rules: Iterable[Rule], *, listener: bool = False) -> int | None:
    """Put a filter over this thread, and all that it starts afterwards, for good.

    Returns
    -------
    int or None
        With ``listener``, the descriptor at which a process outside is asked.

    Raises
    ------
    OSError
        If the kernel has none, or has a listener over this process already.
    """
    here = machine()
    if here is None:
        raise OSError(errno.ENOSYS, "seccomp")
    program = _program(rules, here)
    if library().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    given = _Filter(len(program) // 8, program)
    got = call(here.numbers["seccomp"], _FILTER, _LISTENER if listener else 0, ctypes.byref(given))
    return got if listener else None
