"""Nothing outside is reached by a function under test; what a kernel can't shut is named, and its own sockets work."""

from __future__ import annotations

import functools
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sealscrub.validators.landlock import landlock_abi
from sealscrub.validators.sandbox.process_walls import Walled

from . import doors

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the walls are Linux's")

NAMES_OF_FILES = "names, links, sizes and times of files, and entries of users, can be seen"
#: Which words of a report excuse a door that was reached.
EXCUSES = {
    "unix ": "Unix sockets in the file system",
    "unix,": "Unix sockets in the file system",
    "abstract": "abstract Unix sockets",
    "tcp": "TCP is open",
    "udp": "UDP and other networks",
    "System V": "memory and queues",
    "message queue": "memory and queues",
    "shared memory": "files of others",
    "memory of": "other processes",
    "files of": "other processes",
    "environment of": "other processes are open",
    "arguments of": "other processes",
    "keyring": "keyrings",
    "io_uring": "io_uring",
    "vsock": "other networks",
    "sockets of the kernel": "other networks",
    "packets": "other networks",
    "raw": "other networks",
    "call of another processor": "Unix sockets in the file system",
    "attribute": "extended attributes",
    "inherited": "never",
}


WALLS = ("network", "memory", "shared", "processes", "users", "judged", "filtered")
#: By which walls, or from which version of Landlock, each door is shut.
SHUT_BY = {
    "Unix sockets in the file system": ({"judged"}, 9),
    "abstract Unix sockets": ({"network", "judged"}, 6),
    "TCP is open": ({"network", "judged", "filtered"}, 4),
    "UDP and other networks": ({"network", "judged", "filtered"}, None),
    "io_uring": ({"filtered"}, None),
    "extended attributes": ({"filtered"}, None),
    "memory and queues": ({"memory", "filtered"}, None),
    "files of others in /dev/shm": ({"shared"}, None),
    "memory and files of this user's other processes": ({"users"}, 1),
}


@pytest.mark.parametrize("landlock", [0, 1, 4, 6, 9])
def test_whatever_walls_a_kernel_has_the_others_doors_are_named(landlock: int) -> None:
    """Also those of kernels that this machine has not: a door is named unless a wall that is there shuts it."""
    for walls in itertools.product([False, True], repeat=len(WALLS)):
        there = dict(zip(WALLS, walls, strict=True))
        said = " / ".join(Walled(**there).open_doors(landlock, tcp=False))
        for door, (shut_by, version) in SHUT_BY.items():
            shut = any(there[wall] for wall in shut_by) or (version is not None and landlock >= version)
            assert (door in said) != shut, (door, there)


def nobody() -> dict[str, Any]:
    """How to run a program as a user without any privilege; skips where that user can't run this interpreter."""
    as_nobody: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []}
    can = [sys.executable, "-c", "import sealscrub, polars"]
    try:
        subprocess.run(can, check=True, capture_output=True, cwd="/", **as_nobody)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("needs root, and an interpreter that every user may run")
    return as_nobody


@functools.cache
def run(way: str, user: str) -> dict[str, Any]:
    """Try all doors, from a process from which the kernel was taken what the way names."""
    options = nobody() if user == "nobody" else {}
    program = [sys.executable, str(Path(doors.__file__)), way, doors.SECRET.decode()]
    environment = {**os.environ, "OUTSIDE": doors.SECRET.decode(), "HOME": tempfile.gettempdir()}
    environment.pop("TMPDIR", None)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            program, capture_output=True, text=True, check=False, cwd=folder, env=environment, **options
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


USERS = ["same", pytest.param("nobody", marks=pytest.mark.long)]
ALL_WAYS = ["everything", *(pytest.param(way, marks=pytest.mark.long) for way in doors.WAYS if way != "everything")]


def whole(said: dict[str, Any]) -> bool:
    """Whether this machine refuses none of the walls; a container may."""
    return landlock_abi() >= 6 and said["doors"] == [NAMES_OF_FILES]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("way", ALL_WAYS)
def test_what_is_reached_is_named(way: str, user: str) -> None:
    said = run(way, user)

    reached = [name for name, how in said["reached"].items() if how == "reached"]
    excuses = {name: next(words for start, words in EXCUSES.items() if name.startswith(start)) for name in reached}
    unnamed = [name for name, words in excuses.items() if not any(words in door for door in said["doors"])]
    assert unnamed == []
    assert sum(how == "reached" for how in said["here"].values()) >= 30, said["here"]


@pytest.mark.parametrize("user", USERS)
def test_nothing_is_reached_where_the_kernel_has_everything(user: str) -> None:
    said = run("everything", user)
    if not whole(said):
        pytest.skip(
            f"the report names what this machine leaves open: {', '.join(said['doors'])} (Landlock {landlock_abi()})"
        )

    assert [name for name, how in said["reached"].items() if how == "reached"] == []


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    "way", [each for each in ALL_WAYS if "no namespaces, no listener" not in str(each) and "nothing" not in str(each)]
)
def test_its_own_processes_talk(way: str, user: str) -> None:
    assert {name for name, how in run(way, user)["own"].items() if how != "reached"} == set()


@pytest.mark.long
def test_without_the_kernel_python_refuses_its_own_network_calls() -> None:
    reached = run("nothing", "same")["reached"]

    assert {name: how for name, how in reached.items() if name.startswith(("tcp", "udp")) and how == "reached"} == {}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    "way", ["everything", *(pytest.param(way, marks=pytest.mark.long) for way in ("no namespaces", "no Landlock"))]
)
def test_what_is_refused_is_named(way: str, user: str) -> None:
    said = run(way, user)
    asked = []
    for family, _, address in said["addresses"].values():
        if family == 1:
            asked.append(address)
        else:
            asked.append(f"{address[0]}:{address[1]}" if family == 2 else f"[{address[0]}]:{address[1]}")

    asked += [f"System V key {said['facts']['key']:#x}", f"message queue {said['facts']['queue'][1:]}"]
    asked += ["a vsock socket", "a packet socket", "a raw network socket"]
    assert set(asked) - set(said["refused"]) == set()
    assert not any("own" in name for name in said["refused"])
