"""Every report of the library shows itself in the same ways."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sealscrub.errors import UsageError
from sealscrub.reports import Count, Listing, Reported, ReportFormat
from sealscrub.transforms.plans.check_values import TableCheck
from sealscrub.transforms.plans.plan_check import PlanCheck

from ..contracts.source_tree import PACKAGE, module_names
from ..transforms.reports import REPORTS as SCRUBS
from .examples import COUNT_NO_RECORDS, EXAMPLES

MARK = 98_765
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
ARGUMENT = re.compile(r"(?<![/\w])[a-z_]+=[\w{(\[\"'…]|\bshow\(")


def _below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield from (each, *_below(each))


def reports() -> dict[str, type[Reported]]:
    """Every kind of report that the library makes, by name."""
    for name in module_names():
        importlib.import_module(name)
    found = [each for each in _below(Reported) if each.__module__.startswith(PACKAGE) and not inspect.isabstract(each)]
    # a dataclass with slots is made twice: the one that its module holds counts
    return {each.__name__: each for each in found if getattr(sys.modules[each.__module__], each.__name__) is each}


REPORTS = reports()


def holds_the_mark(text: str) -> bool:
    return str(MARK) in text.translate({ord(each): None for each in ",._ \u202f"})


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_a_method_for_each_of_its_formats_and_for_no_other(name: str) -> None:
    assert {each for each in ReportFormat if hasattr(REPORTS[name], f"to_{each}")} == set(REPORTS[name].formats)
    for each in EXAMPLES[name](MARK):
        for format in REPORTS[name].formats:
            assert getattr(each, f"to_{format}")() == each.render(format)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_reported(name: str) -> None:
    kind = REPORTS[name]

    assert {ReportFormat.TEXT, ReportFormat.HTML, ReportFormat.JSON} <= set(kind.formats)
    assert kind.__repr__ is Reported.__repr__
    assert kind.__str__ is Reported.__str__
    assert kind._repr_html_ is Reported._repr_html_


@pytest.mark.parametrize("name", REPORTS)
def test_what_a_report_shows_unasked_or_sends_away_holds_no_count(name: str) -> None:
    """A kind of report without an example fails here."""
    examples = list(EXAMPLES[name](MARK))
    travels = [each for each in REPORTS[name].formats if each.travels]

    assert {type(each) for each in examples} == {REPORTS[name]}
    assert any(holds_the_mark(each.text()) for each in examples) == (name not in COUNT_NO_RECORDS)
    for each in examples:
        said = [str(each), repr(each), each._repr_html_(), *map(each.render, travels)]
        assert [text for text in said if holds_the_mark(text)] == []


def _words(page: str) -> str:
    return re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]*>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_names_arguments_in_python_and_options_in_a_shell(name: str) -> None:
    examples = [*EXAMPLES[name](1)]
    if name == "Report":
        scrubs = [each for case, each in SCRUBS.items() if case != "hostile"]  # its names look like anything
        examples += [replace(each, plan=plan) for each in scrubs for plan in ("", "p.toml")]

    for each in examples:
        for said in (str(each), each.to_text(), _words(each._repr_html_()), _words(each.to_html())):
            assert OPTION.findall(said) == []
        for said in (each.text(in_shell=True), _words(each.render(ReportFormat.HTML, in_shell=True))):
            assert ARGUMENT.findall(said) == []
    if name == "Report":
        assert any(OPTION.search(each.text(in_shell=True)) for each in examples)
        assert any(ARGUMENT.search(each.to_text()) for each in examples)


@pytest.mark.parametrize("name", REPORTS)
def test_a_repr_is_the_kind_and_the_verdict(name: str) -> None:
    assert {repr(each) for each in EXAMPLES[name](1)} == {
        f"<{name}: {each._brief().headline}>" for each in EXAMPLES[name](1)
    }


def test_a_list_that_stays_shows_its_headline_alone_until_it_is_asked_for() -> None:
    rows = [{"docket": "2018KN000001", "sealed_on": dt.date(2027, 3, 1)}, {"docket": "=1+1", "sealed_on": None}]
    listing = Listing(
        tool="law forecast", headline="Actions will be sealed", facts={"Actions": Count(2)}, rows=rows,
        operators_copy="It names records.",
    )  # fmt: skip

    assert "2018KN000001  2027-03-01" in listing.text()
    assert all("2018KN" not in said and "Actions  2" not in said for said in (str(listing), listing._repr_html_()))
    assert json.loads(listing.to_json())[0] == {"docket": "2018KN000001", "sealed_on": "2027-03-01"}
    assert listing.render(ReportFormat.CSV) == "docket,sealed_on\n2018KN000001,2027-03-01\n'=1+1,\n"


def test_a_list_that_travels_cannot_count_records() -> None:
    with pytest.raises(UsageError, match="cannot hold a count"):
        Listing(tool="schemes", headline="All items", facts={"Records": Count(2)}).text()


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["rows are wrong"], 2), (["rows"], 3)])
def test_a_problem_of_a_plan_is_a_failure_and_what_could_not_be_checked_an_error(
    problems: list[str], code: int
) -> None:
    check = PlanCheck("p.toml", [TableCheck("people", "p.csv", problems=problems)], exit_code=code)

    assert (check.to_junit().count("<failure"), check.to_junit().count("<error")) == (code == 2, code == 3)
