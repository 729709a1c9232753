"""Files of text as data: a row is what the format takes for one, of however many lines it is."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.index import Index
from sealscrub.testing import NullityVerdict, check_nullity

from .conftest import ON, SEALED

KEYS = [f"K14{at:06d}" for at in range(1, 25)]
MARK = b"\xef\xbb\xbf"


def delimited(note: str, *, end: str = "\n", delimiter: str = ",") -> str:
    rows = [("arrest_no", "note"), *((key, f'"{note}"') for key in KEYS)]
    return "".join(delimiter.join(row) + end for row in rows)


FILES = {
    "newline.csv": delimited("two\nlines").encode(),
    "line-ends-of-two.csv": delimited("two\r\nlines", end="\r\n").encode(),
    "line-ends-of-one.csv": delimited("two\rlines").encode(),
    "quotes.csv": delimited('""two""\n\n""lines""').encode(),
    "mark.csv": MARK + delimited("two\nlines").encode(),
    "cut.csv": delimited("two\nlines").encode().removesuffix(b"\n"),
    "delimiter.psv": delimited("two\nlines", delimiter="|").encode(),
    "two-bytes.csv": delimited("two\nlines").encode("utf-16"),
    "compressed.csv.gz": gzip.compress(delimited("two\nlines").encode()),
}


@pytest.mark.parametrize(("name", "plant"), [(name, at % 2 == 1) for at, name in enumerate(FILES)])
def test_a_row_may_have_several_lines(name: str, plant: bool, index: Index, tmp_path: Path) -> None:
    """The control is half of the rows, each of them whole."""
    data = tmp_path / name
    data.write_bytes(FILES[name])

    def cleaned(path: Path) -> bytes:
        made = Path(tempfile.mkdtemp(), path.name)
        ss.scrub(path, index, ON, output=made)
        return made.read_bytes()

    report = check_nullity(cleaned, data, index, ON, variants=(), plant=plant)
    assert (report.verdict, report.sealed_rows > 0) == (NullityVerdict.PASS, True), report.to_text()


def test_a_name_that_is_a_value_beside_one_of_several_lines(index: Index, tmp_path: Path) -> None:
    data = tmp_path / "delimiter.psv"
    data.write_bytes(FILES["delimiter.psv"])

    def by_arrest(path: Path) -> dict[str, int]:
        return {key: 1 for key in KEYS if key in path.read_text()}

    report = check_nullity(by_arrest, data, index, ON, variants=(), plant=False)
    assert report.verdict is NullityVerdict.INTERFERENCE
    assert "(value of arrest_no)" in report.to_text()
    assert not any(key in report.to_text() + report.to_json() for key in SEALED)


@pytest.mark.parametrize("content", [b"arrest_no,note\n", b"arrest_no,note", MARK + b"arrest_no,note\r\n"])
@pytest.mark.parametrize("plant", [False, True])
def test_a_header_alone_has_no_rows_to_test_with(content: bytes, plant: bool, index: Index, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(content)
    report = check_nullity(lambda path: len(pl.read_csv(path)), data, index, ON, plant=plant)
    assert (report.verdict, report.sealed_rows) == (NullityVerdict.NO_SEALED_ROWS, 0)
