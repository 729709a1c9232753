"""The custodian's commands with bad notices, bad registries, and a registry that another process is writing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

from sealscrub.cli import run

HEADER = "seal_id,event,regime,effective_from,notified_on,basis,arrest_number,last_name\n"
GOOD = "s1,sealed,us-ny/cpl-160.50,2020-01-02,2020-01-03,notice,M13000001,Testperson\n"
BAD = "s2,sealed,us-ny/cpl-160.50,2020-01-02,2020-01-03,notice,987651zanzibar,zanzibar\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    (folder / "first.csv").write_text(HEADER + GOOD)
    assert run(["registry", "init", str(folder / "seals.db")]) == 0
    assert run(add(folder / "seals.db", folder / "first.csv")) == 0
    return folder


@pytest.fixture
def registry(bench, made):
    shutil.copytree(made, bench.folder, dirs_exist_ok=True)
    return bench.folder / "seals.db"


def add(registry, path, *more):
    return ["registry", "add", str(registry), str(path), *map(str, more)]


def test_a_bad_row_is_told_with_line_and_column_and_nothing_is_registered(bench, registry):
    path = bench.file("new.csv", HEADER + GOOD.replace("s1", "s3") + BAD)

    bench.refused(add(registry, path), 2, "new.csv", "line 3", "arrest_number", "--reject-file")


def test_a_bad_row_goes_to_the_reject_file_where_that_is_asked_for(bench, registry):
    path, rejects = bench.file("new.csv", HEADER + GOOD.replace("s1", "s3") + BAD), bench.folder / "rejects.csv"

    ended = bench.run(*add(registry, path, "--reject-file", rejects))

    assert ended.code == 0
    assert "line 3" in ended.err
    assert "zanzibar" in rejects.read_text()
    assert rejects.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("gone.csv", None, 2, "file does not exist"),
        ("new.csv", b"", 3, "empty"),
        ("new.xlsx", b"zanzibar", 2, "unsupported file suffix"),
        ("new.csv", HEADER.encode() + b"s2,sealed,\xe9987651", 3, "line 2 is not UTF-8"),
        ("new.csv", (HEADER + GOOD.replace("Testperson", '"zanzibar')).encode(), 3, "quote"),
        ("new.csv", (HEADER + "s2,sealed,zanzibar\n").encode(), 2, "3 cells"),
        ("new.csv", (GOOD + GOOD).encode(), 2, "no column is a field of a notice"),
        ("new.csv", HEADER.replace("event", "evnt").encode(), 2, "event"),
        ("new.csv", HEADER.replace("last_name", "event").encode(), 2, "twice"),
        ("new.parquet", b"PAR1zanzibar", 3, "damaged or truncated"),
        ("new.jsonl", b'{"event": "zanzibar"', 2, "not a JSON object"),
        ("new.csv", (HEADER + GOOD.replace("2020-01-02", "zanzibar")).encode(), 2, "effective_from"),
    ],
)
def test_notices_that_cannot_be_read_change_nothing(bench, registry, name, content, code, words):
    path = bench.folder / name if content is None else bench.file(name, content)

    ended = bench.run(*add(registry, path))

    assert ended.code == code, ended.err
    assert name in ended.err
    assert words in " ".join(ended.err.split())


@pytest.mark.parametrize("command", ["add", "publish", "seals", "history", "changes"])
@pytest.mark.parametrize("kind", ["gone", "empty", "text", "folder", "truncated"])
def test_what_is_no_registry_is_refused(bench, registry, command, kind):
    place = bench.folder / "other.db"
    if kind == "folder":
        place.mkdir()
    elif kind != "gone":
        whole = registry.read_bytes()
        place.write_bytes({"empty": b"", "text": b"zanzibar" * 999, "truncated": whole[: len(whole) // 3]}[kind])
    args = {
        "add": add(place, bench.file("n.csv", HEADER + GOOD)),
        "publish": ["publish", place, "-o", bench.folder / "x.sealindex", "--use", "training", "--audience", "police"],
        "seals": ["registry", "seals", place],
        "history": ["registry", "history", place, "arrest_number", "M13000001"],
        "changes": ["registry", "changes", place, "0"],
    }[command]
    before = bench.state()

    ended = bench.run(*args, *(["--key-file", bench.key] if command == "publish" else []))

    assert ended.code in (2, 3)
    assert "other.db" in ended.err
    assert bench.state() == before


def test_a_registry_is_never_made_over_a_file(bench, registry):
    bench.refused(["registry", "init", registry], 2, "seals.db", "the file already exists")


def test_a_registry_in_a_folder_that_is_not_there_is_refused(bench):
    ended = bench.run("registry", "init", bench.folder / "no" / "seals.db")

    assert ended.code == 3
    assert "cannot be written" in ended.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--use", "everything", "--audience", "police"], "unknown use"),
        (["--use", "training", "--audience", "everyone"], "unknown audience"),
        (["--use", "training", "--audience", "police", "--valid-days", "-3"], "days"),
    ],
)
def test_an_index_that_cannot_be_meant_is_not_published(bench, registry, args, words):
    before = bench.state()

    ended = bench.run("publish", registry, "-o", bench.folder / "x.sealindex", "--key-file", bench.key, *args)

    assert ended.code == 2
    assert words in ended.err
    assert bench.state() == before


@pytest.mark.parametrize("name", ["seals.db", "own.key", "own.key.publisher", "first.csv"])
def test_an_index_replaces_neither_registry_nor_keys_nor_notices(bench, registry, name):
    assert bench.run("keygen", bench.folder / "own.key").code == 0
    path, key = bench.folder / name, bench.folder / "own.key"
    args = ["publish", registry, "-o", path, "--use", "training", "--audience", "police", "--key-file", key]

    bench.refused(args, 2, name, "replace a file that is not an index")


def test_a_reject_file_replaces_neither_registry_nor_notices(bench, registry):
    path = bench.file("new.csv", HEADER + BAD)

    for place in (path, registry):
        before = bench.state()
        assert bench.run(*add(registry, path, "--reject-file", place)).code == 2
        assert bench.state() == before


def test_an_empty_registry_is_published_only_when_that_is_meant(bench):
    place, index = bench.folder / "seals.db", bench.folder / "x.sealindex"
    bench.run("registry", "init", place)
    args = ["publish", place, "-o", index, "--use", "training", "--audience", "police", "--key-file", bench.key]

    bench.refused(args, 2, "nothing to publish", "--allow-empty")
    assert bench.run(*args, "--allow-empty").code == 0


def test_a_full_disk_leaves_the_registry_as_it_was(bench, tmpfs):
    disk = tmpfs("256k")
    place = disk / "seals.db"
    assert bench.run("registry", "init", place).code == 0
    before = place.read_bytes()
    rows = "".join(GOOD.replace("s1", f"s{n}").replace("000001", f"{n:06d}") for n in range(1, 9_000))

    bench.refused(add(place, bench.file("n.csv", HEADER + rows)), 3, "seals.db", "the disk is full")

    assert bench.run("registry", "seals", place).code == 0
    assert place.read_bytes() == before
    assert os.listdir(disk) == ["seals.db"]


def test_a_full_disk_leaves_the_earlier_index(bench, registry, tmpfs):
    disk = tmpfs("12k")
    index = disk / "x.sealindex"
    args = ["publish", registry, "-o", index, "--use", "training", "--audience", "police", "--key-file", bench.key]
    assert bench.run(*args).code == 0
    before = index.read_bytes()
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while filler.write(bytes(4096)):
            pass

    bench.refused(args, 3, "x.sealindex", "No space left")

    assert sorted(os.listdir(disk)) == ["filler", "x.sealindex"]
    assert index.read_bytes() == before


@pytest.mark.long
def test_a_killed_import_leaves_the_registry_as_it_was(bench, registry, start):
    rows = "".join(GOOD.replace("s1", f"s{n}").replace("000001", f"{n:06d}") for n in range(2, 15_000))
    path = bench.file("many.csv", HEADER + rows)
    journal = registry.with_name("seals.db-journal")
    process = start(add(registry, path))
    until = time.monotonic() + 60
    while time.monotonic() < until and not journal.exists() and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.communicate(timeout=60)

    assert _seals(bench, registry) in (1, 14_999)  # nothing of it, or it was too quick to be killed
    assert bench.run(*add(registry, path)).code == 0
    assert _seals(bench, registry) == 14_999


def _seals(bench, registry):
    ended = bench.run("registry", "seals", registry, "--format", "json")
    assert ended.code == 0
    return len(json.loads(ended.out))


@pytest.fixture
def held(registry):
    """Another process holds the registry's lock, as it does while it writes."""
    held = sqlite3.connect(registry, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")  # to open and close the file in this process would drop the lock
    yield registry
    held.rollback()
    held.close()


@pytest.mark.long
def test_a_registry_that_another_process_is_writing_is_waited_for_and_then_refused(bench, held, start):
    path = bench.file("n.csv", HEADER + GOOD.replace("s1", "s2"))
    index = bench.folder / "x.sealindex"
    publish = ["publish", held, "-o", index, "--use", "training", "--audience", "police", "--key-file", bench.key]

    started = [start(args) for args in (add(held, path), publish)]

    for process in started:
        said, wrong = process.communicate(timeout=120)
        assert process.returncode == 3, wrong
        assert "another process is writing the registry" in wrong
        assert "Hint: try again" in wrong
        assert not said
    assert not index.exists()


def test_two_imports_at_once_are_both_registered(bench, registry, start):
    paths = [
        bench.file(f"{name}.csv", HEADER + "".join(GOOD.replace("s1", f"{name}{n}") for n in range(200)))
        for name in "ab"
    ]
    runs: list[subprocess.Popen[str]] = [start(add(registry, path)) for path in paths]

    assert [run.communicate(timeout=120) and run.returncode for run in runs] == [0, 0]
    assert _seals(bench, registry) == 401
