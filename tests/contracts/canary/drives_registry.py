"""Drive ``registry`` and ``datasets``."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from sealscrub import datasets
from sealscrub.cli import run
from sealscrub.custodian import law, registry
from sealscrub.custodian.registry import Registry
from sealscrub.identifiers import load_key, load_publisher

from .watch import PAYLOAD, SEALED, UNPARSABLE, Looked, Unwatched
from .world import World

Calls = Iterator[Callable[[], object]]


def adding(world: World) -> Calls:
    place = world.custody / "seals.db"
    yield lambda: Registry.create(place).close()
    yield lambda: Registry.create(place)
    yield lambda: Registry.open(world.custody / "absent.db")
    yield lambda: Registry.open(world.inputs / "train.csv")
    with Registry.open(place, wait=0.1) as seals:
        for name in ("bad.csv", "bad.parquet", "bad.jsonl", "quote.csv", "headerless_notices.csv", "latin_notices.csv"):
            yield lambda name=name: seals.add(world.inputs / name)
        for name in ("notices.csv", "notices.csv", "ended.csv", "train.csv", "train.parquet", "absent.csv"):
            yield lambda name=name: seals.add(world.inputs / name)
        for name in world.damaged:
            yield lambda name=name: seals.add(world.inputs / name, map={"arrest_no": "arrest_number"})
        rejects = world.custody / "rejects.csv"
        yield lambda: seals.add(world.inputs / "bad.csv", reject_file=rejects)
        yield lambda: seals.add(world.inputs / "bad.csv", reject_file=world.inputs / "bad.csv")
        yield lambda: seals.add(world.inputs / "bad.csv", reject_file=world.custody / "no" / "folder.csv")
        yield lambda: seals.add(world.inputs / "notices.csv", map={"absent": "docket"})
        yield lambda: seals.add(world.inputs / "notices.csv", map={"last_name": "arrest_number"})
        yield lambda: seals.add(world.inputs / "notices.csv").changed
        yield lambda: _add_while_another_writes(place, world.inputs / "ended.csv")


def _add_while_another_writes(place: Path, notices: Path) -> object:
    with sqlite3.connect(place) as other, Registry.open(place, wait=0.1) as seals:
        other.execute("BEGIN EXCLUSIVE")
        return seals.add(notices)


def asking(world: World) -> Calls:
    with Registry.open(world.custody / "seals.db") as seals:
        yield lambda: (seals, seals.id, seals.epoch)
        yield lambda: Looked(seals.seals())
        yield lambda: Looked(seals.history("arrest_number", SEALED))
        yield lambda: Looked(seals.changes(0))
        yield lambda: seals.history("arrest_number", UNPARSABLE)
        yield lambda: seals.history("docket", PAYLOAD)
        yield lambda: seals.history("no_scheme", SEALED)
        yield lambda: seals.seals(epoch=99)
        yield lambda: seals.seals(known_at=dt.datetime(2020, 1, 1))
        yield lambda: seals.changes(5, 1)
        yield lambda: registry.migrate(world.custody / "seals.db", world.custody / "copy.db")
        yield lambda: registry.migrate(world.custody / "seals.db", world.custody / "copy.db")
        yield lambda: _refused_by_the_database(world.custody / "seals.db")
    yield seals.seals


def _refused_by_the_database(place: Path) -> None:
    store = Registry.open(place)._store  # the one door to its connections
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE events SET seal_id = :value"), {"value": PAYLOAD + SEALED})


def publishing(world: World) -> Calls:
    key, publisher = load_key(world.made / "example.key"), load_publisher(world.made / "example.key.publisher")
    other = load_publisher(world.made / "keys" / "seal.key.publisher")
    with Registry.open(world.custody / "seals.db") as seals:
        purpose = {"uses": ["training"], "audience": "police"}
        target = world.made / "published.sealindex"
        yield lambda: seals.publish(target, keys=key, publisher=publisher, **purpose)
        yield lambda: seals.publish(target, keys=key, publisher=other, **purpose)
        yield lambda: seals.publish(target, keys=key, publisher=publisher, uses=["x"], audience="police")
        yield lambda: seals.publish(target, keys=key, publisher=publisher, valid_days=-1, **purpose)
        for reviewed in ({}, {PAYLOAD: dt.date(2026, 1, 1)}, {SEALED: dt.date(2026, 1, 1)}):
            yield lambda reviewed=reviewed: seals.publish(
                target, keys=key, publisher=publisher, reviewed=reviewed, **purpose
            )
        yield lambda: seals.publish(world.made / "no" / "f", keys=key, publisher=publisher, **purpose)
        yield lambda: seals.publish(target, keys=key, publisher=publisher, as_of=dt.date(1990, 1, 1), **purpose)


def deriving(world: World) -> Calls:
    head = "docket,defendant_id,arrest_number,disposition,event_date"
    good, odd = world.aside / "derived.csv", world.aside / "underivable.csv"
    rows = (
        f"2014KN000001,{PAYLOAD},{SEALED},ACQUITTED,2014-05-01",
        f",{PAYLOAD},{SEALED},COVERED BY {SEALED},2014-05-01",
    )
    good.write_text("\n".join([head, *rows]) + "\n")
    odd.write_text(f"{head}\n{UNPARSABLE},{PAYLOAD},{SEALED},ACQUITTED,2014-05-01\n")
    told = world.aside / "told.csv"
    told.write_text(
        f"seal_id,event,regime,effective_from,arrest_number\n{PAYLOAD},sealed,us-ny/cpl-160.55,2014-05-01,{SEALED}\n"
    )
    place, day = world.custody / "derived.db", dt.date(2026, 11, 25)
    old, new = world.custody / "old.jsonl", world.custody / "new.jsonl"
    with Registry.create(place) as seals:
        yield lambda: seals.derive(good, as_of=day, dry_run=True, explain=old)
        yield lambda: seals.derive(good, as_of=day, explain=new).changed
        yield lambda: seals.derive(odd, as_of=day)
        yield lambda: seals.derive(odd, as_of=day, dry_run=True)
        yield lambda: seals.derive(odd, as_of=day, reject_file=world.custody / "rejected.csv")
        yield lambda: seals.derive(odd, as_of=day, reject_file=odd)
        yield lambda: seals.derive(good, as_of=day, known_at=dt.date(2000, 1, 1))
        yield lambda: seals.derive(good, as_of=day, law="us-ca-demonstration")
        yield lambda: seals.add(told)
        yield lambda: seals.derive(good, as_of=day).contradicted
        yield lambda: seals.derive(good, as_of=day, map={"no such": "docket"})
        yield lambda: seals.derive(good, as_of=dt.date(2190, 1, 1))
        yield lambda: Unwatched(seals.status(day))
        yield lambda: Unwatched(seals.reconcile(day))
    yield lambda: run(["registry", "derive", str(place), str(odd), "--as-of", "2026-11-25"])
    yield lambda: run(["registry", "derive", str(place), str(good), "--as-of", "2026-11-25"])
    yield lambda: run(
        [
            "registry",
            "derive",
            str(place),
            str(odd),
            "--as-of",
            "2026-11-25",
            "--reject-file",
            str(odd.with_suffix(".r")),
        ]
    )
    yield lambda: run(["registry", "add", str(place), str(told)])
    yield lambda: run(["registry", "status", str(place)])
    yield lambda: repr(law.read_charges(good))
    yield lambda: law.forecast(law.read_charges(good), day, day)
    yield lambda: Unwatched(law.forecast(law.read_charges(good), dt.date(2027, 1, 1), day))
    yield lambda: repr(law.decide_charges(law.read_charges(good), day))
    yield lambda: Unwatched(list(law.changed_lines(old, new)))
    yield lambda: list(law.changed_lines(old, odd))
    yield lambda: run(["law", "diff", str(old), str(new)])
    yield lambda: run(["law", "diff", str(old), str(odd)])
    yield lambda: run(["law", "forecast", str(good), "--until", "2027-06-01", "--as-of", "2026-11-25"])
    yield lambda: run(["law", "forecast", str(odd), "--until", "2027-06-01", "--map", "nothing"])
    named, other = world.aside / "named.csv", world.custody / "named.db"  # of what lists name, a docket is not a canary
    named.write_text(f"{head}\n2014KN000001,{PAYLOAD},,ACQUITTED; {SEALED},2014-05-01\n")
    with Registry.create(other) as seals:
        yield lambda: seals.derive(named, as_of=day).changed
    yield lambda: run(["law", "reconcile", str(other)])


def cities(world: World) -> Calls:
    yield lambda: repr(datasets.make_city(200, seed=1))
    yield lambda: datasets.make_city(200, seed=1).dispositions()
    yield lambda: datasets.make_city(-1)
    yield lambda: Unwatched(datasets.write_city(world.made / "city", 200, format="csv"))
    yield lambda: datasets.write_city(world.inputs / "train.csv", 200)
    yield lambda: repr(datasets.make_estate(200, seed=1))
    yield lambda: datasets.make_estate(-1)
    yield lambda: Unwatched(datasets.write_estate(world.made / "estate", 200))
    yield lambda: datasets.write_estate(world.inputs / "train.csv", 200)
    yield lambda: datasets.make_notices(50)
    yield lambda: datasets.make_training(50)
    yield lambda: datasets.Mess.level(0.1)
    yield lambda: datasets.Mess.level(2)
    city = datasets.make_city(200, seed=1)
    yield lambda: (city.truth, city.truth.sealed_rows("training"))
    yield lambda: datasets.derive_features(city.tables["arrests"])
    yield lambda: datasets.derive_features(pl.DataFrame({"offense": [PAYLOAD]}))
    yield lambda: datasets.example_index([SEALED, UNPARSABLE])
    yield lambda: datasets.example_index([SEALED])


DRIVES = (adding, asking, publishing, deriving, cities)
