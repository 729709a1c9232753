"""Properties of scrubbing delimited text, over hostile tables in every dialect."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.errors import UnreadableInput

HOSTILE = st.one_of(
    st.sampled_from(["", " ", "a,b", 'say "no"', '"', '""', "two\nlines", "two\r\nlines", "=1+1", "é", "😀", "\t;|"]),
    st.text(alphabet=st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=20),
)
IDS = st.one_of(
    st.sampled_from(["1", "2", "K12345678", "a longer identifier", 'quo"ted', "é1", "", " 7 ", "00012", "1e5"]),
)


@dataclass(frozen=True)
class Table:
    """A table as its writer makes it: a header, records as bytes, and what was in the key."""

    header: bytes
    records: list[bytes]
    keys: list[str]
    delimiter: str
    newline: bytes

    def text(self, *, without: frozenset[str] = frozenset(), final: bool = True) -> bytes:
        rows = [record for record, key in zip(self.records, self.keys, strict=True) if not key or key not in without]
        data = b"".join([self.header, *rows])
        return data if final else data.removesuffix(self.newline)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    delimiter = draw(st.sampled_from(",;\t|"))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    width = draw(st.integers(1, 4))
    place = draw(st.integers(0, width - 1))
    cells = HOSTILE if newline != "\r" else HOSTILE.map(lambda cell: cell.replace("\n", " "))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))

    def written(row: list[str]) -> bytes:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=newline).writerow(row)
        return buffer.getvalue().encode()

    names = ["id" if number == place else f"col {number}" for number in range(width)]
    rows = [
        [draw(IDS) if number == place else draw(cells) for number in range(width)]
        for _ in range(draw(st.integers(0, 12)))
    ]
    return Table(
        bom + written(names),
        [written(row) for row in rows],
        [row[place] for row in rows],
        delimiter,
        newline.encode(),
    )


SEALED = st.frozensets(st.sampled_from(["1", "2", "K12345678", "a longer identifier", 'quo"ted', "é1"]))
PROPERTY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PROPERTY
@given(tables(), SEALED, st.booleans(), st.sampled_from([1, 3, 16, 64, 4096]))
def test_what_is_left_are_the_bytes_of_a_file_without_the_records(scrub, table, sealed, final, block_size):
    done = scrub(table.text(final=final), sealed=sealed, delimiter=table.delimiter, block_size=block_size)

    assert done.out == table.text(without=sealed, final=final)
    assert done.counts.removed == sum(key in sealed for key in table.keys)
    assert done.counts.rows == len(table.records)


@PROPERTY
@given(tables(), st.booleans())
def test_keys_are_read_as_python_reads_them(scrub, table, final):
    text = table.text(final=final)
    rows = list(
        csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), delimiter=table.delimiter, strict=True)
    )

    done = scrub(text, delimiter=table.delimiter)

    assert Counter(value for (value,) in done.values) == Counter(row["id"] or None for row in rows)


@PROPERTY
@given(tables(), SEALED, st.booleans())
def test_scrubbing_again_changes_nothing(scrub, table, sealed, final):
    once = scrub(table.text(final=final), sealed=sealed, delimiter=table.delimiter)
    again = scrub(once.out, sealed=sealed, delimiter=table.delimiter)

    assert again.out == once.out
    assert again.counts.removed == 0


@PROPERTY
@given(tables(), SEALED, st.booleans(), st.lists(st.integers(0, 12), max_size=3))
def test_scrubbed_data_equals_scrubbed_data_without_the_records(scrub, table, sealed, final, blanks):
    lines = [table.header, *table.records]
    for at in blanks:  # blank lines stay where they are, whatever goes around them
        lines.insert(min(at + 1, len(lines)), table.newline)
    keys = iter(table.keys)
    world = [line for line in lines[1:] if line == table.newline or not (key := next(keys)) or key not in sealed]
    data = b"".join(lines)
    without = b"".join([table.header, *world])
    if not final and lines[-1] != table.newline:
        data, without = data.removesuffix(table.newline), without.removesuffix(table.newline)

    assert scrub(data, sealed=sealed, delimiter=table.delimiter).out == without


@PROPERTY
@given(tables())
def test_the_delimiter_is_found_where_the_table_has_more_columns_than_one(scrub, table):
    width = len(next(csv.reader([table.header.decode("utf-8-sig").strip("\r\n")], delimiter=table.delimiter)))
    if width > 1 and not any(
        ord(character) < 128 and character in ",;\t|" and character != table.delimiter
        for character in b"".join(table.records).decode()
    ):
        assert scrub(table.text()).out == table.text()


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp1252"])
@PROPERTY
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["1", "é2", "ÿ", "x" * 20 + "é"]), st.text('aé,\n"ÿ ', max_size=8)),
        max_size=8,
    )
)
def test_other_encodings_come_out_as_they_were(scrub, codec, rows):
    def text(records):
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([("id", "x"), *records])
        return buffer.getvalue().encode(codec)

    sealed = {"é2", "x" * 20 + "é"}
    done = scrub(text(rows), sealed=sealed, encoding=None if codec in ("utf-16", "utf-32", "utf-8-sig") else codec)

    assert done.out == text([row for row in rows if row[0] not in sealed])
    assert Counter(value for (value,) in done.values) == Counter(row[0] for row in rows)


@settings(PROPERTY, max_examples=300)
@given(
    st.text(alphabet='1",\n\r;', max_size=24),
    st.sampled_from(["id\n", "id,x\n", "id,x\r\n", "id\r", "id,x\r"]),
    st.sampled_from([1, 2, 5, 64]),
)
def test_any_text_is_split_as_python_splits_it_or_refused(scrub, body, header, block_size):
    text = header + body
    try:
        done = scrub(text.encode(), delimiter=",", block_size=block_size)
    except UnreadableInput:
        return
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row][1:]

    assert done.out == text.encode()
    assert Counter(value for (value,) in done.values) == Counter(row[0] or None for row in rows)
