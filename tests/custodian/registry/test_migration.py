"""A registry moves by being copied, and the copy says what it was copied from."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from sealscrub.custodian.registry import Registry, migrate
from sealscrub.errors import RegistryError

from .custodian import Custodian, notice

TABLES = {
    "epochs": "epoch",
    "events": "event_id",
    "event_keys": "event_id, scheme, value",
    "event_persons": "event_id",
    "link_events": "event_id",
    "link_bounds": "event_id",
    "link_runs": "event_id",
    "link_known": "event_id",
    "link_draws": "event_id",
}


def rows(place: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(place)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
            for table, order in TABLES.items()
        }


def schema(place: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(place)) as connection:
        return set(connection.execute("SELECT name, sql FROM sqlite_schema"))


def facts(place: Path) -> dict[str, str]:
    with closing(sqlite3.connect(place)) as connection:
        return dict(connection.execute("SELECT name, value FROM meta").fetchall())


@pytest.fixture
def filled(custodian: Custodian) -> Custodian:
    custodian.add(notice("S1", docket="2014KN000001", last_name="DOE"), notice("S2", arrest_number="K14612345"))
    custodian.add(notice("S1", "vacated", effective_from="2021-01-01"))
    return custodian


def test_a_copy_holds_all_there_was_and_the_digest_of_the_old(filled: Custodian) -> None:
    old, new = filled.folder / "seals.db", filled.folder / "new.db"
    content = old.read_bytes()
    digest = migrate(old, new)

    assert digest == hashlib.sha256(content).hexdigest()
    assert old.read_bytes() == content
    assert rows(new) == rows(old)
    assert schema(new) == schema(old)
    assert facts(new)["predecessor_sha256"] == digest
    assert facts(new)["predecessor_schema_version"] == "3"
    assert facts(new)["registry_id"] == facts(old)["registry_id"]
    assert stat.S_IMODE(new.stat().st_mode) == 0o600


def test_a_copy_goes_on_where_the_old_one_stood(filled: Custodian) -> None:
    new = filled.folder / "new.db"
    migrate(filled.folder / "seals.db", new)
    with Registry.open(new) as registry:
        assert registry.id == filled.registry.id
        assert registry.seals() == filled.registry.seals()
        assert registry.history("docket", "2014KN000001") == filled.registry.history("docket", "2014KN000001")
        assert registry.add(filled.file(notice("S3", docket="2014KN000009"))).epoch == 3
    migrate(new, filled.folder / "newer.db")
    assert facts(filled.folder / "newer.db")["predecessor_sha256"] == hashlib.sha256(new.read_bytes()).hexdigest()


def test_a_registry_of_the_first_schema_is_copied(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript((Path(__file__).parent / "schema_1.sql").read_text())
    with pytest.raises(RegistryError, match="schema version 1") as caught:
        Registry.open(tmp_path / "old.db")
    assert "migrate" in caught.value.hint
    migrate(tmp_path / "old.db", tmp_path / "new.db")
    assert facts(tmp_path / "new.db")["predecessor_schema_version"] == "1"
    with Registry.open(tmp_path / "new.db") as registry:
        first, second = registry.seals()
        (event,) = registry.history("docket", "2014KN012345")
    assert [(seal.seal_id, seal.state, len(seal.keys)) for seal in (first, second)] == [
        ("S1", "sealed", 2),
        ("S2", "withheld", 1),
    ]
    assert (event.person.last_name, event.reason) == ("Doe", None)


def test_a_registry_of_the_second_schema_is_copied(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript((Path(__file__).parent / "schema_2.sql").read_text())
    with pytest.raises(RegistryError, match="schema version 2"):
        Registry.open(tmp_path / "old.db")
    migrate(tmp_path / "old.db", tmp_path / "new.db")
    with Registry.open(tmp_path / "new.db") as registry:
        assert [seal.seal_id for seal in registry.seals()] == ["S1", "S2"]
        assert registry.links().is_empty()


def test_an_empty_registry_is_copied(tmp_path: Path) -> None:
    Registry.create(tmp_path / "old.db").close()
    migrate(tmp_path / "old.db", tmp_path / "new.db")
    with Registry.open(tmp_path / "new.db") as registry:
        assert registry.epoch == 0


def test_what_cannot_be_copied_leaves_nothing(filled: Custodian) -> None:
    folder = filled.folder
    with closing(sqlite3.connect(folder / "later.db")) as later:
        later.executescript("CREATE TABLE meta (name, value); INSERT INTO meta VALUES ('schema_version', '9')")
    (folder / "text.db").write_text("no registry" * 100)
    before = {path.name for path in folder.iterdir()}
    for name in ("later.db", "text.db", "absent.db"):
        with pytest.raises(RegistryError):
            migrate(folder / name, folder / "new.db")
    with pytest.raises(RegistryError, match="already"):
        migrate(folder / "seals.db", folder / "text.db")
    assert {path.name for path in folder.iterdir()} == before
