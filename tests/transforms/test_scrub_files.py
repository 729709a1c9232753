"""Scrub on files and folders: the world without, all of it or nothing, and a report that says what was done."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.datasets import example_index, make_city
from sealscrub.errors import IncompleteError, UncheckedKeys, UnreadableInput, UsageError, WriteFailed
from sealscrub.matching import Policy
from sealscrub.transforms.scrub_report_values import Verdict

from .arrests import ANY, CLEAR, LENIENT, NULLS, ON, SCHEMA, SEALED, Arrest, arrests, arrow, index, many, without


def _csv(rows: Sequence[Arrest], **dialect: Any) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, **dialect)
    writer.writerow(SCHEMA.names)
    writer.writerows(row.values for row in rows)
    return out.getvalue().encode()


def _jsonl(rows: Sequence[Arrest]) -> bytes:
    lines = (json.dumps(dict(zip(SCHEMA.names, row.values, strict=True)), default=str) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _zstd(content: bytes) -> bytes:
    return pa.compress(content, "zstd", asbytes=True)


def _parquet(rows: Sequence[Arrest]) -> bytes:
    out = io.BytesIO()
    pq.write_table(arrow(rows), out, row_group_size=4)
    return out.getvalue()


FORMATS: dict[str, Callable[[Sequence[Arrest]], bytes]] = {
    "csv": _csv,
    "tsv": lambda rows: _csv(rows, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL),
    "psv": lambda rows: b"\xef\xbb\xbf" + _csv(rows, delimiter="|"),
    "csv.gz": lambda rows: gzip.compress(_csv(rows), mtime=0),
    "csv.zst": lambda rows: _zstd(_csv(rows)),
    "jsonl": _jsonl,
    "jsonl.gz": lambda rows: gzip.compress(_jsonl(rows), mtime=0),
    "ndjson.zst": lambda rows: _zstd(_jsonl(rows)),
    "parquet": _parquet,
}
formats = pytest.mark.parametrize("suffix", FORMATS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def put(path: Path, rows: Sequence[Arrest]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(FORMATS[path.name.partition(".")[2]](rows))
    return path


def tree(root: Path) -> dict[str, bytes]:
    """Files by their names, and empty folders."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else b"/"
        for path in sorted(root.rglob("*"))
        if path.is_file() or not any(path.iterdir())
    }


@formats
@settings(max_examples=8, deadline=None)
@given(rows=arrests())
def test_what_is_written_is_the_world_without(folder: Path, suffix: str, rows: list[Arrest]) -> None:
    kept = without(rows, "sealed", "withheld")
    data, world, out = folder / f"data.{suffix}", folder / f"world.{suffix}", folder / f"out.{suffix}"
    report = ss.scrub(put(data, rows), index(), ON, output=out, policy=NULLS)
    assert (report.tables[0].rows, report.tables[0].removed) == (len(rows), len(rows) - len(kept))
    written = out.read_bytes()
    ss.scrub(put(world, kept), index(), ON, output=out, policy=NULLS)
    assert out.read_bytes() == written
    if "." not in suffix and suffix != "parquet":
        assert written == world.read_bytes()
    data.write_bytes(written)
    ss.scrub(data, index(), ON, output=out, policy=NULLS)
    assert out.read_bytes() == written
    assert not ss.scan(out, index(), ON, policy=NULLS).found


@formats
@settings(max_examples=5, deadline=None)
@given(rows=arrests(ANY))
def test_quarantine_takes_what_could_not_be_checked(folder: Path, suffix: str, rows: list[Arrest]) -> None:
    unchecked = [row for row in rows if row.kind in ("near", "unparsable")]
    data, out, aside = (put(folder / f"{name}.{suffix}", rows) for name in ("data", "out", "aside"))
    aside.unlink()
    before = out.read_bytes()
    if unchecked:
        with pytest.raises(UncheckedKeys) as caught:
            ss.scrub(data, index(), ON, output=out, policy=LENIENT)
        assert out.read_bytes() == before
        assert caught.value.report is not None
        assert caught.value.report.tables[0].unchecked == len(unchecked)
    report = ss.scrub(data, index(), ON, output=out, policy=LENIENT, quarantine=aside)
    assert report.complete
    assert report.tables[0].quarantined == len(unchecked)
    assert aside.exists() == bool(unchecked)
    if unchecked:
        assert aside.stat().st_mode & 0o777 == 0o600
        assert ss.scan(aside, index(), ON, policy=LENIENT).tables[0].unchecked == len(unchecked)
    kept = put(folder / f"world.{suffix}", without(rows, "sealed", "withheld", "near", "unparsable"))
    written = out.read_bytes()
    ss.scrub(kept, index(), ON, output=out, policy=NULLS)
    assert out.read_bytes() == written


def _partition(root: Path, rows: dict[str, list[Arrest]]) -> None:
    for name, part in rows.items():
        put(root / name, part)


def test_a_partitioned_folder_is_written_as_in_the_world_without(tmp_path: Path) -> None:
    sealed, clear = Arrest("sealed", SEALED[0]), Arrest("clear", CLEAR[0])
    _partition(
        tmp_path / "data",
        {
            "year=2019/boro=K/a.parquet": [sealed, clear],
            "year=2019/boro=Q/a.parquet": [sealed],
            "year=2020/boro=K/a.parquet": [sealed, sealed],
            "year=2020/boro=K/b.csv": [sealed],
            "_lot=7/c.parquet": [clear],
            "d.csv.gz": [clear],
        },
    )
    (tmp_path / "data" / "_metadata").write_bytes(b"PAR1 the statistics of all of them")
    (tmp_path / "data" / "_SUCCESS").touch()
    _partition(
        tmp_path / "world",
        {"year=2019/boro=K/a.parquet": [clear], "_lot=7/c.parquet": [clear], "d.csv.gz": [clear]},
    )
    report = ss.scrub(tmp_path / "data", index(), ON, output=tmp_path / "clean", policy=NULLS)
    ss.scrub(tmp_path / "world", index(), ON, output=tmp_path / "expected", policy=NULLS)
    assert tree(tmp_path / "clean") == tree(tmp_path / "expected")
    assert sorted(tree(tmp_path / "clean")) == ["_lot=7/c.parquet", "d.csv.gz", "year=2019/boro=K/a.parquet"]
    assert [table.name for table in report.tables][-1] == "year=2020/boro=K/b.csv"
    assert sum(table.removed for table in report.tables) == 5
    assert not ss.scan(tmp_path / "clean", index(), ON, policy=NULLS).found
    parts = ds.dataset(tmp_path / "clean" / "year=2019", format="parquet", partitioning="hive")
    assert parts.to_table().column("boro").to_pylist() == ["K"]


def test_a_folder_scrubbed_of_everything_is_an_empty_folder(tmp_path: Path) -> None:
    _partition(tmp_path / "data", {"a/x.csv": [Arrest("sealed", SEALED[0])], "y.jsonl": [Arrest("sealed", SEALED[1])]})
    assert ss.scrub(tmp_path / "data", index(), ON, output=tmp_path / "clean", policy=NULLS).verdict is Verdict.SCRUBBED
    assert tree(tmp_path / "clean") == {}
    assert (tmp_path / "clean").is_dir()


def test_names_globs_and_folders_come_to_the_same(tmp_path: Path) -> None:
    rows = [Arrest("sealed", SEALED[0]), Arrest("clear", CLEAR[0])]
    _partition(tmp_path / "data", {"a.csv": rows, "b.csv": rows})
    named: list[Any] = [
        tmp_path / "data",
        str(tmp_path / "data"),
        tmp_path / "data" / "*.csv",
        [tmp_path / "data" / "a.csv", str(tmp_path / "data" / "b.csv")],
        (tmp_path / "data" / "[ab].csv",),
        [tmp_path / "data" / "a*", tmp_path / "data" / "b*"],
    ]
    trees = []
    for at, inputs in enumerate(named):
        report = ss.scrub(inputs, index(), ON, output=tmp_path / f"clean{at}", policy=NULLS)
        assert [table.name for table in report.tables] == ["a.csv", "b.csv"]
        assert ss.scan(inputs, index(), ON, policy=NULLS).tables[0].keys == report.tables[0].keys
        trees.append(tree(tmp_path / f"clean{at}"))
    assert all(one == trees[0] for one in trees)


class Place(os.PathLike[str]):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_anything_that_names_a_path_is_taken(tmp_path: Path) -> None:
    path = put(tmp_path / "data.csv", [Arrest("sealed", SEALED[0])])
    assert ss.scan(Place(path), index(), ON, policy=NULLS).found
    assert ss.scan([Place(path)], index(), ON, policy=NULLS).found


def test_a_failure_in_the_last_file_leaves_nothing(tmp_path: Path) -> None:
    good, bad = [Arrest("clear", CLEAR[0])], tmp_path / "data" / "z.csv"
    _partition(tmp_path / "data", {"a.parquet": good, "b.csv": good, "z.csv": good})
    bad.write_bytes(bad.read_bytes() + b"a,ragged,row\n")
    for quarantine in (None, tmp_path / "aside"):
        with pytest.raises(UnreadableInput, match=r"z\.csv"):
            ss.scrub(tmp_path / "data", index(), ON, output=tmp_path / "clean", quarantine=quarantine, policy=NULLS)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_an_unchecked_key_in_the_last_file_leaves_nothing_and_is_reported(tmp_path: Path) -> None:
    good, bad = [Arrest("clear", CLEAR[0])] * 30, [Arrest("near", "K1460000O")]
    _partition(tmp_path / "data", {"a.parquet": [*good, *[Arrest("sealed", SEALED[0])] * 2], "b.csv": [*good, *bad]})
    with pytest.raises(UncheckedKeys) as caught:
        ss.scrub(tmp_path / "data", index(), ON, output=tmp_path / "clean", policy=NULLS)
    report = caught.value.report
    assert report is not None
    assert [(table.name, table.rows, table.unchecked) for table in report.tables] == [
        ("a.parquet", 32, 0),
        ("b.csv", 31, 1),
    ]
    assert not report.complete
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_an_interrupt_between_files_leaves_nothing(tmp_path: Path) -> None:
    _partition(tmp_path / "data", {f"{name}.csv": [Arrest("clear", CLEAR[0])] for name in "abc"})
    seen: list[str] = []

    def interrupt(name: str, rows: int, share: float) -> None:
        seen.append(name)
        if name == "b.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.scrub(tmp_path / "data", index(), ON, output=tmp_path / "clean", progress=interrupt, policy=NULLS)
    assert "a.csv" in seen
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_a_quarantine_folder_holds_what_it_must_and_no_more(tmp_path: Path) -> None:
    clear, near = Arrest("clear", CLEAR[0]), Arrest("near", "K1460000O")
    parts = {"x=1/a.parquet": [clear, near], "x=2/a.parquet": [clear], "x=3/b.csv": [near], "x=4/c.jsonl": [clear]}
    _partition(tmp_path / "data", parts)
    report = ss.scrub(
        tmp_path / "data", index(), ON, output=tmp_path / "clean", quarantine=tmp_path / "aside", policy=LENIENT
    )
    assert sorted(tree(tmp_path / "aside")) == ["x=1/a.parquet", "x=3/b.csv"]
    assert sorted(tree(tmp_path / "clean")) == ["x=1/a.parquet", "x=2/a.parquet", "x=4/c.jsonl"]
    assert [table.quarantined for table in report.tables] == [1, 0, 1, 0]
    assert (tmp_path / "aside").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "aside").rglob("*") if path.is_file()} == {0}


@pytest.mark.parametrize(("out", "aside"), [("o", "o"), ("o", "o/aside"), ("o/clean", "o"), ("o", "data/aside")])
def test_output_and_quarantine_are_two_places(tmp_path: Path, out: str, aside: str) -> None:
    _partition(tmp_path / "data", {"a.csv": [Arrest("clear", CLEAR[0]), Arrest("near", "K1460000O")]})
    (tmp_path / "o").mkdir()
    with pytest.raises((UsageError, WriteFailed)):
        ss.scrub(tmp_path / "data", index(), ON, output=tmp_path / out, quarantine=tmp_path / aside, policy=LENIENT)
    assert tree(tmp_path) == {"data/a.csv": (tmp_path / "data/a.csv").read_bytes(), "o": b"/"}


@formats
def test_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path: Path, suffix: str) -> None:
    data = put(tmp_path / f"data.{suffix}", [Arrest("sealed", SEALED[0]), Arrest("clear", CLEAR[0])])
    dry = ss.scrub(data, index(), ON, output=tmp_path / f"out.{suffix}", dry_run=True, policy=NULLS)
    assert dry.verdict is Verdict.DRY_RUN
    assert list(tmp_path.iterdir()) == [data]
    wet = ss.scrub(data, index(), ON, output=tmp_path / f"out.{suffix}", policy=NULLS)
    assert [table.removed for table in dry.tables] == [table.removed for table in wet.tables] == [1]
    put(data, [Arrest("near", "K1460000O"), *[Arrest("clear", CLEAR[0])] * 30])
    with pytest.raises(UncheckedKeys):
        ss.scrub(data, index(), ON, dry_run=True, policy=NULLS)
    put(data, [Arrest("sealed", SEALED[0], precinct=7), Arrest("clear", CLEAR[0])])
    with pytest.raises(UsageError, match="mark"):
        ss.scrub(data, index(), ON, set_values={"precinct": "99"}, dry_run=True, policy=NULLS)


TEXTS = ["csv", "tsv", "csv.gz", "jsonl", "ndjson.zst"]


@pytest.mark.parametrize("suffix", TEXTS)
def test_edits_of_text_files(tmp_path: Path, suffix: str) -> None:
    rows = [
        Arrest("sealed", SEALED[0], 7, note="secret"),
        Arrest("clear", CLEAR[0], 8, note=None),
        Arrest("null", None, 9),
    ]
    data, out = put(tmp_path / f"data.{suffix}", rows), tmp_path / f"out.{suffix}"
    edit: dict[str, Any] = {"null_columns": ["arrest_no", "note"], "set_values": {"precinct": 9}}
    report = ss.scrub(data, index(), ON, output=out, policy=NULLS, **edit)
    assert (report.tables[0].removed, report.tables[0].changed) == (0, 1)
    written = out.read_bytes()
    ss.scrub(put(data, [Arrest("null", None, 9, note=None), *rows[1:]]), index(), ON, output=out, policy=NULLS)
    assert out.read_bytes() == written
    ss.scrub(put(data, rows[1:]), index(), ON, output=out, null_columns=["precinct"], policy=NULLS)
    before = out.read_bytes()
    ss.scrub(put(data, rows[1:]), index(), ON, output=out, policy=NULLS)
    assert out.read_bytes() == before
    with pytest.raises(UsageError):
        ss.scrub(put(data, rows), index(), ON, output=out, set_values={"precinct": None}, policy=NULLS)
    with pytest.raises(ss.errors.ColumnError):
        ss.scrub(data, index(), ON, output=out, null_columns=["absent"], policy=NULLS)
    assert out.read_bytes() == before


def test_json_keeps_its_truths(tmp_path: Path) -> None:
    lines = [{"arrest_no": SEALED[0], "made": True}, {"arrest_no": CLEAR[0], "made": False}]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    ss.scrub(
        tmp_path / "data.jsonl", index(), ON, output=tmp_path / "out.jsonl", set_values={"made": False},
        null_columns=["arrest_no"], accept_marks=["arrest_no"], policy=NULLS,
    )  # fmt: skip
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0]) == {"arrest_no": None, "made": False}


def test_lines_of_json_scrubbed_of_everything_can_be_scrubbed_again(tmp_path: Path) -> None:
    data = put(tmp_path / "data.jsonl", [Arrest("sealed", SEALED[0])])
    ss.scrub(data, index(), ON, output=tmp_path / "out.jsonl", policy=NULLS)
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert ss.scan(tmp_path / "out.jsonl", index(), ON, policy=NULLS).clean
    ss.scrub(tmp_path / "out.jsonl", index(), ON, output=tmp_path / "again.jsonl", policy=NULLS)
    assert (tmp_path / "again.jsonl").read_bytes() == b""


@formats
def test_progress_only_grows_and_ends_at_the_end(tmp_path: Path, suffix: str) -> None:
    data = put(tmp_path / f"data.{suffix}", [Arrest("clear", key) for key in many(3000) if key not in SEALED])
    told: list[tuple[str, int, float]] = []
    ss.scrub(
        data, index(), ON, output=tmp_path / f"out.{suffix}", progress=lambda *what: told.append(what), policy=NULLS
    )
    assert [rows for _, rows, _ in told] == sorted(rows for _, rows, _ in told)
    assert [share for _, _, share in told] == sorted(share for _, _, share in told)
    assert told[-1] == (data.name, 2000, 1.0)


def test_low_coverage_of_one_file_stops_all(tmp_path: Path) -> None:
    both = example_index({"arrest_number": SEALED, "opaque:x": ["1"] * 1})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("x\n2\n")
    with pytest.raises(IncompleteError):
        ss.scrub(tmp_path / "data", both, {"opaque:x": "x"}, output=tmp_path / "clean", policy=NULLS)
    assert not (tmp_path / "clean").exists()
    ss.scrub(tmp_path / "data", both, {"opaque:x": "x"}, output=tmp_path / "clean", policy=Policy(min_coverage=0))


@settings(max_examples=5, deadline=None)
@given(rows=arrests(), parts=st.integers(1, 4))
def test_a_folder_counts_as_its_files_together(folder: Path, rows: list[Arrest], parts: int) -> None:
    root = folder / f"parts{len(list(folder.iterdir()))}"
    for part in range(parts):
        put(root / "in" / f"{part}.csv", rows[part::parts])
    together = ss.scan(root / "in", index(), ON, policy=NULLS)
    whole = ss.scan(arrow(rows), index(), ON, policy=NULLS).tables[0].keys[0]
    for count in ("rows", "sealed", "withheld", "null"):
        assert sum(getattr(table.keys[0], count) for table in together.tables) == getattr(whole, count)


def test_a_city_is_scrubbed_to_its_truth(tmp_path: Path) -> None:
    city = make_city(arrests=1200, seed=11)
    truth = city.truth
    status = {
        kind: truth.arrests.filter(status=kind)["arrest_number"].drop_nulls().unique().to_list()
        for kind in ("sealed", "withheld")
    }
    knowing = example_index(status["sealed"], withheld=status["withheld"])
    (tmp_path / "city").mkdir()
    for table in ("arrests", "stops"):
        city.tables[table].write_csv(tmp_path / "city" / f"{table}.csv")
        city.tables[table].write_parquet(tmp_path / "city" / f"{table}.parquet", row_group_size=100)
    on = {"arrest_number": "arrest_number"}
    accepting = Policy(accept="near,unparsable,null", max_unparsable=1)
    report = ss.scrub(tmp_path / "city", knowing, on, output=tmp_path / "clean", policy=accepting)
    for found in report.tables:
        table = found.name.partition(".")[0]
        mess = truth.spellings.filter(pl.col("kind") != "spelling", table=table, column="arrest_number")
        barred = set(truth.sealed_rows(table, status=("sealed", "withheld")).arg_true()) - set(mess["row"])
        assert found.removed == len(barred) > 0
        assert found.keys[0].near == mess.filter(kind="typo").height
        kept = [at for at in range(found.rows) if at not in barred]
        if found.name.endswith("parquet"):
            clean = pl.read_parquet(tmp_path / "clean" / found.name, glob=False)
            assert clean.equals(city.tables[table][kept])
        else:
            lines = (tmp_path / "city" / found.name).read_bytes().splitlines(keepends=True)
            expected = [lines[0], *(lines[1 + at] for at in kept)]
            assert (tmp_path / "clean" / found.name).read_bytes() == b"".join(expected)
