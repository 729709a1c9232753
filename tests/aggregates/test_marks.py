"""Figures of a report are no input: scan, scrub and certify find their mark."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sealscrub import scan, scrub
from sealscrub.aggregates import Figures, aggregate
from sealscrub.certificates import load_signer
from sealscrub.cli import run
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, MarkedAggregate, UsageError
from sealscrub.identifiers import generate_keys
from sealscrub.validators.certifying import certify

ON = {"arrest_number": "arrest_no"}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return aggregate(pl.DataFrame({"arrest_no": [f"M14{at:06d}" for at in range(60)], "a": ["x", "y"] * 30}), "a")


@pytest.mark.parametrize("kind", ["frame", "pandas", "csv", "parquet", "joined"])
def test_scan_and_scrub_refuse_what_is_marked(figures: Figures, kind: str, tmp_path: Path) -> None:
    index = example_index(["M14000007"])
    data: object = figures.frame
    if kind in ("csv", "parquet"):
        data = tmp_path / f"figures.{kind}"
        figures.write(data)
    elif kind == "pandas":
        data = figures.frame.to_pandas()
    elif kind == "joined":
        arrests = pl.DataFrame({"arrest_no": ["M14000009"], "a": ["x"], "count": [1]})
        data = arrests.join(figures.frame, on="a").rename(
            {"sealscrub_aggregate_report": "sealscrub_aggregate_report_x"}
        )
    with pytest.raises(MarkedAggregate):
        scan(data, index, ON)
    with pytest.raises(MarkedAggregate):
        scrub(data, index, ON, output=tmp_path / "out.csv" if kind in ("csv", "parquet") else None)
    assert not (tmp_path / "out.csv").exists()


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
    kept = ["--ledger", str(tmp_path / "ledger"), "--source", "s"]

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
