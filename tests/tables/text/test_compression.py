"""Compressed text: recognised by content, never taken for whole when it is not, the same bytes each time."""

from __future__ import annotations

import gzip
import io

import pyarrow as pa
import pytest

from sealscrub.errors import UnreadableInput
from sealscrub.tables.delimited.delimited_scrub import scrub_delimited
from sealscrub.tables.delimited.delimited_source import DelimitedSource
from sealscrub.tables.text.compression import (
    Compression,
    compression_named,
    open_text_input,
    open_text_output,
)

TEXT = b"id,x\n" + b"".join(b"%d,%d\n" % (number, number**3) for number in range(40_000))
KINDS = [Compression.GZIP, Compression.ZSTD]


class Disk(io.BytesIO):
    """Keeps what was written when it is closed."""

    written = b""

    def close(self):
        if not self.closed:
            self.written = self.getvalue()
        super().close()


class FullDisk(io.BytesIO):
    def write(self, data):
        raise OSError(28, "No space left on device")


def packed(data, compression, pieces=1):
    file = Disk()
    with open_text_output(file, compression) as out:
        size = max(1, len(data) // pieces)
        for at in range(0, len(data), size):
            out.write(data[at : at + size])
    return file.written


def unpacked(path, data, size=1 << 16):
    path.write_bytes(data)
    with open_text_input(path) as text:
        return b"".join(iter(lambda: text.read(size), b""))


@pytest.mark.parametrize("compression", KINDS)
def test_what_is_written_is_read(tmp_path, compression):
    assert unpacked(tmp_path / "a", packed(TEXT, compression)) == TEXT
    suffix = {Compression.GZIP: ".gz", Compression.ZSTD: ".zst"}[compression]
    assert unpacked(tmp_path / f"empty{suffix}", packed(b"", compression)) == b""


@pytest.mark.parametrize("compression", KINDS)
def test_the_bytes_depend_on_the_text_alone(compression):
    data = TEXT * 8

    assert packed(data, compression, 1) == packed(data, compression, 1000) == packed(data, compression, 7)


def test_a_gzip_header_tells_neither_name_nor_time(tmp_path):
    path = tmp_path / "secret-name.csv.gz"
    with path.open("wb") as file, open_text_output(file, Compression.GZIP) as out:
        out.write(TEXT)
    header = path.read_bytes()[:10]

    assert header[3] == 0
    assert header[4:8] == bytes(4)
    assert gzip.decompress(path.read_bytes()) == TEXT


@pytest.mark.parametrize("compression", KINDS)
def test_a_stream_that_ends_early_is_refused_wherever_it_ends(tmp_path, compression):
    data = packed(TEXT[:2000], compression)
    for end in range(5, len(data)):
        with pytest.raises(UnreadableInput, match="ends early"):
            unpacked(tmp_path / "a", data[:end])


@pytest.mark.parametrize("compression", KINDS)
def test_several_members_are_read_to_the_last(tmp_path, compression):
    assert unpacked(tmp_path / "a", packed(TEXT, compression) + packed(b"more\n", compression)) == TEXT + b"more\n"
    with pytest.raises(UnreadableInput):
        unpacked(tmp_path / "a", packed(TEXT, compression) + packed(b"more\n", compression)[:-1])


@pytest.mark.parametrize("compression", KINDS)
def test_what_follows_a_stream_and_is_none_is_refused(tmp_path, compression):
    with pytest.raises(UnreadableInput):
        unpacked(tmp_path / "a", packed(TEXT, compression) + b"K98765432")


def test_a_damaged_gzip_is_refused(tmp_path):
    data = packed(TEXT, Compression.GZIP)
    for at in range(10, len(data), len(data) // 50):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        with pytest.raises(UnreadableInput):
            unpacked(tmp_path / "a", bytes(damaged))


def test_content_tells_the_compression_and_a_name_that_lies_is_refused(tmp_path):
    data = packed(TEXT, Compression.GZIP)
    assert unpacked(tmp_path / "plain.csv", data) == TEXT
    with pytest.raises(UnreadableInput, match="zstd"):
        unpacked(tmp_path / "a.csv.zst", data)
    with pytest.raises(UnreadableInput, match="gzip"):
        unpacked(tmp_path / "a.csv.gz", TEXT)


def test_names():
    names = {"a.csv.gz": "gzip", "A.CSV.GZ": "gzip", "a.zst": "zstd", "a.jsonl.zstd": "zstd", "gz": "none"}
    assert {name: compression_named(name).value for name in names} == names


@pytest.mark.parametrize("compression", Compression)
def test_closing_the_output_closes_the_file(compression):
    file = Disk()
    with open_text_output(file, compression) as out:
        out.write(TEXT)
    assert file.closed
    assert file.written


@pytest.mark.parametrize("compression", KINDS)
def test_a_full_disk_is_told_however_little_is_written(compression):
    file = FullDisk()
    with pytest.raises(OSError, match="space"), open_text_output(file, compression) as out:
        out.write(b"id\n")
    assert file.closed


@pytest.mark.parametrize("compression", KINDS)
def test_compressed_tables_are_scrubbed(tmp_path, plain_matcher, compression):
    path = tmp_path / "table.csv"
    path.write_bytes(packed(TEXT, compression))
    out = Disk()
    with (
        DelimitedSource(path, block_size=1 << 12) as source,
        open_text_output(out, source.compression) as file,
    ):
        counts = scrub_delimited(source, plain_matcher(("id",), {"7", "39999"}), file)

    assert counts.removed == 2
    assert pa.CompressedInputStream(pa.BufferReader(out.written), compression.value).read() == (
        TEXT.replace(b"\n7,343\n", b"\n").replace(b"39999,%d\n" % 39999**3, b"")
    )


def test_a_truncated_table_is_refused_while_it_is_scrubbed(tmp_path, plain_matcher):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(packed(TEXT, Compression.GZIP)[:-20])
    with (
        DelimitedSource(path, block_size=1 << 12) as source,
        pytest.raises(UnreadableInput, match="ends early"),
    ):
        scrub_delimited(source, plain_matcher(("id",)), io.BytesIO())
