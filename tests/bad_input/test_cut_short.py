"""Runs that are cut short: by Ctrl-C, by kill -9, by a full disk. The target is old or new, never between."""

from __future__ import annotations

import gzip
import os
import signal
import time

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PATIENCE = 60.0


@pytest.fixture(scope="session")
def long_text(tmp_path_factory, canary):
    """Gzipped text that takes seconds to scrub and no time to make: one member many times over."""
    rows = "".join(f"M13{number:06d},{number * 7919 % 100_003}\n" for number in range(1, 200_000))
    member = gzip.compress(rows.encode(), 1)
    path = tmp_path_factory.mktemp("long") / "x.csv.gz"
    path.write_bytes(gzip.compress(f"arrest_no,note\n{canary},zanzibar-7731\n".encode()) + member * 60)
    return path


@pytest.fixture(scope="session")
def long_parquet(tmp_path_factory, canary):
    rows = 1_000_000
    path = tmp_path_factory.mktemp("long") / "x.parquet"
    ids = pl.select(arrest_no="M13" + pl.int_range(1, rows).cast(str).str.zfill(6).str.tail(6)).to_series()
    table = pa.table({"arrest_no": ids.extend(pl.Series([canary])).to_arrow().cast(pa.string())})
    for column in range(3):
        noise = pl.select(pl.int_range(0, rows).hash(column)).to_series().to_arrow()
        table = table.append_column(f"n{column}", noise)
    pq.write_table(table, path, compression="gzip", compression_level=1, use_dictionary=False)
    return path


@pytest.fixture(params=["long_text", pytest.param("long_parquet", marks=pytest.mark.long)])
def long_input(request):
    return request.getfixturevalue(request.param)


def writing(folder, process):
    """Wait until the process is in the middle of writing."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        parts = [path for path in folder.glob(".*.part") if path.stat().st_size]
        if parts:
            return parts
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError("it never wrote")


def test_ctrl_c_leaves_the_target_as_it_was_and_nothing_else(bench, start, long_input):
    out = bench.folder / "out"
    target = bench.file("out/clean" + "".join(long_input.suffixes), "as it was")
    process = start(bench.args("scrub", long_input, more=["-o", str(target)]))
    writing(out, process)

    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130, wrong
    assert wrong == "interrupted; nothing was written\n"
    assert not said
    assert os.listdir(out) == [target.name]
    assert target.read_text() == "as it was"


def test_kill_leaves_the_target_as_it_was_and_the_next_run_succeeds(bench, start, long_input):
    out = bench.folder / "out"
    target = bench.file("out/clean" + "".join(long_input.suffixes), "as it was")
    process = start(bench.args("scrub", long_input, more=["-o", str(target)]))
    parts = writing(out, process)

    process.kill()
    said, wrong = process.communicate(timeout=PATIENCE)

    assert process.returncode == -signal.SIGKILL
    assert not said + wrong
    assert target.read_text() == "as it was"
    left = [path for path in out.iterdir() if path != target]
    assert {path.suffix for path in left} == {".part"}
    assert {path.name for path in left} == {path.name for path in parts}

    small = bench.folder / ("small" + "".join(long_input.suffixes))
    save(pl.DataFrame({"arrest_no": ["M13000001"]}), small)
    assert bench.run(*bench.args("scrub", small, more=["-o", str(target)])).code == 0
    assert target.read_bytes() != b"as it was"


def test_ctrl_c_among_many_files_leaves_no_folder(bench, start, long_text):
    for name in ("a.csv.gz", "b.csv.gz"):
        (bench.folder / "data").mkdir(exist_ok=True)
        os.link(long_text, bench.folder / "data" / name) if _same_disk(long_text, bench.folder) else None
    out = bench.folder / "out"
    process = start(bench.args("scrub", bench.folder / "data", more=["-o", str(out)]))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not any(path.stat().st_size for path in bench.folder.glob(".out.*/*")):
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)
    _, wrong = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130, wrong
    assert os.listdir(bench.folder) == ["data"]


def _same_disk(one, other):
    return one.stat().st_dev == other.stat().st_dev


def noise(rows):
    return pl.select(pl.int_range(0, rows).hash(7).cast(str)).to_series()


def table_of(kind, arrests, rows=20_000):
    frame = pl.DataFrame({"arrest_no": arrests(rows), "noise": noise(rows)})
    frame = frame.with_columns(note=pl.when(pl.int_range(0, rows) == 2).then(pl.lit("zanzibar-7731")))
    return frame.with_columns(nested=pl.concat_list("noise", "note")) if kind == "nested.parquet" else frame


def save(frame, path):
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(frame.write_csv().encode(), 1))
    elif path.suffix == ".zst":
        path.write_bytes(pa.compress(frame.write_csv().encode(), "zstd", asbytes=True))
    elif path.suffix == ".jsonl":
        frame.write_ndjson(path)
    else:
        frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", ["x.csv", "x.csv.gz", "x.csv.zst", "x.jsonl", "x.parquet", "nested.parquet"])
@pytest.mark.parametrize("target", ["there", "new"])
def test_a_full_disk_leaves_the_target_as_it_was(bench, arrests, tmpfs, kind, target):
    path = bench.folder / kind
    save(table_of(kind, arrests), path)
    disk = tmpfs("128k")
    place = disk / ("clean" + "".join(path.suffixes))
    if target == "there":
        place.write_text("as it was")

    bench.refused(bench.args("scrub", path, more=["-o", str(place)]), 3, str(place), "No space left", "free disk space")

    assert os.listdir(disk) == ([place.name] if target == "there" else [])
    assert target == "new" or place.read_text() == "as it was"


def test_a_disk_that_is_full_for_the_last_bytes_of_a_compressed_file_is_noticed(bench, arrests, tmpfs):
    """What is held back until the file is closed is written, or it is an error."""
    path = bench.folder / "x.csv.gz"
    save(table_of("x.csv.gz", arrests), path)
    whole = bench.folder / "whole.csv.gz"
    assert bench.run(*bench.args("scrub", path, more=["-o", str(whole)])).code == 0
    page = 4096
    disk = tmpfs(str(whole.stat().st_size // page * page))

    bench.refused(bench.args("scrub", path, more=["-o", str(disk / "clean.csv.gz")]), 3, "No space left")
    assert not os.listdir(disk)


@pytest.mark.parametrize("kind", ["x.csv", "x.parquet"])
def test_a_full_disk_of_the_quarantine_leaves_no_output(bench, arrests, tmpfs, kind):
    path = bench.folder / kind
    frame = table_of(kind, arrests).with_columns(
        arrest_no=pl.when(pl.int_range(0, pl.len()) % 2 == 1).then(pl.lit("M13OO0001")).otherwise("arrest_no")
    )
    save(frame, path)
    disk = tmpfs("64k")
    more = ["-o", str(bench.folder / f"clean{path.suffix}"), "--quarantine", str(disk / f"aside{path.suffix}")]

    bench.refused(bench.args("scrub", path, more=more), 3, "No space left")
    assert not os.listdir(disk)


@pytest.mark.parametrize("full", ["folder", "quarantine"])
def test_a_full_disk_among_many_files_leaves_none(bench, arrests, tmpfs, full):
    (bench.folder / "data").mkdir()
    for number in range(4):
        save(table_of("x.csv", arrests, 2_000), bench.folder / "data" / f"{number}.csv")
    disk = tmpfs("128k")

    bench.refused(bench.args("scrub", bench.folder / "data", more=["-o", str(disk / "out")]), 3, "No space left")
    assert not os.listdir(disk)


@pytest.mark.parametrize("suffix", ["json", "html", "xml", "sarif", "txt"])
def test_a_report_that_finds_the_disk_full_leaves_the_earlier_one(bench, table, tmpfs, suffix):
    disk = tmpfs("16k")
    report = disk / f"report.{suffix}"
    report.write_text("as it was")
    (disk / "filler").write_bytes(b"x" * 12288)

    ended = bench.run(*bench.args("scan", bench.file("x.csv", table()), more=["--report", str(report)]))

    assert ended.code == 3
    assert "the report could not be written" in ended.err
    assert sorted(os.listdir(disk)) == ["filler", report.name]
    assert report.read_text() == "as it was"


def test_keys_that_find_the_disk_full_are_not_left_in_part(bench, tmpfs):
    disk = tmpfs("4k")
    (disk / "filler").write_bytes(b"x" * 4096)

    ended = bench.run("keygen", disk / "seal.key")

    assert ended.code == 2
    assert "seal.key" in ended.err
    assert os.listdir(disk) == ["filler"]


@pytest.mark.parametrize("sink", ["a full device", "a reader that went away"])
def test_a_report_that_cannot_be_printed_is_neither_clean_nor_found(bench, table, start, sink):
    path = bench.file("x.csv", table().replace("K14987651", "M13000009"))
    if sink == "a full device":
        with open("/dev/full", "w") as full:
            process = start(bench.args("scan", path), stdout=full)
    else:
        reader, writer = os.pipe()
        os.close(reader)
        process = start(bench.args("scan", path), stdout=writer)
        os.close(writer)

    _, wrong = process.communicate(timeout=PATIENCE)

    assert process.returncode == 3, wrong
    assert "defect" not in wrong
