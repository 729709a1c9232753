"""Drive ``lineage.coverage``: inventories, what is found of the things in them, and copies of before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.cli.audit_log_scrubs import logged_scrubs
from sealscrub.cli.survey_findings import findings_of
from sealscrub.custodian.custody import AuditLog, Entry, Kind
from sealscrub.identifiers import generate_certifier
from sealscrub.lineage import Coverage, Inventory, find_copies, read_inventory, survey
from sealscrub.lineage.coverage import (
    ListedCache,
    ListedData,
    ListedIndex,
    ListedPlan,
    ListedService,
    Standing,
    due_of,
)
from sealscrub.validators.certification import certify

from ...today import today
from .drives_command_line import _run
from .watch import NUMBER, PAYLOAD, SEALED, Looked
from .world import ON, World

Calls = Iterator[Callable[[], object]]
DAMAGED = ("torn.parquet", "short.parquet", "broken.jsonl", "latin.csv", "nul.csv", "several")


def inventories(world: World) -> Calls:
    for at, text in enumerate(
        (
            f'version = 1\n"{PAYLOAD}{SEALED}" = {NUMBER}\n',
            f'version = 1\n[[datasets]]\nname = "x"\npath = "y"\n"{PAYLOAD}" = "{SEALED}"\n',
            f'version = 1\nkeep_days = "{SEALED}"\n',
            f'version = 1\n[[datasets]]\nname = "{SEALED}"\npath = "a"\n[[datasets]]\nname = "{SEALED}"\npath = "b"\n',
            PAYLOAD,
        )
    ):
        (world.custody / f"inventory-{at}.toml").write_text(text)
        yield lambda at=at: read_inventory(world.custody / f"inventory-{at}.toml")
    yield lambda: read_inventory(world.inputs / "train.parquet")
    yield lambda: read_inventory(world.inputs / "absent.toml")


def _inventory(world: World) -> Inventory:
    inputs = world.inputs
    data = [ListedData(name=name, path=str(inputs / name)) for name in ("train.csv", "train.parquet", *DAMAGED)]
    data += [
        ListedData(name="reported", path=str(inputs / "train.csv"), report=str(inputs / "train.csv")),
        ListedData(name="certified", path=str(inputs / "train.csv"), certificate=str(inputs / "train.csv")),
        ListedData(name="away", path=str(inputs / "away")),
        ListedData(name="clean", path=str(world.out / "surveyed.parquet"), earlier="surveyed*"),
    ]
    plans = tuple(ListedPlan(plan=str(inputs / name), output=str(world.out)) for name in ("train.csv", "absent"))
    return Inventory(
        version=1,
        datasets=tuple(data),
        plans=plans,
        models=(ListedData(name="model", path=str(inputs / "train.jsonl")),),
        services=(ListedService(name="api", models=("model", "models:/risk/1"), index=str(inputs / "train.csv")),),
        indexes=(ListedIndex(path=str(world.index.files[0])), ListedIndex(path=str(inputs / "train.csv"))),
        caches=(ListedCache(path=str(inputs)),),
        home=world.root,
    )


def _looked(found: Coverage, place: Path) -> object:
    for suffix in (".html", ".json", ".csv", ".txt"):
        found.save(place.with_suffix(suffix))
    parts = (findings_of(found), due_of(found), found.of(Standing.STALE), found.past_their_date, found.served_tainted)
    return Looked((found, found.items, found.counts, found.exit_code, *parts))


def surveys(world: World) -> Calls:
    made, inventory = world.made, _inventory(world)
    generate_certifier(made / "surveyor.key")
    clean = world.out / "surveyed.parquet"
    ss.scrub(world.checkable, world.index, ON).write_parquet(clean)
    issued = certify(clean, world.index, ON, signer=load_signer(made / "surveyor.key"))
    clean.with_name("surveyed.certificate.json").write_bytes(issued.certificate)
    log = AuditLog.create(made / "surveyed.log", who="x")
    log.append(Entry(kind=Kind.SCRUB, who="x", what="scrub", epoch=1, digest=world.index.id))
    keys, uri = [made / "surveyor.key.pub"], f"sqlite:///{made}/tracking.db"
    for options in (
        {},
        {"public_keys": keys, "tracking_uri": uri, "scrubs": logged_scrubs(log.path)},
        {"public_keys": [world.inputs / "train.csv"]},
        {"tracking_uri": f"sqlite:///{made}/absent.db"},
        {"use": "gun_licence"},
        {"today": today() + dt.timedelta(4000), "public_keys": keys},
    ):
        yield lambda options=options: _looked(survey(inventory, world.index, **options), made / "coverage")
    yield lambda: survey(inventory, world.index).save(made / "coverage.pdf")
    (world.out / "surveyed-2.parquet").write_bytes(clean.read_bytes())
    (world.out / "t" / "metadata").mkdir(parents=True)
    (world.out / "t" / "metadata" / "1.metadata.json").write_text(json.dumps({"snapshots": [{"timestamp-ms": 1}] * 2}))
    tables = replace_data(inventory, str(world.out))
    for options in ({}, {"tracking_uri": uri, "keep_days": 0}, {"today": today() + dt.timedelta(30)}):
        yield lambda options=options: (
            (copies := find_copies(tables, world.index, **options)),
            Looked((copies, copies.items, copies.overdue, copies.exit_code)),
            copies.to_text(),
            copies.to_json(),
            copies.to_csv(),
        )
    yield lambda: find_copies(tables, world.index, tracking_uri=f"sqlite:///{made}/absent.db")


def replace_data(inventory: Inventory, folder: str) -> Inventory:
    return inventory.model_copy(update={"datasets": (*inventory.datasets, ListedData(name="tables", path=folder))})


def commands(world: World) -> Calls:
    made, inputs = world.made, world.inputs
    (made / "inventory.toml").write_text(
        f'version = 1\n[[datasets]]\nname = "train"\npath = "{inputs / "train.csv"}"\n'
        f'[[datasets]]\nname = "torn"\npath = "{inputs / "torn.parquet"}"\n'
    )
    index = ["--index", made / "example.sealindex", "--key-file", made / "example.key"]
    tracked = ["--tracking-uri", f"sqlite:///{made}/tracking.db"]
    days = ["--from", today(), "--until", today()]
    on = ["--on", "arrest_number=arrest_no"]
    log = ["--audit-log", made / "surveyed.log"]
    for words in (
        ["audit", "coverage", made / "inventory.toml", *index, *tracked, "--report", made / "c.html"],
        ["audit", "coverage", *index, "--plan-output", f"{inputs / 'train.csv'}={made}", "--format", "json"],
        ["audit", "coverage", inputs / "train.csv", *index],
        ["audit", "coverage", made / "inventory.toml", *index, "--format", "yaml"],
        ["audit", "coverage", *index, "--plan-output", "x"],
        ["audit", "coverage", *index, "--scrub-log", inputs / "train.csv"],
        ["audit", "coverage", *index, "--scrub-log", log[1]],
        ["copies", made / "inventory.toml", *index, *tracked],
        ["copies", inputs / "train.csv", *index],
        ["audit", "report", made / "surveyed.log", *days, "--inventory", made / "inventory.toml", *index, *tracked],
        ["audit", "report", made / "surveyed.log", *days, "--inventory", made / "inventory.toml"],
        ["audit", "report", made / "surveyed.log", *days, "--registry", inputs / "train.csv"],
        ["scrub", inputs / "train.csv", *index, *on, "-o", world.out / "logged.csv", *log],
        ["scrub", inputs / "doubtful.csv", *index, *on, "-o", world.out / "logged-2.csv", *log, "--accept", "near"],
        ["scrub", inputs / "train.csv", *index, *on, "-o", world.out / "x.csv", "--audit-log", inputs / "train.csv"],
        [
            *["certify", "--data", inputs / "train.parquet", *index, *on, "--signing-key", made / "surveyor.key"],
            *["-o", made / "logged.json", *log],
        ],
        ["audit", "verify", made / "surveyed.log"],
    ):
        yield lambda words=words: _run(*words)


DRIVES = (inventories, surveys, commands)
