"""A plan reads Iceberg tables, and writes their rows as files of Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from sealscrub.errors import ConfigError, UsageError
from sealscrub.transforms.plans import Plan

from ...contracts.test_every_format import KEPT, ROWS, table
from ...tables.iceberg.lakehouse import Lakehouse
from ..arrests import SEALED, index

POLICY = {"max_unparsable": 1, "accept": ["null"]}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    (tmp_path / "estate").mkdir()
    made = Lakehouse(tmp_path / "estate")
    made.create("arrests", table(ROWS).schema, rows=table(ROWS)).append(table(ROWS))
    yield made
    made.close()


def plan(root: Path, **tables: Any) -> Plan:
    return Plan.from_dict({"version": 1, "policy": POLICY, "tables": tables}, root=root)


def arrests(lake: Lakehouse, name: str = "arrests", **more: Any) -> dict[str, Any]:
    return {"source": lake.address(name), "keys": {"arrest_number": "arrest_no"}, "independent": "itself", **more}


def test_it_is_scanned_and_written_with_what_follows_from_it(lake: Lakehouse, tmp_path: Path) -> None:
    """Rows of another table that are linked to it go with it."""
    charges = pl.DataFrame({"case": [row[0] for row in ROWS], "charge": [str(at) for at in range(len(ROWS))]})
    charges.write_csv(tmp_path / "estate" / "charges.csv")
    linked = {"source": "charges.csv", "keys": {"arrest_number": "case"}, "independent": "itself"}
    made = plan(tmp_path / "estate", arrests=arrests(lake), charges=linked)
    assert made.scan(index=index()).exit_code == 1
    made.scrub(index=index(), output=tmp_path / "clean", label="clean")
    rows = pq.read_table(tmp_path / "clean" / "police" / "arrests.parquet").to_pylist()
    assert rows == table([*KEPT, *KEPT]).to_pylist()
    assert pl.read_csv(tmp_path / "clean" / "charges.csv").height == len(KEPT)
    assert not [key for key in SEALED if key in str(rows)]
    again = made.scrub(index=index(), output=tmp_path / "clean", label="clean", replace=True, since=index())
    assert "this was a full run" not in again.to_text()  # the table is of the version of before
    assert pq.read_table(tmp_path / "clean" / "police" / "arrests.parquet").to_pylist() == rows


@pytest.mark.parametrize("handed", ["address", "table"])
def test_it_is_handed_in_and_comes_back_as_an_arrow_table(lake: Lakehouse, tmp_path: Path, handed: str) -> None:
    data = lake.address("arrests") if handed == "address" else lake.catalog.load_table("police.arrests")
    made = plan(tmp_path / "estate", arrests=arrests(lake)).scrub({"arrests": data}, index())
    assert made["arrests"].to_pylist() == table([*KEPT, *KEPT]).to_pylist()


def test_a_warehouse_outside_of_the_plans_folder_is_refused(lake: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigError, match="outside of the plan's folder"):
        plan(tmp_path / "other", arrests=arrests(lake)).scan(index=index())
    lake.create(
        "apart", table(ROWS).schema, rows=table(ROWS), properties={"write.data.path": f"file://{tmp_path}/apart"}
    )
    with pytest.raises(ConfigError, match="outside of the plan's folder"):
        plan(tmp_path / "estate", arrests=arrests(lake, "apart")).scan(index=index())


def test_two_tables_are_not_written_to_one_place(lake: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "estate" / "police").mkdir()
    for source in ("police/arrests.parquet", "police/*.parquet", "police"):
        pq.write_table(table(KEPT), tmp_path / "estate" / "police" / "arrests.parquet")
        more = {"source": source, "keys": {"arrest_number": "arrest_no"}, "independent": "itself"}
        with pytest.raises(ConfigError, match=r"where tables\.more is written"):
            plan(tmp_path / "estate", arrests=arrests(lake), more=more).scrub(
                index=index(), output=tmp_path / "clean", label="clean"
            )
        assert not (tmp_path / "clean").exists()


def test_an_output_in_the_table_is_refused(lake: Lakehouse, tmp_path: Path) -> None:
    for place in (lake.folder("arrests") / "clean", lake.folder("arrests"), tmp_path / "estate"):
        with pytest.raises(UsageError, match=r"input's folder|replace the input"):
            plan(tmp_path / "estate", arrests=arrests(lake)).scrub(
                index=index(), output=place, label="clean", replace=True
            )
