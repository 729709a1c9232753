"""Whether a function may go where it asks to: to sockets of its own processes, and to no other.

The judge is outside of the function's walls, in a process of its own, and notes what it refuses by its name. It
reads an address before the kernel does: a function that changes it in between, from another thread, gets round the
judge, though not round namespaces and Landlock. The judge is for functions that read; it holds no attacker.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .addresses import Address, kind_of_socket, read_address
from .judge_listener import Asked
from .system_calls import Machine

__all__ = ["Judge", "Walls"]

_LONGEST_ADDRESS = 128
_MOST_MESSAGES = 1024
_MOST_NAMED = 100
_LISTENING = "0A"
_NETLINK = 16
_CREATE_MEMORY, _CREATE_QUEUE = 0o1000, 0o100
_HEADER, _MESSAGE = 56, 64
#: Who a user is, and where messages go: nothing is read there that a table is made from.
_SERVICES = (
    "/run/nscd/", "/var/run/nscd/", "/dev/log", "/run/systemd/userdb/", "/run/systemd/journal/", "/var/lib/sss/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walls:
    """What the function's processes have of their own.

    Attributes
    ----------
    place : str
        The folder in which they may make sockets.
    network, memory, shared : bool
        A network; shared memory and queues; the folder of shared memory.
    """

    place: str
    network: bool
    memory: bool
    shared: bool


@dataclass(slots=True)
class Judge:
    """Judges calls, and keeps the names of what it refused.

    Parameters
    ----------
    walls : Walls
    machine : Machine
    """

    walls: Walls
    machine: Machine
    _refused: dict[str, None] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = {number: name for name, number in self.machine.numbers.items()}

    @property
    def refused(self) -> list[str]:
        """Names of what was refused, in order; what was there at a later time is left out."""
        return list(self._refused)

    def judge(self, asked: Asked) -> int:
        """Decide of a call: 0, or the number of the error that it gets."""
        name, arguments = self._names.get(asked.number, ""), asked.arguments
        try:
            if name == "socket":
                return self._kind(arguments[0] & 0xFFFFFFFF)
            if name in ("connect", "bind"):
                return self._to(asked, arguments[1], arguments[2] & 0xFFFFFFFF, name == "bind")
            if name == "sendto":
                return self._to(asked, arguments[4], arguments[5] & 0xFFFFFFFF)
            if name in ("sendmsg", "sendmmsg"):
                return self._messages(asked, arguments[2] & 0xFFFFFFFF if name == "sendmmsg" else 1)
            return self._memory(asked, name)
        except (OSError, struct.error, ValueError):
            return self._refuse("(an address that cannot be read)")

    def _refuse(self, text: str, number: int = errno.EACCES) -> int:
        if text and len(self._refused) < _MOST_NAMED and not text.startswith(_SERVICES):
            self._refused.setdefault(text)
        return number

    def _kind(self, family: int) -> int:
        if family == _NETLINK:
            return errno.EACCES
        return self._refuse("a raw network socket" if family in (2, 10) else kind_of_socket(family))

    def _messages(self, asked: Asked, count: int) -> int:
        for at in range(min(count, _MOST_MESSAGES)):
            header = asked.memory(asked.arguments[1] + at * _MESSAGE, _HEADER)
            pointer, length = struct.unpack_from("<QI", header)
            if pointer and length and (refusal := self._to(asked, pointer, length)):
                return refusal
        return 0

    def _to(self, asked: Asked, pointer: int, length: int, binds: bool = False) -> int:
        data = asked.memory(pointer, min(length, _LONGEST_ADDRESS)) if pointer and length else b""
        address = read_address(data)
        if binds:
            return 0 if address.kind != "network" or address.loopback else self._refuse(address.text)
        if address.kind == "path":
            return self._path(asked, address)
        if address.kind == "abstract":
            return self._abstract(asked, address)
        if address.kind == "network":
            return self._network(asked, address)
        return self._refuse(address.text) if address.kind == "other" else 0

    def _path(self, asked: Asked, address: Address) -> int:
        """Follow the path as the caller would; what does not exist is said to be so, and not left to the kernel."""
        caller = b"/proc/%d/" % asked.process
        if address.raw.startswith((b"/proc/self/", b"/proc/thread-self/")):  # which would be the judge's own
            path = caller + address.raw.split(b"/", 3)[3]
        else:
            path = caller + (b"root" if address.raw.startswith(b"/") else b"cwd/") + address.raw
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError as error:
            return error.errno or errno.EACCES
        try:
            about, home = os.fstat(place), os.readlink(f"/proc/self/fd/{place}")
        finally:
            os.close(place)
        if not stat.S_ISSOCK(about.st_mode):
            return errno.ECONNREFUSED
        if Path(home).is_relative_to(self.walls.place) or self._in_own_memory(asked, about):
            return 0
        return self._refuse(home)

    def _in_own_memory(self, asked: Asked, about: os.stat_result) -> bool:
        if not self.walls.shared:
            return False
        own = os.stat(f"/proc/{asked.process}/root/dev/shm").st_dev
        return own == about.st_dev != os.stat("/dev/shm").st_dev  # noqa: S108 - not the one of all processes

    def _abstract(self, asked: Asked, address: Address) -> int:
        wanted = "@" + address.raw.decode(errors="surrogateescape").replace("\0", "@")
        text = Path(f"/proc/{asked.process}/net/unix").read_bytes().decode(errors="surrogateescape")
        sockets = [line.split(None, 7)[6] for line in text.splitlines()[1:] if line.endswith(f" {wanted}")]
        return self._own_or_refused(address, sockets)

    def _network(self, asked: Asked, address: Address) -> int:
        if not address.loopback:
            return self._refuse(address.text)
        return self._own_or_refused(address, list(_at_port(asked.process, address.port)))

    def _own_or_refused(self, address: Address, sockets: list[str]) -> int:
        """Allow what one of the function's own processes listens at."""
        if sockets and (self.walls.network or not _held_sockets().isdisjoint(sockets)):
            self._refused.pop(address.text, None)
            return 0
        return self._refuse(address.text, errno.ECONNREFUSED if self.walls.network else errno.EACCES)

    def _memory(self, asked: Asked, name: str) -> int:
        """Decide of shared memory and queues by their key or name."""
        if name == "mq_open":
            text = asked.memory(asked.arguments[0], 255).partition(b"\0")[0].decode(errors="replace")
            makes, shown = asked.arguments[1] & _CREATE_QUEUE, f"message queue {text}"
        else:
            key, flags = asked.arguments[0] & 0xFFFFFFFF, asked.arguments[1 if name == "msgget" else 2]
            makes, shown = not key or flags & _CREATE_MEMORY, f"System V key {key:#x}"
        if self.walls.memory:
            if not makes:
                self._refuse(shown)
            return 0
        return self._refuse(shown)


def _at_port(process: int, port: int) -> Iterator[str]:
    """Find sockets that take what is sent to a port, in a process's network: their numbers."""
    for table, listening in (("tcp", True), ("tcp6", True), ("udp", False), ("udp6", False)):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
                parts = line.split()
                if int(parts[1].rpartition(":")[2], 16) == port and (not listening or parts[3] == _LISTENING):
                    yield parts[9]


def _held_sockets() -> set[str]:
    """Numbers of the sockets that processes below this one hold."""
    above: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            above[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    held: set[str] = set()
    for process in above:
        at = process
        while at not in (0, os.getpid()):
            at = above.get(at, 0)
        if not at or process == os.getpid():
            continue
        with contextlib.suppress(OSError):
            for link in os.scandir(f"/proc/{process}/fd"):
                with contextlib.suppress(OSError):
                    held.add(os.readlink(link.path).removeprefix("socket:[").removesuffix("]"))
    return held
