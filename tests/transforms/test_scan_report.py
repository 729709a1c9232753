"""The verdict, and with it the exit code, of a report."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.transforms.scrub_report import Report
from sealscrub.transforms.scrub_report_values import Verdict

from .reports import REPORTS, key, report, table

SEALED = table("a.csv", key(sealed=1))
WITHHELD = table("a.csv", key(withheld=1))
NEAR = table("a.csv", key(near=1), unchecked=1)


@pytest.mark.parametrize(
    ("tables", "facts", "verdict", "exit_code", "clean"),
    [
        (table(), {}, Verdict.CLEAN, 0, True),
        (SEALED, {}, Verdict.FOUND, 1, False),
        (WITHHELD, {}, Verdict.FOUND, 1, False),
        (WITHHELD, {"allowed": ("withheld",)}, Verdict.CLEAN, 0, True),
        (SEALED, {"allowed": ("withheld",)}, Verdict.FOUND, 1, False),
        (NEAR, {"complete": False}, Verdict.INCOMPLETE, 3, False),
        (SEALED, {"complete": False}, Verdict.FOUND, 1, False),
        (table(), {"action": "scrub"}, Verdict.SCRUBBED, 0, True),
        (SEALED, {"action": "scrub"}, Verdict.SCRUBBED, 0, True),
        (SEALED, {"action": "scrub", "dry_run": True}, Verdict.DRY_RUN, 0, False),
        (table(), {"action": "scrub", "dry_run": True}, Verdict.DRY_RUN, 0, True),
        (SEALED, {"action": "scrub", "complete": False}, Verdict.INCOMPLETE, 3, False),
        (NEAR, {"action": "scrub", "complete": False, "dry_run": True}, Verdict.INCOMPLETE, 3, False),
    ],
)
def test_the_verdict_decides_the_exit_code(
    tables: Any, facts: dict[str, Any], verdict: Verdict, exit_code: int, clean: bool
) -> None:
    made = report(tables, **facts)

    assert (made.verdict, made.exit_code, made.clean) == (verdict, exit_code, clean)


@pytest.mark.parametrize("allowed", [(), ("withheld",)])
def test_a_withheld_record_is_found_unless_it_is_allowed(allowed: tuple[str, ...]) -> None:
    assert report(table(), WITHHELD, allowed=allowed).found is not bool(allowed)


def test_every_text_of_an_incomplete_report_says_so() -> None:
    """The short one too, which travels."""
    for made in REPORTS.values():
        said = [str(made), made.to_text(), made.to_html(), made._repr_html_()]
        words = ("Not everything could be checked", "not everything could be checked")
        plain = [" ".join(text.split()) for text in said]
        assert [any(each in text for each in words) for text in plain] == [not made.complete] * len(said)


def test_no_report_without_complete_checks_is_a_clean_bill() -> None:
    for facts in ({"complete": False}, {"complete": False, "action": "scrub"}):
        assert not report(**facts).clean
        assert report(**facts).exit_code == 3


@pytest.mark.parametrize(
    ("tables", "facts"),
    [
        (table(), {"problems": ("something",)}),
        (NEAR, {}),
        (table("a.csv", key(coverage=0.94)), {}),
        (table("a.csv", key(coverage=0.95)), {"min_coverage": 0.96}),
    ],
)
def test_a_report_cannot_call_itself_complete_against_its_own_facts(tables: Any, facts: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="cannot be complete"):
        report(tables, **facts)


def test_coverage_at_the_least_is_enough() -> None:
    assert report(table("a.csv", key(coverage=0.95))).clean


def test_a_report_is_frozen_and_pickles() -> None:
    made = REPORTS["scrubbed"]

    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(FrozenInstanceError):
        made.epoch = 1


def test_a_repr_says_how_it_stands_and_not_how_many() -> None:
    few = report(table("a.csv", key(sealed=3_141)))
    many = report(table("a.csv", key(sealed=2_718, rows=5_000_000)))

    assert repr(few) == repr(many) == "<Report: Sealed or withheld records found>"
    assert "39001" not in repr(replace(few.tables[0], positions=(39001,)))


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "{", '{"epoch": 1}', REPORTS["clean"].to_json().replace('"scan"', '"other"')],
    ids=str.__len__,
)
def test_what_is_no_report_is_not_read_as_one(text: str) -> None:
    with pytest.raises(UnreadableInput):
        Report.from_json(text)


def test_only_a_plain_true_reads_back_as_complete() -> None:
    text = REPORTS["clean"].to_json().replace('"complete": true', '"complete": "yes"')

    assert Report.from_json(text).exit_code == 3
