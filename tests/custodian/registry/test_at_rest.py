"""Anyone who holds the file of an encrypted registry, or what lies beside it, reads no identifier in it."""

from __future__ import annotations

import base64
import os
import pickle
import shlex
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.cli import run
from sealscrub.custodian.registry import EncryptionKey, KeyCommand, Registry, migrate
from sealscrub.custodian.registry.at_rest import ColumnCipher
from sealscrub.custodian.registry.at_rest_key import key_service
from sealscrub.custodian.registry.schema import AT_REST, EVENT_KEYS, EVENT_PERSONS, EVENTS, metadata
from sealscrub.errors import KeyFileError, RegistryError, UsageError
from sealscrub.identifiers import generate_keys, load_key, load_publisher

from .custodian import DAY, notice, write_notices

ROWS = [
    notice(
        "SEAL-PELICAN",
        arrest_number="K14-612345",
        docket="CR-012345-14KN",
        nysid="01234567l",
        arrest_date="2014-03-07",
        last_name="Quillfeather",
        first_name="Barnaby",
        aliases="Wobbegong",
        birth_date="1971-05-06",
        charge="PL 155.25",
        source_document="letter Heliotrope",
    ),
    notice("SEAL-OSPREY", arrest_number="M15000001", nysid="01234567L", arrest_date="2015-04-08"),
]
SAID = (
    *("K14-612345", "K14612345", "14612345", "CR-012345-14KN", "2014KN012345", "01234567L", "M15000001", "M15-000001"),
    *("Quillfeather", "Barnaby", "Wobbegong", "1971-05-06", "2014-03-07", "PL 155.25", "Heliotrope"),
    *("PELICAN", "OSPREY", "march-2020"),
)
"""Every identifier, raw and canonical, and whatever else names somebody."""


def named_in(folder: Path, *, but: tuple[str, ...] = ()) -> set[str]:
    """What of all that the files of a folder hold, in any case, as text and as UTF-16."""
    content = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name not in but)
    plain = (content + content.replace(b"\0", b"")).upper()
    return {said for said in SAID if said.upper().encode() in plain}


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    return write_notices(tmp_path / "march-2020.csv", ROWS)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder for the registry's file alone."""
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    EncryptionKey.create(tmp_path / "registry.key")
    return tmp_path / "registry.key"


def answers(registry: Registry) -> tuple[object, ...]:
    return (
        registry.seals(DAY),
        registry.history("docket", "2014KN012345")[0].person,
        [event.keys for event in registry.changes(0).events],
        [event.source for event in registry.history("nysid", "01234567L")],
        registry.history("arrest_number", "K14000009"),
    )


def test_the_clear_registry_would_be_found_out(notices: Path, kept: Path) -> None:
    with Registry.create(kept / "seals.db") as registry:
        registry.add(notices)
    assert {"K14612345", "2014KN012345", "Quillfeather", "PELICAN", "march-2020"} <= named_in(kept)


def test_the_file_names_nobody_and_the_registry_answers_as_one_in_the_clear(
    notices: Path, kept: Path, key: Path
) -> None:
    with (
        Registry.create(kept.parent / "clear.db") as clear,
        Registry.create(kept / "seals.db", encryption_key=key) as made,
    ):
        assert made.add(notices).registered == clear.add(notices).registered == 2
        assert (made.add(notices).known, made.epoch) == (2, 1)
        assert made.encrypted
        assert not clear.encrypted
        wanted = answers(clear)
    assert named_in(kept) == set()
    with Registry.open(kept / "seals.db", encryption_key=key) as registry:
        assert answers(registry) == wanted


def test_the_journal_of_a_writer_that_was_killed_names_nobody(notices: Path, kept: Path, key: Path) -> None:
    with Registry.create(kept / "seals.db", encryption_key=key) as registry:
        registry.add(notices)
    more = write_notices(
        notices.with_name("more.csv"),
        [notice(f"P{n}", docket=f"2014KN{n:06d}", charge="Heliotrope" * 40) for n in range(1, 9000)],
    )
    code = (
        "import os, sys\nfrom sealscrub.custodian.registry import Registry, notice_intake\n"
        "notice_intake.close_epoch = lambda *a, **k: os.kill(os.getpid(), 9)\n"
        "Registry.open(sys.argv[1], encryption_key=sys.argv[2]).add(sys.argv[3])"
    )
    done = subprocess.run([sys.executable, "-c", code, kept / "seals.db", key, more], check=False)
    assert done.returncode == -9
    assert {path.name for path in kept.iterdir()} == {"seals.db", "seals.db-journal"}
    assert named_in(kept) == set()
    assert b"2014KN00" not in b"".join(path.read_bytes() for path in kept.iterdir())


def test_the_same_index_is_published(notices: Path, kept: Path, key: Path) -> None:
    generate_keys(kept.parent / "seal.key")
    matching, publisher = load_key(kept.parent / "seal.key"), load_publisher(kept.parent / "seal.key.publisher")
    found = []
    for place, opens in ((kept.parent / "clear.db", None), (kept / "seals.db", key)):
        with Registry.create(place, encryption_key=opens) as registry:
            registry.add(notices)
            out = kept.parent / f"{place.stem}.sealindex"
            published = registry.publish(
                out, keys=matching, publisher=publisher, uses=["training"], audience="police", as_of=DAY
            )
            found.append((published.schemes, published.held_back, published.seals))
    assert found[0] == found[1]
    assert found[0][0] == {"arrest_number": 2, "docket": 1, "person_arrest": 2}


def test_an_ending_finds_its_seal_by_a_key(notices: Path, kept: Path, key: Path) -> None:
    with Registry.create(kept / "seals.db", encryption_key=key) as registry:
        registry.add(notices)
        registry.add(
            write_notices(
                kept.parent / "e.csv", [notice("", "vacated", docket="2014KN012345", effective_from="2021-01-01")]
            )
        )
        assert [(seal.seal_id, seal.state) for seal in registry.seals(DAY)] == [
            ("SEAL-OSPREY", "sealed"),
            ("SEAL-PELICAN", "vacated"),
        ]


def test_it_opens_under_its_own_key_alone(notices: Path, kept: Path, key: Path) -> None:
    place = kept / "seals.db"
    Registry.create(place, encryption_key=key).close()
    EncryptionKey.create(kept.parent / "other.key")
    generate_keys(kept.parent / "seal.key")
    with pytest.raises(KeyFileError, match="no key was given"):
        Registry.open(place)
    with pytest.raises(KeyFileError, match="another key"):
        Registry.open(place, encryption_key=kept.parent / "other.key")
    with pytest.raises(KeyFileError, match="is not a sealscrub registry key"):
        Registry.open(place, encryption_key=kept.parent / "seal.key")
    (kept.parent / "cut.key").write_bytes(key.read_bytes()[:60])
    (kept.parent / "cut.key").chmod(0o600)
    for name, said in (("cut.key", "registry init"), ("lost.key", "from a backup")):
        with pytest.raises(KeyFileError) as raised:
            Registry.open(place, encryption_key=kept.parent / name)
        assert said in raised.value.hint
    key.chmod(0o640)
    with pytest.raises(KeyFileError, match="can be read by others"):
        Registry.open(place, encryption_key=key)
    Registry.create(kept / "clear.db").close()
    with pytest.raises(KeyFileError, match="not encrypted"):
        Registry.open(kept / "clear.db", encryption_key="exec:true")


def test_a_value_that_was_exchanged_is_found(notices: Path, kept: Path, key: Path) -> None:
    with Registry.create(kept / "seals.db", encryption_key=key) as registry:
        registry.add(notices)
    with closing(sqlite3.connect(kept / "seals.db")) as other, other:
        other.execute("DROP TRIGGER event_keys_never_updated")
        other.execute("UPDATE event_keys SET value = (SELECT seal_id FROM events LIMIT 1)")
    with (
        Registry.open(kept / "seals.db", encryption_key=key) as registry,
        pytest.raises(RegistryError, match="changed"),
    ):
        registry.seals()


SERVICE = """
import base64, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
import os
content, secret = base64.b64decode(sys.stdin.read()), open(sys.argv[1], 'rb').read()
if sys.argv[-1] == 'wrap':
    nonce = os.urandom(12)
    answer = nonce + AESGCM(secret).encrypt(nonce, content, None)
else:
    answer = AESGCM(secret).decrypt(content[:12], content[12:], None)
print(base64.b64encode(answer).decode())
"""


@pytest.fixture
def command(tmp_path: Path) -> str:
    """A key service of another kind: its key never reaches the process that opens the registry."""
    (tmp_path / "service.py").write_text(SERVICE)
    (tmp_path / "master").write_bytes(os.urandom(32))
    return "exec:" + shlex.join([sys.executable, str(tmp_path / "service.py"), str(tmp_path / "master")])


def test_a_key_service_opens_it_by_a_command(notices: Path, kept: Path, command: str, tmp_path: Path) -> None:
    with Registry.create(kept / "seals.db", encryption_key=command) as registry:
        registry.add(notices)
        wanted = answers(registry)
    assert named_in(kept) == set()
    with Registry.open(kept / "seals.db", encryption_key=command) as registry:
        assert answers(registry) == wanted
    (tmp_path / "master").write_bytes(os.urandom(32))
    with pytest.raises(KeyFileError, match="did not unwrap") as caught:
        Registry.open(kept / "seals.db", encryption_key=command)
    assert "InvalidTag" not in str(caught.value)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("exec:false", "exit code 1"),
        ("exec:/absent/program", "No such file"),
        ("exec:", "No such file"),
        ("exec:echo -n", "not base64"),
        ("exec:'", "cannot be read"),
        ("exec:true", "answered nothing"),
    ],
)
def test_a_command_that_does_not_answer_opens_nothing_and_the_error_says_how_it_failed(named: str, said: str) -> None:
    with pytest.raises(KeyFileError, match=said):
        key_service(named).unwrap(b"wrapped")


def test_a_command_that_gives_another_key_opens_nothing(kept: Path, key: Path) -> None:
    class Other:
        def wrap(self, data_key: bytes) -> bytes:
            return data_key

        def unwrap(self, wrapped: bytes) -> bytes:
            return bytes(len(wrapped))

    Registry.create(kept / "seals.db", encryption_key=key).close()
    with pytest.raises(KeyFileError, match="another key"):
        Registry.open(kept / "seals.db", encryption_key=Other())


@pytest.mark.parametrize("named", ["exec:sh -c cat", "exec:echo c2VjcmV0", "exec:sh -c 'rev | base64 -w 0'"])
def test_a_service_that_does_not_give_back_what_it_hid_makes_no_registry(named: str, notices: Path, kept: Path) -> None:
    with Registry.create(kept / "old.db") as registry:
        registry.add(notices)
    with pytest.raises(KeyFileError):
        Registry.create(kept / "seals.db", encryption_key=named)
    with pytest.raises(KeyFileError):
        migrate(kept / "old.db", kept / "new.db", new_encryption_key=named, erase_old=True)
    assert {path.name for path in kept.iterdir()} == {"old.db"}


def test_what_a_command_printed_goes_with_no_error() -> None:
    with pytest.raises(KeyFileError) as caught:
        key_service("exec:sh -c 'echo c2VjcmV0; exit 3'").unwrap(b"wrapped")
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_registry_in_the_clear_is_copied_and_erased(notices: Path, kept: Path, key: Path) -> None:
    old, linked = kept / "old.db", kept.parent / "linked.db"
    with Registry.create(old) as registry:
        registry.add(notices)
        wanted = answers(registry)
    linked.hardlink_to(old)  # what the old name's bytes are after the deletion
    migrate(old, kept / "new.db", new_encryption_key=key, erase_old=True)
    assert {path.name for path in kept.iterdir()} == {"new.db"}
    assert named_in(kept) == set()
    assert set(linked.read_bytes()) == {0}
    assert stat.S_IMODE((kept / "new.db").stat().st_mode) == 0o600
    with Registry.open(kept / "new.db", encryption_key=key) as registry:
        assert answers(registry) == wanted
        assert registry.add(notices).known == 2


def test_an_encrypted_registry_gets_another_key_and_is_never_copied_into_the_clear(
    notices: Path, kept: Path, key: Path
) -> None:
    with Registry.create(kept / "old.db", encryption_key=key) as registry:
        registry.add(notices)
        wanted = answers(registry)
    with pytest.raises(KeyFileError):
        migrate(kept / "old.db", kept / "new.db")
    migrate(kept / "old.db", kept / "same.db", encryption_key=key)
    EncryptionKey.create(kept.parent / "2.key")
    migrate(kept / "old.db", kept / "new.db", encryption_key=key, new_encryption_key=kept.parent / "2.key")
    assert named_in(kept) == set()
    for name, opens in (("same.db", key), ("new.db", kept.parent / "2.key")):
        with Registry.open(kept / name, encryption_key=opens) as registry:
            assert answers(registry) == wanted
    with pytest.raises(KeyFileError, match="another key"):
        Registry.open(kept / "new.db", encryption_key=key)
    with pytest.raises(UsageError, match="cannot be erased from here"):
        migrate("postgresql://nowhere/db", kept / "x.db", erase_old=True)


def test_the_command_line(
    notices: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(kept)
    assert run(["registry", "init", "seals.db", "--encryption-key", "../registry.key"]) == 0
    assert "encrypted at rest" in capsys.readouterr().err
    assert stat.S_IMODE((kept.parent / "registry.key").stat().st_mode) == 0o600
    assert run(["registry", "add", "seals.db", str(notices)]) == 2
    assert "--encryption-key" in capsys.readouterr().err
    monkeypatch.setenv("SEALSCRUB_ENCRYPTION_KEY", "../registry.key")
    assert run(["registry", "add", "seals.db", str(notices)]) == 0
    assert run(["registry", "history", "seals.db", "docket", "2014KN012345"]) == 0
    assert "K14612345" in capsys.readouterr().out
    assert run(["registry", "migrate", "seals.db", "new.db", "--new-encryption-key", "../2.key", "--erase-old"]) == 0
    assert run(["registry", "seals", "new.db"]) == 2
    assert run(["registry", "seals", "new.db", "--encryption-key", "../2.key"]) == 0
    assert named_in(kept) == set()


@given(values=st.lists(st.one_of(st.none(), st.text()), max_size=6))
def test_what_is_sealed_is_opened_again(values: list[str | None]) -> None:
    cipher = ColumnCipher(bytes(64))
    for column in (EVENT_KEYS.c.value, EVENT_PERSONS.c.last_name):
        sealed = cipher.seal(column, values)
        assert cipher.open(column, sealed) == values
        assert [each is None for each in sealed] == [each is None for each in values]


@given(st.text(), st.text())
def test_equal_values_are_equal_where_rows_are_found_by_them_and_differ_elsewhere(one: str, other: str) -> None:
    cipher = ColumnCipher(bytes(64))
    first, second, again = cipher.seal(EVENT_KEYS.c.value, [one, other, one])
    assert first == again
    assert (first == second) == (one == other)
    hidden = cipher.seal(EVENT_PERSONS.c.last_name, [one, one])
    assert hidden[0] != hidden[1]
    assert cipher.seal(EVENTS.c.seal_id, [one]) != [first]


def test_every_key_of_a_scheme_is_as_long_as_every_other() -> None:
    cipher = ColumnCipher(bytes(64))
    keys = ["K14612345", "2014KN012345", "01234567L", "CR-1", "12345678A@2015-03-04"[:15]]
    assert len({len(base64.b64decode(each)) for each in cipher.seal(EVENT_KEYS.c.value, keys)}) == 1


def test_every_column_of_text_is_encrypted_or_known_to_name_nobody() -> None:
    clear = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if AT_REST not in column.info and column.type.python_type in (str, bytes)
    }
    assert clear == {
        *("meta.name", "meta.value", "epochs.recorded_at", "event_keys.scheme"),
        *(f"events.{name}" for name in ("event", "regime", "effective_from", "notified_on", "basis", "rule_version")),
        "events.reason",
        *(f"link_events.{name}" for name in ("namespace", "event", "band", "model", "basis", "effective_from")),
        *(f"link_bounds.{name}" for name in ("namespace", "method", "made_on", "frame")),
        *("link_known.namespace", "link_known.known"),
        *(f"link_runs.{name}" for name in ("namespace", "model", "release", "as_of")),
        *(f"link_draws.{name}" for name in ("namespace", "model", "drawn_on", "frame", "seed", "who")),
    }


@pytest.mark.parametrize("make", [lambda: EncryptionKey(bytes(32)), lambda: ColumnCipher(bytes(64))])
def test_keys_stay_out_of_pickles_and_representations(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(make())
    assert "\\x00" not in repr(make())
    assert repr(KeyCommand("kms --id 1")) == "KeyCommand(command='kms --id 1')"
