"""Reports say where and why in every format, name no record, and travel without counts."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from sealscrub.errors import ConfigError
from sealscrub.testing import OutputNullityReport

from .test_verdicts import older

Checked = Callable[..., OutputNullityReport]


@pytest.fixture
def leaking(checked: Checked) -> OutputNullityReport:
    return checked(lambda records: records, older)


def test_the_text_names_probe_part_change_and_cause(leaking: OutputNullityReport) -> None:
    text = leaking.to_text()

    assert "  total" in text
    assert "random " in text
    assert "totals or facets were counted before the filter → count after the filter" in text
    assert "permutation p" in text
    assert "Operator's copy" in text


def test_no_format_names_a_record(leaking: OutputNullityReport, gallery: pl.DataFrame) -> None:
    shown = leaking.to_text() + leaking.to_html() + leaking.to_json() + leaking.to_junit() + repr(leaking)

    assert not [key for key in gallery["arrest_no"] if key in shown]
    assert not [alias for alias in gallery["alias"] if alias in shown]


def test_the_page_needs_nothing_else(leaking: OutputNullityReport) -> None:
    page = leaking.to_html()

    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "Operator’s copy" in page


def test_junit_has_the_verdict_and_no_counts(leaking: OutputNullityReport) -> None:
    root = ElementTree.fromstring(leaking.to_junit())  # noqa: S314 - our own
    failure = root.find("testsuite/testcase/failure")

    assert failure is not None
    assert failure.get("type") == "sealscrub.interference"
    assert "total" not in leaking.to_junit()


def test_files_are_private_but_for_junit(leaking: OutputNullityReport, tmp_path: Path) -> None:
    for name, mode in (("r.txt", 0o600), ("r.json", 0o600), ("r.html", 0o600)):
        leaking.save(tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    leaking.save(tmp_path / "r.xml")
    document = json.loads((tmp_path / "r.json").read_text())

    assert document["operator_copy"] is True
    assert document["verdict"] == "INTERFERENCE"
    assert "totals" in document["causes"]
    with pytest.raises(ConfigError):
        leaking.save(tmp_path / "r.pdf")
