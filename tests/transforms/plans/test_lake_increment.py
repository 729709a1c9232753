"""From one night to the next with Delta and Iceberg tables: what a full run gives, and only what changed is written."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.increment import Record

from ...tables.iceberg.lakehouse import Lakehouse
from .test_increment import NUMBERS, Nights, alter, contents, estate, nights

__all__ = ["estate"]  # which pytest finds here


@pytest.fixture
def lake(estate: Path) -> Iterator[Lakehouse]:
    """The estate with its tables in Delta, each in two commits, and in a catalog."""
    made = Lakehouse(estate)
    for name in ("arrests", "features"):
        rows = pl.read_parquet(estate / ("arrests/*.parquet" if name == "arrests" else "features.parquet")).to_arrow()
        put_delta(estate / f"{name}_delta", rows)
        put_iceberg(made, name, rows)
    yield made
    made.close()


def put_delta(place: Path, rows: pa.Table) -> None:
    for part in (rows.slice(0, 9), rows.slice(9)):
        deltalake.write_deltalake(place, part, mode="append")


def put_iceberg(lake: Lakehouse, name: str, rows: pa.Table) -> None:
    held = lake.create(name, rows.schema)
    for part in (rows.slice(0, 9), rows.slice(9)):
        held.append(part)


def plan_of(lake: Lakehouse, arrests: str = "delta", features: str = "iceberg", output: str | None = None) -> Plan:
    def source(name: str, kind: str) -> str:
        return f"delta:{name}_delta" if kind == "delta" else lake.address(name)

    tables: dict[str, Any] = {
        "arrests": {
            "source": source("arrests", arrests),
            "keys": {"arrest_number": "arrest_no"},
            "rekey": ["arrest_id"],
        },
        "charges": {"source": "charges", "link": {"arrest_id": "arrests.arrest_id"}},
        "features": {
            "source": source("features", features),
            "link": {"arrest_id": "arrests.arrest_id"},
            "independent": {"person": "identity", "day": "the arrest itself"},
            "derived": {"priors": "select count(*) from arrests a where a.person = this.person and a.day < this.day"},
        },
        "people": {"source": "people.parquet", "orphan_of": {"person": "arrests.person"}},
    }
    if output is not None:
        tables["features"]["output"] = output
    return Plan.from_dict({"version": 1, "tables": tables}, root=lake.warehouse.parent)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sets=nights, kinds=st.sampled_from([("delta", "iceberg"), ("iceberg", "delta")]), to_delta=st.booleans())
def test_an_incremental_run_gives_what_a_full_run_gives(
    lake: Lakehouse,
    tmp_path_factory: pytest.TempPathFactory,
    sets: list[set[str]],
    kinds: tuple[str, str],
    to_delta: bool,
) -> None:
    made = tmp_path_factory.mktemp("nights")
    custodian, plan = Nights(made / "keys"), plan_of(lake, *kinds, "delta:lake" if to_delta else None)
    indexes = [custodian.index(sealed) for sealed in sets]
    plan.scrub(index=indexes[0], output=made / "clean")
    for earlier, index in itertools.pairwise(indexes):
        report = plan.scrub(index=index, output=made / "clean", replace=True, since=earlier)
        for kept in made.glob("clean.earlier-*"):
            kept.rename(made / f"kept-{index.epoch}")
        full = made / f"full-{index.epoch}"
        plan.scrub(index=index, output=full, label="clean")
        assert contents(made / "clean") == contents(full)
        assert not any("full run" in warning for warning in report.warnings)


def test_what_the_difference_does_not_reach_is_linked(lake: Lakehouse, tmp_path: Path) -> None:
    """A difference that reaches no row of the arrests of one kind, and all that follows from those of the other."""
    custodian, plan = Nights(tmp_path / "keys"), plan_of(lake, features="delta")
    first, second = custodian.index({NUMBERS[0]}), custodian.index({NUMBERS[0], "K14999999"})
    plan.scrub(index=first, output=tmp_path / "clean")
    before = {path: path.stat().st_ino for path in (tmp_path / "clean").rglob("*") if path.is_file()}
    plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=first)
    assert before == {path: path.stat().st_ino for path in (tmp_path / "clean").rglob("*") if path.is_file()}
    shutil.rmtree(next(tmp_path.glob("clean.earlier-*")))
    third = custodian.index({*NUMBERS[:2], "K14999999"})
    plan.scrub(index=third, output=tmp_path / "clean", replace=True, since=second)
    linked = [path.relative_to(tmp_path / "clean").parts[0] for path in before if _is_at(path, before[path])]
    assert set(linked) == {"people.parquet", "charges", "arrests_delta"}
    assert linked.count("arrests_delta") == 1  # of two files and a log


ALIKE = [["K14000001", "B16000009"], ["K14000002", "B16000009"], ["B16000009"], ["K14000001"]]


@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_of_a_table_only_files_that_the_difference_reaches_are_written(
    lake: Lakehouse, tmp_path: Path, kind: str
) -> None:
    """Also if several have the same rows, and so are called by their order."""
    house = lake.create("alike", pa.schema({"arrest_no": pa.string()}))
    for numbers in ALIKE:
        rows = pa.table({"arrest_no": numbers})
        deltalake.write_deltalake(lake.warehouse.parent / "alike_delta", rows, mode="append")
        house.append(rows)
    arrests = {"source": f"delta:alike_{kind}" if kind == "delta" else lake.address("alike"), "output": "delta:alike"}
    tables = {"arrests": arrests | {"keys": {"arrest_number": "arrest_no"}, "independent": "the arrest"}}
    plan = Plan.from_dict({"version": 1, "tables": tables}, root=lake.warehouse.parent)
    custodian, linked, earlier = Nights(tmp_path / "keys"), [], None
    for at, sealed in enumerate([set(), {1}, {1, 2}, {1, 2, 3}, {2}]):
        index = custodian.index({f"K1400000{number}" for number in sealed})
        before = _inodes(tmp_path / "clean")
        report = plan.scrub(index=index, output=tmp_path / "clean", replace=earlier is not None, since=earlier)
        plan.scrub(index=index, output=tmp_path / f"full-{at}", label="clean")
        assert contents(tmp_path / "clean") == contents(tmp_path / f"full-{at}")
        assert not any("full run" in warning for warning in report.warnings)
        linked.append(len([inode for inode in _inodes(tmp_path / "clean") if inode in before]))
        for kept in tmp_path.glob("clean.earlier-*"):
            kept.rename(tmp_path / f"kept-{at}")
        earlier = index
    assert linked == [0, 2, 2, 4, 2]  # the fourth night all that there is, with the log


@pytest.mark.parametrize("features", ["delta", "iceberg"])
def test_what_was_written_of_a_lake_is_known_by_its_bytes(lake: Lakehouse, tmp_path: Path, features: str) -> None:
    """Whichever file of it has others than those that were written, size and time as they were."""
    custodian, plan = Nights(tmp_path / "keys"), plan_of(lake, features=features)
    first, second = custodian.index({NUMBERS[0]}), custodian.index({NUMBERS[0], "K14999999"})
    plan.scrub(index=first, output=tmp_path / "first", label="clean")
    files = [path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*") if path.is_file()]
    of_the_lake = [path for path in files if "delta" in str(path) or "police" in str(path)]
    for at, path in enumerate([None, *of_the_lake]):
        copied = shutil.copytree(tmp_path / "first", tmp_path / f"clean-{at}")
        shutil.copy(Record(tmp_path / "first").path, Record(copied).path)
        if path is not None:
            alter(copied / path)
        report = plan.scrub(index=second, output=copied, replace=True, since=first, label="clean")
        assert any("full run" in warning for warning in report.warnings) == (path is not None)


def _inodes(folder: Path) -> set[int]:
    return {path.stat().st_ino for path in folder.rglob("*") if path.is_file()}


def _is_at(path: Path, inode: int) -> bool:
    return path.exists() and path.stat().st_ino == inode


def _append(lake: Lakehouse, name: str, kind: str) -> None:
    rows = pa.table({"arrest_no": ["K14888888"], "arrest_id": [99], "person": [1], "day": [None]})
    if kind == "delta":
        place = lake.warehouse.parent / f"{name}_delta"
        held = pa.schema(deltalake.DeltaTable(place).schema().to_arrow())
        deltalake.write_deltalake(place, rows.select(held.names).cast(held), mode="append")
    else:
        table = lake.catalog.load_table(f"police.{name}")
        table.append(rows.cast(table.schema().as_arrow()))


def _create_again(lake: Lakehouse, name: str, kind: str) -> None:
    if kind == "delta":
        place = lake.warehouse.parent / f"{name}_delta"
        rows = deltalake.DeltaTable(place).to_pyarrow_table()
        shutil.rmtree(place)
        put_delta(place, rows)
    else:
        rows = lake.catalog.load_table(f"police.{name}").scan().to_arrow()
        lake.catalog.drop_table(f"police.{name}")
        shutil.rmtree(lake.folder(name))
        put_iceberg(lake, name, rows)


def _set_property(lake: Lakehouse, name: str, kind: str) -> None:
    if kind == "delta":
        table = deltalake.DeltaTable(lake.warehouse.parent / f"{name}_delta")
        table.alter.set_table_properties({"delta.logRetentionDuration": "interval 60 days"})
    else:
        with lake.catalog.load_table(f"police.{name}").transaction() as change:
            change.set_properties({"comment": "of the city"})


def _replace_file(lake: Lakehouse, name: str, kind: str) -> None:
    place = lake.warehouse.parent / f"{name}_delta" if kind == "delta" else lake.folder(name)
    path = next(place.rglob("*.parquet"))
    held = path.read_bytes()
    path.unlink()
    path.write_bytes(held)


CHANGES = {"appended": _append, "created again": _create_again, "declared": _set_property, "replaced": _replace_file}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", ["delta", "iceberg"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_changed_is_a_full_run(lake: Lakehouse, tmp_path: Path, kind: str, change: str) -> None:
    custodian, plan = Nights(tmp_path / "keys"), plan_of(lake, arrests=kind)
    first, second = custodian.index({NUMBERS[0]}), custodian.index({*NUMBERS[:2], "K14888888"})
    plan.scrub(index=first, output=tmp_path / "clean")
    CHANGES[change](lake, "arrests", kind)
    report = plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=first)
    plan.scrub(index=second, output=tmp_path / "full", label="clean")
    assert any("full run" in warning for warning in report.warnings)
    assert contents(tmp_path / "clean") == contents(tmp_path / "full")


def test_a_table_of_a_catalog_is_a_full_run(lake: Lakehouse, tmp_path: Path) -> None:
    custodian, plan = Nights(tmp_path / "keys"), plan_of(lake, output=lake.address("clean"))
    first, second = custodian.index({NUMBERS[0]}), custodian.index({*NUMBERS[:2]})
    plan.scrub(index=first, output=tmp_path / "clean")
    report = plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=first)
    assert any("full run" in warning for warning in report.warnings)
    assert lake.catalog.load_table("police.clean").scan().to_arrow().num_rows == len(NUMBERS) - 2
    assert pq.read_table(tmp_path / "clean" / "people.parquet").num_rows
