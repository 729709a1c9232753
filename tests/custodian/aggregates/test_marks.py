"""Figures of a report are not input: scan, scrub and certify find their mark."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub import Plan, scan, scrub
from sealscrub.certificates import load_signer
from sealscrub.cli import run
from sealscrub.custodian.aggregates import Figures, aggregate
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, MarkedAggregate, UsageError
from sealscrub.identifiers import generate_keys
from sealscrub.tables.aggregate_mark import MARK
from sealscrub.validators.certification import certify

ON = {"arrest_number": "arrest_no"}
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "aggregates.md"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return aggregate(pl.DataFrame({"arrest_no": [f"M14{at:06d}" for at in range(60)], "a": ["x", "y"] * 30}), "a")


KINDS = [
    "frame",
    "pandas",
    "arrow",
    "ranges",
    "capitals",
    "joined",
    "merged",
    "merged on an index",
    "merged with another release",
    "chosen pandas",
    "chosen arrow",
    "index",
    "levels of an index",
    "names of columns",
    "struct",
    "list of structs",
    "arrow struct",
    "pandas struct",
    "words",
    "points",
    "camel",
    "cut words",
    "cut",
    "cut capitals",
    "duckdb struct",
    "full width",
    "numbered",
    "numbered capitals",
    "map",
    "melted",
    "melted pandas",
    "melted arrow",
    "melted levels",
    "melted.csv",
    "melted.csv.gz",
    "melted.jsonl",
    "melted.parquet",
    "map.parquet",
    "csv",
    "csv.gz",
    "jsonl",
    "jsonl.gz",
    "parquet",
    "bare.parquet",
]


def marked(figures: Figures, kind: str, folder: Path) -> object:
    """Give figures as a frame or a file; of some the column was dropped, and the metadata stayed."""
    arrow = figures.frame.to_arrow().replace_schema_metadata({MARK: figures.release})
    frames = {
        "frame": figures.frame,
        "pandas": figures.frame.to_pandas(),
        "arrow": arrow.drop_columns([MARK]),
        "ranges": figures.ranges,
        "capitals": figures.frame.rename(str.upper).with_columns(arrest_no=pl.lit("M14000001")),
        "joined": pl.DataFrame({"arrest_no": ["M14000009"], "a": ["x"], "count": [1]}).join(
            figures.frame.rename({MARK: f"{MARK}_x"}), on="a"
        ),
    }
    if kind in frames:
        return frames[kind]
    if (moved := moved_or_renamed(figures, kind)) is not None:
        return moved
    path = folder / f"figures.{kind}"
    if kind.startswith(("melted.", "map.")):
        return reshaped_file(figures, path)
    whole = folder / f"whole.{kind.split('.')[0]}"
    if kind == "bare.parquet":
        figures.write(folder / "whole.parquet")
        pq.write_table(pq.read_table(folder / "whole.parquet").drop_columns([MARK]), path)
        return path
    figures.write(whole)
    path.write_bytes(gzip.compress(whole.read_bytes()) if kind.endswith("gz") else whole.read_bytes())
    whole.unlink()
    return path


def reshaped(figures: Figures) -> dict[str, Any]:
    """Give figures whose mark is a value: of a column of names, or as a key."""
    melted = (
        figures.frame.with_columns(pl.all().cast(pl.String))
        .unpivot(index="a")
        .with_columns(arrest_no=pl.lit("M14000001"))
    )
    keys = pa.array([[(MARK, 1)]] * melted.height, pa.map_(pa.string(), pa.int8()))
    return {
        "map": melted.drop("variable").to_arrow().append_column("m", keys),
        "melted": melted,
        "melted pandas": melted.to_pandas(),
        "melted arrow": melted.to_arrow(),
        "melted levels": melted.with_columns(pl.col("variable").cast(pl.Categorical)),
    }


def reshaped_file(figures: Figures, path: Path) -> Path:
    tables = reshaped(figures)
    writers = {
        ".csv": lambda: tables["melted"].write_csv(path),
        ".gz": lambda: path.write_bytes(gzip.compress(tables["melted"].write_csv().encode())),
        ".jsonl": lambda: tables["melted"].write_ndjson(path),
        ".parquet": lambda: pq.write_table(tables["map" if "map." in path.name else "melted arrow"], path),
    }
    writers[path.suffix]()
    return path


def moved_or_renamed(figures: Figures, kind: str) -> object | None:
    """Give figures whose mark stands elsewhere, or under another spelling."""
    frame, pandas = figures.frame, figures.frame.to_pandas()
    numbers = [name for name in frame.columns if name != MARK]
    struct = frame.select("count", pl.struct(MARK, "by").alias("s"))
    made = aggregate(pandas_events(), "a")
    across = pandas[numbers].copy()
    across.columns.name = MARK
    events = pandas_events("pandas")
    spelled = {
        "words": "Sealscrub Aggregate Report",
        "points": "sealscrub.aggregate-report",
        "camel": "sealscrubAggregateReport",
        "cut words": "Sealscrub A",
        "cut": MARK[:10],
        "full width": "".join(chr(ord(sign) + 0xFEE0) if sign.isalpha() else sign for sign in MARK),
        "numbered": "sealscru_1",
        "numbered capitals": "SEALSCR_12",
        "cut capitals": MARK[:11].upper(),
    }
    if kind in spelled:
        return frame.rename({MARK: spelled[kind]})
    moved = {
        "chosen pandas": lambda: made.frame[["a", "count"]],
        "chosen arrow": lambda: aggregate(pandas_events("pyarrow"), "a").frame.select(["a", "count"]),
        "merged": lambda: events.merge(pandas, on="a"),
        "merged on an index": lambda: events.merge(pandas.set_index("a"), left_on="a", right_index=True, how="left"),
        "merged with another release": lambda: events.merge(pandas.merge(pandas, on="a"), on="a"),
        "index": lambda: pandas.set_index(MARK),
        "levels of an index": lambda: pandas.set_index(["by", MARK]),
        "names of columns": lambda: across,
        "struct": lambda: struct,
        "list of structs": lambda: struct.select("count", pl.concat_list("s").alias("s")),
        "arrow struct": lambda: struct.to_arrow(),
        "pandas struct": lambda: struct.to_pandas(use_pyarrow_extension_array=True),
        "duckdb struct": lambda: duckdb.from_arrow(struct.to_arrow()),
    }
    return moved[kind]() if kind in moved else reshaped(figures).get(kind)


def pandas_events(kind: str = "pandas") -> Any:
    events = pl.DataFrame({"arrest_no": [f"M14{at:06d}" for at in range(60)], "a": ["x", "y"] * 30})
    return events.to_pandas() if kind == "pandas" else events.to_arrow()


@pytest.mark.parametrize(
    "name",
    [
        "precinct",
        "seal",
        "sealscrub",
        "seal_date",
        "sealed",
        "report",
        "aggregate_report",
        "sealscrub_epoch",
        "seals_by_a_1",
    ],
)
def test_other_names_are_no_mark(name: str) -> None:
    data = pl.DataFrame({"arrest_no": ["M14000001"], name: ["x"]})
    assert scan(data, example_index(["M14000007"]), ON).complete


@pytest.mark.parametrize("kind", ["frame", "pandas", "arrow", ".csv", ".jsonl", ".parquet"])
def test_a_text_about_the_mark_is_no_mark(kind: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"arrest_no": ["M14000001"], "note": [f'see the column "{MARK}x", and {MARK} of old']})
    path = tmp_path / f"a{kind}"
    made: dict[str, Any] = {
        "frame": lambda: frame,
        "pandas": frame.to_pandas,
        "arrow": frame.to_arrow,
        ".csv": lambda: frame.write_csv(path),
        ".jsonl": lambda: frame.write_ndjson(path),
        ".parquet": lambda: frame.write_parquet(path),
    }
    data = made[kind]()
    assert scan(path if data is None else data, example_index(["M14000007"]), ON).complete


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("name", ["Sealscrub Aggregate Report", MARK.upper(), MARK[:10]])
def test_files_with_another_spelling_of_it_are_refused_too(suffix: str, name: str, tmp_path: Path) -> None:
    data, path = pl.DataFrame({"arrest_no": ["M14000001"], name: ["0f"]}), tmp_path / f"f{suffix}"
    {".csv": data.write_csv, ".jsonl": data.write_ndjson, ".parquet": data.write_parquet}[suffix](path)
    with pytest.raises(MarkedAggregate):
        scan(path, example_index(["M14000007"]), ON)


def test_a_field_inside_a_column_of_a_parquet_file_is_found(figures: Figures, tmp_path: Path) -> None:
    figures.frame.select(pl.lit("M14000001").alias("arrest_no"), pl.struct(MARK)).write_parquet(tmp_path / "f.parquet")
    with pytest.raises(MarkedAggregate):
        scan(tmp_path / "f.parquet", example_index(["M14000007"]), ON)


@pytest.mark.parametrize("kind", KINDS)
def test_scan_and_scrub_refuse_what_is_marked(figures: Figures, kind: str, tmp_path: Path) -> None:
    index = example_index(["M14000007"])
    data = marked(figures, kind, tmp_path)
    with pytest.raises(MarkedAggregate):
        scan(data, index, ON)
    with pytest.raises(MarkedAggregate):
        scrub(data, index, ON, output=tmp_path / f"out.{kind}" if isinstance(data, Path) else None)
    assert not (tmp_path / f"out.{kind}").exists()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("kept", [True, False])
def test_a_merge_of_pandas_keeps_the_mark_with_its_column_alone(kept: bool, side: str) -> None:
    """As the page says: what merges without the column is not recognised."""
    events, figures = pandas_events(), aggregate(pandas_events(), "a").frame
    figures = figures[["a", "count", *([MARK] if kept else [])]]
    index = example_index(["K20999999"])
    merged = events.merge(figures, on="a") if side == "left" else figures.merge(events, on="a")

    if kept:
        with pytest.raises(MarkedAggregate):
            scan(merged, index, ON)
    else:
        assert MARK in figures.attrs
        assert MARK not in merged.attrs
        assert not scan(merged, index, ON).found
        assert "a `merge` of pandas that leaves the" in PAGE.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_plans_refuse_it_too(figures: Figures, kind: str, tmp_path: Path) -> None:
    data = marked(figures, kind, tmp_path)
    source = data.name if isinstance(data, Path) else "figures.csv"
    keys = "keys = { arrest_number = 'arrest_no' }\n" if "melted" in kind else ""
    (tmp_path / "sealscrub.toml").write_text(f"version = 1\n[tables.figures]\nsource = {source!r}\n{keys}")
    plan, index = Plan.from_toml(tmp_path / "sealscrub.toml"), example_index(["M14000007"])
    if kind in ("melted.csv", "melted.csv.gz"):  # only reading its rows tells
        assert any(
            "aggregate report" in each for table in plan.check({"figures": data}).tables for each in table.problems
        )
    else:
        with pytest.raises(MarkedAggregate, match=r"tables\.figures"):
            plan.check({"figures": data})
    with pytest.raises(MarkedAggregate, match="figures"):
        plan.scan({"figures": data}, index)
    with pytest.raises(MarkedAggregate, match="figures"):
        plan.scrub({"figures": data}, index)
    if isinstance(data, Path):
        with pytest.raises(MarkedAggregate):
            plan.scrub(index=index, output=tmp_path / "out")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("suffix", ["", ".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("use", ["aggregate_report", "training"])
def test_a_plan_for_reports_reads_it_as_a_scan_does(use: str, suffix: str, tmp_path: Path) -> None:
    data: Any = pl.DataFrame({"arrest_no": ["M14000001"], MARK: ["0f"]})
    if suffix:
        path = tmp_path / f"f{suffix}"
        {".csv": data.write_csv, ".jsonl": data.write_ndjson, ".parquet": data.write_parquet}[suffix](path)
        data = path
    tables = {"figures": {"source": "f", "keys": {"arrest_number": "arrest_no"}, "independent": "made up"}}
    plan, index = Plan.from_dict({"version": 1, "use": use, "tables": tables}), example_index(["M14000007"], uses=[use])
    if use == "training":
        with pytest.raises(MarkedAggregate):
            plan.scan({"figures": data}, index)
    else:
        assert scan(data, index, ON, use=use).clean
        assert plan.check({"figures": data}, index=index).ok
        assert plan.scan({"figures": data}, index).clean


@pytest.mark.parametrize(
    "text", ['{"note": "of sealscrub_aggregate_report"}', '{"a": {"sealscrub_aggregate_report": 1}}']
)
def test_in_json_lines_a_text_about_it_is_no_mark_and_a_field_is(text: str, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"arrest_no": "M14000001"}\n' + text.replace("{", '{"arrest_no": "M14000002", ', 1) + "\n")
    index = example_index(["M14000007"])
    if "note" in text:
        assert scan(path, index, ON).complete
    else:
        with pytest.raises(MarkedAggregate):
            scan(path, index, ON)


def test_certify_reports_it(figures: Figures, tmp_path: Path) -> None:
    generate_keys(tmp_path / "seal.key")
    with pytest.raises(UsageError, match="aggregate report") as raised:
        certify(figures.frame, example_index(["M14000007"]), ON, signer=load_signer(tmp_path / "seal.key.publisher"))
    assert raised.value.exit_code == 1


def test_the_command_writes_what_the_library_gives(tmp_path: Path) -> None:
    rows = pl.DataFrame({"a": ["x"] * 40 + ["y"] * 50, "who": range(90)})
    rows.write_csv(tmp_path / "arrests.csv")
    rows[2:].write_csv(tmp_path / "clean.csv")
    command = ["aggregate", str(tmp_path / "arrests.csv"), "--by", "a"]
    kept = ["--ledger", str(tmp_path / "ledger"), "--source", "s", "--new-source"]

    assert run([*command, "--person", "who", *kept, "-o", str(tmp_path / "f.csv")]) == 0
    made = pl.read_csv(tmp_path / "f.csv")
    assert made.filter(by="a")["count"].to_list() == [40, 50]
    assert run(["aggregate", str(tmp_path / "clean.csv"), "--by", "a", *kept, "--record-clean"]) == 1
    assert run([*command, "--minimum", "60", "-o", str(tmp_path / "g.parquet")]) == 0
    assert pl.read_parquet(tmp_path / "g.parquet")["count"].to_list() == [90]
    assert run([*command, "--minimum", "91", "-o", str(tmp_path / "h.csv")]) == 3
    assert not (tmp_path / "h.csv").exists()
    for wrong in (["--dominance", "two"], ["--minimum", "1"], ["--record-clean"], ["-o", str(tmp_path / "f.txt")]):
        assert run([*command, *wrong]) == 2
    assert run(command) == 2
    with pytest.raises(ConfigError):
        aggregate(rows, "a").table("who")


def test_no_label_is_a_formula_in_csv(tmp_path: Path) -> None:
    rows = pl.DataFrame({"arrest_no": [f"M14{at:06d}" for at in range(60)], "=a": ["=1+1", "\uff0dx"] * 30})
    figures = aggregate(rows, "=a")
    figures.write(tmp_path / "f.csv")
    figures.write(tmp_path / "f.parquet")

    written = pl.read_csv(tmp_path / "f.csv", infer_schema=False)
    assert {"'=1+1", "'\uff0dx"} <= set(written["'=a"])
    assert written[MARK].to_list() == figures.frame[MARK].to_list()
    assert {"=1+1", "\uff0dx"} <= set(pl.read_parquet(tmp_path / "f.parquet")["=a"])
