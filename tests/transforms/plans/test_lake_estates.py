"""A plan writes Delta and Iceberg tables, of either kind, together with the rest of the estate or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub.errors import ConfigError, SealscrubError, UsageError, WriteFailed
from sealscrub.transforms.plans import Plan

from ...contracts.test_every_format import KEPT, ROWS, as_text, table
from ...tables.iceberg.lakehouse import Lakehouse, rows_of, scan, without_chance
from ..arrests import index

POLICY = {"max_unparsable": 1, "accept": ["null"]}
ARRESTS = {"keys": {"arrest_number": "arrest_no"}, "independent": "itself"}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    (tmp_path / "estate").mkdir()
    made = Lakehouse(tmp_path / "estate")
    yield made
    made.close()


def put(lake: Lakehouse, rows: pa.Table, name: str = "") -> Path:
    """An estate of a table of each kind, and a file that is linked to both."""
    root = lake.warehouse.parent
    lake.create(f"iced{name}", rows.schema, rows=rows)
    deltalake.write_deltalake(root / f"delta{name}", rows)
    pl.from_arrow(rows.select(["arrest_no"])).write_csv(root / f"cases{name}.csv")  # type: ignore[union-attr]
    return root


def plan(lake: Lakehouse, name: str = "", **outputs: str) -> Plan:
    sources = {"iced": lake.address(f"iced{name}"), "delta": f"delta:delta{name}", "cases": f"cases{name}.csv"}
    tables: dict[str, Any] = {each: {"source": source, **ARRESTS} for each, source in sources.items()}
    for each, output in outputs.items():
        tables[each]["output"] = output
    return Plan.from_dict({"version": 1, "policy": POLICY, "tables": tables}, root=lake.warehouse.parent)


def scrub(made: Plan, out: Path, **options: Any) -> Any:
    return made.scrub(index=index(), output=out, label="clean", **options)


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tables_of(lake: Lakehouse) -> list[str]:
    return sorted(name for _, name in lake.catalog.list_tables("police"))


@pytest.mark.parametrize("to", ["delta", "iceberg"])
def test_each_kind_is_written_as_each(lake: Lakehouse, tmp_path: Path, to: str) -> None:
    """The estate less its sealed rows gives the same files and tables."""
    root, states = put(lake, table(ROWS)), []
    put(lake, table(KEPT), "_without")
    for name in ("", "_without"):
        if to == "delta":
            outputs = {"iced": "delta:lake/iced", "delta": "delta:lake/other"}
        else:
            outputs = {"iced": lake.address(f"first{name}"), "delta": lake.address(f"second{name}")}
        scrub(plan(lake, name, **outputs), tmp_path / f"out{name}")
        if name:
            (tmp_path / f"out{name}" / f"cases{name}.csv").rename(tmp_path / f"out{name}" / "cases.csv")
        held = [without_chance(lake, f"{each}{name}") for each in ("first", "second")] if to == "iceberg" else []
        states.append((state(tmp_path / f"out{name}"), held))
    assert states[0] == states[1]
    written = (
        outputs if to == "iceberg" else {each: f"delta:{tmp_path}/out/{held[6:]}" for each, held in outputs.items()}
    )
    for address in written.values():
        assert sorted(rows_of(address), key=str) == sorted(as_text(KEPT), key=str)
        assert scan(address, history=True).clean
    assert (root / "delta").is_dir()


def test_a_failure_leaves_nothing_of_the_estate(lake: Lakehouse, tmp_path: Path) -> None:
    """The first table is in its catalog when the second, or the rename of the folder, fails."""
    put(lake, table(ROWS))
    made = plan(lake, iced=lake.address("first"), delta=lake.address("second"))
    lake.folder("second").mkdir()
    (lake.folder("second") / "held").touch()
    before = tables_of(lake)
    with pytest.raises(UsageError, match="holds files"):
        scrub(made, tmp_path / "out")
    assert (tables_of(lake), lake.folder("first").exists(), (tmp_path / "out").exists()) == (before, False, False)
    (lake.folder("second") / "held").unlink()

    def in_the_way(*_: object) -> None:
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / "mine").touch()

    with pytest.raises(WriteFailed):
        scrub(made, tmp_path / "out", progress=in_the_way)
    assert (tables_of(lake), lake.folder("first").exists(), lake.folder("second").exists()) == (before, False, False)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
    scrub(made, tmp_path / "other")
    assert tables_of(lake) == [*sorted([*before, "first", "second"])]


def test_what_cannot_be_taken_back_is_named(lake: Lakehouse, tmp_path: Path) -> None:
    put(lake, table(ROWS))
    made = plan(lake, iced=lake.address("first"), delta=lake.address("second"))
    with sqlite3.connect(lake.warehouse.parent / "catalog.db") as catalog:
        refused = "BEGIN SELECT RAISE(FAIL, 'no'); END"
        catalog.execute(f"CREATE TRIGGER a BEFORE INSERT ON iceberg_tables WHEN NEW.table_name = 'second' {refused}")
        catalog.execute(f"CREATE TRIGGER b BEFORE DELETE ON iceberg_tables {refused}")
    with pytest.raises(WriteFailed, match="could not be removed") as caught:
        scrub(made, tmp_path / "out")
    assert caught.value.where == lake.address("first")
    assert not (tmp_path / "out").exists()
    assert rows_of(lake.address("first")) == as_text(KEPT)


def test_an_earlier_table_is_replaced_with_the_folder(lake: Lakehouse, tmp_path: Path) -> None:
    put(lake, table(ROWS))
    made = plan(lake, delta=lake.address("clean"), iced="delta:clean")
    scrub(made, tmp_path / "out")
    with pytest.raises(UsageError, match=r"already exists|new or empty"):
        scrub(made, tmp_path / "out")
    with pytest.raises(UsageError, match=r"tables.delta.output.*already exists"):
        scrub(made, tmp_path / "new")
    first = lake.catalog.load_table("police.clean").metadata
    lake.catalog.load_table("police.iced").append(table(ROWS))
    report = scrub(made, tmp_path / "out", replace=True)
    (earlier,) = [name for name in tables_of(lake) if name.startswith("clean_earlier_")]
    assert f"the earlier table is kept as police.{earlier}" in report.to_text()
    assert lake.catalog.load_table(f"police.{earlier}").metadata.table_uuid == first.table_uuid
    new = lake.catalog.load_table("police.clean").metadata
    assert (new.table_uuid != first.table_uuid, new.location != first.location) == (True, True)
    assert rows_of(lake.address("clean")) == as_text(KEPT)
    assert len(rows_of(f"delta:{tmp_path / 'out' / 'clean'}")) == 2 * len(KEPT)
    lake.catalog.drop_table(f"police.{earlier}")
    for path in tmp_path.glob("out.earlier-*"):
        shutil.rmtree(path)
    with sqlite3.connect(lake.warehouse.parent / "catalog.db") as catalog:
        catalog.execute("CREATE TRIGGER a BEFORE INSERT ON iceberg_tables BEGIN SELECT RAISE(FAIL, 'no'); END")
    with pytest.raises(WriteFailed):
        scrub(made, tmp_path / "out", replace=True)
    assert tables_of(lake) == ["clean", "iced"]
    assert lake.catalog.load_table("police.clean").metadata == new


def test_outputs_that_are_refused(lake: Lakehouse, tmp_path: Path) -> None:
    root = put(lake, table(ROWS))
    pq.write_table(table(KEPT), root / "more.parquet")
    for outputs, said in (
        ({"cases": "delta:cases"}, "only a Delta or Iceberg table has an output"),
        ({"iced": "clean.parquet"}, "only a Delta or Iceberg table has an output"),
        ({"iced": "delta:../clean"}, "below the plan's output"),
        ({"iced": f"delta:{tmp_path / 'clean'}"}, "below the plan's output"),
        ({"iced": "delta:."}, "below the plan's output"),
        ({"iced": "delta:clean@v1"}, "below the plan's output"),
        ({"iced": "delta:_delta_log"}, "taken for parts of this one"),
        ({"iced": "delta:clean/.hoodie/x"}, "taken for parts of this one"),
        ({"iced": f"iceberg:{lake.name}/courts.clean"}, r"tables\.iced\.output.*no such namespace"),
        ({"delta": lake.address("iced")}, r"tables\.delta\.output.*would replace the input"),
    ):
        with pytest.raises((ConfigError, UsageError), match=said):
            scrub(plan(lake, **outputs), tmp_path / "out", replace=True)
        assert not (tmp_path / "out").exists()
        assert tables_of(lake) == ["iced"]


def test_a_place_of_two_tables_is_refused(lake: Lakehouse, tmp_path: Path) -> None:
    """By a check and a dry run, too: the plan says it."""
    put(lake, table(ROWS))
    address = lake.address("clean")
    for outputs, said in (
        ({"iced": "delta:delta"}, r"iced\.output: would be written to delta, where tables\.delta is"),
        ({"iced": "delta:delta/inside"}, r"where tables\.delta is"),
        ({"iced": "delta:cases.csv"}, r"where tables\.cases is"),
        ({"delta": "delta:police"}, r"iced\.source: would be written to police/iced.parquet, where tables\.delta is"),
        ({"iced": "delta:clean", "delta": "delta:clean"}, r"iced\.output: .*where tables\.delta is"),
        ({"iced": address, "delta": address}, r"delta\.output: is the output of tables\.iced as well"),
    ):
        made = plan(lake, **outputs)
        for run in (made.check, partial(made.scrub, index=index(), dry_run=True), partial(scrub, made, tmp_path / "o")):
            with pytest.raises(ConfigError, match=said):
                run()


@pytest.mark.parametrize("source", ["delta:./delta", "delta:delta@v0", "delta:link"])
def test_one_table_named_twice_is_refused(lake: Lakehouse, tmp_path: Path, source: str) -> None:
    """By a check, too."""
    root = put(lake, table(ROWS))
    (root / "link").symlink_to(root / "delta")
    tables = {"first": {"source": "delta:delta", **ARRESTS}, "second": {"source": source, **ARRESTS}}
    twice = Plan.from_dict({"version": 1, "tables": tables}, root=root)
    for run in (twice.check, lambda: scrub(twice, tmp_path / "out", replace=False)):
        with pytest.raises(ConfigError, match="is the same table as"):
            run()


def test_a_type_that_the_output_cannot_hold_is_named_with_its_table(lake: Lakehouse, tmp_path: Path) -> None:
    rows = table(ROWS).append_column("hour", pa.array([None] * len(ROWS), pa.time64("us")))
    lake.create("iced", rows.schema, rows=rows)
    spec = {"source": lake.address("iced"), "output": "delta:clean", **ARRESTS}
    made = Plan.from_dict({"version": 1, "policy": POLICY, "tables": {"iced": spec}}, root=lake.warehouse.parent)
    with pytest.raises(SealscrubError, match=r"tables\.iced\.output.*'hour' is of a type"):
        scrub(made, tmp_path / "out")


def test_a_delta_table_is_handed_in_and_comes_back_as_an_arrow_table(lake: Lakehouse, tmp_path: Path) -> None:
    deltalake.write_deltalake(tmp_path / "t", table(ROWS))
    spec = {"source": "delta:t", **ARRESTS}
    made = Plan.from_dict({"version": 1, "policy": POLICY, "tables": {"delta": spec}}, root=tmp_path)
    assert (
        made.scrub({"delta": deltalake.DeltaTable(tmp_path / "t")}, index())["delta"].to_pylist()
        == table(KEPT).to_pylist()
    )
