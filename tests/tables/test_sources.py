"""Which files a run is about: every file that a name stands for, or an error; none is passed over in silence."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ConfigError, UnreadableInput, UsageError
from sealscrub.tables.sources import find_sources

from ..transforms.arrests import CLEAR, ON, index


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"arrest_no\n")


def names(inputs: object) -> list[str]:
    return [str(source.relative) for source in find_sources(inputs).files]


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.csv", "csv"),
        ("a.TSV", "csv"),
        ("a.b.csv.GZ", "csv"),
        ("a.psv.zst", "csv"),
        ("a.jsonl.zstd", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.pq", "parquet"),
    ],
)
def test_the_suffix_tells_the_format(tmp_path: Path, name: str, format: str) -> None:
    put(tmp_path, name)
    (source,) = find_sources(tmp_path / name).files
    assert source.format is format
    assert (source.path, source.relative) == (tmp_path / name, Path(name))


@pytest.mark.parametrize("name", ["a", "a.xls", "a.gz", ".csv"])
def test_a_name_that_tells_no_format_is_asked_about(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    with pytest.raises(ConfigError, match="format"):
        find_sources(tmp_path / name)
    assert find_sources(tmp_path / name, "csv").files[0].format == "csv"
    with pytest.raises(ConfigError, match="avro"):
        find_sources(tmp_path / name, "avro")


def test_parquet_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    pq.write_table(pa.table({"arrest_no": CLEAR}), tmp_path / "part-00000")
    put(tmp_path, "README")
    assert find_sources(tmp_path / "part-00000").files[0].format == "parquet"
    sources = find_sources(tmp_path)
    assert [source.relative.name for source in sources.files] == ["part-00000"]
    assert [path.name for path in sources.unread] == ["README"]


tokens = st.sampled_from(["a", "b=1", "c d", "é", "[x]"])
paths = st.lists(st.lists(tokens, min_size=1, max_size=3).map("/".join), min_size=1, max_size=8, unique=True)


@settings(max_examples=40, deadline=None)
@given(paths=paths, suffixes=st.lists(st.sampled_from([".csv", ".parquet", ".jsonl.gz"]), min_size=8, max_size=8))
def test_a_folder_is_all_that_is_in_it(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str], suffixes: list[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    expected = [f"{path}{suffix}" for path, suffix in zip(paths, suffixes, strict=False)]
    put(root, *expected)
    sources = find_sources(root)
    assert sources.folder
    assert not sources.unread
    assert sorted(str(source.relative) for source in sources.files) == sorted(expected)
    assert [source.relative for source in sources.files] == sorted(source.relative for source in sources.files)


def test_what_hive_and_spark_hide_is_no_data_but_is_said(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", ".a.csv", "_temporary/b.csv", ".git/c.csv", "_year=2020/d.csv", "_SUCCESS")
    sources = find_sources(tmp_path)
    assert [str(source.relative) for source in sources.files] == ["_year=2020/d.csv", "a.csv"]
    assert {path.name for path in sources.unread} == {".a.csv", "b.csv", "c.csv"}
    (tmp_path / "a.csv").write_text(f"arrest_no\n{CLEAR[0]}\n")
    report = ss.scan(tmp_path, index(), ON)
    assert any("not read" in warning for warning in report.warnings)


def test_globs_match_as_shells_do(tmp_path: Path) -> None:
    put(tmp_path, "2019/a.csv", "2020/a.csv", "2020/q1/b.csv", "2020/c.jsonl")
    assert names(tmp_path / "20*" / "a.csv") == ["2019/a.csv", "2020/a.csv"]
    assert names(tmp_path / "2020" / "[ac].*") == ["a.csv", "c.jsonl"]
    assert names(tmp_path / "**" / "*.csv") == ["2019/a.csv", "2020/a.csv", "2020/q1/b.csv"]
    assert names(tmp_path / "*") == ["2019/a.csv", "2020/a.csv", "2020/c.jsonl", "2020/q1/b.csv"]
    assert len(names(tmp_path / "**")) == 4


def test_a_file_called_like_a_pattern_is_the_file(tmp_path: Path) -> None:
    put(tmp_path, "[ab].csv", "a.csv")
    assert names(tmp_path / "[ab].csv") == ["[ab].csv"]
    assert not find_sources(tmp_path / "[ab].csv").folder


def test_files_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    put(tmp_path, "x/a.csv", "y/a.csv", "y/b.csv")
    assert names([tmp_path / "x" / "a.csv", tmp_path / "y" / "a.csv"]) == ["x/a.csv", "y/a.csv"]
    assert names([tmp_path / "x", tmp_path / "y"]) == ["x/a.csv", "y/a.csv", "y/b.csv"]
    assert names([tmp_path / "x" / "a.csv", tmp_path / "y" / "b.csv"]) == ["a.csv", "b.csv"]


@pytest.mark.parametrize("again", ["x/a.csv", "x", "x/*.csv", "x/../x/a.csv", "./x/a.csv"])
def test_a_file_is_read_once(tmp_path: Path, again: str) -> None:
    put(tmp_path, "x/a.csv")
    with pytest.raises(UsageError, match="twice"):
        find_sources([tmp_path / "x" / "a.csv", f"{tmp_path}/{again}"])


def test_no_input_at_all(tmp_path: Path) -> None:
    for nothing in ([], tmp_path, tmp_path / "*.csv"):
        with pytest.raises(UsageError):
            find_sources(nothing)


def test_iterators_are_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "b.csv")
    assert names(path for path in sorted(tmp_path.iterdir())) == ["a.csv", "b.csv"]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.csv.gz", "a.jsonl.gz"])
def test_an_empty_file_is_an_error_where_a_table_is_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(UnreadableInput, match="empty"):
        find_sources(tmp_path / name)
    (tmp_path / "none.jsonl").touch()
    assert find_sources(tmp_path / "none.jsonl").files[0].format == "jsonl"


@pytest.mark.usefixtures("permissions_bind")
def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", "closed/b.csv")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(UnreadableInput, match="cannot be read"):
            find_sources(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_folder_in_place_of_a_data_file_is_walked(tmp_path: Path) -> None:
    put(tmp_path, "table.parquet/part-0.csv", "table.csv/x.csv")
    assert names(tmp_path) == ["table.csv/x.csv", "table.parquet/part-0.csv"]


def test_what_is_no_regular_file_is_not_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    os.mkfifo(tmp_path / "b.csv")
    with pytest.raises(UsageError, match="regular"):
        find_sources(tmp_path)
    (tmp_path / "b.csv").unlink()
    (tmp_path / "b.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError):
        find_sources(tmp_path)


@pytest.mark.parametrize("name", ["city.duckdb#arrests.csv", "city.sqlite#2.jsonl", "a.db#b.parquet"])
def test_a_file_whose_name_looks_like_an_address_is_that_file(tmp_path: Path, name: str) -> None:
    frame, place, suffix = pl.DataFrame({"arrest_no": CLEAR[:2]}), tmp_path / name, name.rpartition(".")[2]
    {"csv": frame.write_csv, "jsonl": frame.write_ndjson, "parquet": frame.write_parquet}[suffix](place)
    plan = ss.Plan.from_dict(
        {"version": 1, "tables": {"arrests": {"source": name, "keys": {"arrest_number": "arrest_no"}}}}, root=tmp_path
    )

    assert [table.name for table in ss.scan(place, index(), on=ON).tables] == [name]
    ss.scrub(place, index(), on=ON, output=tmp_path / f"clean.{suffix}")
    assert (tmp_path / f"clean.{suffix}").exists()
    assert [table.name for table in plan.scan(index=index()).tables] == ["arrests"]
    assert [table.name for table in plan.scan({"arrests": place}, index()).tables] == ["arrests"]
