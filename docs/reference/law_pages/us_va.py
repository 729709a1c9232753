"""What ``law-us-va.md`` says above the rules, and which tests each rule has."""

from __future__ import annotations

HEAD = """# Virginia's rules

<!-- written by docs/reference/make_law.py us-va: change the rules, and run it -->

What `sealscrub law … --law us-va` takes Virginia's law of sealing and expungement (Va. Code §§ 19.2-392.2 and
19.2-392.5 to 19.2-392.17) to be, rule by rule, as the engine runs it. **This is not legal advice**, and no lawyer
has reviewed or signed any of it. Marks: **[own]** was not checked against the statute in force; **[inference]** is
a reading of a text, not a holding; **[retold]** follows a stored copy of a section, of which some end early or are
older than the act of 2025, or a summary of it, in our own words; **[found]** has words that were read, of §§
19.2-392.6, 392.8 and 392.11 in copies older than that act, and of 392.2 in pages that quote it.

**Days.** Sealing begins on 1 July 2026; before it only orders of § 19.2-392.2 do anything. Two texts were not read,
and answers that rest on them are *unknown* from their day: § 19.2-392.2 as it reads from 1 December 2026 (whatever
ended without a conviction, or was pardoned), and § 19.2-392.6(A) as it reads from 1 July 2027 (convictions and
deferred dismissals of misdemeanours). What was sealed by an order before that day stays sealed.

**Eligible is not sealed.** The former § 18.2-250.1 (392.6:1) and traffic infractions (392.17) are sealed without an
order. All else is sealed by an order, and from its day: until then the answer is *not sealed*, with `eligible_from`
where a yearly list leads to the order and `may_apply_from` where a person must ask. An acquittal or a dismissal with
prejudice of a misdemeanour from 1 July 2026 is *unknown* without its order, since the court makes it at once. A
period ends a day early: what was convicted on 2 July 2019 is eligible on 2 July 2026.

**The charge is the unit**, and in Virginia each has a case number of its own. An order is a row of the kind
`seal_order` whose text names the section (`19.2-392.7`); without the number of a charge it is about all of its
docket.

**Which section reaches what.** No charge is on two lists, and an order seals under the section that it names.

| the charge | sealed under | needs |
|---|---|---|
| former § 18.2-250.1, however it ended | 392.6:1 | no order |
| a traffic infraction of 1986 or later, eleven years on | 392.17 | no order |
| a misdemeanour of 392.6(A), convicted, of 1986 or later | 392.6 by 392.7's process; 392.12:1 when asked | an order |
| the same, deferred and dismissed | 392.12:1 when asked | an order |
| another misdemeanour, a felony of Class 5 or 6, 18.2-95 or deemed larceny, since 1986 | 392.12 when asked | an order |
| a misdemeanour acquitted or dismissed with prejudice from 1 July 2026 | 392.8 | an order at its end |
| a felony that ended so | 392.8, if the Commonwealth concurs | an order at its end |
| a misdemeanour acquitted, nolle prosequi or dismissed | 392.11, if no conviction of the person counts | an order |
| what ended without a conviction, or was pardoned | expunged under 392.2 when asked | an order |

A conviction that was sealed under 392.7 or another section no longer keeps a charge from the list of 392.11; it
still counts against the list of 392.6, of which no such exception was read. For 392.6 convictions of other states
count; for 392.11 only convictions, arrests and charges of Virginia's law do.

**Ancillary matters** (a probation violation, contempt, a failure to appear, an appeal about bail) are not a part of
their offence, and have lines of their own.

| its offence was | the matter |
|---|---|
| sealed without an order (392.6:1) or by a list (392.7, 392.11) | stays open until an order of 392.12:1(B) |
| sealed on petition (392.12, 392.12:1) | is sealed if the order names it: unknown, since a row does not tell |
| sealed at the end of its case (392.8), or not at all | stays open |

**Who may use it.** Sealing closes a record to the public, and not within or between agencies of the Commonwealth:
the audience `state_agency`, which may train and infer [inference]. What agencies of a city, county or town may see
is *not known*, since the copy of § 19.2-392.5 ends there; `police` and `prosecutor` may be either, so that training
and inference are *unknown* for both, and barred. What a court may use is *not known*, and barred. An output may
reach others than the agency, and is barred; so is every use of a vendor's and a researcher's, but for the three
bodies that § 19.2-392.13 names, which have no line. Aggregates are open [inference]. What is expunged is barred to
all [own].

Besides the [common columns](dispositions.md) the file holds: `severity` F, M or I (or `FELONY`, `MISDEMEANOR`,
`INFRACTION`); `offense_class` 1 to 6 or U; `matter` (probation violation, contempt, failure to appear, bail appeal);
`plea`; `deferred`, `with_prejudice`, `commonwealth_concurs` (Y or N); `restitution` (none, paid, owed); `other_state`
(Y: a conviction of another state); `history_complete` (Y: the file has all arrests and convictions of the person, of
other states too). Without `history_complete` what would be eligible is *unknown*. `crime_date` is the day of the
offence. `case_number`, `person_id`, `charge_type`, `charge_class`, `code_section`, `disposition_code`,
`hearing_date` and `offense_date` are read as the common columns. Events of its own: `probation_violation`,
`absolute_pardon`, `actual_innocence`. Case numbers are of the scheme `us_va_case`: the FIPS code of the court, then
`GC15001234-00` or `CR15000123-00` [own]; without the FIPS code a number names no case.

**Unknown, and withheld**, are also: a case of a juvenile and domestic relations court (`court` is `family`, or the
number is of the kind `JJ` [own]), since § 19.2-392.5(B) limits the chapter to adults and to juveniles tried in
circuit court; a row that says *Sealed* or *Expunged* and no order; an infraction, eleven years after it ended,
whose section is blank or not one of title 46.2. An order of these sections seals them all the same. Another case of
the person's that was certified, remanded or transferred may be a conviction, unless the record has the case to
which it went: of the same arrest and offence, from that day on.

Implemented:

- § 19.2-392.6 with 392.7, convictions of listed misdemeanours by list and order; 392.6:1, the former § 18.2-250.1,
  and 392.17, traffic infractions, without an order;
- § 19.2-392.8, at the end of a case, and 392.11, older charges without a conviction;
- § 19.2-392.12 and 392.12:1, on petition, with ancillary matters;
- § 19.2-392.2, expungement, as it reads until 1 December 2026;
- orders of these sections, and orders dated before their day.

Not implemented, or open:

- of other charges of the same docket: an arrest or charge as one that 392.11 waits for, and the day from which a
  felony no longer bars a petition (no day is given next to one);
- felonies that are deemed larceny and punished as § 18.2-95 has it: the list is [own] and not complete;
- whether 392.11 reaches offences before 1986 (unknown), and what of 392.17 was not read, such as suspensions of a
  licence; where the day of the offence is blank, a case that ended in 1988 or later is taken for one of 1986 or later
  [own];
- records of juveniles;
- §§ 19.2-392.9, 392.10, 392.15 and 392.16; an order that names them, or no section, is unknown;
- the limits on marijuana records of § 19.2-389.3, which ended on 1 July 2026;
- whether a conviction in the seven or ten years bars a petition, hardship, objections, and that several convictions
  of one sentence count as one; the list of § 19.2-392.12(L) is [own] and not complete;
- which misdemeanours of Class 3 and 4 are reported to the repository: whether one blocks is not known, nor whether a
  conviction of former § 18.2-250.1 does;
- ordinances of a locality that are like a listed section: their numbers are not read, and make the answer unknown;
- that a deferral is stated: a dismissal says nothing of it, with a plea of guilty or without, and is unknown;
- Not Guilty By Reason Of Insanity is left out by the sections that were read.
"""

_VECTORS, _AUTO, _NONE = "us_va/test_vectors.py", "us_va/test_automatic_sealing.py", "us_va/test_nonconvictions.py"
_ASKED, _FILES = "us_va/test_petitions.py", "us_va/test_virginia_files.py"
_ORDERED = ((_ASKED, "test_an_order_seals_from_its_day_and_not_before_the_law"),)
_MANY = (
    (_FILES, "test_random_persons_come_out_as_each_by_itself"),
    (_FILES, "test_what_a_file_comes_to"),
)
_LIST = (
    (_VECTORS, "test_1_a_listed_conviction_is_eligible_on_the_first_day_and_sealed_by_an_order"),
    (_VECTORS, "test_2_seven_years_end_on_the_same_day_of_the_year"),
    (_VECTORS, "test_3_an_offence_of_1985_is_never_eligible"),
    (_VECTORS, "test_4_driving_drunk_on_the_same_day_blocks_the_list_and_not_an_order"),
    (_VECTORS, "test_5_a_conviction_of_another_state_within_seven_years_blocks_and_speeding_does_not"),
    (_AUTO, "test_every_misdemeanour_of_the_list_is_eligible_and_a_felony_of_its_number_is_not"),
    (_AUTO, "test_another_conviction_blocks_for_good_within_the_years_and_on_the_day"),
)
_YEARLY = (
    (_NONE, "test_whether_the_yearly_list_reaches_an_offence_before_1986_is_not_known"),
    (_VECTORS, "test_8_a_nolle_prosequi_is_eligible_three_years_after_the_last_arrest"),
    (_VECTORS, "test_10_a_new_nolle_prosequi_waits_for_the_yearly_list"),
    (_NONE, "test_an_older_charge_waits_for_three_years_without_an_arrest_and_for_no_conviction"),
    (_NONE, "test_another_case_that_went_elsewhere_is_unknown_until_the_record_has_what_followed"),
)
_EXPUNGED = (_NONE, "test_an_order_expunges_and_one_of_december_2026_is_not_known")
_PARDONED = (_NONE, "test_a_pardon_or_a_writ_lets_a_person_ask_and_is_unknown_from_december_2026")
_WRITTEN = ("us_va/test_written_histories.py", "test_a_history_has_the_answer_that_was_written_before")
_DOCKET = ("us_va/test_same_docket.py", "test_many_at_once_are_decided_as_each_on_its_own")
_PERIOD = (
    _WRITTEN,
    _DOCKET,
    (_VECTORS, "test_13_a_felony_of_class_4_bars_a_petition_for_twenty_years"),
    (_VECTORS, "test_14_driving_drunk_is_never_eligible"),
    (_ASKED, "test_a_felony_may_be_asked_for_after_ten_years_and_a_misdemeanour_after_seven"),
    (_ASKED, "test_other_felonies_bar_for_good_for_twenty_years_or_for_ten"),
    (_ASKED, "test_what_is_owed_or_left_out_or_granted_twice_bars_the_petition"),
)
_MATTERS = (
    (_VECTORS, "test_7_its_failure_to_appear_needs_an_order_of_its_own"),
    (_ASKED, "test_an_order_about_matters_seals_them_and_not_their_offence"),
)

#: Tests by the beginning of a rule's id; the longest that fits says them.
TESTS: dict[str, tuple[tuple[str, str], ...]] = {
    **{f"us-va/vc-19.2-392.{section}/order": _ORDERED for section in ("6", "8", "11", "12", "12-1")},
    "us-va/vc-19.2-392.6/list": (*_LIST, *_MANY, _WRITTEN, _DOCKET),
    "us-va/vc-19.2-392.6/list-not-stated": (
        (_AUTO, "test_a_fact_that_is_blank_makes_it_unknown_once_the_years_have_run"),
    ),
    "us-va/vc-19.2-392.6/from-2027": (
        (_VECTORS, "test_15_from_july_2027_the_list_is_not_known"),
        (_AUTO, "test_from_july_2027_any_misdemeanour_conviction_or_deferral_may_be_listed"),
    ),
    "us-va/vc-19.2-392.6-1/possession": (
        (_VECTORS, "test_6_marijuana_is_sealed_on_the_first_day_without_an_order"),
        (_AUTO, "test_former_possession_of_marijuana_is_sealed_however_it_ended"),
    ),
    "us-va/vc-19.2-392.6-1/not-ended": (
        (_AUTO, "test_marijuana_whose_end_is_not_told_is_unknown_and_its_matters_stay_open"),
    ),
    "us-va/vc-19.2-392.17/infraction": (
        (_AUTO, "test_an_infraction_is_sealed_after_eleven_years_without_an_order"),
        (_AUTO, "test_an_infraction_before_1986_is_not_reached"),
        _WRITTEN,
    ),
    "us-va/vc-19.2-392.17/another-infraction": (
        (_AUTO, "test_an_infraction_that_may_not_be_one_of_traffic_is_unknown_after_eleven_years"),
    ),
    "us-va/vc-19.2-392.8/order": (
        *_ORDERED,
        (_VECTORS, "test_9_what_is_dismissed_with_prejudice_is_sealed_by_its_order_and_unknown_without"),
        (_NONE, "test_an_order_at_the_end_of_the_case_seals_from_its_day"),
    ),
    "us-va/vc-19.2-392.8/misdemeanour": (
        (_NONE, "test_what_ends_in_favour_from_july_2026_is_sealed_at_its_end_by_an_order"),
        (_VECTORS, "test_9_what_is_dismissed_with_prejudice_is_sealed_by_its_order_and_unknown_without"),
    ),
    "us-va/vc-19.2-392.8/felony": (
        (_VECTORS, "test_11_an_acquittal_of_a_felony_needs_the_commonwealth_to_concur"),
        (_NONE, "test_a_felony_that_ended_so_before_july_2026_is_not_reached"),
    ),
    "us-va/vc-19.2-392.11/list": (*_YEARLY, _WRITTEN, _DOCKET),
    "us-va/vc-19.2-392.11/list-not-stated": (
        (_VECTORS, "test_12_dismissed_on_a_plea_of_guilty_may_be_a_deferral"),
        (_NONE, "test_an_older_charge_is_unknown_where_the_file_leaves_it_open"),
    ),
    "us-va/vc-19.2-392.2/order": (_EXPUNGED,),
    "us-va/vc-19.2-392.2/petition": (
        (_NONE, "test_a_petition_to_expunge_may_be_made_at_once_and_not_after_a_deferral"),
    ),
    "us-va/vc-19.2-392.2/pardoned": (_PARDONED,),
    "us-va/vc-19.2-392.2/innocent": (_PARDONED,),
    "us-va/vc-19.2-392.2/from-december-2026": (
        (_NONE, "test_expungement_from_december_2026_is_not_known"),
        _PARDONED,
    ),
    "us-va/vc-19.2-392.12-1/ancillary": _MATTERS,
    "us-va/vc-19.2-392.12-1/ancillary-open": (_MATTERS[0], _WRITTEN),
    "us-va/vc-19.2-392.12-1/petition": (
        (_ASKED, "test_listed_misdemeanours_may_be_asked_for_after_seven_years"),
        (_ASKED, "test_another_paragraph_of_the_paraphernalia_section_is_not_listed"),
    ),
    "us-va/vc-19.2-392.12/misdemeanour": (
        *_PERIOD,
        (_ASKED, "test_the_period_begins_with_the_latest_of_its_days"),
    ),
    "us-va/vc-19.2-392.12/felony": (
        *_PERIOD,
        (_ASKED, "test_the_period_begins_with_the_latest_of_its_days"),
    ),
    "us-va/doubt": ((_FILES, "test_an_end_that_is_not_told_is_unknown_once_sealing_has_begun"),),
    "us-va/doubt/another-order": ((_ASKED, "test_an_order_whose_section_is_not_read_is_unknown"),),
    "us-va/doubt/said-to-be-sealed": (
        ("test_doubts_of_any_place.py", "test_what_a_row_says_to_be_sealed_is_never_known_to_be_open"),
        ("test_doubts_of_any_place.py", "test_a_status_stays_until_an_order_says_otherwise"),
    ),
    "us-va/doubt/juvenile": ((_NONE, "test_a_case_of_a_juvenile_court_is_unknown_and_an_order_seals_it"),),
}
