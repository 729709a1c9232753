"""What takes a file, other than scans and scrubs, takes one of every format: found by asking the registry."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.cli.nullity_data import load_data
from sealscrub.errors import ConfigError
from sealscrub.tables.formats import file_formats, format_named
from sealscrub.tables.opener import read_frame
from sealscrub.testing import NullityVerdict, check_nullity
from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.trial.result_pieces import take_apart

from ..transforms.arrests import CLEAR, ON, SEALED, index
from .test_every_format import COLUMNS, Row, every_format, put

FORMATS = file_formats()
SUFFIXES = sorted(suffix for kind in FORMATS.values() for suffix in kind.suffixes)
WRITTEN = sorted(name for name, kind in FORMATS.items() if not kind.writes)
CLEAN: list[Row] = [(key, at % 7, "a note\nof two lines") for at, key in enumerate(CLEAR[:24])]
ROWS: list[Row] = [*CLEAN[:12], (SEALED[0], 3, "a note"), *CLEAN[12:]]


def scrubbed(path: Path) -> pl.DataFrame:
    out = Path(tempfile.mkdtemp(), path.name)
    ss.scrub(path, index(), ON, output=out)
    return read_frame(out)


@pytest.mark.parametrize("format", WRITTEN)
def test_a_file_is_checked_with_planted_records(format: str, tmp_path: Path) -> None:
    """Half of the rows are a control: one may be of several lines."""
    report = check_nullity(scrubbed, put(format, CLEAN, tmp_path), index(), ON, variants=())
    assert report.passed, report.to_text()


@pytest.mark.parametrize("format", WRITTEN)
def test_columns_called_by_values_are_named_without_them(format: str, tmp_path: Path) -> None:
    def by_arrest(path: Path) -> dict[str, int]:
        return dict.fromkeys(read_frame(path)["arrest_no"].to_list(), 1)

    report = check_nullity(by_arrest, put(format, ROWS, tmp_path), index(), ON, variants=())
    assert report.verdict is NullityVerdict.INTERFERENCE
    assert SEALED[0] not in report.to_text() + report.to_json()
    assert "(value of arrest_no)" in report.to_text()


@pytest.mark.parametrize("format", sorted(set(FORMATS) - set(WRITTEN)))
def test_a_format_that_is_not_written_is_refused_by_a_check_of_files(format: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=format):
        check_nullity(read_frame, put(format, ROWS, tmp_path), index(), ON)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_function_is_given_a_file_of_every_suffix(suffix: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"named{suffix}"
    named = format_named(path)
    assert named is not None
    if named.format == "csv":
        rows = read_frame(put("csv", ROWS, tmp_path))
        rows.write_csv(path, separator={".tsv": "\t", ".tab": "\t", ".psv": "|", ".txt": ";"}.get(suffix, ","))
    else:
        put(named.format, ROWS, tmp_path).rename(path)
    given, _ = load_data({"": path}, ["arrest_number=arrest_no"], kind, len)
    assert type(given).__module__.partition(".")[0] == kind
    frame = given if kind == "polars" else pl.DataFrame(given)
    assert list(zip(*(frame[name] for name in COLUMNS), strict=True)) == ROWS


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_function_is_given_a_text_in_the_encoding_that_a_scan_reads(encoding: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    mark = "\ufeff" if encoding.endswith("-be") else ""
    path.write_text(f"{mark}arrest_no;note\n{CLEAR[0]};é\n", encoding)
    given, _ = load_data({"": path}, ["arrest_number=arrest_no"], kind, len)
    assert (given if kind == "polars" else pl.DataFrame(given)).rows() == [(CLEAR[0], "é")]


@every_format
def test_files_that_differ_in_a_column(format: str, tmp_path: Path) -> None:
    one, other = (put(format, [(CLEAR[0], precinct, "a")], tmp_path / str(precinct)) for precinct in (40, 41))
    assert {"precinct"} <= {each.name for each in compare(take_apart(one), take_apart(other))}
    assert compare(take_apart(one), take_apart(one)) == []
