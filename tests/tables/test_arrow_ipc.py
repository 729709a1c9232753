"""Arrow IPC files keep their compression, whatever rows go."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pytest

import sealscrub as ss
from sealscrub.tables.formats.arrow_ipc import Format
from sealscrub.tables.sources import find_sources, open_file

from ..transforms.arrests import CLEAR, ON, SEALED, index


@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
def test_a_file_keeps_its_compression(tmp_path: Path, codec: str | None) -> None:
    table = pa.table({"arrest_no": [SEALED[0], *CLEAR], "note": pa.array(["x"] * 31).dictionary_encode()})
    path = tmp_path / "data.arrow"
    with pa.ipc.new_file(path, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table, 7)

    ss.scrub(path, index(), ON, output=tmp_path / "out.arrow")

    file = open_file(find_sources(tmp_path / "out.arrow").files[0])
    assert isinstance(file, Format)
    assert file.codec == codec
    assert file.arrow().to_pydict() == table.slice(1).to_pydict()
    assert file.arrow().schema == table.schema
