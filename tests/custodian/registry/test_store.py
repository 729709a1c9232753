"""The store: private, one writer at a time, and as it was after whatever befalls a writer."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sealscrub.custodian.registry import Registry, migrate
from sealscrub.errors import IncompleteError, RegistryError, SealscrubError, UsageError, WriteFailed

from .custodian import Custodian, notice, write_notices


def dump(place: Path) -> list[str]:
    with closing(sqlite3.connect(place)) as connection:
        return list(connection.iterdump())


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run some code in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


ADD = """
import sys
from sealscrub.custodian.registry import Registry, migrate

def told(phase, done, total):
    if phase == "checking":
        print("checking", flush=True)
    if phase == "registering event_keys":
        print("in the middle", flush=True)
        sys.stdin.read()

with Registry.open(sys.argv[1]) as registry:
    print("registered", registry.add(sys.argv[2], progress=told).registered, flush=True)
"""


def until(process: subprocess.Popen[str], line: str) -> None:
    """Read what a process says up to a line."""
    assert process.stdout is not None
    while (said := process.stdout.readline()) != f"{line}\n":
        assert said, "the process ended"


def test_a_registry_is_private_whatever_the_mask(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        Registry.create(tmp_path / "seals.db").close()
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "seals.db").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["seals.db"]


def test_at_rest_a_registry_is_one_file(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    assert [path.name for path in custodian.folder.iterdir() if path.name.startswith("seals.db")] == ["seals.db"]


def test_a_registry_is_never_made_over_something(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("taken", "link"):
        with pytest.raises(RegistryError, match="already exists"):
            Registry.create(tmp_path / name)
    assert taken.read_text() == "mine"
    with pytest.raises(WriteFailed):
        Registry.create(tmp_path / "absent" / "seals.db")


def test_what_is_no_registry_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("seal_id,event\n" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE seals (id)")
    with closing(sqlite3.connect(tmp_path / "meta.db")) as other:
        other.executescript("CREATE TABLE meta (name, value); INSERT INTO meta VALUES ('schema_version', 'x')")
    for name in ("absent.db", "empty.db", "text.db", "other.db", "meta.db", "."):
        with pytest.raises(RegistryError):
            Registry.open(tmp_path / name)
    assert not (tmp_path / "absent.db").exists()
    assert (tmp_path / "empty.db").stat().st_size == 0


@pytest.mark.parametrize("place", ["mysql://host/db", "sqlite://", "nonsense://"])
def test_a_place_is_a_file_or_a_postgresql_database(place: str) -> None:
    with pytest.raises(UsageError):
        Registry.open(place)


def test_a_registry_is_named_by_path_or_url(tmp_path: Path) -> None:
    Registry.create(f"sqlite:///{tmp_path}/odd %3F?name.db".replace("?", "%3F")).close()
    (made,) = tmp_path.iterdir()
    with Registry.open(made) as registry:
        assert registry.epoch == 0


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(custodian: Custodian, mode: int) -> None:
    place = custodian.folder / "seals.db"
    assert place.stat().st_mode & 0o777 == 0o600
    place.chmod(mode)
    with pytest.raises(RegistryError, match=f"can be read by others .mode {mode:04o}.") as caught:
        Registry.open(place)
    assert "chmod 600" in caught.value.hint


def test_a_closed_registry_says_so(custodian: Custodian) -> None:
    custodian.registry.close()
    with pytest.raises(RegistryError, match="is closed"):
        custodian.registry.seals()


@pytest.mark.parametrize(("version", "hint"), [("4", "newer sealscrub"), ("1", "migrate")])
def test_another_schema_version_is_refused(tmp_path: Path, version: str, hint: str) -> None:
    place = tmp_path / "seals.db"
    Registry.create(place).close()
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("DROP TRIGGER meta_never_updated")
        other.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (version,))
    with pytest.raises(RegistryError, match=f"schema version {version}") as caught:
        Registry.open(place)
    assert hint in caught.value.hint


def test_an_import_killed_in_the_middle_leaves_the_registry_as_it_was(custodian: Custodian) -> None:
    custodian.add(notice("S0", docket="2014KN000001"))
    place = custodian.folder / "seals.db"
    before = dump(place)
    # So many rows that the database has written to the file before it commits.
    many = custodian.file(*(notice(f"S{n}", docket=f"2014KN{n:06d}", charge="x" * 400) for n in range(1, 20_000)))

    process = python(ADD, place, many)
    until(process, "in the middle")
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert dump(place) == before
    assert custodian.registry.add(many).registered == 19_999
    assert custodian.registry.epoch == 2


def test_while_another_process_writes_others_read_what_was_and_wait_to_write(custodian: Custodian) -> None:
    custodian.add(notice("S0", docket="2014KN000001"))
    place = custodian.folder / "seals.db"
    process = python(ADD, place, custodian.file(notice("S1", docket="2014KN000002")))
    until(process, "in the middle")

    with Registry.open(place, wait=0.2) as other:
        assert len(other.seals()) == 1
        with pytest.raises(IncompleteError, match="another process is writing") as caught:
            other.add(custodian.file(notice("S2", docket="2014KN000003")))
    assert caught.value.exit_code == 3

    done, _ = process.communicate("")
    assert done == "registered 1\n"
    assert custodian.add(notice("S2", docket="2014KN000003")).epoch == 3
    assert {seal.seal_id for seal in custodian.registry.seals()} == {"S0", "S1", "S2"}


def test_a_writer_waits_for_another(custodian: Custodian) -> None:
    place = custodian.folder / "seals.db"
    first = python(ADD, place, custodian.file(notice("S1", docket="2014KN000002")))
    until(first, "in the middle")
    second = python(ADD, place, custodian.file(notice("S2", docket="2014KN000003")))
    until(second, "checking")
    first.communicate("")
    assert second.communicate("")[0].splitlines()[-1] == "registered 1"
    assert custodian.registry.epoch == 2


def test_a_full_disk_leaves_the_registry_as_it_was(custodian: Custodian) -> None:
    custodian.add(notice("S0", docket="2014KN000001"))
    place = custodian.folder / "seals.db"
    before = dump(place)
    many = custodian.file(*(notice(f"S{n}", docket=f"2014KN{n:06d}", charge="x" * 100) for n in range(1, 5_000)))
    code = """
import resource, signal, sys
from sealscrub.errors import SealscrubError
from sealscrub.custodian.registry import Registry, migrate
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Registry.open(sys.argv[1]) as registry:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        registry.add(sys.argv[2])
    except SealscrubError as error:
        print(error.exit_code, "x" * 20 in str(error))
"""
    said, errors = python(code, place, many).communicate()

    assert (said, errors) == ("3 False\n", "")
    assert dump(place) == before
    assert [path.name for path in custodian.folder.iterdir() if path.name.startswith("seals.db")] == ["seals.db"]


@pytest.mark.usefixtures("permissions_bind")
def test_a_registry_that_may_not_be_written_can_be_asked(custodian: Custodian) -> None:
    custodian.add(notice("S0", docket="2014KN000001"))
    (custodian.folder / "seals.db").chmod(0o400)
    assert len(custodian.registry.seals()) == 1
    with pytest.raises(RegistryError, match="permissions"):
        custodian.add(notice("S1", docket="2014KN000002"))


def test_a_damaged_file_is_an_error_without_values(custodian: Custodian) -> None:
    custodian.add(*(notice(f"CANARY{n}", docket=f"2014KN{n:06d}") for n in range(1, 300)))
    place = custodian.folder / "seals.db"
    content = bytearray(place.read_bytes())
    content[4096 : len(content)] = bytes(len(content) - 4096)
    place.write_bytes(content)
    with pytest.raises(SealscrubError) as caught:
        Registry.open(place).seals()
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unfinished_epoch_of_another_tool_is_not_answered_from(custodian: Custodian, tmp_path: Path) -> None:
    """Rows without the row of an epoch were never recorded: no question sees them, and nothing is built on them."""
    custodian.add(notice("S0", docket="2014KN000001"))
    with closing(sqlite3.connect(custodian.folder / "seals.db", isolation_level=None)) as other:
        other.execute(
            "INSERT INTO events (event_id, epoch, position, seal_id, event, effective_from, basis, fingerprint)"
            " VALUES (2, 2, 2, 'S0', 'vacated', '2020-01-01', 'notice', x'00')"
        )
    assert [seal.state for seal in custodian.registry.seals()] == ["sealed"]
    assert custodian.published() == {("docket", "2014KN000001"): "sealed"}
    more = write_notices(tmp_path / "more.csv", [notice("S1", docket="2014KN000002")])
    with pytest.raises(RegistryError, match="rows without an epoch"):
        custodian.registry.add(more)

    migrate(custodian.folder / "seals.db", tmp_path / "clean.db")
    with Registry.open(tmp_path / "clean.db") as clean:
        assert clean.add(more).registered == 1
        assert {seal.state for seal in clean.seals()} == {"sealed"}
