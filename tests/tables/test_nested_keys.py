"""A key in a field of a struct is refused, and the error says what to do, whatever holds the rows."""

from __future__ import annotations

from pathlib import Path

import deltalake
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import UsageError

from ..transforms.arrests import CLEAR, SEALED, index
from .iceberg.lakehouse import Lakehouse

ROWS = pa.table({"person": [{"arrest_no": key, "name": "x"} for key in (SEALED[0], CLEAR[0])], "precinct": [40, 41]})


@pytest.mark.parametrize("column", ["person", "person.arrest_no"])
def test_a_key_in_a_field_is_refused_with_what_to_do(tmp_path: Path, column: str) -> None:
    lake = Lakehouse(tmp_path)
    lake.create("arrests", ROWS.schema, rows=ROWS)
    deltalake.write_deltalake(tmp_path / "t", ROWS)
    pq.write_table(ROWS, tmp_path / "t.parquet")
    sources = (lake.address("arrests"), f"delta:{tmp_path / 't'}", tmp_path / "t.parquet", pl.from_arrow(ROWS))
    for source in sources:
        with pytest.raises(UsageError) as caught:
            ss.scan(source, index(), {"arrest_number": column})
        assert "a column of its own" in caught.value.hint
    lake.close()
