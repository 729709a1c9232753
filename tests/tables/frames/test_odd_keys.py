"""Values that look like a key to a careless eye, and hold one: never read as some other id, never passed as clean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub import Policy, scan, scrub
from sealscrub.datasets import example_index
from sealscrub.errors import UsageError
from sealscrub.identifiers import Status, canonicalise
from sealscrub.index import Index
from sealscrub.tables import frame_adapter

LATIN = "É123".encode("latin-1")
ON = {"opaque:x": "id"}


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index({"opaque:x": ["É123", "K9"]})


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame({"id": [LATIN, b"1"]}),
        pd.DataFrame({"id": [LATIN, "1", 2]}),
        pd.DataFrame({"id": pd.Series(["\udcc9123", "1"], dtype=object)}),
        pl.DataFrame({"id": [LATIN, b"1"]}),
        pl.LazyFrame({"id": [LATIN, b"1"]}),
        pa.table({"id": pa.array([LATIN, b"1"])}),
    ],
    ids=["pandas", "pandas mixed", "pandas surrogates", "polars", "polars lazy", "pyarrow"],
)
def test_bytes_that_are_no_text_are_unparsable(index: Index, data: Any) -> None:
    report = scan(data, index, ON, policy=Policy(max_unparsable=1))

    assert report.tables[0].keys[0].unparsable == 1
    assert not report.complete


@pytest.mark.parametrize(
    "values",
    [[["K9"], ["x"]], ["5", ["K9"]], [{"id": "K9"}], [("K9",), 1], [{"K9"}], [True, "a"], np.array([1 + 0j])],
    ids=repr,
)
def test_what_only_holds_an_id_is_no_key(index: Index, values: Any) -> None:
    with pytest.raises(UsageError, match="cannot be record keys"):
        scan(pd.DataFrame({"id": values}), index, ON)


def test_a_range_of_intervals_is_no_key(index: Index) -> None:
    with pytest.raises(UsageError, match="cannot be record keys"):
        scan(pd.DataFrame({"id": pd.interval_range(0, 3)}), index, ON)


#: Their bytes are UTF-8, too.
UUIDS = [UUID(bytes=b"\x00\x10\xc3\xa9abcdefghij\x00" + bytes([at])) for at in range(4)]


def _uuids(column: Callable[[Any], Any]) -> pa.Table:
    return pa.table({"id": column(pa.array([each.bytes for each in UUIDS], pa.uuid())), "x": range(4)})


def _stored(folder: Path, **how: Any) -> Path:
    pq.write_table(_uuids(lambda held: held), folder / "uuids.parquet", **how)
    return folder / "uuids.parquet"


UUID_COLUMNS: dict[str, Callable[[Path], Any]] = {
    "arrow": lambda folder: _uuids(lambda held: held),
    "arrow dictionary": lambda folder: _uuids(
        lambda held: pa.DictionaryArray.from_arrays(pa.array(range(len(held))), held)
    ),
    "pandas": lambda folder: pd.DataFrame(
        {"id": pd.array(_uuids(lambda held: held)["id"], pd.ArrowDtype(pa.uuid())), "x": range(4)}
    ),
    "parquet": _stored,
    "parquet of another writer": lambda folder: _stored(folder, store_schema=False),
}


@pytest.mark.parametrize("spelled", [str, lambda one: one.hex], ids=["text", "digits"])
@pytest.mark.parametrize("made", UUID_COLUMNS.values(), ids=UUID_COLUMNS)
def test_uuids_are_read_as_their_text_and_as_other_columns_in_every_spelling(
    tmp_path: Path, made: Callable[[Path], Any], spelled: Callable[[UUID], str]
) -> None:
    data, sealed = made(tmp_path), example_index({"opaque:x": [spelled(UUIDS[0])]})

    (as_key,) = scan(data, sealed, ON, policy=Policy(max_unparsable=1)).tables
    assert as_key.keys[0].sealed == (spelled is str)
    beside = scan(data, sealed, {"opaque:x": "x"}, policy=Policy(max_unparsable=1, accept={"chance"}))
    assert [each.place for each in beside.tables[0].elsewhere] == ["id"]


@pytest.mark.parametrize("made", UUID_COLUMNS.values(), ids=UUID_COLUMNS)
def test_a_scrub_by_uuids_leaves_the_type(tmp_path: Path, made: Callable[[Path], Any]) -> None:
    data, sealed = made(tmp_path), example_index({"opaque:x": [str(UUIDS[0])]})
    if isinstance(data, Path):
        scrub(data, sealed, output=tmp_path / "clean.parquet", on=ON)
        kept, data = pq.read_table(tmp_path / "clean.parquet"), pq.read_table(data)
    else:
        kept = scrub(data, sealed, on=ON)
    assert (len(kept), _kind(kept)) == (3, _kind(data))


def _kind(data: Any) -> Any:
    return data["id"].dtype if isinstance(data, pd.DataFrame) else data["id"].type


def _raw(kind: pa.DataType) -> pa.Table:
    return pa.table({"id": pa.array([each.bytes for each in UUIDS], kind), "x": range(4)})


def _file_of(folder: Path) -> Path:
    pq.write_table(_raw(pa.binary(16)), folder / "raw.parquet")
    return folder / "raw.parquet"


RAW_COLUMNS: dict[str, Callable[[Path], Any]] = {
    "arrow": lambda folder: _raw(pa.binary(16)),
    "arrow dictionary": lambda folder: pa.table({"id": _raw(pa.binary())["id"].dictionary_encode(), "x": range(4)}),
    "pandas": lambda folder: pd.DataFrame({"id": [each.bytes for each in UUIDS], "x": range(4)}),
    "polars": lambda folder: pl.DataFrame({"id": [each.bytes for each in UUIDS], "x": range(4)}),
    "parquet": _file_of,
}


@pytest.mark.parametrize("made", RAW_COLUMNS.values(), ids=RAW_COLUMNS)
def test_raw_bytes_are_not_texts_although_they_are_utf_8(tmp_path: Path, made: Callable[[Path], Any]) -> None:
    """They hold control characters: the keys cannot be checked, and the sweep reads them in every spelling."""
    data, sealed = made(tmp_path), example_index({"opaque:x": [str(UUIDS[0])]})

    dirty = Policy(max_unparsable=1)
    (found,) = scan(data, sealed, ON, policy=dirty).tables
    assert (found.keys[0].unparsable, [each.place for each in found.elsewhere]) == (4, ["id"])
    assert scan(data, sealed, ON, policy=dirty, sweep=False).exit_code == 3


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame, pa.table], ids=["polars", "pandas", "arrow"])
@given(st.lists(st.none() | st.binary(max_size=3) | st.text(max_size=3).map(str.encode), min_size=1, max_size=4))
def test_bytes_are_text_or_not_whatever_other_rows_hold(frame: Callable[[Any], Any], held: list[bytes | None]) -> None:
    def read(values: list[bytes | None]) -> list[int]:
        column = pl.Series(values, dtype=pl.Binary) if frame is pl.DataFrame else values
        keys = frame_adapter(frame({"id": column}))
        return canonicalise(keys.key_batch(["id"])["id"], "opaque:x").status.tolist()

    assert read(held) == [status for each in held for status in read([each])]
    for each, status in zip(held, read(held), strict=True):
        control = any(sign < 32 or sign == 127 for sign in (each or b"").rstrip(b"\0").strip(b"\t\n\v\f\r "))
        assert not control or status == Status.UNPARSABLE


@given(st.lists(st.text(max_size=3) | st.integers(0, 99), min_size=1, max_size=4))
def test_texts_next_to_numbers_are_read_as_they_are_alone(held: list[str | int]) -> None:
    """Control characters are in a text what they are alone."""

    def read(values: list[str | int]) -> list[int]:
        keys = frame_adapter(pd.DataFrame({"id": pd.Series(values, dtype=object)}))
        return canonicalise(keys.key_batch(["id"])["id"], "opaque:x").status.tolist()

    assert read(held) == [status for each in held for status in read([each])]
