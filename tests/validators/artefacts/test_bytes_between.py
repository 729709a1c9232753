"""Bytes that no reader follows are looked at all the same, or the file is not checked: never exit 0."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sealscrub.index import Index
from sealscrub.validators.artefacts import ModelAudit, audit_model

from .models import SEALED

ONE = SEALED[0]
OTHER = "S18999999"


def _zip(write: Callable[[zipfile.ZipFile], Any], before: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        write(archive)
    return before + out.getvalue()


def _deleted(one: str, method: int) -> bytes:
    """An archive of one member, before which another stands that its directory no longer names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("b.txt", (one + " ") * 50)
        archive.filelist.clear()
        archive.NameToInfo.clear()
        archive.writestr("a.txt", "x")
    return out.getvalue()


def _comment(one: str) -> bytes:
    info = zipfile.ZipInfo("a.txt")
    info.comment = one.encode()
    return _zip(lambda archive: archive.writestr(info, "x"))


def _extra(one: str) -> bytes:
    info = zipfile.ZipInfo("a.txt")
    info.extra = struct.pack("<HH", 0x9999, len(one)) + one.encode()
    return _zip(lambda archive: archive.writestr(info, "x"))


def _safetensors(data: bytes, size: int, behind: bytes = b"", **more: str) -> bytes:
    head = json.dumps({"t": {"dtype": "U8", "shape": [size], "data_offsets": [0, size], **more}}).encode()
    return struct.pack("<Q", len(head)) + head + data + behind


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": ["x", "y"], "b": [1, 2]}), out)
    return out.getvalue()


def _with_gap(gap: bytes) -> bytes:
    data = _parquet()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return data[:footer] + gap + data[footer:]


def _gzip_name(one: str) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(filename=one, mode="wb", fileobj=out) as file:
        file.write(b"a,b\n1,2\n")
    return out.getvalue()


def _npy(one: str) -> bytes:
    out = io.BytesIO()
    np.save(out, np.frombuffer(one.ljust(16).encode(), "f8"))
    return out.getvalue()


PLAIN: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "member that was deleted": ("zip", lambda one: _deleted(one, zipfile.ZIP_STORED)),
    "comment of a member": ("zip", _comment),
    "extra field": ("zip", _extra),
    "before an archive": ("zip", lambda one: _zip(lambda archive: archive.writestr("a.txt", "x"), one.encode())),
    "behind tensors": ("safetensors", lambda one: _safetensors(b"\1\2\3", 3, one.encode())),
    "tensor of bytes": ("safetensors", lambda one: _safetensors(one.encode(), len(one))),
    "field of a header": ("safetensors", lambda one: _safetensors(b"\1\2\3", 3, note=one)),
    "between pages and footer": ("parquet", lambda one: _with_gap(one.encode() * 3)),
    "name in gzip": ("gz", _gzip_name),
    "UTF-32": ("txt", lambda one: f"see {one}.".encode("utf-32")),
    "UTF-32, the other way": ("txt", lambda one: b"\0\0\xfe\xff" + f"see {one}.".encode("utf-32-be")),
    "floats": ("npy", _npy),
}
OPAQUE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "member that was deleted": ("zip", lambda: _deleted(ONE, zipfile.ZIP_DEFLATED)),
    "between pages and footer": ("parquet", lambda: _with_gap(gzip.compress(ONE.encode()))),
    "behind tensors": ("safetensors", lambda: _safetensors(b"\1\2\3", 3, gzip.compress(ONE.encode()))),
}


def _audited(made: dict[str, tuple[str, bytes]], folder: Path, index: Index) -> ModelAudit:
    for name, (suffix, data) in made.items():
        (folder / f"{name}.{suffix}").write_bytes(data)
    return audit_model(folder, index)


@pytest.mark.parametrize("one", [ONE, OTHER])
def test_plain_text_in_bytes_that_no_reader_follows(one: str, index: Index, tmp_path: Path) -> None:
    done = _audited({name: (suffix, make(one)) for name, (suffix, make) in PLAIN.items()}, tmp_path, index)
    found = {Path(each.file).stem for each in done.findings}

    assert found == (set(PLAIN) if one == ONE else set())
    assert {each.count for each in done.findings} <= {1}


def test_other_bytes_that_no_reader_follows_are_not_checked(index: Index, tmp_path: Path) -> None:
    done = _audited({name: (suffix, make()) for name, (suffix, make) in OPAQUE.items()}, tmp_path, index)

    assert {Path(each.file).stem for each in done.not_checked} == set(OPAQUE)


def test_files_as_their_writers_make_them_have_no_such_bytes(index: Index, tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [f"B17{at:06d}" for at in range(2_000)] * 2, "n": range(4_000)})
    table = frame.to_arrow()
    frame.write_parquet(tmp_path / "polars.parquet", row_group_size=1_000)
    pq.write_table(table, tmp_path / "pyarrow.parquet", write_page_index=True, row_group_size=1_000)
    duckdb.from_arrow(table).write_parquet(str(tmp_path / "duckdb.parquet"))
    pq.write_table(table.slice(0, 0), tmp_path / "empty.parquet")
    with zipfile.ZipFile(tmp_path / "deflated.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "nothing" * 100)
        archive.mkdir("b")
        archive.writestr("b/c.txt", "nothing")
    with (tmp_path / "streamed.zip").open("wb") as out, zipfile.ZipFile(_Unseekable(out), "w") as archive:
        archive.writestr("a.txt", "nothing" * 100)
        with archive.open("b.txt", "w", force_zip64=True) as member:
            member.write(b"nothing")
        archive.writestr("c.txt", "nothing" * 100)
    np.savez(tmp_path / "arrays.npz", a=np.arange(3), b=np.arange(4))
    done = audit_model(tmp_path, index)

    assert (done.exit_code, done.findings, done.not_checked) == (0, (), ())


class _Unseekable:
    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return int(self._file.write(data))

    def flush(self) -> None:
        self._file.flush()
