"""Bad input: a clear error with the line, and never a value."""

from __future__ import annotations

import io
import traceback

import pytest

from sealscrub.errors import ColumnError, ConfigError, UnreadableInput, UsageError
from sealscrub.tables.delimited.delimited_scrub import scrub_delimited
from sealscrub.tables.delimited.delimited_source import DelimitedSource

CANARY = "K98765432"


def refusal(scrub, data, error=UnreadableInput, **options):
    with pytest.raises(error) as caught:
        scrub(data, **options)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__)
    assert CANARY not in told
    return caught.value


FAULTS = {
    "a record with a field less": (b"id,x\n1,2\n" + CANARY.encode() + b"\n", 3, "1 fields"),
    "a record with a field more": (b"id,x\n1,2,K98765432\n", 2, "3 fields"),
    "mixed delimiters": (b"id,x\n1,2\n3,4\nK98765432;5\n", 4, "fields where the header has 2"),
    "lines inside of quotes count": (b'id,x\n1,"a\nb\nc"\nK98765432\n', 5, "fields"),
    "a blank line counts": (b"id,x\n\n1,2\n\nK98765432\n", 5, "fields"),
    "a quote in an unquoted field": (b'id,x\n1,2\nK98765432,5" pipe\n', 3, "quote"),
    "text after a closing quote": (b'id,x\n1,"a" K98765432\n', 2, "quote"),
    "a backslash is not an escape": (b'id,x\n1,"K98765432 \\" b"\n', 2, "quote"),
    "a space before a quote": (b'id,x\n1, "K98765432"\n', 2, "quote"),
    "a quote that is never closed": (b'id,x\n1,"K98765432\n2,3\n', 2, "never closed"),
    "a stray pair of quotes hides no line": (b'id,x\n1,a"b\nK98765432,c"d\n', 2, "quote"),
    "a byte that is not UTF-8": (b"id,x\n1,2\nK98765432,\xe9\n", 3, "UTF-8"),
    "half a character at the end": (b"id,x\n1,K98765432\xc3", 2, "UTF-8"),
    "a lone carriage return": (b"id\n1\nK98765432\rK1\n", 3, "carriage return"),
    "a lone carriage return among CR LF": (b"id,x\r\n1,2\r\nK98765432\r3,4\r\n", 3, "carriage return"),
    "a lone line feed in a file of carriage returns": (b"id\r1\rK98765432\n2\r", 3, "line feed"),
    "a line feed after a quote in a file of carriage returns": (b'id\r"K98765432"\n2\r', 2, "quote"),
}


@pytest.mark.parametrize("block_size", [1, 5, 1 << 20])
@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_refused_with_its_line(scrub, case, block_size):
    data, line, words = FAULTS[case]

    error = refusal(scrub, data, block_size=block_size, delimiter=",")

    assert error.where.endswith(f"line {line}")
    assert words in str(error)
    assert error.exit_code == 3


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n\r\n"])
def test_an_empty_file_is_refused(scrub, data):
    assert "empty" in str(refusal(scrub, data))


def test_what_came_before_a_fault_was_judged_and_the_rest_was_not_written(scrub):
    rows = b"".join(b"%d,x\n" % number for number in range(10_000))

    error = refusal(scrub, b"id,x\n" + rows + b"K98765432\n" + rows, block_size=4096)

    assert error.where.endswith("line 10002")


def test_a_record_that_never_ends_is_refused_before_it_fills_the_memory(scrub):
    data = b'id,x\n1,2\n3,"' + b"a\n" * 1_000_000

    error = refusal(scrub, data, block_size=1024, max_record=1 << 16)

    assert error.where.endswith("line 3")
    assert "quote" in str(error)


def test_an_absent_column_is_refused_with_the_nearest(scrub):
    error = refusal(scrub, b"ARREST_KEY,x\n1,2\n", ColumnError, key="ARRESTKEY")

    assert error.hint == "did you mean 'ARREST_KEY'?"
    assert error.exit_code == 2


def test_a_damaged_header_is_a_name_like_any_other(scrub):
    data = "ï..INMATEID,x\n1,2\n3,4\n".encode()

    assert "'ï..INMATEID'" in refusal(scrub, data, ColumnError, key="INMATEID").hint
    assert scrub(data, "ï..INMATEID", {"3"}).out == "ï..INMATEID,x\n1,2\n".encode()


def test_a_name_that_stands_twice_is_refused(scrub):
    assert "'id'" in str(refusal(scrub, b'id,x,"id"\n1,2,3\n', ColumnError))


def test_names_that_are_empty_are_no_names(scrub):
    assert scrub(b"id,,\n1,2,3\n4,,\n", sealed={"1"}).out == b"id,,\n4,,\n"


def test_a_header_with_nul_bytes_is_no_text(scrub):
    error = refusal(scrub, "id,x\n1,2\n".encode("utf-16-le"))

    assert "utf-16" in error.hint


def test_utf16_that_is_damaged_is_refused(scrub):
    assert "utf-16" in str(refusal(scrub, "id,x\n1,2\n".encode("utf-16") + b"\x00\xd8\x00"))


def test_a_key_without_meaning_in_its_encoding_is_refused(scrub):
    refusal(scrub, b"id,x\nK98765432\x81,2\n", encoding="cp1252")


@pytest.mark.parametrize("encoding", ["nonsense", "shift_jis", "gb18030", "base64", "cp037"])
def test_an_encoding_that_cannot_be_read_is_refused(scrub, encoding):
    refusal(scrub, b"id,x\n1,2\n", ConfigError, encoding=encoding)


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\r", "é", "\0"])
def test_a_delimiter_that_cannot_be_one_is_refused(scrub, delimiter):
    refusal(scrub, b"id,x\n1,2\n", ConfigError, delimiter=delimiter)


def test_a_quoting_that_is_none_is_refused(scrub):
    refusal(scrub, b"id,x\n1,2\n", ConfigError, quoting="all")


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    for path, words in ((tmp_path / "absent.csv", "file does not exist"), (tmp_path, "folder")):
        with pytest.raises(UsageError, match=words):
            DelimitedSource(path)


@pytest.mark.usefixtures("permissions_bind")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"id\n1\n")
    path.chmod(0)
    with pytest.raises(UnreadableInput):
        DelimitedSource(path)


def test_a_source_is_read_once(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"id\n1\n")

    class Keeps:
        columns = ("id",)

        def judge(self, batch):
            raise AssertionError("never reached the second time")

    with DelimitedSource(path) as source:
        list(source.blocks())
        with pytest.raises(UsageError, match="once"):
            scrub_delimited(source, Keeps(), io.BytesIO())


def test_an_error_of_the_matcher_comes_through(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"id\n" + b"1\n" * 10_000)

    class Fails:
        columns = ("id",)

        def judge(self, batch):
            raise ConfigError("the matcher's own words")

    with DelimitedSource(path, block_size=64) as source, pytest.raises(ConfigError, match="own words"):
        scrub_delimited(source, Fails(), io.BytesIO())
