"""Texts that repeat in a Parquet file are read as a list and numbers into it, and are swept as the texts are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.matching import Sweep
from sealscrub.tables.opener import DataSource
from sealscrub.tables.row_verdicts import KnownRows, RemainingRows

from .arrests import CLEAR, ON, SEALED, index

TEXTS = [
    SEALED[0],
    f"see {SEALED[1].lower()}.",
    "K146O2345",
    "theft",
    "",
    None,
    "12",
    '{"a": "K14\\u00-612345"}',
    CLEAR[0],
]
ROWS = 600


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Columns of few different texts and of many, and rows of which some go by their key."""
    keys = draw(st.lists(st.sampled_from([*CLEAR[:4], SEALED[0]]), min_size=6, max_size=6))
    few = draw(st.lists(st.sampled_from(TEXTS), min_size=6, max_size=6))
    columns: dict[str, Any] = {"arrest_no": keys * (ROWS // 6), "few": few * (ROWS // 6)}
    columns["many"] = [f"{text} {at}" if text else text for at, text in enumerate(columns["few"])]
    kind = draw(st.sampled_from([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]))
    return pa.table(
        {
            name: pa.array(values, pa.string()).cast(kind if name == "few" else pa.string())
            for name, values in columns.items()
        }
    )


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=tables(),
    group=st.sampled_from([97, ROWS]),
    version=st.sampled_from(["1.0", "2.0"]),
    dictionary=st.sampled_from([1 << 20, 16]),
)
def test_a_file_is_swept_as_a_frame_is(
    data: pa.Table, group: int, version: str, dictionary: int, tmp_path: Path
) -> None:
    path = tmp_path / "data.parquet"
    pages = {"data_page_size": 64, "write_batch_size": 8, "dictionary_pagesize_limit": dictionary}
    pq.write_table(data, path, row_group_size=group, data_page_version=version, **pages)

    file, frame = (ss.scan(each, index(), ON).tables[0] for each in (path, pl.DataFrame(pl.from_arrow(data))))

    assert set(file.elsewhere) == set(frame.elsewhere)
    assert file.keys == frame.keys


def test_what_repeats_is_found(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    texts = ["theft", None, SEALED[0], "assault"] * 5_000
    pl.DataFrame({"arrest_no": CLEAR[:1] * len(texts), "note": texts}).write_parquet(path)

    (place,) = ss.scan(path, index(), ON).tables[0].elsewhere

    assert (place.place, place.found) == ("note", 5_000)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_what_a_dictionary_does_not_list_is_found(version: str, tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    texts = ["theft"] * 20_000 + [f"no. {at}" for at in range(500)] + [SEALED[0]] * 5
    data = pa.table({"arrest_no": CLEAR[:1] * len(texts), "note": texts})
    limits = {"dictionary_pagesize_limit": 1_000, "write_batch_size": 100}  # then the writer goes over to plain pages
    pq.write_table(data, path, data_page_version=version, **limits)

    (place,) = ss.scan(path, index(), ON).tables[0].elsewhere

    assert (place.place, place.found) == ("note", 5)


def test_rows_are_read_only_if_their_dictionary_lists_what_may_be_an_id(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    texts = ["theft"] * 1_000 + ["assault", f"see {SEALED[1]}"] * 500
    pq.write_table(pa.table({"note": texts, "place": ["street"] * 2_000}), path, row_group_size=1_000)
    row = np.arange(2_000)
    stay = KnownRows(RemainingRows((row >= 1_000) & (row % 2 == 1)))

    with DataSource(path) as source:
        ((place, values),) = next(iter(source.tables())).undeclared(stay, (), Sweep(index()).reads)

    assert (place, None if values is None else values.to_list()) == ("note", [f"see {SEALED[1]}"] * 500)


def test_text_that_is_not_utf_8_is_read_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    raw = pa.array([b"\xff\xfe", b"theft", SEALED[0].encode()] * 500, pa.binary())
    texts = pa.StringArray.from_buffers(len(raw), raw.buffers()[1], raw.buffers()[2])
    pq.write_table(pa.table({"arrest_no": CLEAR[:1] * len(raw), "note": texts}), path)

    assert ss.scan(path, index(), ON).exit_code == 1
