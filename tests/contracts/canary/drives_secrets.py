"""Drive encryption at rest, corrections, second signatures, grants, roles and rotated keys."""

from __future__ import annotations

import datetime as dt
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from sealscrub.certificates import Receipts, load_signer
from sealscrub.certificates.envelope import load_public_key
from sealscrub.custodian.custody import (
    Asker,
    Terms,
    approve_file,
    make_grant,
    open_receipts,
    require_second,
    sign_paper,
    terms_of,
)
from sealscrub.custodian.registry import (
    EncryptionKey,
    KeyCommand,
    KeyService,
    Registry,
    migrate,
    republish,
    role_statements,
)
from sealscrub.identifiers import generate_certifier, generate_keys, load_annex, load_key, load_publisher
from sealscrub.index import open_index
from sealscrub.lineage import rekey_memberships, still_opened

from ...today import today
from .drives_command_line import _run
from .watch import PAYLOAD, SEALED, UNPARSABLE, WITHHELD, Looked
from .world import ON, World

Calls = Iterator[Callable[[], object]]


def at_rest(world: World) -> Calls:
    """The encrypted registry lies where no canary may be."""
    made, place = world.made, world.made / "hidden.db"
    key = made / "registry.key"
    yield lambda: EncryptionKey.create(key)
    yield lambda: EncryptionKey.create(key)
    yield lambda: EncryptionKey.load(world.inputs / "train.csv")
    yield lambda: (opened := EncryptionKey.load(key)).unwrap(opened.wrap(bytes(64)))
    yield lambda: EncryptionKey.load(key).unwrap(SEALED.encode())
    yield lambda: pickle.dumps(EncryptionKey.load(key))
    for command in ("cat", "false", f"sh -c 'echo {PAYLOAD} >&2; exit 3'", "'"):
        yield lambda command=command: KeyCommand(command).wrap(bytes(8))
        yield lambda command=command: KeyCommand(command).unwrap(bytes(8))
    yield lambda: KeyService.unwrap(EncryptionKey.load(key), KeyService.wrap(EncryptionKey.load(key), SEALED.encode()))
    yield lambda: Registry.create(place, encryption_key=key).close()
    with Registry.open(place, encryption_key=key) as seals:
        for name in ("notices.csv", "bad.csv", "notices.csv", "ended.csv"):
            yield lambda name=name: seals.add(world.inputs / name)
        yield lambda: seals.encrypted
        yield lambda: Looked(seals.history("arrest_number", SEALED))
        yield lambda: Looked(seals.changes(0))
        yield lambda: seals.history("arrest_number", UNPARSABLE)
    yield lambda: Registry.open(place)
    yield lambda: Registry.open(place, encryption_key=world.inputs / "train.csv")
    yield lambda: migrate(world.custody / "seals.db", made / "copied.db", new_encryption_key=key)
    yield lambda: migrate(place, made / "again.db", encryption_key=key)
    yield lambda: migrate(place, made / "again.db")
    yield lambda: _run("registry", "init", made / "hidden-2.db", "--encryption-key", made / "registry-2.key")
    yield lambda: _run("registry", "add", made / "hidden-2.db", world.inputs / "notices.csv")
    yield lambda: _run(
        *["registry", "add", made / "hidden-2.db", world.inputs / "notices.csv", "--encryption-key"],
        made / "registry-2.key",
    )
    yield lambda: _tampered(place, key, world.custody / "tampered.db")


def _tampered(place: Path, key: Path, copy: Path) -> object:
    copy.write_bytes(place.read_bytes())
    copy.chmod(0o600)
    with sqlite3.connect(copy) as other:
        other.execute("DROP TRIGGER event_keys_never_updated")
        other.execute("UPDATE event_keys SET value = ?", (SEALED,))
    with Registry.open(copy, encryption_key=key) as seals:
        return seals.seals()


def corrections(world: World) -> Calls:
    with Registry.open(world.custody / "seals.db") as seals:
        for at, rows in enumerate(
            (
                f"S-{PAYLOAD},wrong_notice",
                f"S-{PAYLOAD},wrong_notice",
                f"{SEALED},wrong_notice",
                f"S-{PAYLOAD},{SEALED}",
                f",{PAYLOAD}",
                f"a,b,{SEALED}",
            )
        ):
            path = world.custody / f"corrections-{at}.csv"
            path.write_text(f"seal_id,reason\n{rows}\n")
            yield lambda path=path: seals.correct(path)
            yield lambda path=path: _run("registry", "correct", world.custody / "seals.db", path)
        for name in ("notices.csv", "train.parquet", "absent.csv"):
            yield lambda name=name: seals.correct(world.inputs / name)


def signatures(world: World) -> Calls:
    made, custody = world.made, world.custody
    generate_certifier(made / "deputy.key")
    signer, court = load_signer(made / "deputy.key"), load_signer(made / "court.key")
    two = made / "two.toml"
    two.write_text((made / "custody.toml").read_text() + 'second = "deputy.key.pub"\n')
    terms = Terms.from_file(two)
    yield lambda: terms.second_public_key
    ended = custody / "ended-twice.csv"
    ended.write_text((world.inputs / "ended.csv").read_text())
    place = custody / "two.db"
    with Registry.create(place, custody=terms) as seals:
        yield lambda: seals.add(world.inputs / "notices.csv")
        yield lambda: seals.add(ended)
        yield lambda: _run("registry", "add", place, ended)
        yield lambda: require_second(terms, ended, "00" * 32, who="x", what="registry add")
        yield lambda: approve_file(ended, signer)
        yield lambda: approve_file(custody / "absent.csv", signer)
        yield lambda: _run("roster", "approve", ended, "--signing-key", made / "deputy.key")
        yield lambda: seals.add(ended)
    generate_certifier(made / "a.grant.key")
    holder = load_public_key(made / "a.grant.key.pub")
    for account, until in (("r.alvarez", today()), (f"{SEALED} {PAYLOAD}", today()), ("x", dt.date(1990, 1, 1))):
        yield lambda account=account, until=until: make_grant(account, holder, until)
    (made / "a.grant").write_bytes(sign_paper(make_grant("r.alvarez", holder, today()), court))
    for grant in (made / "a.grant", world.inputs / "train.csv", made / "absent.grant"):
        yield lambda grant=grant: (asker := Asker(grant=grant), asker.name)
        with Registry.open(place, purpose="audit", grant=grant) as seals:
            yield seals.seals
    words = ["roster", "grant", "r.alvarez", "--holder", made / "a.grant.key.pub", "--until", today()]
    yield lambda: _run(*words, "--signing-key", made / "court.key", "-o", made / "b.grant")
    receipts = made / "governed.receipts"
    held = Receipts.over({"arrest_number": []})
    receipts.write_bytes(Receipts(held.secret, held.values, custody=terms.to_text()).to_bytes())
    yield lambda: Receipts.from_file(receipts)
    for purpose in (None, "audit", PAYLOAD):
        yield lambda purpose=purpose: _receipts(receipts, purpose)
    for number in (SEALED, UNPARSABLE):
        yield lambda number=number: _run("receipt", "make", receipts, "--id", number, "-o", made / "r.json")
    for place in (made / "kept.key.annex", made / "example.key.annex", world.inputs / "train.csv"):
        yield lambda place=place: terms_of(place)


def _receipts(place: Path, purpose: str | None) -> object:
    with open_receipts(place, purpose=purpose) as opened:
        return opened


def rotated(world: World) -> Calls:
    made = world.made
    generate_keys(made / "turned.key")
    old, new = load_key(made / "example.key"), load_key(made / "turned.key")
    publisher, annex = load_publisher(made / "turned.key.publisher"), load_annex(made / "example.key.annex")
    (made / "turned").mkdir()
    # published from this registry under the old key
    (index,) = (path for path in (made / "published.sealindex",))
    with Registry.open(world.custody / "seals.db") as seals:
        for places in ([index], [index], [world.inputs / "train.csv"], [made / "turned" / index.name]):
            yield lambda places=places: republish(seals, places, made / "turned", old=old, new=new, publisher=publisher)
    pair = (open_index(index, old, outdated=True), open_index(made / "turned" / index.name, new))
    for at, data in enumerate((world.checkable, world.arrests, world.inputs / "short.parquet")):
        yield lambda at=at, data=data: rekey_memberships(
            [pair],
            members=made / "seals.members",
            new_members=made / f"turned-{at}.members",
            data=[(data, ON)],
            annex_key=annex,
            tracking_uri=f"sqlite:///{made}/tracking.db",
        )
    yield lambda: still_opened(old, [made], annex_key=annex)
    yield lambda: still_opened(old.for_audience("vendor"), [world.inputs, made / "absent"])
    yield lambda: _run("key", "opens", made / "example.key", made)
    yield lambda: _run("key", "opens", made / "example.key", world.inputs, "--annex-key", made / "example.key.annex")
    words = ["key", "rotate", made / "example.key", made / "cli-turned.key", "--registry", world.custody / "seals.db"]
    yield lambda: _run(*words, "--index", index, "-o", made / "cli-turned")
    yield lambda: _run(*words, "--index", world.inputs / "train.csv", "-o", made / "cli-turned-2")
    yield lambda: (role_statements("kept"), role_statements(PAYLOAD))
    yield lambda: _run("registry", "roles")
    yield lambda: _run("registry", "roles", "--prefix", PAYLOAD + WITHHELD)


DRIVES = (at_rest, corrections, signatures, rotated)
