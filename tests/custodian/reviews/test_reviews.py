"""Files that a clerk fills in, and what becomes of the answers."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
import stat
import sys
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.reviews import held_files, read_answers, write_review, write_sample
from sealscrub.errors import NoticeError, UnreadableInput, UsageError, WriteFailed
from sealscrub.tables.formats import format_named

from ...contracts.test_every_format import TABLE_WRITERS
from ...contracts.test_every_suffix import SUFFIXES

SEALS = pl.DataFrame(
    {"id": ["S1", "S1", "S2"], "last_name": ["Doe", "Roe", 'Q"uill,'], "birth_date": ["1980-01-02"] * 2 + [None]}
)
ROWS = pl.DataFrame(
    {"id": ["a", "b"], "last_name": ["Do", None], "birth_date": [None, None]},
    schema_overrides={"birth_date": pl.String},
)
PAIRS = pl.DataFrame({"seal": ["S1", "S2"], "row": ["a", "b"], "weight": [1.25, 9.0]})
ABOUT = {"namespace": "vendor", "model": "m1"}
COMPRESSED = {".csv.gz": gzip.compress, ".jsonl.zst": partial(pa.compress, codec="zstd", asbytes=True)}
WORDS = st.sampled_from(["same", "not", "cannot tell", "cannot_tell", "Same ", ""])


def filled(path: Path, *answers: str) -> Path:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"answer": answer} for row, answer in zip(rows, answers, strict=True))
    return path


@pytest.fixture
def review(tmp_path: Path) -> Path:
    write_review(tmp_path / "review.csv", PAIRS, SEALS, ROWS, **ABOUT)
    return tmp_path / "review.csv"


def test_a_line_is_a_pair_with_what_both_sides_say(review: Path) -> None:
    assert stat.S_IMODE(review.stat().st_mode) == 0o600
    with review.open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["seal"], first["row"], first["seal last_name"], first["answer"]) == ("S2", "b", 'Q"uill,', "")
    assert (second["seal last_name"], second["row last_name"]) == ("Doe / Roe", "Do")
    assert second["seal birth_date"] == "1980-01-02"
    assert "row birth_date" not in second


@settings(max_examples=30, deadline=None)
@given(one=WORDS, other=WORDS)
def test_every_pair_is_the_same_or_not_or_stays_open(
    tmp_path_factory: pytest.TempPathFactory, one: str, other: str
) -> None:
    place = tmp_path_factory.mktemp("review") / "review.csv"
    write_review(place, PAIRS, SEALS, ROWS, **ABOUT)
    answers = read_answers(filled(place, one, other), "review")
    said = [word.strip().lower().replace("_", " ") for word in (one, other)]
    assert (len(answers.same), len(answers.different)) == (said.count("same"), said.count("not"))
    assert (answers.unsure, answers.open) == (said.count("cannot tell"), said.count(""))
    assert (answers.namespace, answers.model, answers.seals) == ("vendor", "m1", ("S1", "S2"))
    assert "S1" not in repr(answers)


def test_a_review_without_pairs_is_read(tmp_path: Path) -> None:
    write_review(tmp_path / "review.csv", PAIRS.head(0), SEALS, ROWS, **ABOUT)
    assert read_answers(tmp_path / "review.csv", "review").seals == ()


def test_a_seal_to_which_no_row_comes_near_stands_in_a_sample(tmp_path: Path) -> None:
    best = PAIRS.with_columns(row=pl.Series(["a", None]), weight=pl.Series([1.0, None]))
    write_sample(tmp_path / "sample.csv", best, SEALS, ROWS, epoch=3, **ABOUT)
    answers = read_answers(filled(tmp_path / "sample.csv", "same", ""), "sample")
    assert (answers.same["seal"].to_list(), answers.seals, answers.open) == (["S1"], ("S1", "S2"), 0)
    with pytest.raises(UsageError, match="is not a review"):
        read_answers(tmp_path / "sample.csv", "review")


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        write_review(tmp_path / "absent" / "review.csv", PAIRS, SEALS, ROWS, **ABOUT)


def test_files_are_overdue_after_the_days_that_are_stated(review: Path) -> None:
    (review.parent / "other.csv").write_text("a,b\n1,2\n")
    made = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
    os.utime(review, (made, made))
    for day, overdue in ((31, False), (32, True)):
        (held,) = held_files([review.parent], days=30, today=dt.date(2025, 12, 31) + dt.timedelta(day))
        assert (held.path, held.kind, held.overdue) == (review, "review", overdue)
    with pytest.raises(UsageError):
        held_files([review.parent], days=-1)
    with pytest.raises(UsageError):
        held_files([review.parent / "absent"])


@pytest.mark.parametrize("kind", ["review", "sample"])
@pytest.mark.parametrize("how", ["bom", "semicolon", "tabs", "quoted", "lines", "utf-16"])
def test_a_file_is_recognised_however_it_was_saved(tmp_path: Path, kind: str, how: str) -> None:
    place = tmp_path / "review.csv"
    write = write_review if kind == "review" else partial(write_sample, epoch=3)
    write(place, PAIRS, SEALS, ROWS, **ABOUT)
    text = place.read_text()
    frame = pl.read_csv(place, infer_schema=False)
    if how == "bom":
        place.write_text("\ufeff" + text, encoding="utf-8")
    elif how == "utf-16":
        place.write_text(text, encoding="utf-16")
    elif how == "lines":
        frame.write_ndjson(place)
    else:
        frame.write_csv(
            place,
            separator={"semicolon": ";", "tabs": "\t"}.get(how, ","),
            quote_style="always" if how == "quoted" else "necessary",
        )
    assert_recognised(place, kind)


def assert_recognised(place: Path, kind: str) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(90)
    os.utime(place, (later.timestamp(), later.timestamp()))
    (held,) = held_files([place.parent], days=30, today=later.date())
    assert (held.kind, held.overdue, (later.date() - held.since).days) == (kind, True, 90)


@pytest.mark.parametrize("kind", ["review", "sample"])
@pytest.mark.parametrize("suffix", [*SUFFIXES, *COMPRESSED, "", ".bin"])
def test_a_file_is_recognised_in_whichever_format_it_was_saved(tmp_path: Path, kind: str, suffix: str) -> None:
    """By its name, or by its first bytes if that says nothing."""
    write = write_review if kind == "review" else partial(write_sample, epoch=3)
    write(tmp_path / "review.csv", PAIRS, SEALS, ROWS, **ABOUT)
    frame = pl.read_csv(tmp_path / "review.csv", infer_schema=False)
    (tmp_path / "review.csv").unlink()
    place = tmp_path / f"review{suffix}"
    known = format_named(place)
    format = known.format if known else "parquet"
    if format == "excel":
        pytest.importorskip("python_calamine")
    plain = place.with_suffix("") if suffix in COMPRESSED else place
    TABLE_WRITERS[format](frame.to_arrow(compat_level=pl.CompatLevel.oldest()), plain)
    if plain != place:
        place.write_bytes(COMPRESSED[suffix](plain.read_bytes()))
        plain.unlink()

    assert_recognised(place, kind)


def test_a_file_that_begins_as_another_format_than_its_name_says_is_recognised(review: Path) -> None:
    pl.read_csv(review, infer_schema=False).write_parquet(review)
    assert [held.kind for held in held_files([review])] == ["review"]


DAMAGE = {
    "nothing": b"",
    "a table of text": b"id,score\n1,2\n",
    "an object, then none": b'{"a":1}\nnot json\n',
    "no text": bytes(range(256)) * 40,
    "a quote that stays open": b'a,b\n"1,2\n',
    "the beginning of Parquet": b"PAR1" + bytes(100),
    "the beginning of Arrow": b"ARROW1\x00\x00" + bytes(100),
    "the beginning of ORC": b"ORC" + bytes(100),
    "the beginning of a zip file": b"PK\x03\x04" + bytes(100),
    "the beginning of a gzip file": b"\x1f\x8b\x08" + bytes(100),
    "the beginning of a zstd file": b"\x28\xb5\x2f\xfd" + bytes(100),
    "half of UTF-16": b"\xff\xfea",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_file_that_is_not_what_its_name_says_hides_no_list_of_names(review: Path, content: bytes) -> None:
    for suffix in [*SUFFIXES, *COMPRESSED, "", ".bin", ".json"]:
        written = COMPRESSED[suffix](content) if suffix in COMPRESSED else content
        (review.parent / f"other{suffix}").write_bytes(written)
    assert review in [held.path for held in held_files([review.parent])]


def test_a_file_that_does_not_say_when_it_was_written_is_as_old_as_its_last_change(review: Path) -> None:
    pl.read_csv(review, infer_schema=False).drop("written").write_csv(review)
    made = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    os.utime(review, (made.timestamp(), made.timestamp()))
    assert held_files([review])[0].since == made.date()


def test_a_parquet_file_whose_rows_cannot_be_read_is_still_held(review: Path) -> None:
    """Its columns say what it is; a damaged or encrypted one is to be deleted all the same."""
    place = review.with_suffix(".parquet")
    pl.read_csv(review, infer_schema=False).write_parquet(place, compression="zstd")
    data = place.read_bytes()
    place.write_bytes(data[:4] + b"\xff" * 200 + data[204:])

    assert [held.path for held in held_files([place])] == [place]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "review.csv").write_bytes(b"\x00\x01")
    with pytest.raises((UnreadableInput, UsageError)):
        read_answers(tmp_path / "review.csv", "review")


@pytest.mark.parametrize("space", [" ", "\u00a0", "\t"])
@pytest.mark.parametrize("column", ["seal", "row"])
def test_a_pair_spelled_in_two_ways_is_one_pair(review: Path, column: str, space: str) -> None:
    with review.open(newline="") as file:
        first, _ = csv.DictReader(file)
    with review.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first | {"answer": "same", column: first[column] + space})
        writer.writerow(first | {"answer": "not"})
    with pytest.raises(NoticeError, match="contradicts"):
        read_answers(review, "review")


@pytest.mark.parametrize("column", ["namespace", "model"])
def test_a_file_names_its_system_and_its_model(review: Path, column: str) -> None:
    with review.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with review.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {column: ""} for row in rows)
    with pytest.raises(UsageError, match="does not name"):
        read_answers(review, "review")


def test_a_decimal_comma_is_a_weight(review: Path) -> None:
    review.write_text(review.read_text().replace("1.25,", '"1,25",'))
    answers = read_answers(filled(review, "same", "same"), "review")
    assert sorted(answers.same["weight"]) == [1.25, 9.0]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", " =", "\uff1d", "'="])
def test_no_cell_is_a_formula_and_answers_are_about_what_was_there(tmp_path: Path, begin: str) -> None:
    word = f"{begin}1+1"
    said = pl.DataFrame({"id": [word.strip()], "last_name": [word], "birth_date": [None]})
    pairs = pl.DataFrame({"seal": [word.strip()], "row": ["a"], "weight": [-1.25]})
    write_review(tmp_path / "review.csv", pairs, said, ROWS, namespace=word.strip(), model="m1")

    with (tmp_path / "review.csv").open(newline="") as file:
        _, cells = csv.reader(file)
    assert [cell for cell in cells if cell.strip()[:1] in ("=", "+", "@", "\uff1d") or cell == "-1+1"] == []
    answers = read_answers(filled(tmp_path / "review.csv", "same"), "review")
    assert answers.same["seal"].to_list() == [word.strip()]
    assert answers.namespace == word.strip()


@pytest.mark.parametrize("written", ["text", "day"])
def test_a_workbook_states_its_day_as_text_or_as_a_day(tmp_path: Path, review: Path, written: str) -> None:
    pytest.importorskip("python_calamine")
    frame = pl.read_csv(review, infer_schema=False).with_columns(written=pl.lit("2026-01-02"))
    frame = frame.with_columns(pl.col("written").str.to_date()) if written == "day" else frame
    first = pl.DataFrame({"note": ["see the next sheet"]})
    with xlsxwriter.Workbook(tmp_path / "saved.xlsx") as book:
        first.write_excel(book, worksheet="notes")
        frame.write_excel(book, worksheet="review")
    first.write_excel(tmp_path / "other.xlsx")
    review.unlink()

    (held,) = held_files([tmp_path], days=30, today=dt.date(2026, 3, 1))

    assert (held.path.name, held.kind, held.since, held.overdue) == ("saved.xlsx", "review", dt.date(2026, 1, 2), True)


def test_a_workbook_that_cannot_be_read_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("damaged.xlsx", "archive.zip"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 and no more")
    assert [(each.path.name, each.kind) for each in held_files([tmp_path])] == [("damaged.xlsx", "workbook")]
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    assert [(each.path.name, each.kind) for each in held_files([tmp_path])] == [("damaged.xlsx", "workbook")]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="modes say nothing about accounts here")
@pytest.mark.parametrize(
    ("folder", "file", "exposed"),
    [(0o700, 0o600, False), (0o700, 0o644, False), (0o755, 0o600, False), (0o755, 0o644, True), (0o777, 0o600, True)],
)
def test_a_file_that_others_may_read_or_replace_is_exposed(review: Path, folder: int, file: int, exposed: bool) -> None:
    review.chmod(file)
    review.parent.chmod(folder)
    (held,) = held_files([review.parent])
    assert held.exposed is exposed
