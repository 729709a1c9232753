"""Figures of a report are no input: scan, scrub and certify find their mark."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from sealscrub import Plan, scan, scrub
from sealscrub.aggregates import Figures, aggregate
from sealscrub.certificates import load_signer
from sealscrub.cli import run
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, MarkedAggregate, UsageError
from sealscrub.frames.aggregate_mark import MARK
from sealscrub.identifiers import generate_keys
from sealscrub.validators.certifying import certify

ON = {"arrest_number": "arrest_no"}


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
    path = folder / f"figures.{kind}"
    whole = folder / f"whole.{kind.split('.')[0]}"
    if kind == "bare.parquet":
        figures.write(folder / "whole.parquet")
        pq.write_table(pq.read_table(folder / "whole.parquet").drop_columns([MARK]), path)
        return path
    figures.write(whole)
    path.write_bytes(gzip.compress(whole.read_bytes()) if kind.endswith("gz") else whole.read_bytes())
    whole.unlink()
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_scan_and_scrub_refuse_what_is_marked(figures: Figures, kind: str, tmp_path: Path) -> None:
    index = example_index(["M14000007"])
    data = marked(figures, kind, tmp_path)
    with pytest.raises(MarkedAggregate):
        scan(data, index, ON)
    with pytest.raises(MarkedAggregate):
        scrub(data, index, ON, output=tmp_path / f"out.{kind}" if isinstance(data, Path) else None)
    assert not (tmp_path / f"out.{kind}").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_plans_refuse_it_too(figures: Figures, kind: str, tmp_path: Path) -> None:
    data = marked(figures, kind, tmp_path)
    source = data.name if isinstance(data, Path) else "figures.csv"
    (tmp_path / "sealscrub.toml").write_text(f"version = 1\n[tables.figures]\nsource = {source!r}\n")
    plan, index = Plan.from_toml(tmp_path / "sealscrub.toml"), example_index(["M14000007"])
    with pytest.raises(MarkedAggregate, match=r"tables\.figures"):
        plan.check({"figures": data})
    with pytest.raises(MarkedAggregate, match=r"tables\.figures"):
        plan.scrub({"figures": data}, index)
    if isinstance(data, Path):
        with pytest.raises(MarkedAggregate):
            plan.scrub(index=index, output=tmp_path / "out")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ['{"note": "sealscrub_aggregate_report"}', '{"a": {"sealscrub_aggregate_report": 1}}'])
def test_in_json_lines_a_value_is_no_mark_and_a_field_is(text: str, tmp_path: Path) -> None:
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
