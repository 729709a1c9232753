"""Write ``law-us-ny.md`` from the rules themselves: ``python docs/reference/make_law_us_ny.py``."""

from __future__ import annotations

from pathlib import Path

from sealscrub.law import jurisdiction, print_law

_HEAD = """# New York's rules

<!-- written by docs/reference/make_law_us_ny.py: change the rules, and run it -->

What `sealscrub law` takes New York's sealing law to be, rule by rule, as the engine runs it. **This is no legal
advice**, no lawyer has reviewed any of it, and no court order in force demands it. Marks: **[own]** was not checked
against the statute in force; **[inference]** is a reading of a text, not a holding; **[found]** was read in the
source that is named. The marks are those of the project's notes on the law (`law.md`); [law](../concepts/law.md)
tells it in plain words.

A rule is met by a charge's *facts*: `ending` is how it stands after its events, in the canonical words of
`src/sealscrub/law/dispositions/canonical.py`; `ended_on` and `sentenced_on` are days; the others are columns of the
file. Every condition has three values: a fact that is left blank makes it unknown. Months end on the same day of the
month or on its last (General Construction Law § 30), and a record is sealed from the day after.

A regime whose rules are not written is named below, and makes the answer unknown where it may apply.
"""

#: Tests by the beginning of a rule's id; the longest that fits says them.
TESTS = {
    "us-ny/cpl-160.50/3": ("test_cpl_160_50.py", "test_what_the_people_cannot_appeal_is_sealed_from_its_day"),
    **{
        f"us-ny/cpl-160.50/3{part}": ("test_cpl_160_50.py", "test_the_people_have_thirty_days_from_the_entry")
        for part in "bdefg"
    },
    "us-ny/cpl-160.50/3b-acd": ("test_cpl_160_50.py", "test_what_the_people_cannot_appeal_is_sealed_from_its_day"),
    "us-ny/cpl-160.50/3b-170.55": ("test_cpl_160_50.py", "test_an_acd_is_sealed_the_day_after_its_period"),
    "us-ny/cpl-160.50/3b-210.47": ("test_cpl_160_50.py", "test_an_acd_is_sealed_the_day_after_its_period"),
    "us-ny/cpl-160.50/3b-170.56": ("test_cpl_160_50.py", "test_at_most_twelve_months_need_the_courts_term"),
    "us-ny/cpl-160.50/3b-210.46": ("test_cpl_160_50.py", "test_at_most_twelve_months_need_the_courts_term"),
    "us-ny/cpl-160.50/3l-215.40": ("test_cpl_160_50.py", "test_at_most_twelve_months_need_the_courts_term"),
    "us-ny/cpl-160.50/3i": ("test_cpl_160_50.py", "test_an_election_not_to_go_on_needs_its_certificate"),
    "us-ny/cpl-160.50/3j": ("test_cpl_160_50.py", "test_a_voided_arrest_needs_prints_that_were_sent"),
    "us-ny/cpl-160.50/3k": ("test_cpl_160_50.py", "test_a_listed_conviction_is_expunged_from_the_day_of_its_law"),
    "us-ny/cpl-160.50/3k-i": ("test_cpl_160_50.py", "test_marihuana_before_article_221"),
    "us-ny/cpl-160.50/3k-ii": ("test_cpl_160_50.py", "test_a_listed_conviction_is_expunged_from_the_day_of_its_law"),
    "us-ny/cpl-160.50/3k-iv": ("test_cpl_160_50.py", "test_a_listed_conviction_is_expunged_from_the_day_of_its_law"),
    "us-ny/cpl-160.50/3k-v": ("test_cpl_160_50.py", "test_concentrated_cannabis_needs_its_substance_and_its_window"),
    "us-ny/cpl-160.50/3k-vi": ("test_cpl_160_50.py", "test_a_listed_conviction_is_expunged_from_the_day_of_its_law"),
    "us-ny/cpl-160.50/order": ("test_cpl_160_50.py", "test_an_order_in_the_interest_of_justice_keeps_it_open"),
    "us-ny/cpl-160.50/covered": ("test_regimes.py", "test_ebner_with_a_plea_to_a_crime_is_not_sealed"),
    "us-ny/cpl-160.50/vacated": ("test_cpl_160_50.py", "test_a_vacated_judgment_alone_is_no_answer"),
    "us-ny/cpl-160.50/leave": ("test_cpl_160_50.py", "test_what_is_on_no_list_is_no_answer"),
    "us-ny/cpl-160.50/open-question": ("test_cpl_160_50.py", "test_what_is_on_no_list_is_no_answer"),
    "us-ny/cpl-160.50/count": ("test_cpl_160_50.py", "test_one_dismissed_count_inside_a_conviction_seals_nothing"),
    "us-ny/cpl-160.50/elsewhere": ("test_cpl_160_50.py", "test_what_goes_on_elsewhere_is_unknown_after_ninety_days"),
    "us-ny/cpl-160.55/1": ("test_regimes.py", "test_a_violation_from_a_felony_arrest_rests_on_practice_before_2021"),
    "us-ny/cpl-160.57/1a": ("test_regimes.py", "test_dwai_is_eligible_after_three_years_and_never_sealed_by_the_clock"),
    "us-ny/cpl-160.57/1b": ("test_regimes.py", "test_clean_slate_is_unknown_when_its_clock_has_run"),
    "us-ny/cpl-160.57/notice": ("test_regimes.py", "test_clean_slate_is_unknown_when_its_clock_has_run"),
    "us-ny/cpl-160.58": ("test_regimes.py", "test_a_new_charge_puts_a_conditional_seal_in_doubt"),
    "us-ny/cpl-160.59": ("test_regimes.py", "test_an_order_only_regime_needs_its_order"),
    "us-ny/cpl-720.35": ("test_regimes.py", "test_a_youthful_offender_is_confidential_at_adjudication"),
    "us-ny/cpl-725.15": ("test_regimes.py", "test_removal_to_family_court_is_confidential"),
    "us-ny/doubt/unmapped": ("test_cpl_160_50.py", "test_what_is_on_no_list_is_no_answer"),
    "us-ny/doubt/ambiguous": ("test_cpl_160_50.py", "test_two_final_dispositions_are_no_answer"),
    "us-ny/doubt/no-disposition": (
        "test_decisions.py",
        "test_an_action_of_which_nothing_is_known_is_unknown_after_ninety_days",
    ),
}


def tests_of(rule_id: str) -> list[str]:
    """Name the tests of a rule."""
    fitting = [start for start in TESTS if rule_id.startswith(start)]
    return ["::".join(TESTS[max(fitting, key=len)])] if fitting else []


def page() -> str:
    """Give the page's text."""
    place = jurisdiction("us-ny")
    tests = {rule.id: tests_of(rule.id) for rule in place.rules()}
    return _HEAD + "\n".join(print_law(place, tests)) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("law-us-ny.md").write_text(page(), encoding="utf-8")
