"""ORS 137.225, 137.226 and 137.223: from when a court may be asked, and that its order alone seals."""

from __future__ import annotations

from typing import Any

import pytest

from sealscrub.custodian.law import find_rule
from sealscrub.custodian.law.desk.deciding_facts import deciding_facts

from ..asking import case, day, row
from .oregon import ask, before, convicted, eligible, order, said, sealed_charges

NOW = "2026-11-01"
DISMISSED = row("2023-01-10", "DISMISSED", severity="M", offense_class="A", law_code="164.045")


def other(date: str, text: str = "CONVICTED", **facts: Any) -> Any:
    return case("24CR00009", row(date, text, **facts))


def test_a_dismissal_may_be_set_aside_at_once_and_is_sealed_by_no_clock() -> None:
    assert eligible("2023-01-10", DISMISSED) == "2023-01-10"
    assert eligible(NOW, row("2023-01-10", "Finding - Not Guilty", severity="F")) == "2023-01-10"
    assert eligible(NOW, row("2023-01-10", "DISMISSED", severity="V", law_code="811.111")) is None
    assert said("2060-01-01", DISMISSED) == "not_sealed"


def test_an_order_seals_from_its_day() -> None:
    ordered = (DISMISSED, order("2023-06-01", "SET ASIDE ORS 137.225"))

    assert [said(on, *ordered) for on in ("2023-05-31", "2023-06-01", NOW)] == ["not_sealed", "sealed", "sealed"]
    decision = ask(NOW, *ordered)
    assert (str(decision.legal_from), decision.regimes) == ("2023-06-01", ("us-or/ors-137.225",))
    assert "police" in decision.copies


@pytest.mark.parametrize(
    ("grade", "day_of_eligibility"),
    [("FB", "2029-01-01"), ("FC", "2027-01-01"), ("MA", "2025-01-01"), ("MB", "2023-01-01"), ("MC", "2023-01-01")],
)
def test_a_conviction_has_the_period_of_its_class(grade: str, day_of_eligibility: str) -> None:
    facts: dict[str, Any] = {"more": (("person_felony", False),)} if grade == "FB" else {}
    conviction = convicted("2022-01-01", grade, **facts)

    assert eligible(before(day_of_eligibility), conviction) == day_of_eligibility
    assert eligible(day_of_eligibility, conviction) == day_of_eligibility
    assert said("2060-01-01", conviction) == "not_sealed"


def test_a_violation_and_contempt_have_a_year() -> None:
    assert eligible(NOW, convicted("2023-03-01", "V")) == "2024-03-01"
    assert eligible(NOW, row("2023-03-01", "Finding - Contempt", severity="C")) == "2024-03-01"
    assert eligible(NOW, row("2023-03-01", "Finding - Contempt", law_code="33.065")) == "2024-03-01"


def test_the_period_begins_with_the_release() -> None:
    felony = (convicted("2018-03-01", "FC"), row("2018-03-01", event="sentence"), row("2020-09-15", event="release"))

    assert eligible(NOW, *felony) == "2025-09-15"


@pytest.mark.parametrize(
    ("later", "day_of_eligibility"),
    [
        ({"severity": "M", "law_code": "164.045"}, "2027-02-01"),
        ({"severity": "V", "law_code": "811.111"}, "2018-05-01"),
        ({"severity": "M", "law_code": "813.010"}, "2027-02-01"),
        ({"law_code": "811.111"}, "2027-02-01"),
    ],
)
def test_another_conviction_begins_it_again_but_for_a_motor_vehicle_violation(
    later: dict[str, Any], day_of_eligibility: str
) -> None:
    conviction = convicted("2015-05-01", "MA")

    assert eligible(NOW, conviction, others=(other("2024-02-01", **later),)) == day_of_eligibility


def test_a_conviction_that_was_set_aside_begins_nothing_again() -> None:
    gone = case("24CR00009", convicted("2024-02-01", "MA"), order("2025-02-01"))

    assert eligible(NOW, convicted("2015-05-01", "MA"), others=(gone,)) == "2018-05-01"


def test_a_pending_charge_and_supervision_keep_it_back() -> None:
    conviction = convicted("2015-05-01", "MA")

    assert eligible(NOW, conviction, others=(other("2026-02-01", "PENDING", severity="M"),)) is None
    assert eligible(NOW, conviction, row("2015-06-01", event="supervision_start")) is None


def test_no_complaint_waits_sixty_days() -> None:
    declined = row("2025-01-01", "NO COMPLAINT")

    assert eligible(NOW, declined, arrest_date=None) == "2025-03-02"


def test_before_2022_the_periods_were_others() -> None:
    assert eligible("2021-12-31", convicted("2019-05-01", "MC")) == "2022-05-01"
    assert eligible("2022-01-01", convicted("2019-05-01", "MC")) == "2020-05-01"
    assert eligible("2021-12-31", convicted("2017-05-01", "FC")) == "2020-05-01"
    declined = row("2021-05-01", "NO COMPLAINT")
    arrested = {"arrest_date": row("2021-04-01").event_date}
    assert eligible("2021-12-31", declined, **arrested) == "2022-04-01"
    assert eligible("2022-01-01", declined, **arrested) == "2021-06-30"


@pytest.mark.parametrize("text", ["CONVICTED", "GUILTY EXCEPT FOR INSANITY"])
@pytest.mark.parametrize("on", ["2015-05-01", "2018-05-01", "2020-02-02"])
@pytest.mark.parametrize("held_by", ["another case", "another count", "a revoked probation", "a release"])
def test_before_2022_what_held_back_did_for_ten_years(text: str, on: str, held_by: str) -> None:
    grade = {"severity": "M", "offense_class": "A", "law_code": "164.045"}
    mine = row("2017-05-01", text, charge="1", **grade)
    rest: dict[str, Any] = {
        "another case": {"others": (other(on, "CONVICTED", **grade),)},
        "another count": {"events": (row(on, "CONVICTED", charge="2", **grade),)},
        "a revoked probation": {"events": (row(on, event="probation_revoked"),)},
        "a release": {"events": (row(on, event="release"),)},
    }[held_by]
    ten_years = f"{int(on[:4]) + 10}{on[4:]}"
    day_of = max("2020-05-01", on if held_by == "a release" else ten_years)

    each = ask("2021-12-31", mine, *rest.get("events", ()), others=rest.get("others", ()))
    days = dict(each.charge_days) or {"1": each.eligible_from}
    assert str(days["1"]) == day_of


@pytest.mark.parametrize(
    ("severity", "held"), [("M", True), ("F", True), ("V", False), ("C", False), ("I", False), (None, True)]
)
def test_only_a_crime_that_is_pending_holds_back(severity: str | None, held: bool) -> None:
    pending = other("2026-02-01", "PENDING", severity=severity)

    assert eligible(NOW, convicted("2015-05-01", "MA"), others=(pending,)) == (None if held else "2018-05-01")


def test_a_sentence_that_was_not_performed_keeps_it_back() -> None:
    for said_so, day_of in (("", "2018-05-01"), (True, "2018-05-01"), (False, None)):
        told = (("sentence_performed", said_so),) if said_so != "" else ()
        assert eligible(NOW, convicted("2015-05-01", "MA", more=told)) == day_of


def test_a_diverted_dui_is_never_set_aside_and_an_acquitted_one_is() -> None:
    dui = {"severity": "M", "offense_class": "A", "law_code": "ORS 813.010"}
    diverted = (row("2022-01-01", "DIVERTED", **dui), row("2023-01-01", "DISMISSED", **dui))

    assert eligible(NOW, *diverted) is None
    assert eligible(NOW, row("2023-01-01", "DISMISSED - DIVERSION", **dui)) is None
    assert eligible(NOW, row("2022-01-01", event="diverted"), row("2023-01-01", "DISMISSED", **dui)) is None
    assert eligible(NOW, row("2023-01-01", "ACQUITTED", **dui)) == "2023-01-01"
    theft = {**dui, "law_code": "164.045"}
    assert (
        eligible(NOW, row("2022-01-01", "DIVERTED", **theft), row("2023-01-01", "DISMISSED", **theft)) == "2023-01-01"
    )


@pytest.mark.parametrize(
    ("grade", "law_code"),
    [("FA", "164.415"), ("FB", "164.405"), ("FC", "163.425"), ("MA", "163.145"), ("MA", "811.700"), ("FA", "163.115")],
)
def test_what_is_left_out_is_never_eligible(grade: str, law_code: str) -> None:
    assert eligible("2060-01-01", convicted("2010-01-01", grade, law_code, more=(("person_felony", False),))) is None


def test_whether_a_class_b_felony_is_a_person_felony_must_be_told() -> None:
    for told, day_of_eligibility in ((False, "2027-01-01"), (True, None), (None, None)):
        more = (("person_felony", told),) if told is not None else None
        assert eligible(NOW, convicted("2020-01-01", "FB", "164.057", more=more)) == day_of_eligibility


@pytest.mark.parametrize(
    ("told", "day_of_eligibility"),
    [("none", "2011-06-01"), ("cm", "2011-06-01"), ("am", "2013-06-01"), ("cf", "2015-06-01"), (None, None)],
)
def test_old_marijuana_is_classed_as_of_2017(told: str | None, day_of_eligibility: str) -> None:
    more = (("class_in_2017", told),) if told else None
    felony = convicted("2010-06-01", "FA", "475.858", more=more)

    assert eligible(NOW, felony) == day_of_eligibility
    late = convicted("2017-06-01", "FA", "475.858", more=more)
    assert eligible(NOW, late, crime_date=row("2017-04-21").event_date) is None
    assert (eligible(NOW, late, crime_date=row("2017-04-20").event_date) is None) == (told is None)


@pytest.mark.parametrize(
    ("born", "acted", "date", "others", "day_of_eligibility"),
    [
        ("1996-03-01", "2016-12-31", "2017-03-01", (), "2022-03-01"),
        ("1996-03-02", "2016-12-31", "2017-03-01", (), "2018-03-01"),
        ("1999-01-01", "2017-04-20", "2017-06-01", (), "2018-06-01"),
        ("1999-01-01", "2017-04-21", "2017-06-01", (), "2018-06-01"),
        (None, "2016-12-31", "2017-03-01", (), "2022-03-01"),
        ("1999-01-01", None, "2017-03-01", (), "2018-03-01"),
        ("1999-01-01", "2016-12-31", "2017-03-01", ("2016-05-05",), "2022-03-01"),
        ("1999-01-01", "2016-12-31", "2017-03-01", ("2018-05-05",), "2023-05-05"),
    ],
)
def test_marijuana_of_a_person_convicted_under_twenty_one_has_a_year(
    born: str | None, acted: str | None, date: str, others: tuple[str, ...], day_of_eligibility: str | None
) -> None:
    felony = convicted(date, "FA", "475.858", more=(("class_in_2017", "cf"),))
    also = tuple(other(each, severity="M", law_code="164.045") for each in others)
    days = {"birth_date": born and day(born), "crime_date": acted and day(acted)}

    assert eligible(NOW, felony, others=also, **days) == day_of_eligibility


def test_an_order_on_marijuana_seals() -> None:
    felony = convicted("2010-06-01", "FA", "475.858")

    for section in ("137.226", "475C.397"):
        assert ask(NOW, felony, order("2020-01-01", f"ORS {section}")).regimes == ("us-or/ors-137.226",)
        assert said("2019-12-31", felony, order("2020-01-01", section)) == "not_sealed"


def test_probation_revoked_waits_three_years() -> None:
    conviction = convicted("2019-04-01", "MA")
    revoked = row("2022-04-01", event="probation_revoked")

    assert eligible(NOW, conviction, revoked) == "2025-04-01"
    assert eligible(NOW, convicted("2021-04-01", "FC"), revoked) == "2026-04-01"


def test_an_order_under_the_old_law_seals() -> None:
    assert said("2019-05-31", convicted("2010-01-01", "MA"), order("2019-06-01")) == "not_sealed"
    assert said("2019-06-01", convicted("2010-01-01", "MA"), order("2019-06-01")) == "sealed"


def test_an_order_reaches_the_charges_that_it_names() -> None:
    counts = (row("2023-01-10", "DISMISSED", charge="1"), convicted("2023-01-10", "MA", charge="2"))

    assert said(NOW, *counts, order("2024-01-01", charge="1")) == "not_sealed"
    assert sealed_charges(NOW, *counts, order("2024-01-01", charge="1")) == (("1", "us-or/ors-137.225"),)
    assert said(NOW, *counts, order("2024-01-01")) == "unknown"
    assert said(NOW, *counts, order("2024-01-01", more=(("order_scope", "all"),))) == "sealed"
    alike = (row("2023-01-10", "DISMISSED", charge="1"), row("2023-01-10", "DISMISSED", charge="2"))
    assert said(NOW, *alike, order("2024-01-01")) == "sealed"
    assert said(NOW, row("2023-01-10", "DISMISSED", charge="1"), order("2024-01-01")) == "sealed"


def test_a_lesser_charge_is_no_conviction_of_that_count() -> None:
    assert (
        eligible(NOW, row("2023-01-10", "Convicted - Lesser Charge", severity="F", law_code="164.045")) == "2023-01-10"
    )


@pytest.mark.parametrize("text", ["Conditional Discharge", "Deferred", "Extradited", "whatever"])
def test_a_text_that_says_neither_is_unknown(text: str) -> None:
    assert said(NOW, row("2023-01-10", text)) == "unknown"
    assert said(NOW, row("2023-01-10", text), order("2024-01-01")) == "sealed"


def test_a_missing_disposition_is_unknown_after_ninety_days() -> None:
    missing = row("2023-01-10", "MISSING")

    assert [said(on, missing) for on in ("2023-04-10", "2023-04-11")] == ["not_sealed", "unknown"]


def test_of_two_statutes_the_earlier_day_counts() -> None:
    felony = convicted("2010-06-01", "FC", "475.864", more=(("class_in_2017", "v"),))

    assert eligible(NOW, felony) == "2011-06-01"


def test_guilty_except_insane_counts_from_the_end_of_the_board() -> None:
    insane = row("2015-01-10", "GUILTY EXCEPT FOR INSANITY", severity="F", offense_class="C", law_code="164.055")

    assert eligible(NOW, insane) == "2020-01-10"
    assert eligible(NOW, insane, row("2021-05-01", event="psrb_ended")) == "2026-05-01"
    again = other("2018-01-10", "GUILTY EXCEPT FOR INSANITY", severity="M", law_code="164.045")
    assert [eligible(on, insane, others=(again,)) for on in ("2022-12-31", "2026-01-01")] == ["2023-01-10"] * 2
    assert ask(NOW, insane, order("2022-01-01", "137.223")).regimes == ("us-or/ors-137.223",)


def test_an_order_names_its_section_in_full() -> None:
    """137.22 is no section of Oregon's, and 137.225 is not read as it."""
    assert ask(NOW, DISMISSED, order("2024-01-01", "ORS 137.225(3)")).regimes == ("us-or/ors-137.225",)
    assert said(NOW, DISMISSED, order("2024-01-01", "137.22")) == "unknown"
    assert said(NOW, DISMISSED, order("2024-01-01", "137.290")) == "unknown"


def test_no_lawyer_has_reviewed_it() -> None:
    assert {rule.reviewed_by for rule in find_rule("us-or/ors-137.225/order")} == {""}


@pytest.mark.parametrize(
    "text",
    ["zorched by the bench", "MISSING", "Conditional Discharge", "Deferred", "Extradited", "TRANSFERRED"],
)
def test_what_is_unknown_of_another_case_is_not_read_as_none(text: str) -> None:
    """It may be pending, and it may be a conviction."""
    unknown = other("2024-02-01", text, severity="M", offense_class="A", law_code="164.045")

    for mine in (convicted("2015-05-01", "MA"), DISMISSED, row("2023-01-10", "NO COMPLAINT")):
        assert eligible(NOW, mine) is not None
        assert eligible(NOW, mine, others=(unknown,)) is None


@pytest.mark.parametrize("text", ["ADJUDICATED", "GUILTY EXCEPT FOR INSANITY"])
def test_what_may_count_as_a_conviction_may_begin_the_period_again(text: str) -> None:
    mine = convicted("2015-05-01", "MA")

    assert eligible(NOW, mine, others=(other("2024-02-01", text, severity="M", offense_class="A"),)) == "2027-02-01"


def test_whether_a_dismissed_charge_is_a_motor_violation_must_be_known() -> None:
    """A spreadsheet makes 811.14 of 811.140, which is no section."""
    for known, day_of_eligibility in (
        ({"severity": "M"}, "2023-01-10"),
        ({"law_code": "164.045"}, "2023-01-10"),
        ({"law_code": "811.14"}, None),
        ({"law_code": "811.140"}, None),
        ({}, None),
    ):
        assert eligible(NOW, row("2023-01-10", "ACQUITTED", **known)) == day_of_eligibility, known


@pytest.mark.parametrize("code", [None, "813.01", "813.010"])
def test_a_dismissal_that_may_be_of_a_diverted_dui_has_no_day(code: str | None) -> None:
    grade: dict[str, Any] = {"severity": "M", "offense_class": "A", "law_code": code}

    assert eligible(NOW, row("2023-01-10", "DISMISSED", **grade)) is None
    assert eligible(NOW, row("2023-01-10", "DISMISSED", more=(("diverted", False),), **grade)) == "2023-01-10"
    assert eligible(NOW, row("2023-01-10", "ACQUITTED", **grade)) == "2023-01-10"


@pytest.mark.parametrize(
    ("events", "others", "named"),
    [
        ((convicted("2010-01-10", "FB", "163.175"),), (), "Never set aside"),
        ((row("2015-01-10", "CONVICTED", severity="M", law_code="164.043"),), (), "not known: offense class"),
        ((convicted("2015-05-01", "MA"),), (other("2026-02-01", "PENDING", severity="M"),), "pending charge is Y"),
        ((convicted("2015-05-01", "MA"), row("2015-06-01", event="supervision_start")), (), "supervised is Y"),
        ((convicted("2015-05-01", "MA"),), (other("2026-02-01", "zorched"),), "not known: pending charge"),
        ((convicted("2024-05-01", "MA"), row("2026-06-01", event="probation_revoked")), (), "2029-05-31"),
    ],
)
def test_what_holds_back_is_named(events: tuple[Any, ...], others: tuple[Any, ...], named: str) -> None:
    reasons = ask(NOW, *events, others=others).reasons
    assert reasons is not None

    said = " ".join(each.said for each in deciding_facts(reasons))
    assert named in said, said
    assert "no rule seals such a charge" not in said
