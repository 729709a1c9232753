"""A process that is shut in reads and writes what it was given, and nothing else."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from sealscrub.validators.landlock import Restriction, landlock_abi, restrict

needs_landlock = pytest.mark.skipif(landlock_abi() == 0, reason="this kernel has no Landlock")


def shut_in(code: str, *, readable: list[Path], writable: list[Path], more: str = "") -> dict[str, Any]:
    """Run ``code``, which fills ``said``, in a fresh interpreter that is shut in."""
    program = f"""
import json, os, socket, subprocess, sys
from pathlib import Path
from sealscrub.validators.landlock import restrict
said = {{}}
def trying(name, act):
    try:
        act()
        said[name] = "done"
    except OSError as error:
        said[name] = type(error).__name__
done = restrict({[*map(str, readable)]!r}, {[*map(str, writable)]!r}{more})
said["abi"], said["weakenings"] = done.abi, done.weakenings
{textwrap.dedent(code)}
print(json.dumps(said))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.fixture
def rooms(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("open", "private", "shut")}
    for room in made.values():
        room.mkdir()
        (room / "file").write_text("text")
    return made


@needs_landlock
def test_files_outside_are_shut(rooms: dict[str, Path]) -> None:
    said = shut_in(
        f"""
        for room in {{{", ".join(f"{name!r}: {str(path)!r}" for name, path in rooms.items())}}}.items():
            name, folder = room[0], Path(room[1])
            trying(name + " read", (folder / "file").read_bytes)
            trying(name + " list", lambda: os.listdir(folder))
            trying(name + " write", lambda: (folder / "file").write_text("new"))
            trying(name + " make", lambda: (folder / "made").mkdir())
            trying(name + " remove", (folder / "file").unlink)
        """,
        readable=[rooms["open"], rooms["open"] / "never-made"],
        writable=[rooms["private"]],
    )

    acts = ("read", "list", "write", "make", "remove")
    assert [said[f"private {act}"] for act in acts] == ["done"] * 5
    assert [said[f"open {act}"] for act in acts] == ["done"] * 2 + ["PermissionError"] * 3
    assert [said[f"shut {act}"] for act in acts] == ["PermissionError"] * 5
    assert said["abi"] == landlock_abi()
    assert (rooms["shut"] / "file").read_text() == "text"


@needs_landlock
def test_one_file_is_opened_and_its_neighbour_is_not(rooms: dict[str, Path]) -> None:
    neighbour = rooms["open"] / "neighbour"
    neighbour.write_text("text")
    said = shut_in(
        f"""
        trying("given", Path({str(rooms["open"] / "file")!r}).read_bytes)
        trying("neighbour", Path({str(neighbour)!r}).read_bytes)
        trying("cut short", lambda: os.truncate({str(neighbour)!r}, 0))
        """,
        readable=[rooms["open"] / "file"],
        writable=[],
    )

    assert said["given"] == "done"
    assert said["neighbour"] == "PermissionError"
    if landlock_abi() >= 3:
        assert said["cut short"] == "PermissionError"


@needs_landlock
@pytest.mark.parametrize(("more", "expected"), [("", "PermissionError"), (", tcp=True", "done")])
def test_tcp_is_shut_unless_asked_for(more: str, expected: str) -> None:
    if landlock_abi() < 4:
        pytest.skip("this kernel's Landlock doesn't restrict TCP")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = shut_in(
            f'trying("connect", lambda: socket.create_connection(("127.0.0.1", {port})).close())',
            readable=[Path("/")],
            writable=[],
            more=more,
        )

    assert said["connect"] == expected


@needs_landlock
@pytest.mark.parametrize(("more", "expected"), [("", "done"), (", execute=False", "PermissionError")])
def test_programs_start_only_where_they_may(more: str, expected: str) -> None:
    said = shut_in(
        'trying("start", lambda: subprocess.run([sys.executable, "-c", ""], check=True))',
        readable=[Path("/")],
        writable=[Path("/dev/null")],
        more=more,
    )

    assert said["start"] == expected


@needs_landlock
def test_children_and_threads_inherit_it(rooms: dict[str, Path]) -> None:
    said = shut_in(
        f"""
        import threading
        thread = threading.Thread(target=trying, args=("thread", Path({str(rooms["shut"] / "file")!r}).read_bytes))
        thread.start(); thread.join()
        code = "open({str(rooms["shut"] / "file")!r})"
        said["child"] = subprocess.run([sys.executable, "-c", code], capture_output=True).stderr.decode()[-200:]
        """,
        readable=[Path(path) for path in ("/usr", "/lib", "/lib64", "/bin", "/etc", sys.prefix, sys.base_prefix)],
        writable=[Path("/dev/null")],
    )

    assert said["thread"] == "PermissionError"
    assert "PermissionError" in said["child"]


@needs_landlock
def test_threads_that_ran_before_are_said() -> None:
    code = """
import threading
from sealscrub.validators.landlock import restrict
gate = threading.Event()
threading.Thread(target=gate.wait).start()
print(restrict([], []).weakenings)
gate.set()
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "threads that ran already" in ran.stdout


def test_without_landlock_it_says_that_nothing_is_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert landlock_abi() == 0
    assert restrict([], []) == Restriction(0, ("this system has no Landlock: files are open",))
