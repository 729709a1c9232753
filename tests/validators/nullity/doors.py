"""A function that tries every door to what stands outside, against real servers; run as a program, it says what it got.

``python doors.py WAY`` starts the servers, takes from the kernel what ``WAY`` names, and runs the function once as the
nullity test does. What it prints is JSON: what was reached, what of its own works, what the sandbox says.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import platform
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Manager, shared_memory
from pathlib import Path
from typing import Any

SECRET = b"sealed"
STREAM, DATAGRAM, PACKETS = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET
WAYS: dict[str, tuple[str, ...]] = {
    "everything": (),
    "no namespaces": ("unshare",),
    "no listener": ("listener",),
    "no namespaces, no listener": ("unshare", "listener"),
    "no Landlock": ("landlock",),
    "no Landlock, no namespaces": ("landlock", "unshare"),
    "nothing": ("landlock", "unshare", "seccomp"),
}
"""What a kernel or a container may refuse, by a name."""
_KEY = 0x5EA1


@dataclass
class Outside:
    """What stands outside: servers, memory, and this process."""

    folder: Path
    addresses: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def _serve(family: int, kind: int, address: Any) -> Any:
    server = socket.socket(family, kind)
    server.bind(address)
    if kind != DATAGRAM:
        server.listen()
    if family == socket.AF_UNIX and not address.startswith("\0"):
        Path(address).chmod(0o777)

    def answer() -> None:
        while True:
            if kind == DATAGRAM:
                with suppress(OSError):
                    _, sender = server.recvfrom(100)
                    server.sendto(SECRET, sender)
            else:
                caller, _ = server.accept()
                with suppress(OSError), caller:
                    caller.sendall(SECRET)

    threading.Thread(target=answer, daemon=True).start()
    return server.getsockname()


def _started() -> Outside:
    folder = Path(tempfile.mkdtemp(prefix="outside-"))
    folder.chmod(0o755)
    outside, here = Outside(folder), outside_address()
    outside.facts["folder"] = str(folder)
    with suppress(OSError):  # a file system need not have any
        os.setxattr(folder, f"user.{SECRET.decode()}", SECRET)
    for name, kind in (("stream", STREAM), ("datagram", DATAGRAM), ("packets", PACKETS)):
        outside.addresses[f"unix {name}"] = socket.AF_UNIX, kind, _serve(socket.AF_UNIX, kind, str(folder / name))
        abstract = f"\0outside-{os.getpid()}-{name}"
        outside.addresses[f"abstract {name}"] = socket.AF_UNIX, kind, _serve(socket.AF_UNIX, kind, abstract)
    for name, kind in (("tcp", STREAM), ("udp", DATAGRAM)):
        outside.addresses[name] = socket.AF_INET, kind, _serve(socket.AF_INET, kind, ("127.0.0.1", 0))
        if here:
            outside.addresses[f"{name} of the host"] = socket.AF_INET, kind, _serve(socket.AF_INET, kind, (here, 0))
        with suppress(OSError):
            outside.addresses[f"{name} 6"] = socket.AF_INET6, kind, _serve(socket.AF_INET6, kind, ("::1", 0))[:2]
    _leave_in_memory(outside)
    return outside


def outside_address() -> str:
    """Find an address of this machine that is not its loopback."""
    with socket.socket(socket.AF_INET, DATAGRAM) as any_socket, suppress(OSError):
        any_socket.connect(("192.0.2.1", 9))
        return str(any_socket.getsockname()[0])
    return ""


def _leave_in_memory(outside: Outside) -> None:
    libc, facts = ctypes.CDLL(None, use_errno=True), outside.facts
    libc.shmat.restype = ctypes.c_void_p
    facts["key"] = _KEY + os.getpid()
    facts["memory"] = libc.shmget(facts["key"], 4096, 0o1666)
    ctypes.memmove(libc.shmat(facts["memory"], None, 0), SECRET, len(SECRET))
    facts["queue"] = f"/outside-{os.getpid()}"
    queue = libc.mq_open(facts["queue"].encode(), 0o102, 0o666, None)
    libc.mq_send(queue, SECRET, len(SECRET), 0)
    facts["shared"] = f"/dev/shm/outside-{os.getpid()}"  # noqa: S108 - what the test is about
    Path(facts["shared"]).write_bytes(SECRET)
    Path(facts["shared"]).chmod(0o644)
    facts["text"] = ctypes.create_string_buffer(SECRET)
    facts["here"], facts["process"] = ctypes.addressof(facts["text"]), os.getpid()
    reading, writing = os.pipe()
    os.write(writing, SECRET * 100)
    os.set_inheritable(reading, True)
    os.set_blocking(reading, False)
    facts["pipe"] = reading
    facts["name"] = f"outside-{os.getpid()}".encode()
    libc.syscall(_number(248, 217), b"user", facts["name"], SECRET, ctypes.c_long(len(SECRET)), ctypes.c_long(-4))


def _removed(outside: Outside) -> None:
    libc, facts = ctypes.CDLL(None), outside.facts
    libc.shmctl(facts["memory"], 0, None)
    libc.mq_unlink(facts["queue"].encode())
    Path(facts["shared"]).unlink(missing_ok=True)
    shutil.rmtree(outside.folder)


def _number(x86: int, other: int) -> int:
    return x86 if platform.machine() == "x86_64" else other


def _checked(got: int) -> int:
    if got is None or got < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return got


def _asked(family: int, kind: int, address: Any, *, by: str = "connect") -> bytes:
    with socket.socket(family, kind) as one:
        one.settimeout(5)
        if family == socket.AF_UNIX and kind == DATAGRAM:
            one.bind(os.path.join(tempfile.mkdtemp(), "own"))
            Path(one.getsockname()).chmod(0o777)
            Path(one.getsockname()).parent.chmod(0o755)
        if by == "sendto":
            one.sendto(b"give", address)
        elif by == "sendmsg":
            one.sendmsg([b"give"], [], 0, address)
        elif by == "fast open":
            one.settimeout(None)
            one.sendto(b"give", socket.MSG_FASTOPEN, address)
        else:
            one.connect(address)
            if kind == DATAGRAM:
                one.send(b"give")
        return one.recv(100)


def _doors(outside: dict[str, Any], facts: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    for name, (family, kind, address) in outside.items():
        yield name, lambda f=family, k=kind, a=address: _asked(f, k, a)
        if kind == DATAGRAM:
            yield f"{name}, sendto", lambda f=family, k=kind, a=address: _asked(f, k, a, by="sendto")
            yield f"{name}, sendmsg", lambda f=family, k=kind, a=address: _asked(f, k, a, by="sendmsg")
    path = outside["unix stream"][2]
    yield "unix, through a link", lambda: _asked(socket.AF_UNIX, STREAM, _linked(path))
    yield "unix, from a folder", lambda: _asked(socket.AF_UNIX, STREAM, os.path.relpath(path))
    yield "unix, through /proc", lambda: _asked(socket.AF_UNIX, STREAM, f"/proc/self/root{path}")
    yield "unix, from shared memory", lambda: _asked(socket.AF_UNIX, STREAM, _linked(path, "/dev/shm"))  # noqa: S108
    family, kind, address = outside["tcp"]
    yield "tcp, fast open", lambda: _asked(family, kind, address, by="fast open")
    yield "tcp, mapped", lambda: _asked(socket.AF_INET6, STREAM, ("::ffff:127.0.0.1", address[1]))
    yield "tcp, anything here", lambda: _asked(socket.AF_INET, STREAM, ("0.0.0.0", address[1]))  # noqa: S104
    yield from _other_doors(facts)


def _linked(path: str, folder: str | None = None) -> str:
    link = os.path.join(folder or tempfile.mkdtemp(), f"link-{os.getpid()}")
    os.symlink(path, link)
    return link


def _other_doors(facts: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype, libc.syscall.restype = ctypes.c_void_p, ctypes.c_long
    process = facts["process"]

    def attached(number: int) -> bytes:
        got = libc.shmat(_checked(number), None, 0)
        return ctypes.string_at(got, 6) if got not in (None, 2**64 - 1) else _checked(-1)

    def received() -> bytes:
        room = ctypes.create_string_buffer(10_000)
        queue = _checked(libc.mq_open(facts["queue"].encode(), 0o4000))
        _checked(libc.mq_receive(queue, room, 10_000, None))
        return room.raw

    def natively(path: str) -> bytes:
        room = ctypes.create_string_buffer(10_000)
        _checked(libc.read(_checked(libc.open(path.encode(), 0)), room, 10_000))
        return room.raw

    def of_its_memory() -> bytes:
        room = ctypes.create_string_buffer(6)
        mine = struct.pack("QQ", ctypes.addressof(room), 6)
        theirs = struct.pack("QQ", facts["here"], 6)
        _checked(libc.process_vm_readv(process, mine, ctypes.c_ulong(1), theirs, ctypes.c_ulong(1), ctypes.c_ulong(0)))
        return room.raw

    def of_its_files() -> bytes:
        descriptor = _checked(libc.syscall(ctypes.c_long(438), os.pidfd_open(process), facts["pipe"], 0))
        return os.read(descriptor, 6)

    def of_its_memory_file() -> bytes:
        with open(f"/proc/{process}/mem", "rb") as file:
            file.seek(facts["here"])
            return file.read(6)

    def of_the_keyring() -> bytes:
        room = ctypes.create_string_buffer(10)
        key = _checked(libc.syscall(_number(249, 218), b"user", facts["name"], None, 0))
        _checked(libc.syscall(_number(250, 219), ctypes.c_long(11), ctypes.c_long(key), room, ctypes.c_long(10)))
        return room.raw

    def of_a_folder(x86: int, other: int, *place: Any) -> bytes:
        room = ctypes.create_string_buffer(100)
        _checked(libc.syscall(_number(x86, other), *place, room, ctypes.c_long(100)))
        return room.raw

    folder, name = facts["folder"], f"user.{SECRET.decode()}"
    yield "attribute of a folder", lambda: os.getxattr(folder, name)
    yield "attributes of a folder", lambda: " ".join(os.listxattr(folder, follow_symlinks=False)).encode()
    yield "attribute of a folder, natively", lambda: of_a_folder(191, 8, folder.encode(), name.encode())
    yield "attributes of a folder, natively", lambda: of_a_folder(194, 11, folder.encode())
    yield "attribute of a folder, held open", lambda: os.getxattr(os.open(folder, os.O_PATH), name)
    yield "attribute of a folder, by number", lambda: of_a_folder(193, 10, os.open(folder, 0), name.encode())
    yield "System V memory, by key", lambda: attached(libc.shmget(facts["key"], 0, 0))
    yield "System V memory, by number", lambda: attached(facts["memory"])
    yield "message queue", received
    yield "shared memory", lambda: natively(facts["shared"])
    yield "memory of a process", of_its_memory
    yield "files of a process", of_its_files
    yield "memory of a process, as a file", of_its_memory_file
    yield "environment of a process", lambda: Path(f"/proc/{process}/environ").read_bytes()
    yield "arguments of a process", lambda: Path(f"/proc/{process}/cmdline").read_bytes()
    yield "inherited pipe", lambda: os.read(facts["pipe"], 6)
    yield "keyring", of_the_keyring
    yield "io_uring", lambda: _made(libc.syscall(ctypes.c_long(425), 8, ctypes.create_string_buffer(120)))
    yield "vsock", lambda: _made(socket.socket(40, STREAM).detach())
    yield "sockets of the kernel", lambda: _made(socket.socket(16, socket.SOCK_RAW, 4).detach())
    yield "packets", lambda: _made(socket.socket(17, socket.SOCK_RAW, 0x0300).detach())
    yield "raw", lambda: _made(socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).detach())
    if platform.machine() == "x86_64":
        yield "call of another processor", lambda: _made(_old_call(359, socket.AF_UNIX, 1))


def _made(got: int) -> bytes:
    """What opens a way, whatever comes by it."""
    return SECRET if _checked(got) >= 0 else b""


def _old_call(number: int, one: int, two: int) -> int:
    """Make a call as a 32-bit program does."""
    code = b"\x53\x89\xf8\x89\xf3\x89\xd1\x31\xd2\xcd\x80\x5b\x48\x98\xc3"
    with mmap.mmap(-1, 4096, prot=7) as room:
        room.write(code)
        place = ctypes.addressof(ctypes.c_char.from_buffer(room))
        got = int(ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_int, ctypes.c_int, ctypes.c_int)(place)(number, one, two))
    if got < 0:
        ctypes.set_errno(-got)
    return got


def _own() -> Iterator[tuple[str, Callable[[], Any]]]:
    for name, family, kind, address in (
        ("unix stream", socket.AF_UNIX, STREAM, os.path.join(tempfile.mkdtemp(), "s")),
        ("unix datagram", socket.AF_UNIX, DATAGRAM, os.path.join(tempfile.mkdtemp(), "d")),
        ("abstract", socket.AF_UNIX, STREAM, f"\0own-{os.getpid()}"),
        ("tcp", socket.AF_INET, STREAM, ("127.0.0.1", 0)),
        ("tcp 6", socket.AF_INET6, STREAM, ("::1", 0)),
        ("udp", socket.AF_INET, DATAGRAM, ("127.0.0.1", 0)),
    ):
        yield name, lambda f=family, k=kind, a=address: _asked(f, k, _serve(f, k, a))
    yield "from a worker", _from_a_worker
    yield "manager", lambda: bytes(Manager().list([SECRET])[0])
    yield "shared memory", _through_shared_memory
    yield "pair", _through_a_pair


def _from_a_worker() -> bytes:
    host, port = _serve(socket.AF_INET, STREAM, ("127.0.0.1", 0))
    code = f"import socket; print(socket.create_connection(({host!r}, {port}), 5).recv(100).decode())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return done.stdout.strip()


def _through_shared_memory() -> bytes:
    one = shared_memory.SharedMemory(create=True, size=10)
    one.buf[:6] = SECRET
    other = shared_memory.SharedMemory(one.name)
    got = bytes(other.buf[:6])
    other.close()
    one.close()
    one.unlink()
    return got


def _through_a_pair() -> bytes:
    one, other = socket.socketpair()
    one.sendall(SECRET)
    return other.recv(10)


def tried(doors: Iterator[tuple[str, Callable[[], Any]]]) -> dict[str, str]:
    """Try each: ``reached``, or the name of the error."""
    found = {}
    for name, act in doors:
        try:
            found[name] = "reached" if SECRET in act() else "nothing"
        except OSError as error:
            found[name] = errno.errorcode.get(error.errno or 0, type(error).__name__)
        except Exception as error:
            found[name] = type(error).__name__
    return found


def main(way: str) -> None:
    """Run the function once and print what came of it."""
    from sealscrub.validators.trial import runner as process

    outside = _started()
    addresses, facts = outside.addresses, {name: each for name, each in outside.facts.items() if name != "text"}
    here = tried(_doors(addresses, facts))
    taken = WAYS[way]
    refused = [each for each in taken if each in ("unshare", "seccomp")]
    if refused or "listener" in taken:
        from sealscrub.validators.sandbox.filters import install, refusing

        install(refusing(refused))
        if "listener" in taken:
            install([], listener=True)
    if "landlock" in taken:
        process.landlock_abi = lambda: 0

    def function(_: Any) -> str:
        return json.dumps({"reached": tried(_doors(addresses, facts)), "own": tried(_own())})

    try:
        with process.Runner(function, None, seed=0, inputs=[Path(__file__)]) as runner:
            outcome = runner.run(runner.keep(1), planted={}, timeout=300)
    finally:
        _removed(outside)
    assert outcome.status == "ok", (outcome.status, outcome.said, outcome.denied)
    told = json.loads(outcome.pieces[0].columns[0].bits[0][1])
    said = {"here": here, "refused": outcome.refused, "doors": outcome.open_doors, "addresses": addresses} | told
    print(json.dumps(said | {"facts": facts}, default=lambda value: value.decode().replace("\0", "@")))


if __name__ == "__main__":
    main(sys.argv[1])
