"""What delimited files look like, and what becomes of them."""

from __future__ import annotations

import os
import threading

import pytest

from sealscrub.errors import ColumnError, ConfigError, UsageError
from sealscrub.tables.delimited.delimited_scrub import scrub_delimited
from sealscrub.tables.delimited.delimited_source import DelimitedSource


def test_a_header_only_is_a_table_without_rows(scrub):
    for data in (b"id,x\n", b"id,x", b"id\r\n", "id,x\n".encode("utf-16")):
        done = scrub(data, sealed={"1"})
        assert (done.out, done.counts.rows) == (data, 0)


def test_every_byte_of_a_row_that_stays_is_as_it_was(scrub):
    head = b'\xef\xbb\xbf"id", x ,"y ""z"""\r\n'
    stays = b'2,=HYPERLINK("http"),\x00 \r\n'.replace(b'("http")', b"(A1)") + b'  3 ,"a,\n""b""\r\n",+1\r\n\r\n'

    done = scrub(head + b"1,a,b\r\n" + stays + b'"1",,\r\n\r\n', sealed={"1"})

    assert done.out == head + stays + b"\r\n"


def test_lf_and_crlf_may_mix(scrub):
    assert scrub(b"x,id\na,1\r\nb,2\nc,1\nd,3\r\n", sealed={"1"}).out == b"x,id\nb,2\nd,3\r\n"
    assert scrub(b"id\r\n1\n2\r\n", sealed={"2"}).out == b"id\r\n1\n"


def test_keys_are_text_as_they_stand(scrub):
    written = ["007", "1e5", "12345678901234567890", " 5 ", "NaN", "0x1", "-0", "1.0"]

    done = scrub("id\n{}\n".format("\n".join(written)).encode(), block_size=1 << 20)

    assert [value for (value,) in done.values] == written


def test_empty_keys_are_null(scrub):
    done = scrub(b'id,x\n,1\n"",2\n', sealed={""}, block_size=1 << 20)

    assert done.values == [(None,), (None,)]
    assert done.counts.removed == 0


def test_several_keys_count_together(scrub):
    data = b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n"

    assert scrub(data, ("c", "a"), {"3", "7"}).out == b"a,b,c\n4,5,6\n"


@pytest.mark.parametrize("final", [b"", b"\n"])
def test_a_last_record_that_goes_leaves_the_end_as_it_was(scrub, final):
    assert scrub(b"id\n1\n2" + final, sealed={"2"}).out == b"id\n1" + final
    assert scrub(b"id\n1\n2" + final, sealed={"1", "2"}).out == b"id" + final
    assert scrub(b"id\n1\n2" + final, sealed={"1"}).out == b"id\n2" + final


def test_without_quoting_a_quote_is_a_character(scrub):
    data = b'id,x\n1,5" pipe\n"2",\'\n3,"\n'

    done = scrub(data, sealed={'"2"'}, quoting="none", block_size=1 << 20)

    assert done.out == b'id,x\n1,5" pipe\n3,"\n'
    assert [value for (value,) in done.values] == ["1", '"2"', "3"]


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"id,x;y\n1,2;3\n", ","),
        (b"id;x (a, b)\n1;2\n", ";"),
        (b"id\tx, y, z\n1\t2\n", "\t"),
        (b'id|x\n1|"a,b,c"\n', "|"),
        (b"id\n1\n", ","),
        (b'"a,b";id\n1;2\n', ";"),
        (b"\n\nid;x\n\n1;2\n", ";"),
    ],
)
def test_the_delimiter_is_found(tmp_path, data, delimiter):
    path = tmp_path / "table.txt"
    path.write_bytes(data)
    with DelimitedSource(path) as source:
        assert chr(source.dialect.delimiter) == delimiter
        assert any(name == "id" for name in source.columns)


def test_a_file_named_for_tabs_is_taken_to_have_them(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_bytes(b"a,b\tid\n1,2\t3\n")
    with DelimitedSource(path) as source:
        assert source.columns == ("a,b", "id")


@pytest.mark.long
def test_a_cell_of_a_hundred_megabytes_passes(scrub):
    big = b'"' + (b"x" * 95 + b'a,""\n') * (1 << 20) + b'"'
    data = b"id,x\n1," + big + b"\n2," + big + b"\n3,c\n"

    done = scrub(data, sealed={"1"}, block_size=8 << 20)

    assert done.out == b"id,x\n2," + big + b"\n3,c\n"


def test_a_fifo_is_read_like_a_file(tmp_path, scrub):
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(b"id,x\n1,2\n3,4\n"))
    writer.start()
    with DelimitedSource(path) as source:
        assert b"".join(source.blocks()) == b"1,2\n3,4\n"
    writer.join()


def test_what_cannot_be_checked_goes_to_quarantine(scrub):
    data = b"\xef\xbb\xbfid,x\r\n1,a\r\n?2,b\r\n3,c\r\n?4,d\r\n"

    done = scrub(data, sealed={"1"}, quarantine=True)

    assert done.out == b"\xef\xbb\xbfid,x\r\n3,c\r\n"
    assert done.aside == b"\xef\xbb\xbfid,x\r\n?2,b\r\n?4,d\r\n"
    assert (done.counts.removed, done.counts.quarantined) == (1, 2)


def test_what_is_sealed_never_goes_to_quarantine(scrub):
    done = scrub(b"id,other\n1,?2\n3,?4\n", ("id", "other"), {"1"}, quarantine=True)

    assert done.aside == b"id,other\n3,?4\n"
    assert done.out == b"id,other\n"


def test_an_edit_changes_the_named_fields_and_no_other_byte(edited, edit_rows):
    data = b'id,x,y\r\n1, "a"" ,z\r\n'.replace(b' "a"" ', b'"a"" , "') + b"2,,N\r\n1,b,c\r\n3,,N\r\n\r\n"

    done = edited(data, edit_rows(("x",), {"y": "N"}))

    assert done.out == b"id,x,y\r\n1,,N\r\n2,,N\r\n1,,N\r\n3,,N\r\n\r\n"
    assert done.marks == ()


def test_an_edit_says_where_no_other_row_has_the_same(edited, edit_rows):
    done = edited(b"id,x,y\n1,a,b\n2,c,N\n", edit_rows(("id", "x"), {"y": "N"}))

    assert done.out == b"id,x,y\n,,N\n2,c,N\n"
    assert done.marks == ("id", "x")


def test_an_edit_quotes_where_it_must_and_where_the_file_does(edited, edit_rows):
    edit = edit_rows((), {"x": 'a,"b"'})
    assert edited(b"id,x\n1,2\n", edit).out == b'id,x\n1,"a,""b"""\n'
    quoted = b'"id","x"\n"1","2"\n"3","N"\n'
    assert edited(quoted, edit_rows(("id",), {"x": "N"})).out == b'"id","x"\n"","N"\n"3","N"\n'
    assert edited(b"id\n1\n2\n", edit_rows(("id",))).out == b'id\n""\n2\n'


def test_an_edit_of_other_encodings(edited, edit_rows):
    data = "id,x\n1,a\n2,é\n"
    for codec in ("utf-16", "cp1252"):
        done = edited(data.encode(codec), edit_rows((), {"x": "é"}), encoding=codec)
        assert done.out == "id,x\n1,é\n2,é\n".encode(codec)
        assert done.marks == ()


def test_an_edit_that_cannot_be_written_is_refused(edited, edit_rows):
    for sealed in ((), ("1",)):
        with pytest.raises(ColumnError):
            edited(b"id,x\n1,2\n", edit_rows(("y",)), sealed=sealed)
    with pytest.raises(UsageError):
        edit_rows(("x",), {"x": "a"})
    with pytest.raises(ConfigError):
        edited(b"id,x\n1,2\n", edit_rows((), {"x": "a,b"}), quoting="none")
    with pytest.raises(ConfigError):
        edited(b"id,x\n1,2\n", edit_rows((), {"x": "€"}), encoding="latin-1")


def test_a_scan_writes_nothing_and_counts_the_same(tmp_path, plain_matcher):
    path = tmp_path / "table.csv"
    path.write_bytes(b"id\n1\n2\n1\n")
    told = []
    with DelimitedSource(path, block_size=2) as source:
        counts = scrub_delimited(
            source, plain_matcher(("id",), {"1"}), None, progress=lambda rows, size: told.append((rows, size))
        )
    assert (counts.rows, counts.removed) == (3, 2)
    assert told[-1] == (3, 9)
