"""An output has the input's format, and the compression that its name says."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError

ON = {"arrest_number": "arrest_no"}


def _inputs(folder: Path) -> None:
    arrests = pl.DataFrame({"arrest_no": ["K14612345", "M14000017"], "precinct": [79, 14]})
    arrests.write_csv(folder / "in.csv")
    arrests.write_parquet(folder / "in.parquet")
    (folder / "in.csv.gz").write_bytes(gzip.compress((folder / "in.csv").read_bytes()))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("in.csv", "out.parquet"),
        ("in.csv", "out.jsonl"),
        ("in.parquet", "out.csv"),
        ("in.parquet", "out.parquet.gz"),
    ],
)
def test_a_name_that_says_another_format_is_refused(tmp_path: Path, source: str, target: str) -> None:
    _inputs(tmp_path)
    index = example_index(["K14612345"])
    with pytest.raises(ConfigError, match=r"the name says|compresses inside"):
        ss.scrub(tmp_path / source, index, ON, output=tmp_path / target)
    with pytest.raises(ConfigError, match=r"the name says|compresses inside"):
        ss.scrub(tmp_path / source, index, ON, output=tmp_path / f"fine-{source}", quarantine=tmp_path / target)
    assert not (tmp_path / target).exists()
    assert not (tmp_path / f"fine-{source}").exists()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("in.csv", "out.csv"),
        ("in.csv", "out.txt"),
        ("in.csv", "out"),
        ("in.csv.gz", "out.csv.gz"),
        ("in.parquet", "o.pq"),
    ],
)
def test_a_name_that_says_the_same_or_nothing_is_taken(tmp_path: Path, source: str, target: str) -> None:
    _inputs(tmp_path)
    assert ss.scrub(tmp_path / source, example_index(["K14612345"]), ON, output=tmp_path / target).complete
    assert (tmp_path / target).stat().st_size


@pytest.mark.parametrize("source", ["in.csv", "in.csv.gz"])
@pytest.mark.parametrize(
    ("target", "magic"), [("o.csv", b"arrest"), ("o.csv.gz", b"\x1f\x8b"), ("o.csv.zst", b"(\xb5/")]
)
def test_compression_is_what_the_name_says(tmp_path: Path, source: str, target: str, magic: bytes) -> None:
    _inputs(tmp_path)
    ss.scrub(tmp_path / source, example_index(["K14612345"]), ON, output=tmp_path / target)
    assert (tmp_path / target).read_bytes().startswith(magic)
    assert pl.read_csv(tmp_path / target)["precinct"].to_list() == [14]
