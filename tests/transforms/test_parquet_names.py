"""Parquet: names of columns and files are names and no patterns, and any number of columns will do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import ColumnError

from .arrests import CLEAR, ON, SEALED, index, many
from .parquet_writers import content, scrub

HOSTILE = [
    "*",
    "^a.*$",
    "^.*$",
    "a.b",
    "a+b",
    "é ☃",
    "a\nb",
    "a\x00b",
    "",
    " ",
    "[x]",
    "{}",
    "%s",
    "n" * 3000,
    '"',
    "a,b",
]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])  # --on names no column that has no name
def test_a_column_is_found_by_its_name_whatever_that_is(tmp_path: Path, name: str) -> None:
    keys = many(9)
    texts = pa.array(["x", "y", None] * 3)
    columns = {
        "a1": pa.array(CLEAR[:9]), name: pa.array(keys), "a": pa.StructArray.from_arrays([pa.array(range(9))], ["b"])
    }  # fmt: skip
    fast = {"a1": texts.dictionary_encode(), name: pa.array(keys).dictionary_encode(), "z": texts}
    for table in (pa.table(columns), pa.table(fast)):
        pq.write_table(table, tmp_path / "data.parquet")
        report = ss.scrub(tmp_path / "data.parquet", index(), {"arrest_number": name}, output=tmp_path / "out.parquet")
        assert report.tables[0].keys[0].sealed == 3
        kept = [at for at, key in enumerate(keys) if key not in SEALED]
        assert content(tmp_path / "out.parquet") == table.take(kept).to_pydict()
        assert pq.read_schema(tmp_path / "out.parquet").names == table.schema.names


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_other_columns_pass(tmp_path: Path, name: str) -> None:
    texts = pa.array(["x", "y", None] * 3).dictionary_encode()
    ranked = pa.DictionaryArray.from_arrays(texts.indices, texts.dictionary, ordered=True)
    for column in (texts, ranked):
        table = pa.table({"x": ["t"] * 9, name: column, "arrest_no": many(9)})
        pq.write_table(table, tmp_path / "data.parquet")
        scrub(tmp_path / "data.parquet")
        kept = [at for at, key in enumerate(many(9)) if key not in SEALED]
        assert content(tmp_path / "out.parquet") == table.take(kept).to_pydict()


@pytest.mark.parametrize("name", ["[x].parquet", "a b.parquet", "*.parquet", "?.parquet", "year=2020.parquet", "é.pq"])
def test_paths_are_names_and_no_patterns(tmp_path: Path, name: str) -> None:
    place = tmp_path / "year=2020" / "in[1]"
    place.mkdir(parents=True)
    pq.write_table(pa.table({"arrest_no": [CLEAR[0]]}), place / "x.parquet")
    pq.write_table(pa.table({"arrest_no": many(6), "n": range(6)}), place / name)
    ss.scrub(place / name, index(), ON, output=tmp_path / f"out {name}")
    assert pq.read_schema(tmp_path / f"out {name}").names == ["arrest_no", "n"]
    assert content(tmp_path / f"out {name}")["n"] == [1, 2, 4, 5]


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    name = "n" * 247 + ".parquet"
    pq.write_table(pa.table({"arrest_no": many(6)}), tmp_path / name)
    ss.scrub(tmp_path / name, index(), ON, output=tmp_path / ("o" * 247 + ".parquet"))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_thousand_columns(tmp_path: Path) -> None:
    columns = {f"c{at}": pa.array(np.arange(30) + at) for at in range(999)}
    table = pa.table({"arrest_no": many(30), **columns})
    pq.write_table(table, tmp_path / "data.parquet")
    scrub(tmp_path / "data.parquet")
    kept = [at for at, key in enumerate(many(30)) if key not in SEALED]
    assert pq.read_table(tmp_path / "out.parquet").equals(table.take(kept))


def test_one_column_alone(tmp_path: Path) -> None:
    for column in (pa.array(many(6)), pa.array(many(6)).dictionary_encode()):
        pq.write_table(pa.table({"arrest_no": column}), tmp_path / "data.parquet")
        assert content(scrub(tmp_path / "data.parquet"))["arrest_no"] == [key for key in many(6) if key not in SEALED]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table([many(3), many(3)], names=["arrest_no", "arrest_no"]), tmp_path / "data.parquet")
    with pytest.raises(ColumnError, match="arrest_no"):
        ss.scan(tmp_path / "data.parquet", index(), ON)
