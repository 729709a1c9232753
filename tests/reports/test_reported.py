"""Every report of the library shows itself in the same ways."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from sealscrub.custodian.aggregates import Figures
from sealscrub.custodian.law import Explanation
from sealscrub.errors import UsageError
from sealscrub.lineage import Coverage, Drill, TaintReport
from sealscrub.lineage.coverage import Copies
from sealscrub.reports import Count, Listing, Reported, ReportFormat
from sealscrub.testing import NullityReport, OutputNullityReport, OutputNullityVerdict
from sealscrub.transforms import Report
from sealscrub.transforms.plans.check_values import TableCheck
from sealscrub.transforms.plans.plan_check import PlanCheck
from sealscrub.validators.artefacts import ModelAudit
from sealscrub.validators.certification.verification import Verification

LINEAGE = [TaintReport, Drill, Coverage, Copies]
REPORTS = [
    Explanation,
    Figures,
    Listing,
    Report,
    PlanCheck,
    NullityReport,
    OutputNullityReport,
    ModelAudit,
    Verification,
    *LINEAGE,
]


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_is_reported(kind: type) -> None:
    assert issubclass(kind, Reported)
    assert {ReportFormat.TEXT, ReportFormat.HTML, ReportFormat.JSON} <= set(kind.formats)
    assert kind.__str__ is Reported.__str__
    assert kind._repr_html_ is Reported._repr_html_


@pytest.mark.parametrize("verdict", OutputNullityVerdict)
def test_every_verdict_of_outputs_has_a_brief_without_counts(verdict: OutputNullityVerdict) -> None:
    report = OutputNullityReport(verdict=verdict, function="app", sealed_rows=98_765, probes={"itself": 98_765})

    assert "98,765" in report.text()
    assert all("98765" not in each.replace(",", "") for each in (str(report), report._repr_html_(), report.to_junit()))


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["98765 rows are wrong"], 2), (["98765 rows"], 3)])
def test_a_plan_check_has_a_brief_without_counts(problems: list[str], code: int) -> None:
    check = PlanCheck("p.toml", [TableCheck("people", "p.csv", rows=98_765, problems=problems)], exit_code=code)

    assert "98,765" in check.text()
    assert all("98765" not in each.replace(",", "") for each in (str(check), check._repr_html_(), check.to_junit()))
    assert check.to_junit().count("<failure") == (code == 2)
    assert check.to_junit().count("<error") == (code == 3)


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
        Listing(tool="schemes", headline="What there is", facts={"Records": Count(2)}).text()
