"""Delta tables are read as the protocol says, and written anew as if the sealed rows had never been."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ConfigError, MissingExtra, SealedElsewhere, UnreadableInput, UsageError
from sealscrub.matching import Policy

from ...contracts.test_every_format import KEPT, ROWS, Row, as_text, table
from ...transforms.arrests import CLEAR, NULLS, ON, SEALED, index
from .hand_built import field, hand_built


def scan(address: Any, **options: Any) -> Any:
    return ss.scan(address, index(), ON, **{"policy": NULLS} | options)


def scrub(address: Any, out: Path, **options: Any) -> Path:
    ss.scrub(address, index(), ON, output=f"delta:{out}", **{"policy": NULLS} | options)
    return out


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(folder: Path) -> list[tuple[Any, ...]]:
    """The rows as the library reads them, sorted."""
    held = pl.DataFrame(pl.from_arrow(pa.table(deltalake.DeltaTable(folder).scan())))
    return sorted(held.select("arrest_no", "precinct", "note").cast(pl.String).rows(), key=str)


def expected(rows: list[Row]) -> list[tuple[Any, ...]]:
    return sorted(as_text(rows), key=str)


def written(folder: Path, commits: list[list[Row]], **options: Any) -> str:
    for rows in commits:
        deltalake.write_deltalake(folder, table(rows), mode="append", **options)
    return f"delta:{folder}"


@pytest.mark.parametrize("name", ["c:ity", "c:", "s3:x y", "file:"])
def test_a_partition_may_have_a_colon_in_its_name(tmp_path: Path, name: str) -> None:
    """Its folder is not a place in a store."""
    made = table(ROWS).rename_columns(["arrest_no", "precinct", name])
    deltalake.write_deltalake(tmp_path / "t", made, partition_by=[name])

    new = scrub(f"delta:{tmp_path / 't'}", tmp_path / "new")
    held = pl.DataFrame(pl.from_arrow(pa.table(deltalake.DeltaTable(new).scan()))).select("arrest_no", name)
    assert sorted(held.rows(), key=str) == sorted([(row[0], row[2]) for row in KEPT], key=str)


drawn = st.tuples(
    st.sampled_from([*SEALED[:2], *CLEAR[:3], None]),
    st.sampled_from([40, 41, 75]),
    st.none() | st.sampled_from(["x", "é", "a=b/c"]),
)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.lists(drawn, min_size=1, max_size=5), min_size=1, max_size=3),
    st.sampled_from([None, ["note"], ["precinct"], ["note", "precinct"], ["arrest_no"]]),
    st.booleans(),
)
def test_nullity_file_by_file(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[Row]], by: list[str] | None, checkpoint: bool
) -> None:
    """A table less its sealed rows gives the same files, log and statistics, whatever commits and partitions it has."""
    folder = tmp_path_factory.mktemp("nullity")
    without = [kept for rows in commits if (kept := [row for row in rows if row[0] not in SEALED])]
    first = written(folder / "with", commits, partition_by=by)
    second = written(folder / "without", without or [[]], partition_by=by)
    if checkpoint:
        deltalake.DeltaTable(folder / "with").create_checkpoint()
    made = scrub(first, folder / "first"), scrub(second, folder / "second")
    assert files(made[0]) == files(made[1])
    assert rows_of(made[0]) == expected([row for rows in without for row in rows])
    shutil.rmtree(folder)


def test_what_is_written_is_a_table_that_goes_on(tmp_path: Path) -> None:
    made = scrub(written(tmp_path / "t", [ROWS, ROWS], partition_by=["precinct"]), tmp_path / "out")
    assert rows_of(made) == expected([*KEPT, *KEPT])
    opened = deltalake.DeltaTable(made)
    assert (opened.version(), opened.metadata().partition_columns) == (0, ["precinct"])
    written(made, [KEPT])
    opened = deltalake.DeltaTable(made)
    opened.optimize.compact()
    opened.create_checkpoint()
    assert rows_of(made) == expected([*KEPT, *KEPT, *KEPT])
    assert scan(f"delta:{made}").clean


def test_only_rows_of_the_version_are_read(tmp_path: Path) -> None:
    address = written(tmp_path / "t", [ROWS])
    deltalake.DeltaTable(tmp_path / "t").delete("precinct = 40")
    assert scan(address).tables[0].keys[0].sealed == 1
    assert scan(f"{address}@v0").tables[0].keys[0].sealed == 2
    assert scan(deltalake.DeltaTable(tmp_path / "t", version=0)).tables[0].name == "delta:t@v0"


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("hidden", [[0], [3], [0, 3], [1, 2, 4], [0, 1, 2, 3, 4]])
def test_rows_that_a_deletion_vector_hides_are_not_of_the_version(
    tmp_path: Path, hidden: list[int], stored: bool
) -> None:
    options: dict[str, Any] = {"vectors": {0: hidden}, "reader": ["deletionVectors"], "stored": stored}
    address = hand_built(tmp_path / "t", [ROWS, KEPT], **options)
    live = [row for at, row in enumerate(ROWS) if at not in hidden]
    report = scan(address)
    assert report.tables[0].rows == len(live) + len(KEPT)
    assert report.tables[0].keys[0].sealed == sum(row[0] in SEALED for row in live)
    made = scrub(address, tmp_path / "out")
    assert rows_of(made) == expected([row for row in [*live, *KEPT] if row[0] not in SEALED])
    assert 'deletionVector"' not in (made / "_delta_log" / f"{0:020}.json").read_text()


def test_an_edit_meets_its_rows_behind_a_deletion_vector(tmp_path: Path) -> None:
    address = hand_built(tmp_path / "t", [KEPT, ROWS], vectors={1: [1, 2]}, reader=["deletionVectors"])
    made = scrub(address, tmp_path / "out", null_columns=["arrest_no"], set_values={"note": "seen"})
    edited = [(None, row[1], "seen") if row[0] in SEALED else row for row in (ROWS[0], ROWS[3], ROWS[4])]
    assert rows_of(made) == expected([*KEPT, *edited])


def test_columns_under_other_names_in_the_files(tmp_path: Path) -> None:
    """With column mapping; a column that the schema has dropped is still swept."""
    mapped = [
        field(name) | {"metadata": {"delta.columnMapping.id": at, "delta.columnMapping.physicalName": f"c{at}"}}
        for at, name in enumerate(("arrest_no", "precinct", "note"), 1)
    ]
    held = table(ROWS).rename_columns(["c1", "c2", "c3"])
    options = {
        "fields": mapped,
        "properties": {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "3"},
        "versions": (2, 5),
    }
    address = hand_built(tmp_path / "t", [held], **options)
    assert scan(address).tables[0].keys[0].sealed == 2
    assert rows_of(scrub(address, tmp_path / "out")) == expected(KEPT)
    dropped = held.append_column("c9", pa.array(["", f"see {SEALED[2]}", "", "", ""]))
    report = scan(hand_built(tmp_path / "dropped", [dropped], **options))
    assert [each.place for each in report.tables[0].elsewhere] == ["c9"]


def test_a_column_that_was_added_later_is_null_before(tmp_path: Path) -> None:
    written(tmp_path / "t", [ROWS])
    more = table(ROWS).append_column("more", pa.array([1, 2, 3, 4, 5], pa.int32()))
    deltalake.write_deltalake(tmp_path / "t", more, mode="append", schema_mode="merge")
    made = scrub(f"delta:{tmp_path / 't'}", tmp_path / "out")
    assert pa.table(deltalake.DeltaTable(made).scan()).column("more").null_count == 3
    with pytest.raises(UsageError, match="added"):
        scrub(f"delta:{tmp_path / 't'}", tmp_path / "set", set_values={"more": 2}, accept_marks=["more"])
    assert not (tmp_path / "set").exists()


def test_a_key_that_is_a_partition(tmp_path: Path) -> None:
    """Folders are named by the ids; none of a sealed record is left, and those that stay are no finding."""
    address = written(tmp_path / "t", [ROWS], partition_by=["arrest_no"])
    report = scan(address)
    assert (report.tables[0].keys[0].sealed, report.tables[0].elsewhere) == (2, ())
    made = scrub(address, tmp_path / "out")
    assert rows_of(made) == expected(KEPT)
    assert not [path for path in made.rglob("*") if any(key in path.name for key in SEALED)]


def test_what_is_beside_the_rows_is_swept(tmp_path: Path) -> None:
    named = SEALED[3]
    places = {
        "(metadata)": {"description": f"without {named}"},
        "(declaration)": {"properties": {"delta.constraints.one": f"arrest_no <> '{named}'"}, "versions": (1, 3)},
        "(column names)": {"fields": [*map(field, ("arrest_no", "precinct", "note")), field(named, "string")]},
    }
    for at, (place, options) in enumerate(places.items()):
        address = hand_built(tmp_path / f"t{at}", [KEPT], **options)
        report = scan(address)
        assert (report.exit_code, [each.place for each in report.tables[0].elsewhere]) == (1, [place])
        if place == "(metadata)":  # which goes unless it is kept by name
            made = scrub(address, tmp_path / "out")
            assert named not in (made / "_delta_log" / f"{0:020}.json").read_text()
            with pytest.raises(SealedElsewhere):
                scrub(address, tmp_path / "kept", keep_metadata=["description"])
        else:
            with pytest.raises(SealedElsewhere):
                scrub(address, tmp_path / "kept")
    address = written(tmp_path / "comments", [KEPT])
    assert scan(address).clean
    (part,) = (tmp_path / "comments").glob("*.parquet")
    log = tmp_path / "comments" / "_delta_log" / f"{0:020}.json"
    log.write_text(log.read_text().replace(part.name, f"{named}.parquet"))
    part.rename(part.with_name(f"{named}.parquet"))
    report = scan(address)
    assert [each.place for each in report.tables[0].elsewhere] == ["(file name)"]
    assert rows_of(scrub(address, tmp_path / "named")) == expected(KEPT)


def test_constraints_and_properties_are_kept(tmp_path: Path) -> None:
    properties = {"delta.constraints.one": "precinct > 0", "delta.appendOnly": "true"}
    address = hand_built(tmp_path / "t", [ROWS], properties=properties, versions=(1, 3))
    made = scrub(address, tmp_path / "out")
    assert deltalake.DeltaTable(made).metadata().configuration == properties


def test_a_broken_table_is_refused(tmp_path: Path) -> None:
    address = written(tmp_path / "t", [ROWS, KEPT, KEPT])
    part = next((tmp_path / "t").glob("*.parquet"))
    held = part.read_bytes()
    part.unlink()
    with pytest.raises(UnreadableInput, match="does not exist"):
        scan(address)
    part.write_bytes(held)
    assert scan(address).found
    (tmp_path / "t" / "_delta_log" / f"{1:020}.json").unlink()
    with pytest.raises(UnreadableInput):
        scan(address)
    with pytest.raises(UsageError, match="no _delta_log"):
        scan(f"delta:{tmp_path}")
    with pytest.raises(UsageError, match="no such version"):
        scan(f"delta:{tmp_path / 't'}@v7")


@pytest.mark.parametrize("place", ["s3://bucket/table", "abfss://a@b/c", ""])
def test_a_table_in_a_store_is_refused(place: str) -> None:
    with pytest.raises(ConfigError, match="Delta"):
        scan(f"delta:{place}")


def test_outputs_are_of_the_kind_of_the_input(tmp_path: Path) -> None:
    address = written(tmp_path / "t", [ROWS])
    with pytest.raises(ConfigError, match="Delta or Iceberg table, like the input"):
        ss.scrub(address, index(), ON, output=tmp_path / "out.parquet", policy=NULLS)
    table(ROWS).to_pandas().to_parquet(tmp_path / "file.parquet")
    table(ROWS).to_pandas().to_csv(tmp_path / "file.csv", index=False)
    with pytest.raises(ConfigError, match="only a Delta or Iceberg table"):
        scrub(tmp_path / "file.csv", tmp_path / "out")
    for place in (tmp_path / "t", tmp_path / "t" / "inside"):
        with pytest.raises(UsageError):
            scrub(address, place)
    with pytest.raises(UsageError, match="scrubbed alone"):
        scrub([address, str(tmp_path / "file.parquet")], tmp_path / "out")
    with pytest.raises(ConfigError, match="Parquet"):
        scrub(address, tmp_path / "out", quarantine=tmp_path / "aside.csv", policy=Policy(accept={"null"}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.csv", "file.parquet", "t"]


def test_a_file_that_only_a_checkpoint_names_is_read(tmp_path: Path) -> None:
    address = written(tmp_path / "t", [ROWS, KEPT])
    deltalake.DeltaTable(tmp_path / "t").create_checkpoint()
    (tmp_path / "t" / "_delta_log" / f"{0:020}.json").unlink()
    written(tmp_path / "t", [ROWS])
    assert scan(address).tables[0].keys[0].sealed == 4
    assert rows_of(scrub(address, tmp_path / "out")) == expected([*KEPT, *KEPT, *KEPT])


@pytest.mark.parametrize("name", ["a b", "ü#x", "day=1"])
def test_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    """Also with deletion vectors, which the library names by whole addresses."""
    options: dict[str, Any] = {"vectors": {0: [0]}, "reader": ["deletionVectors"]}
    address = hand_built(tmp_path / name, [ROWS], **options)
    made = scrub(address, tmp_path / f"{name} out")
    assert rows_of(made) == expected(KEPT)


def test_without_the_library_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = written(tmp_path / "t", [ROWS])
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(MissingExtra) as caught:
        scan(address)
    assert "sealscrub[delta]" in caught.value.hint


def test_partition_values_of_every_type(tmp_path: Path) -> None:
    values = {
        "text": pa.array(["a b", "ü/=%", None]),
        "whole": pa.array([1, -2, None], pa.int32()),
        "float": pa.array([0.5, 1e9, None]),
        "flag": pa.array([True, False, None]),
        "day": pa.array([0, 18000, None], pa.date32()),
        "moment": pa.array([0, 1_600_000_000_123_456, None], pa.timestamp("us", "UTC")),
        "wall": pa.array([0, 1_600_000_000_123_456, None], pa.timestamp("us")),
    }
    rows = table([(CLEAR[0], 1, "x"), (SEALED[0], 2, "y"), (CLEAR[1], 3, "z")])
    for name, column in values.items():
        deltalake.write_deltalake(tmp_path / name, rows.append_column(name, column), partition_by=[name])
        made = scrub(f"delta:{tmp_path / name}", tmp_path / f"{name}_out")
        held = pl.DataFrame(pl.from_arrow(pa.table(deltalake.DeltaTable(made).scan()))).sort("precinct")
        assert held.get_column(name).to_list() == [column[0].as_py(), column[2].as_py()]


def test_a_plan_reads_and_writes_it(tmp_path: Path) -> None:
    written(tmp_path / "arrests", [ROWS], partition_by=["precinct"])
    rules = {"keys": {"arrest_number": "arrest_no"}, "independent": "the arrest itself", "accept_null": "a stop"}
    tables = {"arrests": {"source": "delta:arrests", **rules}}
    plan = ss.Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path)
    assert plan.scan(index=index()).found
    plan.scrub(index=index(), output=tmp_path / "clean")
    assert rows_of(tmp_path / "clean" / "arrests") == expected(KEPT)
    with pytest.raises(UsageError, match="folder"):
        plan.scrub(index=index(), output=Path(f"delta:{tmp_path / 'other'}"))
    outside = ss.Plan.from_dict(
        {"version": 1, "tables": {"arrests": {"source": "delta:../arrests", **rules}}}, root=tmp_path / "clean"
    )
    with pytest.raises(ConfigError, match="outside"):
        outside.scan(index=index())


def test_a_plan_removes_what_hangs_on_it_by_a_link(tmp_path: Path) -> None:
    """Charges of a sealed arrest go with it; what is set aside is written as Parquet."""
    rows = [row for row in ROWS if row[0] is not None]
    written(tmp_path / "arrests", [rows])
    charges = pl.DataFrame({"charge": range(4), "arrest": [row[0] for row in rows]})
    deltalake.write_deltalake(tmp_path / "charges", charges)
    plan = ss.Plan.from_dict(
        {
            "version": 1,
            "tables": {
                "arrests": {
                    "source": "delta:arrests",
                    "keys": {"arrest_number": "arrest_no"},
                    "independent": "the arrest itself",
                },
                "charges": {"source": "delta:charges", "link": {"arrest": "arrests.arrest_no"}},
            },
        },
        root=tmp_path,
    )
    plan.scrub(index=index(), output=tmp_path / "clean")
    held = pl.DataFrame(pl.from_arrow(pa.table(deltalake.DeltaTable(tmp_path / "clean" / "charges").scan())))
    assert held.get_column("arrest").to_list() == [row[0] for row in rows if row[0] not in SEALED]


def test_levels_that_no_row_uses(tmp_path: Path) -> None:
    """A list of levels in a file names a sealed record; a scan finds it, and what is written has no such level."""
    held = table(KEPT)
    levels = pa.DictionaryArray.from_arrays(pa.array([0] * len(KEPT), pa.int32()), pa.array(["seen", SEALED[3]]))
    held = held.set_column(2, "note", levels)
    address = hand_built(tmp_path / "t", [held, held])
    report = scan(address)
    assert (report.exit_code, [each.column for each in report.tables[0].levels]) == (1, ["note"])
    made = scrub(address, tmp_path / "out")
    assert not [path for path in made.rglob("*.parquet") if SEALED[3].encode() in path.read_bytes()]
    assert scan(f"delta:{made}").clean


def test_statistics_say_what_the_files_hold(tmp_path: Path) -> None:
    made = scrub(written(tmp_path / "t", [[*ROWS, (CLEAR[2], 5, "long " * 20)]]), tmp_path / "out")
    lines = (made / "_delta_log" / f"{0:020}.json").read_text().splitlines()
    (add,) = (json.loads(line)["add"] for line in lines if "add" in json.loads(line))
    assert json.loads(add["stats"]) == {
        "numRecords": 4,
        "minValues": {"arrest_no": CLEAR[0], "precinct": 5},
        "maxValues": {"arrest_no": CLEAR[2], "precinct": 75},
        "nullCount": {"arrest_no": 1, "precinct": 0, "note": 1},
    }
    assert deltalake.DeltaTable(made).to_pyarrow_table(filters=[("precinct", "=", 5)]).num_rows == 1
