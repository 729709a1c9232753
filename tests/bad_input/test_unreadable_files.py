"""Files that cannot be read, or not to their end."""

from __future__ import annotations

import gzip
import os
import random

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

VERBS = ("scan", "scrub")
verbs = pytest.mark.parametrize("verb", VERBS)


@verbs
def test_a_missing_file_is_told_with_the_nearest_name(bench, table, verb):
    bench.file("train.csv", table())

    bench.refused(bench.args(verb, bench.folder / "trian.csv"), 2, "trian.csv", "file does not exist", "'train.csv'")


@verbs
def test_a_missing_folder_is_told(bench, verb):
    bench.refused(bench.args(verb, bench.folder / "nowhere" / "x.csv"), 2, "x.csv", "file does not exist", "nowhere")


@verbs
@pytest.mark.parametrize("inside", [(), ("notes.md",), (".hidden.csv",), ("_hidden/0.csv",)])
def test_a_folder_without_data_files_is_refused(bench, table, verb, inside):
    folder = bench.folder / "data.csv"
    folder.mkdir()
    for name in inside:
        bench.file(f"data.csv/{name}", table())

    bench.refused(bench.args(verb, folder), 2, "data.csv", "no data file")


@verbs
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.parquet", "x.csv.gz", "x.jsonl.zst"])
def test_an_empty_file_is_refused(bench, verb, name):
    path = bench.file(name, b"")

    bench.refused(bench.args(verb, path), 3, name, "empty")


@verbs
def test_json_lines_without_a_line_are_a_table_without_a_row(bench, verb):
    """That is what is left when every row of such a file is sealed."""
    more = ["-o", str(bench.folder / "clean.jsonl")] if verb == "scrub" else []

    assert bench.run(*bench.args(verb, bench.file("x.jsonl", b""), more=more)).code == 0


@verbs
@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b"\n\n", b"\r\n", gzip.compress(b"", mtime=0)])
def test_a_file_with_nothing_in_it_is_refused(bench, verb, content):
    bench.refused(bench.args(verb, bench.file("x.csv", content)), 3, "x.csv", "empty")


@verbs
@pytest.mark.parametrize("content", ["text", "magic", "zeros", "gzip", "swapped"])
def test_what_is_not_parquet_is_refused(bench, table, verb, content):
    contents = {
        "text": table().encode(),
        "magic": b"PAR1" + table().encode(),
        "zeros": bytes(1000),
        "gzip": gzip.compress(table().encode()),
        "swapped": b"PAR1" + bytes(100) + b"PARE",
    }

    bench.refused(bench.args(verb, bench.file("x.parquet", contents[content])), 3, "x.parquet", "Parquet")


def parquet(arrests, rows=20_000, **options):
    sink = pa.BufferOutputStream()
    ids = arrests(rows)
    notes = ["zanzibar-7731" if number == 2 else f"note {number}" for number in range(rows)]
    frame = pa.table({"arrest_no": ids, "note": notes, "n": range(rows)})
    pq.write_table(frame, sink, row_group_size=7_000, **options)
    return sink.getvalue().to_pybytes()


@verbs
@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.7, 0.99, 0.9999])
def test_truncated_parquet_is_refused(bench, arrests, verb, share):
    whole = parquet(arrests)
    path = bench.file("x.parquet", whole[: int(len(whole) * share)])

    bench.refused(bench.args(verb, path), 3, "x.parquet", "Parquet")


@verbs
def test_parquet_with_its_middle_cut_out_is_refused(bench, arrests, verb):
    whole = parquet(arrests)
    path = bench.file("x.parquet", whole[: len(whole) // 4] + whole[len(whole) // 2 :])

    bench.refused(bench.args(verb, path), 3, "x.parquet")


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("codec", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("seed", range(12))
def test_damaged_pages_never_pass_for_the_whole_file(bench, arrests, codec, seed):
    """Without checksums a flip inside of a value cannot be seen: then every row is there still, or it is refused."""
    whole = bytearray(parquet(arrests, rows=2_000, compression=codec))
    length = int.from_bytes(whole[-8:-4], "little")
    chance = random.Random(f"{codec} {seed}")
    where = range(4, len(whole) - 8 - length) if seed % 2 else range(len(whole) - 8 - length, len(whole) - 8)
    for _ in range(3):
        whole[chance.choice(where)] ^= 1 << chance.randrange(8)
    path = bench.file("x.parquet", bytes(whole))
    target = bench.file("clean.parquet", b"as it was")
    before = bench.state()

    for verb, more in (("scan", ()), ("scrub", ("-o", str(target)))):
        ended = bench.run(*bench.args(verb, path, more=more))

        if ended.code in (2, 3):
            assert bench.state() == before
            assert "x.parquet" in ended.err
        elif verb == "scrub":
            assert pl.read_parquet(target).height >= 1_999
        else:
            assert "2,000 rows" in ended.out


@pytest.mark.thinned(together=2)
@verbs
@pytest.mark.parametrize("share", [0.2, 0.6, 0.98])
@pytest.mark.parametrize("suffix", ["csv.gz", "jsonl.gz", "csv.zst"])
def test_a_truncated_compressed_file_is_refused(bench, verb, share, suffix):
    chance = random.Random(0)
    rows = [f"M13{number:06d},{chance.random()}" for number in range(20_000)]
    text = "\n".join(["arrest_no,x", *rows, ""])
    if "jsonl" in suffix:
        text = "".join(f'{{"arrest_no": "{row.split(",")[0]}", "x": {row.split(",")[1]}}}\n' for row in rows)
    codec = "gzip" if suffix.endswith("gz") else "zstd"
    whole = gzip.compress(text.encode()) if codec == "gzip" else pa.compress(text.encode(), codec, asbytes=True)
    path = bench.file(f"x.{suffix}", whole[: int(len(whole) * share)])

    bench.refused(bench.args(verb, path), 3, f"x.{suffix}", f"the {codec} stream is damaged or ends early")


@verbs
def test_a_gzip_whose_checksum_is_wrong_is_refused(bench, table, verb):
    whole = bytearray(gzip.compress(table(2_000).encode()))
    whole[-6] ^= 0x10

    bench.refused(bench.args(verb, bench.file("x.csv.gz", bytes(whole))), 3, "x.csv.gz", "gzip stream is damaged")


@verbs
def test_a_name_that_claims_a_compression_is_refused(bench, table, verb):
    bench.refused(bench.args(verb, bench.file("x.csv.gz", table())), 3, "x.csv.gz", "the name says gzip")


FAULTS = {
    "a byte that is not UTF-8": (b"arrest_no,note\nM13000001,x\nK14987651,\xe9\n", "line 3", "UTF-8"),
    "mixed delimiters": (b"arrest_no,note\nM13000001,x\nM13000002,y\nK14987651;zanzibar\n", "line 4", "1 fields"),
    "a field too few": (b"arrest_no,note\nM13000001,x\nK14987651\n", "line 3", "1 fields where the header has 2"),
    "a field too many": (b"arrest_no,note\nK14987651,zanzibar,7731\n", "line 2", "3 fields"),
    "an open quote": (b'arrest_no,note\nK14987651,"zanzibar\nM13000001,x\n', "line 2", "never closed"),
    "a stray quote": (b'arrest_no,note\nK14987651,zanzibar"7731\n', "line 2", "quote"),
    "a lone carriage return": (b"arrest_no,note\nM13000001,x\nK14987651,zan\rzibar\n", "line 3", "carriage return"),
}


@verbs
@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_in_a_text_file_is_told_with_its_line(bench, verb, case):
    content, *words = FAULTS[case]

    bench.refused(bench.args(verb, bench.file("x.csv", content)), 3, "x.csv", *words)


@verbs
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"arrest_no": "M13000001"}\n{"arrest_no": "K14987651", "note": "zanz\n', ("line 2",)),
        ('{"arrest_no": "M13000001"}\n["K14987651"]\n', ("line 2",)),
        ('{"arrest_no": "M13000001"}\n{"arrest_no": {"zanzibar": "K14987651"}}\n', ("line 2",)),
        ('{"arrest_no": "K14987651", "arrest_no": "M13000001"}\n', ("line 1", "arrest_no")),
        ('{"arrest_no": "K14987651"} {"arrest_no": "M13000001"}\n', ("line 1",)),
    ],
)
def test_a_fault_in_json_lines_is_told_with_its_line(bench, verb, content, words):
    ended = bench.run(*bench.args(verb, bench.file("x.jsonl", content)))

    assert ended.code == 3
    assert all(word in ended.err for word in ("x.jsonl", *words)), ended.err


@verbs
def test_nul_bytes_in_a_header_are_refused_with_the_encoding(bench, table, verb):
    path = bench.file("x.csv", table().encode("utf-16-le"))

    bench.refused(bench.args(verb, path), 3, "x.csv", "utf-16-le")


@verbs
def test_text_in_another_encoding_is_read_when_it_is_named(bench, verb):
    path = bench.file("x.csv", b"arrest_no,note\nK14987651,caf\xe9\nM13000001,na\xefve\n")
    more = ["--encoding", "latin-1", "-o", str(bench.folder / "clean.csv")]

    ended = bench.run(*bench.args(verb, path, more=more if verb == "scrub" else more[:2]))

    assert ended.code == (1 if verb == "scan" else 0)
    if verb == "scrub":
        assert (bench.folder / "clean.csv").read_bytes() == b"arrest_no,note\nM13000001,na\xefve\n"


@verbs
@pytest.mark.parametrize("kind", ["fifo", "null", "in a folder"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(bench, table, verb, kind):
    path = bench.folder / "x.csv"
    if kind == "null":
        path.symlink_to("/dev/null")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        bench.file("data/good.csv", table())
        os.mkfifo(bench.folder / "data" / "x.csv")
        path = path.parent / "data"

    bench.refused(bench.args(verb, path), 2, "x.csv", "not a regular file")


@verbs
@pytest.mark.parametrize("option", ["--index", "--key-file"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "empty", "absent"])
def test_an_index_or_key_that_is_no_file_is_refused_and_not_waited_for(bench, table, verb, option, kind):
    args = bench.args(verb, bench.file("x.csv", table()))
    path = bench.folder / "odd"
    args[args.index(option) + 1] = str(path)
    if kind == "fifo":
        os.mkfifo(path, 0o600)
    elif kind == "folder":
        path.mkdir(0o700)
    elif kind == "empty":
        path.touch(0o600)

    bench.refused(args, 2, "odd")


@verbs
def test_a_symlink_that_leads_nowhere_is_refused(bench, verb):
    (bench.folder / "x.csv").symlink_to(bench.folder / "gone.csv")

    ended = bench.run(*bench.args(verb, bench.folder / "x.csv"))

    assert ended.code == 2
    assert "x.csv" in ended.err


@verbs
def test_a_ring_of_symlinks_is_refused(bench, verb):
    (bench.folder / "a.csv").symlink_to(bench.folder / "b.csv")
    (bench.folder / "b.csv").symlink_to(bench.folder / "a.csv")

    ended = bench.run(*bench.args(verb, bench.folder / "a.csv"))

    assert ended.code in (2, 3)
    assert "a.csv" in ended.err


def test_a_symlink_to_a_file_is_read_and_stays(bench, table):
    real = bench.file("real/data.csv", table())
    link = bench.folder / "x.csv"
    link.symlink_to(real)

    ended = bench.run(*bench.args("scrub", link, more=["-o", str(bench.folder / "clean.csv")]))

    assert ended.code == 0
    assert link.is_symlink()
    assert real.read_text() == table()
    assert (bench.folder / "clean.csv").read_text().count("\n") == 5


@verbs
def test_names_that_are_too_long_are_refused(bench, verb):
    ended = bench.run(*bench.args(verb, bench.folder / ("n" * 300 + ".csv")))

    assert ended.code in (2, 3)


@verbs
@pytest.mark.parametrize("name", ["x.ods", "x", "x.parquet.tmp", "x.csv.bz2"])
def test_a_suffix_that_names_no_format_is_refused(bench, table, verb, name):
    bench.refused(bench.args(verb, bench.file(name, table())), 2, name, "names no format", "--input-format")
