"""Each command that takes the place of a table takes the address of one of a lake, or says that it does not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pyarrow as pa
import pytest

from sealscrub.identifiers.pem_files import generate_certifier

from ..tables.iceberg.lakehouse import Lakehouse
from .conftest import Ended

INDEX = ["--index", "example.sealindex", "--key-file", "example.key"]
ON = ["--on", "arrest_number=arrest_no"]
MADE = ["--signing-key", "team.key", "-o", "c.json", "--annex", "c.annex"]
Sealscrub = Callable[..., Ended]
KINDS = pa.schema({"arrest_no": pa.string(), "n": pa.int64()})
ADDRESSES = {"delta": "delta:lake/{}", "version": "delta:lake/{}@v0", "iceberg": "iceberg:lakehouse/police.{}"}


@pytest.fixture
def office(world: Path) -> Iterator[Path]:
    """The tables of the world as files and in lakes, next to a plan of one."""
    lake = Lakehouse(world)
    generate_certifier(world / "team.key")
    (world / "made.py").write_text("def build(frame):\n    return frame\n")
    for name in ("clean", "found"):
        rows = pl.read_csv(f"{name}.csv")
        rows.write_parquet(f"{name}.parquet")
        deltalake.write_deltalake(f"lake/{name}", rows.to_arrow())
        lake.create(name, KINDS, rows=rows.to_arrow().cast(KINDS))
    yield world
    lake.close()


READING: dict[str, list[Any]] = {
    "scan": ["scan", "{found}", *INDEX, *ON],
    "scrub": ["scrub", "{found}", *INDEX, *ON, "--dry-run"],
    "audit-model": ["audit-model", "clean.parquet", *INDEX, *ON, "--rows", "{found}"],
    "aggregate": ["aggregate", "{found}", "--by", "n", "-o", "figures.csv"],
    "certify": ["certify", "--data", "{clean}", *INDEX, *ON, *MADE],
    "certify-found": ["certify", "--data", "{found}", *INDEX, *ON, *MADE],
}
REFUSING: dict[str, list[Any]] = {
    "check-nullity": ["check-nullity", "made:build", "--data", "{found}", *INDEX, *ON],
    "guard-check": ["guard-check", "--module", "made:build", "--route", "GET /{id}", "--data", "{found}", *INDEX, *ON],
    "guard": ["guard", "{found}", *INDEX, *ON, "-o", "out.parquet"],
    "guard-known": ["guard", "found.parquet", *INDEX, *ON, "-o", "out.parquet", "--known", "{clean}"],
    "plan-init": ["plan", "init", "{found}", "-o", "plan.toml"],
    "init": ["init", "--who", "data-scientist", "--data", "{found}"],
}


def asked(sealscrub: Sealscrub, words: list[Any], address: str | None) -> Ended:
    places = {name: f"{name}.parquet" if address is None else address.format(name) for name in ("clean", "found")}
    return sealscrub(
        *(str(word).format(**places) if "{clean}" in word or "{found}" in word else word for word in words)
    )


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize("command", READING)
def test_what_reads_a_table_reads_one_of_a_lake(office: Path, sealscrub: Sealscrub, command: str, kind: str) -> None:
    """It ends as it does for a file of the same rows."""
    of_file = asked(sealscrub, READING[command], None)
    for made in ("c.json", "c.annex", "figures.csv"):
        (office / made).unlink(missing_ok=True)
    assert asked(sealscrub, READING[command], ADDRESSES[kind]).code == of_file.code


@pytest.mark.parametrize("kind", ADDRESSES)
@pytest.mark.parametrize("command", REFUSING)
def test_what_reads_files_alone_says_so(office: Path, sealscrub: Sealscrub, command: str, kind: str) -> None:
    before = set(os.listdir(office))
    ended = asked(sealscrub, REFUSING[command], ADDRESSES[kind])
    assert ended.code == 2
    assert "Delta and Iceberg tables are not read here, only files" in ended.err
    assert set(os.listdir(office)) - before <= {"__pycache__", "example.key.state"}


def inventory(office: Path, address: str) -> Path:
    place = office / "below" / "inventory.toml"  # places in it count from its own folder
    place.parent.mkdir(exist_ok=True)
    below = address.replace("delta:", "delta:../")
    place.write_text(f'version = 1\n[[datasets]]\nname = "t"\npath = "{below}"\ncertificate = "../c.json"\n')
    return place


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize(
    "words", [["{found}", "-o", "out"], ["{found}", "--in-place"], ["found.parquet", "-o", "{new}"]]
)
def test_spark_is_not_started_for_one(office: Path, sealscrub: Sealscrub, words: list[str], kind: str) -> None:
    """With a master that does not exist: it would be looked for."""
    address = ADDRESSES[kind]
    named = [word.format(found=address.format("found"), new=address.format("new")) for word in words]
    ended = sealscrub("scrub", *named, *INDEX, *ON, "--engine", "spark", "--master", "spark://nowhere.invalid:1")
    assert ended.code == 2, ended
    assert "are not read or written with Spark" in " ".join(ended.err.split())
    assert "leave out --engine" in ended.err
    assert not (office / "out").exists()


@pytest.mark.parametrize("kind", ADDRESSES)
def test_coverage_knows_a_certified_table_until_it_changes(office: Path, sealscrub: Sealscrub, kind: str) -> None:
    address = ADDRESSES[kind].format("clean")
    assert asked(sealscrub, READING["certify"], ADDRESSES[kind]).code == 0
    words = ["audit", "coverage", inventory(office, address), *INDEX, "--trusted-key", "team.key.pub"]
    assert sealscrub(*words).code == 0
    rows = pl.read_csv("found.csv").to_arrow().cast(KINDS)
    if kind == "iceberg":
        lake = Lakehouse(office)
        lake.catalog.load_table("police.clean").append(rows)
        lake.catalog.close()
    else:
        deltalake.write_deltalake("lake/clean", rows, mode="append")
    ended = sealscrub(*words)
    assert ended.code == (0 if kind == "version" else 1), ended
    assert kind == "version" or "it is about other contents" in " ".join(ended.out.split())


@pytest.mark.parametrize("kind", ADDRESSES)
def test_copies_lists_the_versions_of_a_table(office: Path, sealscrub: Sealscrub, kind: str) -> None:
    words = ["copies", inventory(office, ADDRESSES[kind].format("found")), *INDEX, "--keep-days", "0"]
    assert sealscrub(*words).code == 0
    rows = pl.read_csv("clean.csv").to_arrow().cast(KINDS)
    if kind == "iceberg":
        lake = Lakehouse(office)
        lake.catalog.load_table("police.found").overwrite(rows)
        lake.catalog.close()
    else:
        deltalake.write_deltalake("lake/found", rows, mode="overwrite")
    ended = sealscrub(*words, "--report", "copies.json")
    assert re.search(r"\d earlier versions? can still be read", " ".join((office / "copies.json").read_text().split()))
    assert ended.code in (0, 1)


@pytest.mark.parametrize(
    "address", ["delta:lake/none", "delta:.", "iceberg:lakehouse/police.none", "iceberg:x/y.z", "iceberg:x"]
)
@pytest.mark.parametrize("command", [["audit", "coverage"], ["copies"]], ids=lambda words: words[0])
def test_a_table_that_cannot_be_looked_at_is_not_clean(
    office: Path, sealscrub: Sealscrub, command: list[str], address: str
) -> None:
    ended = sealscrub(*command, inventory(office, address), *INDEX)
    assert ended.code == 3, ended
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("output", [None, "delta:clean/of-plan", "iceberg:lakehouse/police.of_plan"])
@pytest.mark.parametrize("source", ["delta:lake/found", "iceberg:lakehouse/police.found"])
def test_coverage_knows_what_a_plan_wrote_of_a_lake(
    office: Path, sealscrub: Sealscrub, source: str, output: str | None
) -> None:
    more = "" if output is None else f'output = "{output}"\n'
    (office / "sealscrub.toml").write_text(
        f'version = 1\nuse = "training"\n[tables.found]\nsource = "{source}"\n{more}'
        'keys = { arrest_number = "arrest_no" }\nindependent = { n = "a number of the row" }\n'
    )
    assert sealscrub("scrub", "--plan", "sealscrub.toml", *INDEX, "-o", "out").code == 0
    ended = sealscrub("audit", "coverage", "--plan-output", "sealscrub.toml=out", *INDEX)
    in_catalog = output is not None and output.startswith("iceberg:")
    assert ended.code == in_catalog, ended
    assert ("written to a table of a catalog" in " ".join(ended.out.split())) is in_catalog


@pytest.mark.parametrize("property", ["write.data.path", "write.metadata.path"])
@pytest.mark.parametrize(
    "words",
    [
        ["scan", "--report", "apart/below/report.html"],
        ["scan", "--report", "apart/below/report.html", "--history"],
        ["scrub", "--dry-run", "--report", "apart/below/report.html"],
        ["scrub", "-o", "apart/below/clean.parquet"],
        ["scrub", "-o", "clean.parquet", "--quarantine", "apart/below/aside.parquet"],
    ],
    ids=lambda words: " ".join(words[:-1]),
)
def test_nothing_is_put_where_a_table_puts_its_files(
    office: Path, sealscrub: Sealscrub, property: str, words: list[str]
) -> None:
    """Also if that is outside of the table's folder: a file in it would be a stray one of the table."""
    lake = Lakehouse(office)
    with lake.catalog.load_table("police.found").transaction() as change:
        change.set_properties({property: f"file://{office}/apart"})
    lake.catalog.close()
    (office / "apart" / "below").mkdir(parents=True)
    ended = sealscrub(words[0], "iceberg:lakehouse/police.found", *words[1:], *INDEX, *ON)
    assert ended.code == 2, ended
    assert "next to" in ended.err or "read" in ended.err
    assert not any((office / "apart" / "below").iterdir())
