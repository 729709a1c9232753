"""Writing a report: the format of the suffix, whole or not at all, closed to others where it holds counts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sealscrub.errors import ConfigError, WriteFailed
from sealscrub.reports import ReportFormat, format_named, format_of
from sealscrub.transforms import Report

from .reports import REPORTS, SUFFIX, report


@pytest.mark.parametrize("format", Report.formats)
def test_every_format_has_a_suffix(format: ReportFormat) -> None:
    assert format_of(f"report.{SUFFIX[format]}") is format
    assert format_of(Path(f"REPORT.{SUFFIX[format].upper()}")) is format


def test_a_sarif_file_may_end_in_json_as_well() -> None:
    assert format_of("scan.sarif.json") is ReportFormat.SARIF


@pytest.mark.parametrize("path", ["report", "report.pdf", "report.json.gz", "html"])
def test_another_suffix_is_refused_with_the_ones_that_are(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError, match=r"\.html"):
        report().save(tmp_path / path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", Report.formats)
def test_a_file_with_counts_is_the_owners_only(tmp_path: Path, format: ReportFormat) -> None:
    file = tmp_path / f"report.{SUFFIX[format]}"
    file.write_text("old")
    file.chmod(0o644)
    before = os.umask(0o022)
    try:
        REPORTS["hostile"].save(file)
    finally:
        os.umask(before)

    assert file.read_bytes().decode("utf-8") == REPORTS["hostile"].render(format)
    assert stat.S_IMODE(file.stat().st_mode) == (0o644 if format.travels else 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)

    report().save(link)

    assert link.is_symlink()
    assert target.read_text() == report().to_json()


def test_a_folder_or_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")

    for name in ("folder.json", "pipe.json"):
        with pytest.raises(ConfigError, match="regular file"):
            report().save(tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.json", "pipe.json"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="No such file or directory") as caught:
        report().save(tmp_path / "absent" / "report.html")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("format", Report.formats)
def test_a_format_that_a_report_lacks_is_said_alike_by_its_suffix_and_by_its_name(format: ReportFormat) -> None:
    others = tuple(each for each in ReportFormat if each is not format)
    said = f"this report does not have the format '{format}'"

    with pytest.raises(ConfigError, match=said):
        format_of(f"report.{SUFFIX[format]}", others)
    with pytest.raises(ConfigError, match=said):
        format_named(format, others)
    with pytest.raises(ConfigError, match="the suffix names no report format"):
        format_of("report.docx", others)
