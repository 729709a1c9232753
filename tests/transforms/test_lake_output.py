"""A Delta table is written as an Iceberg table, and the other way round, as if the sealed rows had never been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError, UncheckedKeys, UsageError, WriteFailed

from ..contracts.test_every_format import KEPT, NEAR, ROWS, Row, as_text, table
from ..tables.iceberg.lakehouse import (
    Lakehouse,
    commit_deletes,
    data_paths,
    delete_file,
    local,
    rows_of,
    texts_of,
    without_chance,
)
from ..tables.iceberg.test_iceberg_writer import COMMITS, TYPES
from ..tables.nested_columns import nested_columns
from ..tables.test_lake_types import NOT_IN_DELTA
from .arrests import CLEAR, NULLS, ON, SEALED, index


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lakehouse]:
    made = Lakehouse(tmp_path)
    yield made
    made.close()


class Lake:
    """Tables of one kind in a folder, which are written as those of the other."""

    def __init__(self, house: Lakehouse, *, to_delta: bool) -> None:
        self.house, self.to_delta, self.folder = house, to_delta, house.warehouse.parent

    def put(self, name: str, commits: Sequence[pa.Table], by: Sequence[str] = ()) -> str:
        if not self.to_delta:
            for rows in commits:
                deltalake.write_deltalake(self.folder / name, rows, mode="append", partition_by=list(by) or None)
            return f"delta:{self.folder / name}"
        held = self.house.create(name, commits[0].schema, by=by)
        for rows in commits:
            held.append(rows)
        return self.house.address(name)

    def out(self, name: str) -> str:
        return f"delta:{self.folder / name}" if self.to_delta else self.house.address(name)

    def scrub(self, data: Any, name: str, **options: Any) -> Any:
        return ss.scrub(data, index(), ON, output=self.out(name), **{"policy": NULLS} | options)

    def is_there(self, name: str) -> bool:
        place = self.folder / name if self.to_delta else self.house.folder(name)
        return place.exists() or self.house.catalog.table_exists(f"police.{name}")

    def state(self, name: str) -> Any:
        if not self.to_delta:
            return without_chance(self.house, name)
        place = self.folder / name
        return {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        return sorted(rows_of(self.out(name)), key=str)


@pytest.fixture(params=["to delta", "to iceberg"])
def tables(request: pytest.FixtureRequest, lake: Lakehouse) -> Lake:
    return Lake(lake, to_delta=request.param == "to delta")


@pytest.mark.parametrize("by", [[], ["note"], ["precinct", "note"], ["arrest_no"]], ids=str)
def test_nullity_file_by_file(tables: Lake, by: list[str]) -> None:
    without = [kept for rows in COMMITS if (kept := [row for row in rows if row[0] not in SEALED])]
    for name, commits in (("with", COMMITS), ("without", without)):
        report = tables.scrub(tables.put(name, [table(rows) for rows in commits], by), f"{name}_out")
        assert ("not carried to a table of another kind" in report.to_text()) == bool(by)
    assert tables.state("with_out") == tables.state("without_out")
    assert tables.rows("with_out") == sorted(as_text([row for rows in without for row in rows]), key=str)
    assert ss.scan(tables.out("with_out"), index(), ON, policy=NULLS, history=True).clean


def test_every_type_that_both_have(tables: Lake) -> None:
    """Those that Delta has not are refused by name, and nothing is written."""
    rows = pa.table(
        {"arrest_no": [SEALED[0], *CLEAR[:2]], **{name: TYPES[name] for name in TYPES if name not in NOT_IN_DELTA}}
    )
    data = tables.put("arrests", [rows])
    tables.scrub(data, "clean")
    if not tables.to_delta:
        made = tables.house.catalog.load_table("police.clean")
        expected = tables.house.create("expected", rows.schema, rows=rows.slice(1))
        types = [[(field.name, field.field_type) for field in each.schema().fields] for each in (made, expected)]
        assert [pair for pair in zip(*types, strict=True) if pair[0] != pair[1] and pair[0][0] != "fixed"] == []
        assert made.scan().to_arrow().to_pylist() == expected.scan().to_arrow().to_pylist()
        return
    # in which a null list in a struct is an empty one
    read = tables.house.catalog.load_table("police.arrests").scan().to_arrow()
    assert pa.table(deltalake.DeltaTable(tables.folder / "clean").scan()).to_pylist() == read.slice(1).to_pylist()
    for name in NOT_IN_DELTA:
        more = tables.put(f"with_{name}", [rows.append_column(name, pa.array(TYPES[name]))])
        with pytest.raises(ConfigError, match=f"'{name}' is of a type that a Delta table does not have"):
            tables.scrub(more, f"clean_{name}")
        assert not tables.is_there(f"clean_{name}")


def test_nothing_of_a_sealed_row_is_in_a_byte_of_the_new_table(tables: Lake) -> None:
    long = "the name of a person, which is longer than a bound"
    data = tables.put("arrests", [table([(SEALED[0], 7777777, long), (SEALED[1], 75, long), *KEPT])], ["arrest_no"])
    tables.scrub(data, "clean")
    texts = texts_of(tables.folder / "clean" if tables.to_delta else tables.house.folder("clean"))
    assert len(texts) > 1
    looked = [*SEALED[:2], long[:16], "7777777"]
    assert not [(path, part) for path, text in texts.items() for part in looked if part in text]


def test_rows_that_deletes_hide_stay_hidden(lake: Lakehouse, tmp_path: Path) -> None:
    held = lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
    commit_deletes(held, delete_file(held, data_paths(held)[0], [ROWS.index(KEPT[0])]))
    ss.scrub(lake.address("arrests"), index(), ON, output=f"delta:{tmp_path / 'out'}", policy=NULLS)
    assert rows_of(f"delta:{tmp_path / 'out'}") == as_text(KEPT[1:])


def test_values_are_set_and_rows_set_aside(tables: Lake) -> None:
    rows = table([*ROWS, (NEAR, 1, "near")])
    data, aside = tables.put("arrests", [rows]), tables.folder / "aside.parquet"
    with pytest.raises(UncheckedKeys):
        tables.scrub(data, "clean")
    with pytest.raises(ConfigError, match="Parquet"):
        tables.scrub(data, "clean", quarantine=aside.with_suffix(".csv"))
    assert not tables.is_there("clean")
    tables.scrub(data, "clean", quarantine=aside)
    assert tables.rows("clean") == sorted(as_text(KEPT), key=str)
    assert rows_of(aside) == as_text([(NEAR, 1, "near")])
    edited = {"set_values": {"arrest_no": KEPT[0][0]}, "accept_marks": ["arrest_no"]}
    tables.scrub(tables.put("whole", [table(ROWS)]), "edited", **edited)
    expected: list[Row] = [(KEPT[0][0], *row[1:]) if row[0] in SEALED else row for row in ROWS]  # type: ignore[misc]
    assert tables.rows("edited") == sorted(as_text(expected), key=str)


def test_a_new_table_goes_on(tables: Lake) -> None:
    tables.scrub(tables.put("arrests", [table(ROWS)]), "clean")
    if tables.to_delta:
        deltalake.write_deltalake(tables.folder / "clean", table(KEPT), mode="append")
    else:
        tables.house.catalog.load_table("police.clean").append(table(KEPT))
    assert tables.rows("clean") == sorted(as_text([*KEPT, *KEPT]), key=str)


def test_nothing_is_written_over_and_nothing_is_left_after_an_error(tables: Lake) -> None:
    data = tables.put("arrests", [table(ROWS)])
    tables.scrub(data, "clean")
    before = tables.state("clean")
    with pytest.raises(UsageError, match=r"already exists|new or empty"):
        tables.scrub(data, "clean")
    assert tables.state("clean") == before
    with pytest.raises(ConfigError, match="kept only in a table of the same kind"):
        tables.scrub(data, "other", keep_metadata=["comment"])
    if tables.to_delta:
        with pytest.raises(ConfigError, match="no version yet"):
            tables.scrub(data, "other@v1")
        with pytest.raises(UsageError):
            tables.scrub(data, str(tables.house.folder("arrests") / "inside"))
    else:
        with pytest.raises(UsageError, match="no such namespace"):
            ss.scrub(data, index(), ON, output=f"iceberg:{tables.house.name}/courts.clean", policy=NULLS)
    assert not tables.is_there("other")


def test_an_error_while_it_is_written_leaves_nothing(tables: Lake) -> None:
    """A file that is damaged inside: the first is written, the second cannot be read."""
    data = tables.put("arrests", [table(ROWS), table([(CLEAR[5], 75, None)])])
    root = tables.house.folder("arrests") if tables.to_delta else tables.folder / "arrests"
    parts = sorted(root.rglob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    assert len(parts) == 2
    held = parts[1].read_bytes()
    at = held.index(b"note")
    parts[1].write_bytes(b"PAR1" + bytes(at) + held[4 + at :])
    with pytest.raises((WriteFailed, ss.errors.SealscrubError)):
        tables.scrub(data, "clean")
    assert not tables.is_there("clean")


def test_other_inputs_are_refused(lake: Lakehouse, tmp_path: Path) -> None:
    (tmp_path / "arrests.csv").write_text("arrest_no\nB16800001\n")
    for out in (f"delta:{tmp_path / 'out'}", lake.address("clean")):
        with pytest.raises(
            ConfigError, match="only a Delta or Iceberg table, or files of Parquet, can be written as one of these"
        ):
            ss.scrub(tmp_path / "arrests.csv", index(), ON, output=out, policy=NULLS)
        assert not (tmp_path / "out").exists()


def test_nothing_in_a_row_that_stays_is_another(lake: Lakehouse, tmp_path: Path) -> None:
    """Null, empty and absent stay what they are inside whatever, from one kind to another."""
    key = pa.array([SEALED[0], *CLEAR[:6]])
    rows = pa.table({"arrest_no": key, **nested_columns(len(key), more=False)})
    deltalake.write_deltalake(tmp_path / "made", rows)
    way = [f"delta:{tmp_path / 'made'}", lake.address("made"), f"delta:{tmp_path / 'again'}"]
    for source, output in [(way[0], way[1]), (way[1], way[2]), (way[1], str(tmp_path / "arrests.parquet"))]:
        ss.scrub(source, index(), ON, policy=NULLS, output=output)
    for place in (next((tmp_path / "again").glob("*.parquet")), tmp_path / "arrests.parquet"):
        made = pq.read_table(place, partitioning=None)
        for column in rows.column_names:
            assert repr(made.column(column).to_pylist()) == repr(rows.column(column).to_pylist()[1:]), column


def written_as(lake: Lakehouse, tmp_path: Path, rows: pa.Table, kind: str, name: str, **options: Any) -> Any:
    """Write rows to a file of Parquet, scrub it into a new table, and give all that this is."""
    pq.write_table(rows, tmp_path / f"{name}.parquet", row_group_size=3)
    output = lake.address(name) if kind == "Iceberg" else f"delta:{tmp_path / name}"
    ss.scrub(tmp_path / f"{name}.parquet", index(), ON, output=output, **{"policy": NULLS} | options)
    if kind == "Iceberg":
        return without_chance(lake, name)
    return {str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files_of(tmp_path / name)}


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["Delta", "Iceberg"])
def test_a_file_of_parquet_becomes_a_table(lake: Lakehouse, tmp_path: Path, kind: str) -> None:
    """The same as without the sealed rows, byte for byte; levels that only these had are in none."""
    key = pa.array([SEALED[0], *CLEAR[:4], SEALED[1], CLEAR[5]])
    levels = pa.array(["sealed", "a", "b", "a", None, "sealed", "b"]).dictionary_encode()
    rows = pa.table({"arrest_no": key, "level": levels, **nested_columns(len(key), more=False)})
    stays = rows.filter(pa.array([each not in SEALED for each in key.to_pylist()]))
    made = [written_as(lake, tmp_path, each, kind, name) for each, name in ((rows, "with"), (stays, "without"))]
    assert made[0] == made[1]
    if kind == "Delta":
        held = pq.read_table(next((tmp_path / "with").glob("*.parquet")), partitioning=None)
    else:
        (path,) = data_paths(lake.catalog.load_table("police.with"))
        held = pq.read_table(local(path), partitioning=None)
        assert not any(
            text in all_of for text in ("sealed", *SEALED) for all_of in texts_of(lake.folder("with")).values()
        )
    for column in rows.column_names:
        assert repr(held.column(column).to_pylist()) == repr(stays.column(column).to_pylist()), column


@pytest.mark.parametrize("kind", ["Delta", "Iceberg"])
def test_a_file_is_read_in_blocks_of_rows_and_not_in_its_own(
    lake: Lakehouse, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sealscrub.tables.lake_rows._BLOCK", 4)
    keys = [*CLEAR[:5], SEALED[0], *CLEAR[5:10], SEALED[1], CLEAR[10]]
    rows = pa.table({"arrest_no": keys, "level": pa.array([key[-1] for key in keys]).dictionary_encode()})
    stays = rows.filter(pa.array([key not in SEALED for key in keys]))
    made = [written_as(lake, tmp_path, each, kind, name) for each, name in ((rows, "with"), (stays, "without"))]
    assert made[0] == made[1]
    if kind == "Delta":
        footer = pq.read_metadata(next((tmp_path / "with").glob("*.parquet")))
        counts = [footer.row_group(at).num_rows for at in range(footer.num_row_groups)]
    else:
        counts = [pq.read_metadata(local(path)).num_rows for path in data_paths(lake.catalog.load_table("police.with"))]
    assert sorted(counts) == [3, 4, 4]


@pytest.mark.parametrize("to_delta", [False, True])
def test_what_a_table_of_another_kind_does_not_have_is_named(lake: Lakehouse, tmp_path: Path, to_delta: bool) -> None:
    """And nothing is said of a table that has none of it."""
    if to_delta:
        lake.create("shaped", table(KEPT).schema, by=["precinct"], properties={"write.parquet.page-row-limit": "10"})
        lake.create("plain", table(KEPT).schema)
        sources, said = (
            [lake.address("shaped"), lake.address("plain")],
            "partitions by precinct, write.parquet.page-row",
        )
        outputs = [f"delta:{tmp_path / 'first'}", f"delta:{tmp_path / 'second'}"]
    else:
        kept = {"delta.logRetentionDuration": "interval 60 days"}
        deltalake.write_deltalake(tmp_path / "shaped", table(KEPT), partition_by=["precinct"], configuration=kept)
        deltalake.write_deltalake(tmp_path / "plain", table(KEPT))
        sources, said = (
            [f"delta:{tmp_path / name}" for name in ("shaped", "plain")],
            "by precinct, delta.logRetention",
        )
        outputs = [lake.address("first"), lake.address("second")]
    texts = [
        " ".join(ss.scrub(source, index(), ON, output=output, policy=NULLS).to_text().split())
        for source, output in zip(sources, outputs, strict=True)
    ]
    assert said in texts[0]
    assert "another kind" not in texts[1]


@pytest.mark.parametrize("kind", ["Delta", "Iceberg"])
def test_a_folder_of_files_becomes_a_table(lake: Lakehouse, tmp_path: Path, kind: str) -> None:
    """With one file of each that keeps a row; what cannot be checked is set aside as in any folder."""
    commits = {"a/1": [*ROWS, (NEAR, 1, "near")], "a/2": [ROWS[0]], "b": KEPT}
    for name, rows in commits.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table(rows), tmp_path / "files" / f"{name}.parquet")
    output = lake.address("made") if kind == "Iceberg" else f"delta:{tmp_path / 'made'}"
    ss.scrub(tmp_path / "files", index(), ON, output=output, policy=NULLS, quarantine=tmp_path / "aside")
    assert [path.relative_to(tmp_path / "aside") for path in files_of(tmp_path / "aside")] == [Path("a/1.parquet")]
    assert sorted(rows_of(output), key=str) == sorted(as_text([*KEPT, *KEPT]), key=str)
    held = lake.catalog.load_table("police.made").inspect.files() if kind == "Iceberg" else None
    assert (held.num_rows if held else len(list((tmp_path / "made").glob("*.parquet")))) == 2


@pytest.mark.parametrize("kind", ["Delta", "Iceberg"])
@pytest.mark.parametrize(
    ("folder", "rows", "said"),
    [
        ("year=2020", table(KEPT), "named by partitions"),
        ("more", table(KEPT).rename_columns(["arrest_no", "other", "note"]), "same columns"),
        ("more", table(KEPT).select(["arrest_no", "note", "precinct"]), "same columns"),
    ],
    ids=["partitions", "columns", "order"],
)
def test_files_that_make_no_one_table_are_refused(
    lake: Lakehouse, tmp_path: Path, kind: str, folder: str, rows: pa.Table, said: str
) -> None:
    (tmp_path / "files" / folder).mkdir(parents=True)
    pq.write_table(table(KEPT), tmp_path / "files" / "a.parquet")
    pq.write_table(rows, tmp_path / "files" / folder / "b.parquet")
    output = lake.address("made") if kind == "Iceberg" else f"delta:{tmp_path / 'made'}"
    with pytest.raises(ConfigError, match=said):
        ss.scrub(tmp_path / "files", index(), ON, output=output, policy=NULLS)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("kind", ["Delta", "Iceberg"])
def test_no_row_of_a_file_stays_and_some_are_set_aside(lake: Lakehouse, tmp_path: Path, kind: str) -> None:
    rows = table([ROWS[0], (NEAR, 40, "x")])
    written_as(lake, tmp_path, rows, kind, "none", policy=None, quarantine=tmp_path / "aside.parquet")
    assert pq.read_metadata(tmp_path / "aside.parquet").num_rows == 1
    address = lake.address("none") if kind == "Iceberg" else f"delta:{tmp_path / 'none'}"
    assert ss.scan(address, index(), ON).tables[0].rows == 0


@pytest.mark.parametrize("kind", ["Delta", "Iceberg"])
def test_what_a_table_cannot_hold_of_a_file_is_refused(lake: Lakehouse, tmp_path: Path, kind: str) -> None:
    """Before anything is written; so is a table that exists, and metadata that are to be kept."""
    odd = pa.table({"arrest_no": [CLEAR[0]], "x": pa.array([1], pa.duration("us"))})
    for rows, options in ((odd, {}), (table(KEPT), {"keep_metadata": ["note"]})):
        with pytest.raises(ConfigError):
            written_as(lake, tmp_path, rows, kind, "no", **options)
        assert not (tmp_path / "no").exists()
        assert not lake.catalog.table_exists("police.no")
    written_as(lake, tmp_path, table(KEPT), kind, "no")
    with pytest.raises(UsageError):
        written_as(lake, tmp_path, table(KEPT), kind, "no")
