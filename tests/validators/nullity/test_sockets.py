"""A function that asks a server over a socket has an ambient input, whatever the address; its verdict says so."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict
from sealscrub.validators.trial.runner import Runner

from .conftest import ON

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the walls are Linux's")

Checked = Callable[..., NullityReport]
KINDS = {
    "unix stream": (socket.AF_UNIX, socket.SOCK_STREAM, "Unix sockets in the file system"),
    "unix datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, "Unix sockets in the file system"),
    "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, "abstract Unix sockets"),
    "udp": (socket.AF_INET, socket.SOCK_DGRAM, "UDP and other networks"),
}


@pytest.fixture(scope="module")
def doors() -> tuple[str, ...]:
    """What stays open on this machine."""
    with Runner(lambda data: data, None, seed=0) as runner:
        return runner.run(runner.keep("1"), planted={}).open_doors


@contextmanager
def store(kind: str) -> Iterator[tuple[int, int, Any]]:
    """Answer what a store of unscrubbed rows would, as long as it is asked."""
    family, sort, _ = KINDS[kind]
    with tempfile.TemporaryDirectory() as folder, socket.socket(family, sort) as server:
        address: Any = {"udp": ("127.0.0.1", 0), "abstract": ""}.get(kind, str(Path(folder, "store")))
        server.bind(address)
        if sort == socket.SOCK_STREAM:
            server.listen()

        def answer() -> None:
            with suppress(OSError):
                while True:
                    if sort == socket.SOCK_STREAM:
                        caller, _ = server.accept()
                        with caller:
                            caller.sendall(b"5")
                    else:
                        said, sender = server.recvfrom(10)
                        if not said:  # it is shut down
                            return
                        server.sendto(b"5", sender)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield family, sort, server.getsockname()
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def asked(family: int, sort: int, address: Any) -> int:
    """Ask a store how many priors it knows."""
    with socket.socket(family, sort) as one:
        one.settimeout(10)
        if family == socket.AF_UNIX and sort == socket.SOCK_DGRAM:
            one.bind(str(Path(tempfile.mkdtemp(), "own")))
        one.connect(address)
        if sort == socket.SOCK_DGRAM:
            one.send(b"priors")
        return int(one.recv(10))


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_that_asks_over_a_socket_has_an_ambient_input(
    kind: str, checked: Checked, index: Index, doors: tuple[str, ...]
) -> None:
    with store(kind) as place:
        family, sort, address = place
        assert asked(*place) == 5

        def priors(arrests: pl.DataFrame) -> int:
            return ss.scrub(arrests, index, on=ON).height + asked(family, sort, address)

        report = checked(priors)

    if still := [door for door in doors if KINDS[kind][2] in door]:  # this kernel cannot close it: the report says so
        assert still[0] in report.open_doors
        assert still[0] in report.to_text()
        return
    assert report.verdict is NullityVerdict.AMBIENT_INPUT, report.to_text()
    shown = f"{address[0]}:{address[1]}" if kind == "udp" else str(address.decode() if kind == "abstract" else address)
    assert report.denied == (shown.replace("\0", "@"),)
    assert report.exit_code == 1
