"""What ``law-us-pa.md`` says above the rules, and which tests each rule has."""

from __future__ import annotations

HEAD = """# Pennsylvania's rules

<!-- written by docs/reference/make_law.py us-pa: change the rules, and run it -->

What `sealscrub law --law us-pa` takes Pennsylvania's law of criminal records to be, rule by rule, as the engine
runs it. **This is not legal advice**, and no lawyer has reviewed or signed any of it. Marks: **[own]** was not
checked against the statute in force; **[inference]** is a reading of a text, not a holding; **[retold]** follows a
copy of the statute, a bill or a page about it that was read, in our own words; **[found]** has words that were read
in a stored copy. Some copies end early: the words of orders without a petition, and of the batch since 11 June
2024, were not found, and the periods since then were read in secondary sources; a rule says so.

**Eligible is not sealed.** The clocks say from when a charge is *eligible* (`eligible_from`), or from when a court
may be asked (`may_apply_from`). A row `seal_order` whose text names the section (`9122.1`, `9122.2`, `9122(a)(2.1)`)
seals, from its day; nothing else does. An eligible charge without that row is *not sealed*, and it is not withheld:
courts seal in monthly batches, so give the rows of orders and notices. Each charge is weighed on its own. The answer
about a docket is *sealed* where all of its charges are, *not sealed* where one is not, and names those that are;
`eligible_from` is then the latest of those of its charges that are or become eligible.

Implemented:

- 18 Pa.C.S. 9122.2(a), limited access by the clock: charges without conviction (28 June 2019), misdemeanours, summary
  offences, pardons of either kind, a drug felony (11 June 2024); ten years, and since 11 June 2024 seven or five.
  9122.3(a) leaves offences and persons out, and until that day anyone who was convicted of a felony. An acquittal by
  reason of insanity, and a case that a death ended, is a final disposition other than a conviction.
- 9122.1, by order on a petition, since 26 December 2018, and since 12 February 2024 with a longer list.
- What is counted by which act: Act 56 of 2018 (26 December 2018 for petitions, 28 June 2019 for the batch), Act 83
  of 2020 (28 December 2020 [own]: fines and costs no longer asked), Act 36 of 2023 (12 February 2024 for petitions,
  11 June 2024 for the batch). What had become eligible under an earlier one stays so.
- 9122(a), expungement, by its order or notice alone; after an unconditional pardon since 11 June 2024.

Not implemented:

- What 9122.1(b) excludes, 9122.1 before 26 December 2018, clocks of 9122 (eighteen months without a disposition,
  twelve after acquittal of every charge of an episode), 9123 (juveniles), ARD's own expungement, orders that vacate
  an order of limited access (give a row `no_seal_order`), convictions of other states that the file does not hold.
- Other dockets of the same *case*: the column `case_bar` says whether the case holds a conviction of an offence
  punishable by five years or more, or of one that 9122.3 excludes. Of its own docket that is also found
  (`docket_bar`), whatever the column says, and other counts of it are among the two or four offences of 9122.3(a)(2);
  a later conviction of the same docket does not begin a period again.
- Whether a fee that is owed keeps a charge from the monthly batch: the statute has it follow the restitution. A
  petition is kept back by it (`fee` is `owed`); if the file does not say, it is not.
- Which docket of common pleas decides which charge that was held for court: unknown, unless every charge of the
  arrest's dockets there (by OTN) stands, convicted or open, without an order.

Unknown, and withheld: `history` does not say `complete`; `case_bar`, `restitution`, the grade or the highest
penalty is blank, or a drug felony's shortest or longest sentence; two drug felonies; no disposition, or one that no
phrase reads; ARD or probation without verdict and no dismissal; an offence past the end of the list that was read
(sections after 5510); a period that had passed once before a later conviction, until it has passed again; an
attempt whose number does not name the offence; a *juvenile's* case (`court` is `family`, or the docket's type is
`JV`), unless an order seals it; a row that says *Sealed*, *Limited Access* or *Expunged* and no order
(`no_seal_order` after it lifts that). Another case of the person's may be a conviction if it was held for court,
transferred, changed or replaced and the record has no docket of common pleas of its arrest (by OTN) nor, of a
changed charge, a count next to it; and if it was diverted and not dismissed.

Columns of its own: `max_penalty_months` (else by grade: M1 60, M2 24, M3 12; an ungraded felony 84, but under the
drug act 36 or more [own]), `min_sentence_months` and `max_sentence_months` (asked of a drug felony), `restitution`
(`paid`, `owed`, `none`), `fines_paid` (asked until Act 83 of 2020), `fee` (`paid`, `owed`), `case_bar`, `history`
(`complete`: the person's whole history is in the file). An event of its own: `pardon`, whose text is
`Unconditional`, `Conditional` or blank; another text does not say that it was granted. Numbers: `us_pa_docket`
(`CP-51-CR-0001234-2015`, `MC-…`, `MJ-38101-CR-0000123-2019`) and `us_pa_otn` (`T 123456-7`).

**Who may use it.** Limited access closes a record to the public; police and prosecutors see it, and courts for any
relevant purpose. That police may also *train* on it is [inference]. *Not known*, and therefore barred: whether a
vendor that serves an agency may use it (9121(a) lets history go to an agency that serves one; any other vendor is
barred), and whether a researcher may (9122.5 names the Sentencing Commission). What is expunged is barred to all;
files of an investigation are not covered [own]. Aggregates are open. Users under 9121(b.1) and (b.2) keep access, and
have no line in the table.

A rule is met by a charge's *facts*: `ending` is how it stands after its events, in the canonical words of
`src/sealscrub/custodian/law/dispositions/canonical_dispositions.py`; `ended_on`, `pardoned_on` and `ordered_on` are
days; `again_84`, `again_120` and `again_if` are days of later convictions that surely, or possibly, begin a period of
84 or 120 months again, `docket_over_two` and `docket_of_a_year` are how many other convictions of the docket count
surely and possibly, and `settled_84` and `settled_120` say whether it comes to the same. Every condition has three
values: a fact that is left blank makes it unknown.
"""

_VECTORS, _SLATE, _PETITIONS = (f"us_pa/test_{name}.py" for name in ("vectors", "clean_slate_pa", "petitions_pa"))
_WRITTEN = ("us_pa/test_written_histories.py", "test_a_history_has_the_answer_that_was_written_before")
_DOCKET = ("us_pa/test_same_docket.py", "test_many_at_once_are_decided_as_each_on_its_own")
_STATED = (
    _WRITTEN,
    _DOCKET,
    (_SLATE, "test_the_case_and_the_history_must_be_stated"),
    (_SLATE, "test_what_9122_3_names_is_left_out_and_past_the_list_it_is_unknown"),
    (_SLATE, "test_what_another_case_bars"),
    (_SLATE, "test_another_case_of_which_the_ending_is_not_known_may_bar"),
    (_SLATE, "test_another_case_that_went_elsewhere_may_bar_until_the_record_has_what_followed"),
    (_SLATE, "test_two_offences_above_two_years_or_four_of_a_year_bar"),
    (_SLATE, "test_a_period_that_had_passed_before_the_next_conviction_is_unknown_until_it_has_passed_again"),
    (_SLATE, "test_a_later_conviction_begins_it_again_only_if_it_is_punishable_by_a_year"),
    (_SLATE, "test_a_chain_of_convictions_begins_it_again_each_time"),
)
_TEN_YEARS = (
    (_SLATE, "test_before_june_2024_it_was_ten_years"),
    (_SLATE, "test_until_the_end_of_2020_fines_had_to_be_paid"),
)
_NO_ENDING = ((_SLATE, "test_what_has_not_ended_or_cannot_be_read_is_unknown"),)
_APPLY = (
    _WRITTEN,
    (_PETITIONS, "test_from_when_a_court_may_be_asked"),
    (_PETITIONS, "test_what_bears_on_the_day_of_asking"),
)

#: Tests by the beginning of a rule's id; the longest that fits says them.
TESTS: dict[str, tuple[tuple[str, str], ...]] = {
    "us-pa/cs-9122.2/a1-misdemeanour": (
        (_VECTORS, "test_4_and_5_ten_years_became_seven_on_11_june_2024"),
        (_VECTORS, "test_6_the_anniversary_is_the_first_day"),
        (_VECTORS, "test_7_restitution_is_a_bar_and_fines_are_none"),
        (_VECTORS, "test_8_a_later_conviction_begins_the_period_again"),
        (_VECTORS, "test_12_simple_assault_needs_an_order"),
        (_SLATE, "test_every_conviction_waits"),
        _WRITTEN,
        _DOCKET,
        (_SLATE, "test_a_misdemeanour_is_eligible_where_two_years_are_the_most"),
        *_TEN_YEARS,
    ),
    "us-pa/cs-9122.2/a1-misdemeanour-unknown": (
        (_VECTORS, "test_7_restitution_is_a_bar_and_fines_are_none"),
        _TEN_YEARS[1],
        *_STATED,
    ),
    "us-pa/cs-9122.2/a1-drug-felony": (
        (_VECTORS, "test_11_a_drug_felony_is_let_in_on_11_june_2024"),
        (_SLATE, "test_a_drug_felony_waits_ten_years"),
    ),
    "us-pa/cs-9122.2/a1-drug-felony-unknown": (
        (_VECTORS, "test_11_a_drug_felony_is_let_in_on_11_june_2024"),
        (_SLATE, "test_two_drug_felonies_are_unknown"),
        _STATED[2],
    ),
    "us-pa/cs-9122.2/a2-no-conviction": (
        (_VECTORS, "test_1_and_2_what_ended_without_conviction_is_eligible_from_june_2019"),
        (_VECTORS, "test_3_each_charge_is_weighed_by_itself"),
        (_SLATE, "test_every_ending_without_conviction_is_eligible"),
    ),
    "us-pa/cs-9122.2/a3-summary": (
        (_VECTORS, "test_9_a_summary_offence_needs_five_years_from_june_2024"),
        (_VECTORS, "test_10_a_later_conviction_is_no_bar_to_a_summary_offence"),
        *_TEN_YEARS,
        _STATED[2],
    ),
    "us-pa/cs-9122.2/a4": (
        (_VECTORS, "test_15_a_pardon_is_expunged_when_it_is_unconditional"),
        (_SLATE, "test_a_pardon_of_either_kind_makes_it_eligible"),
    ),
    "us-pa/cs-9122.2/order": (
        (_SLATE, "test_a_notice_seals_and_one_dated_before_the_statute_is_unknown"),
        (_VECTORS, "test_3_each_charge_is_weighed_by_itself"),
    ),
    "us-pa/cs-9122.1/apply": (*_APPLY, (_VECTORS, "test_13_a_felony_theft_needs_an_order")),
    "us-pa/cs-9122.1/order": (
        (_VECTORS, "test_12_simple_assault_needs_an_order"),
        (_VECTORS, "test_13_a_felony_theft_needs_an_order"),
        (_PETITIONS, "test_an_order_on_a_petition_seals_since_december_2018"),
        (_PETITIONS, "test_an_order_that_names_a_charge_seals_that_charge_alone"),
    ),
    "us-pa/cs-9122/order": (
        (_PETITIONS, "test_an_order_expunges"),
        (_PETITIONS, "test_what_was_expunged_stays_so_beside_limited_access"),
    ),
    "us-pa/cs-9122/pardon": (
        (_VECTORS, "test_15_a_pardon_is_expunged_when_it_is_unconditional"),
        (_PETITIONS, "test_a_notice_after_a_pardon_is_of_june_2024_or_later"),
    ),
    "us-pa/doubt/": _NO_ENDING,
    "us-pa/doubt/ambiguous": ((_SLATE, "test_other_doubts_are_unknown_too"),),
    "us-pa/doubt/vacated": ((_SLATE, "test_other_doubts_are_unknown_too"),),
    "us-pa/doubt/elsewhere": (
        (_VECTORS, "test_14_what_was_held_for_court_is_unknown_without_its_docket"),
        (_SLATE, "test_a_charge_that_was_held_stands_with_its_docket_of_common_pleas"),
    ),
    "us-pa/doubt/said-to-be-sealed": (
        ("test_doubts_of_any_place.py", "test_what_a_row_says_to_be_sealed_is_never_known_to_be_open"),
        ("test_doubts_of_any_place.py", "test_a_status_stays_until_an_order_says_otherwise"),
    ),
    "us-pa/doubt/juvenile": ((_SLATE, "test_a_juveniles_case_is_unknown_and_an_order_seals_it"),),
}
