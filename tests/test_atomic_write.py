"""A target is whole and old, or whole and new, whatever happens while it is written."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import sealscrub
from sealscrub.atomic_write import placed_file, placed_folder, placed_path
from sealscrub.errors import WriteFailed

SOURCE = str(Path(sealscrub.__file__).parents[1])
OLD, NEW = b"old" * 1000, b"new" * 50_000

# Writes the file in pieces, and dies by SIGKILL at the event whose number is given: before each opening, renaming,
# writing, synchronising that Python or this script reports.
DIES_AT = """
    import os, signal, sys
    from pathlib import Path
    from sealscrub.atomic_write import placed_file

    at, target = int(sys.argv[1]), Path(sys.argv[2])
    counting, seen = False, 0

    def event(*_):
        global counting, seen
        if counting:
            if seen == at:
                counting = False
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

    sync = os.fsync
    os.fsync = lambda handle: (event(), sync(handle), event())
    sys.addaudithook(event)
    counting = True
    with placed_file(target) as file:
        for _ in range(5):
            event()
            file.write(b"new" * 10_000)
            file.flush()
        event()
    event()
    counting = False
    print("done")
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("before", [None, OLD], ids=["new target", "old target"])
def test_a_kill_at_any_moment_leaves_old_or_new(tmp_path: Path, before: bytes | None) -> None:
    outcomes = []
    for at in range(60):
        folder = tmp_path / str(at)
        folder.mkdir()
        target = folder / "target.bin"
        if before is not None:
            target.write_bytes(before)
        done = run(DIES_AT, str(at), str(target))
        content = target.read_bytes() if target.exists() else None
        assert content in (before, NEW)
        outcomes.append(content == NEW)
        left = [path.name for path in folder.iterdir() if path != target]
        assert all(name.startswith(".target.bin.") and name.endswith(".part") for name in left)
        if done.returncode != -signal.SIGKILL:
            assert done.stdout == "done\n", done.stderr
            break
    assert at > 8
    assert outcomes == sorted(outcomes)
    assert outcomes[-1]
    assert not outcomes[0]
    assert not left


@pytest.mark.parametrize("raised", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("before", [None, OLD], ids=["new target", "old target"])
def test_an_exception_leaves_the_target_and_no_trace(
    tmp_path: Path, raised: type[BaseException], before: bytes | None
) -> None:
    target = tmp_path / "target.bin"
    if before is not None:
        target.write_bytes(before)

    def interrupted() -> None:
        with placed_file(target) as file:
            file.write(NEW)
            raise raised

    with pytest.raises(raised):
        interrupted()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if before is None else [before])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB, where the tests run as root and may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("cannot mount a tmpfs here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_the_target_and_no_trace(small_disk: Path) -> None:
    target = small_disk / "target.bin"
    target.write_bytes(OLD)
    with pytest.raises(WriteFailed, match=r"target\.bin.*No space") as failed, placed_file(target) as file:
        file.write(NEW)
    assert failed.value.hint
    assert [path.read_bytes() for path in small_disk.iterdir()] == [OLD]


def test_a_file_size_limit_leaves_the_target_and_no_trace(tmp_path: Path) -> None:
    target = tmp_path / "target.bin"
    target.write_bytes(OLD)
    code = """
        import resource, sys
        from sealscrub.errors import WriteFailed
        from sealscrub.atomic_write import placed_file
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        try:
            with placed_file(sys.argv[1]) as file:
                for _ in range(10):
                    file.write(b"new" * 10_000)
        except WriteFailed as error:
            print(error.exit_code)
    """
    assert run(code, str(target)).stdout == "3\n"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [OLD]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
@pytest.mark.parametrize("mode", [None, 0o600, 0o640, 0o644])
def test_permissions_are_the_mask_s_unless_they_are_said(tmp_path: Path, mask: int, mode: int | None) -> None:
    target = tmp_path / "target.bin"
    before = os.umask(mask)
    try:
        if mask == 0o777 and mode is None and os.geteuid():
            pytest.skip("only root can open a file that nobody may")
        with placed_file(target, mode=mode) as file:
            [part] = tmp_path.iterdir()
            during = stat.S_IMODE(part.stat().st_mode)
            file.write(NEW)
    finally:
        os.umask(before)
    expected = 0o666 & ~mask if mode is None else mode
    assert (during, stat.S_IMODE(target.stat().st_mode)) == (expected, expected)
    assert target.read_bytes() == NEW


def test_a_reader_keeps_what_it_opened(tmp_path: Path) -> None:
    target = tmp_path / "target.bin"
    target.write_bytes(OLD)
    with target.open("rb") as reader:
        with placed_file(target) as file:
            file.write(NEW)
        assert reader.read() == OLD
    assert target.read_bytes() == NEW


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    device, fifo, folder, link = (tmp_path / name for name in ("null", "fifo", "folder", "stdout"))
    os.mkfifo(fifo)
    folder.mkdir()
    link.symlink_to(fifo)
    targets = [fifo, folder, link]
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        targets.append(device)
    except PermissionError:
        pass
    kinds = [stat.S_IFMT(target.lstat().st_mode) for target in targets]
    for target in targets:
        for placed in (placed_file, placed_path):
            with pytest.raises(WriteFailed, match="not a file"), placed(target):
                pass
    assert kinds == [stat.S_IFMT(target.lstat().st_mode) for target in targets]
    assert sorted(tmp_path.iterdir()) == sorted(targets)


@pytest.mark.parametrize("name", ["absent/target.bin", "file/target.bin", "x" * 300, "nul\0byte"])
def test_a_place_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises((WriteFailed, ValueError)), placed_file(tmp_path / name) as file:
        file.write(NEW)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_longest_name_that_the_disk_takes(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 255)
    with placed_file(target) as file:
        file.write(NEW)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [NEW]


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "target.bin"
    with placed_file(target) as one, placed_file(target) as two:
        one.write(OLD)
        two.write(NEW)
    assert target.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "folder"

    def interrupted() -> None:
        with placed_folder(target) as part:
            (part / "a").write_bytes(NEW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())
    target.mkdir()
    with placed_folder(target) as part:
        (part / "a").write_bytes(NEW)
        assert not list(target.iterdir())
    assert [path.read_bytes() for path in target.iterdir()] == [NEW]
    with pytest.raises(WriteFailed), placed_folder(target) as part:
        (part / "b").write_bytes(NEW)
    assert [path.name for path in target.iterdir()] == ["a"]
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_of_the_block_names_the_place_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed) as caught, placed_folder(tmp_path / "clean") as part:
        raise WriteFailed("cannot be written", where=str(part / "table"))
    assert caught.value.where == str(tmp_path / "clean" / "table")
