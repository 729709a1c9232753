"""Shut the function's process in: namespaces, a judge outside, and what of it the kernel at hand refuses, by name.

The process that was started stays outside, as the judge. What it forks runs behind the walls, and comes back from
`wall_in`; between the two, if there are processes of their own, is the first of them, which waits for the rest.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from . import filters, namespaces
from .judge_listener import Listener
from .privileges import give_up
from .system_call_judge import Judge, Walls
from .system_calls import library, machine

__all__ = ["REFUSED_FILE", "Walled", "shut_sockets", "wall_in"]

REFUSED_FILE = "refused.json"
"""Where the judge leaves the names of what it refused, in the folder of the run."""

_MOST_SAID = 1 << 16
_SUBREAPER = 36
_GOES_ON = (5, 5)  # from this kernel on, the judge may let a call continue


@dataclass(frozen=True, slots=True)
class Walled:
    """What of a process is shut, other than its files.

    Attributes
    ----------
    network : bool
        It has a network of its own.
    memory : bool
        It has System V and POSIX memory and queues of its own.
    shared : bool
        It has a folder of shared memory of its own.
    processes : bool
        It sees only its own processes.
    users : bool
        It is in a user namespace of its own, and so may look into no process outside.
    judged : bool
        A process outside is asked about addresses.
    filtered : bool
        System calls are filtered.
    left : tuple of str
        Files that others have in shared memory.
    """

    network: bool = False
    memory: bool = False
    shared: bool = False
    processes: bool = False
    users: bool = False
    judged: bool = False
    filtered: bool = False
    left: tuple[str, ...] = ()

    def open_doors(self, landlock: int, *, tcp: bool) -> Iterator[str]:
        """Name what stays open, each a clause for a report.

        Parameters
        ----------
        landlock : int
            The version that is in force.
        tcp : bool
            Whether the function needs TCP on this machine.
        """
        if not sys.platform.startswith("linux"):
            yield "what libraries ask of sockets and other processes in code of their own is open"
            return
        if not (self.judged or landlock >= 9):
            yield "Unix sockets in the file system are open"
        if not (self.network or self.judged):
            if landlock < 6:
                yield "abstract Unix sockets are open"
            if tcp:
                yield "TCP is open: Spark needs it"
            elif not (self.filtered or landlock >= 4):
                yield "TCP is open"
            if not self.filtered:
                yield "UDP and other networks are open"
        if not self.filtered:
            yield "io_uring and kernel keyrings are open"
            yield "extended attributes of files can be read"
        if not (self.memory or self.filtered):
            yield "System V and POSIX memory and queues are open"
        if not self.shared:
            yield "files of others in /dev/shm are open"
        if not (landlock or self.users):
            yield "memory and files of this user's other processes are open"
        elif not self.processes:
            yield "names and arguments of other processes can be read"


def wall_in(place: Path, *, tcp: bool, landlock: int) -> Walled:
    """Shut this process in, as far as the kernel allows; it comes back in another process, which is sandboxed.

    Call it before threads are started.

    Parameters
    ----------
    place : Path
        The folder that the function may write to, sockets included.
    tcp : bool
        Whether TCP on this machine must work.
    landlock : int
        The version of Landlock that will be put on afterwards.

    Returns
    -------
    Walled
    """
    if not sys.platform.startswith("linux"):
        return Walled()
    left = tuple(str(path) for path in namespaces.SHARED.rglob("*")) if namespaces.SHARED.is_dir() else ()
    sys.stdout.flush()
    for way in namespaces.WAYS:
        outside, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        below = os.fork()
        if not below:
            outside.close()
            return _behind_walls(way, inside, place, left, tcp=tcp, landlock=landlock)
        inside.close()
        if _goes(outside, below, way):
            _judge(outside, below, place)
        outside.close()
        os.waitpid(below, 0)
    raise AssertionError  # the last way refuses nothing


def shut_sockets() -> list[str]:
    """Keep this process from every socket, for good; name what stays open if that is refused."""
    try:
        filters.install(filters.no_sockets())
    except OSError:
        return ["sockets and memory of other processes are open"]
    return []


def _goes(outside: socket.socket, below: int, way: int) -> bool:
    """Help a process behind the walls, and say whether they stand."""
    if way & namespaces.USER:
        if outside.recv(1) != b"i":
            return False
        try:
            namespaces.give_ids(below)
        except OSError:
            return False
        with contextlib.suppress(BrokenPipeError):
            outside.sendall(b"k")
    return outside.recv(1) == b"r"


def _behind_walls(
    way: int, inside: socket.socket, place: Path, left: tuple[str, ...], *, tcp: bool, landlock: int
) -> Walled:
    shared = False
    try:
        namespaces.separate(way)
        if way & namespaces.USER:
            inside.sendall(b"i")
            if inside.recv(1) != b"k":
                os._exit(1)
        if way & namespaces.NETWORK:
            namespaces.raise_loopback()
        if way & namespaces.MOUNTS and namespaces.SHARED.is_dir():
            shared = namespaces.mount_shared()
        if way & namespaces.PROCESSES:
            _first_process(inside)
    except OSError:
        os._exit(1)
    if not way & namespaces.PROCESSES:
        inside.sendall(b"r")
    found = Walled(
        network=bool(way & namespaces.NETWORK),
        memory=bool(way & namespaces.IPC),
        shared=shared,
        processes=bool(way & namespaces.PROCESSES),
        users=bool(way & namespaces.USER),
        left=left,
    )
    return _filtered(found, inside, tcp=tcp, landlock=landlock)


def _first_process(inside: socket.socket) -> None:
    """Fork the first process of a table of processes, and in it the function's, which comes back."""
    first = os.fork()
    if first:
        inside.close()
        os.waitpid(first, 0)
        os._exit(0)
    namespaces.mount_processes()
    inside.sendall(b"r")
    function = os.fork()
    if not function:
        return
    status = 0
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == function:
            break
    inside.sendall(struct.pack("<i", status))
    os._exit(0)  # and all that are left end with the first


def _filtered(found: Walled, inside: socket.socket, *, tcp: bool, landlock: int) -> Walled:
    """Put the filter on, and hand its outside end to the judge."""
    neighbours = bool(landlock) or found.users
    if not found.users:
        give_up()
    judged = _listener_handed_over(found, inside, neighbours)
    filtered = judged
    if not judged:
        with contextlib.suppress(OSError):
            streams = found.network or tcp or landlock >= 4
            filters.install(
                filters.sandbox_rules(
                    listener=False,
                    network=found.network,
                    memory=found.memory,
                    neighbours=neighbours,
                    datagrams=found.network,
                    streams=streams,
                )
            )
            filtered = True
    if not judged:
        inside.sendall(b"n")
    inside.close()
    return replace(found, judged=judged, filtered=filtered)


def _listener_handed_over(found: Walled, inside: socket.socket, neighbours: bool) -> bool:
    """Put on a filter that asks outside.

    A thread that was there before, over which the filter does not hold, hands its outside end over: this one could
    not, since each message that it sends waits for the judge.
    """
    if _release() < _GOES_ON:
        return False
    got: list[int] = []
    there = threading.Event()

    def hand_over() -> None:
        there.wait()
        if got:
            walls = {"network": found.network, "memory": found.memory, "shared": found.shared}
            socket.send_fds(inside, [json.dumps(walls).encode()], got)

    other = threading.Thread(target=hand_over)
    other.start()
    try:
        rules = filters.sandbox_rules(listener=True, network=found.network, memory=found.memory, neighbours=neighbours)
        descriptor = filters.install(rules, listener=True)
        got += [] if descriptor is None else [descriptor]
    except OSError:
        return False
    finally:
        there.set()
        other.join()
    os.close(got[0])
    return True


def _release() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])


def _judge(outside: socket.socket, below: int, place: Path) -> NoReturn:
    """Judge until the function's process has ended; then end as it did."""
    library().prctl(_SUBREAPER, 1, 0, 0, 0)  # so that what it leaves stays below this process
    said, descriptors, _, _ = socket.recv_fds(outside, _MOST_SAID, 1)
    here = machine()
    if descriptors and here is not None:
        walls = json.loads(said)
        judge = Judge(Walls(os.path.realpath(place), walls["network"], walls["memory"], walls["shared"]), here)
        _answer_until_end(Listener(descriptors[0]), judge, below)
        (place / REFUSED_FILE).write_text(json.dumps(judge.refused))
    _, status = os.waitpid(below, 0)
    with contextlib.suppress(BlockingIOError):
        told = outside.recv(4, socket.MSG_DONTWAIT)
        status = struct.unpack("<i", told)[0] if len(told) == 4 else status
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _answer_until_end(listener: Listener, judge: Judge, below: int) -> None:
    ended = os.pidfd_open(below)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(listener.fileno(), select.POLLIN)
    while True:
        ready = dict(poll.poll())
        asks = ready.get(listener.fileno(), 0)
        if asks & select.POLLIN:
            asked = listener.receive()
            if asked is not None:
                refusal = judge.judge(asked)
                if listener.waits(asked):
                    listener.answer(asked, refusal)
        elif asks:  # no one is left who could ask
            poll.unregister(listener.fileno())
        if ended in ready:
            os.close(ended)
            return
