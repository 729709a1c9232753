"""Arrow IPC files keep their compression, whatever rows go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest

import sealscrub as ss
from sealscrub.errors import UnreadableInput
from sealscrub.tables.formats.arrow_ipc import Format
from sealscrub.tables.sources import find_sources, open_file

from ..transforms.arrests import CLEAR, ON, SEALED, index


@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
def test_a_file_or_stream_keeps_its_compression(tmp_path: Path, codec: str | None, new: Any) -> None:
    table = pa.table({"arrest_no": [SEALED[0], *CLEAR], "note": pa.array(["x"] * 31).dictionary_encode()})
    path = tmp_path / "data.arrow"
    with new(path, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table, 7)

    ss.scrub(path, index(), ON, output=tmp_path / "out.arrow")

    file = open_file(find_sources(tmp_path / "out.arrow").files[0])
    assert isinstance(file, Format)
    assert (file.codec, file.streamed) == (codec, new is pa.ipc.new_stream)
    assert file.arrow().to_pydict() == table.slice(1).to_pydict()
    assert file.arrow().schema == table.schema


def _stream(path: Path, rows: list[str], metadata: dict[str, str] | None = None) -> bytes:
    table = pa.table({"arrest_no": rows, "kind": pa.array(["x"] * len(rows)).dictionary_encode()})
    with pa.ipc.new_stream(path, table.schema) as writer:
        for batch in table.to_batches(7):
            writer.write_batch(batch, custom_metadata=metadata)
    return path.read_bytes()


def test_a_stream_is_as_if_the_records_had_never_been(tmp_path: Path) -> None:
    for name, rows in {"with": [SEALED[0], *CLEAR, SEALED[0]], "without": CLEAR, "none": []}.items():
        _stream(tmp_path / f"{name}.arrow", rows)
        ss.scrub(tmp_path / f"{name}.arrow", index(), ON, output=tmp_path / f"{name}.out.arrow")

    assert (tmp_path / "with.out.arrow").read_bytes() == (tmp_path / "without.out.arrow").read_bytes()
    assert pa.ipc.open_stream(tmp_path / "none.out.arrow").read_all().num_rows == 0


def test_metadata_of_a_streams_batches_are_compared(tmp_path: Path) -> None:
    _stream(tmp_path / "data.arrow", CLEAR, {"made of": SEALED[0]})

    assert [each.place for each in ss.scan(tmp_path / "data.arrow", index(), ON).tables[0].elsewhere] == ["(metadata)"]


def test_a_stream_that_is_cut_or_that_something_follows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.arrow"
    whole = _stream(path, CLEAR)
    for damaged in (whole[:-100], whole[:30], whole[:6], whole[:-8] + b"\0\0\0", whole + b"K14612345", whole + whole):
        path.write_bytes(damaged)
        with pytest.raises(UnreadableInput, match="Arrow IPC"):
            ss.scan(path, index(), ON)
