"""What ``law-us-or.md`` says above the rules, and which tests each rule has."""

from __future__ import annotations

HEAD = """# Oregon's rules

<!-- written by docs/reference/make_law.py us-or: change the rules, and run it -->

What `sealscrub law … --law us-or` takes Oregon's law of setting aside and expunction to be, rule by rule, as the
engine runs it. **This is not legal advice**, and no lawyer has reviewed or signed any of it. Marks: **[own]** was
not checked against the statute in force; **[inference]** is a reading of a text, not a holding; **[retold]**
follows a stored copy of the statute, an opinion, or a summary of it that was read, in our own words, and so does
**[found]** in a table of audiences; a rule with **[found]** has words that were read. The copies were of September
2024 or older; what changed since is not known.

**Only an order seals.** An adult's record is sealed by a court's order of ORS 137.225, 137.226 or 137.223 and from
its day on; a juvenile's by a court's judgment or the juvenile department's notice. The clocks say from when a court
may be asked (`eligible_from`, by the law of the day that is asked about); a record that is eligible stays *not
sealed*.

**The charge is the unit.** An order reaches the charges that it names: a row of the kind `seal_order` with the
number of the charge and the section (`ORS 137.225`) as its text. A row without a number is about all charges of the
case, and the answer is unknown (`order_charges`) where these ended differently, where the column `order_scope` says
`listed`, and where one of them is a conviction that is never set aside, unless `order_scope` says `all`. What an
order sealed stays sealed from its day, whatever order follows it.

**A docket of which an order reaches some charges is open.** `law explain` names the charges that are sealed on
their own, and `registry derive` says how many such dockets there are; the registry holds dockets and publishes none
of them. Remove these charges by a notice of the docket, which removes all of it, or by a plan whose rows are charges.

Besides the [common columns](dispositions.md) the file holds: `severity` F, M, V, C (contempt) or I; `offense_class`
A to D or U (unclassified: as which class it counts is unknown, but for an attempt); `attempted` (Y: section and
grade of the row are those of what was attempted); `person_felony` and `victim_excluded` (Y or N), `diverted` (Y or
N), `sentence_performed` (N where something of it is owed), `class_in_2017` (none, v, cm, bm, am, cf, bf, af),
`order_scope` (all, listed). `case_number` is read as `docket`, `sid` as `person_number`. Events of its own: `diverted`,
`probation_revoked`, `psrb_ended`, `expunction_requested`. Case numbers are of the scheme `us_or_case` (`22CR01234`,
`22VI012345`, `D902635M`), persons of `us_or_sid`; their forms are [own].

Implemented:

- ORS 137.225: setting aside of convictions by class and of contempt, (1)(b), of dismissals and acquittals, (1)(d),
  and of what was never charged, (1)(c), with the periods since 2022 and before, other convictions of other cases
  and of the same docket, pending charges of crimes and revoked probation (until 2022 ten years from either); what
  is never set aside, (5) to (8);
- attempts: one is of a class lower than its offence, ORS 161.405 [own], and has that class's period. A row under
  `161.405` has the attempt's own grade, as `161.405/164.055` says of what it was;
- ORS 137.226, marijuana offences until 21 April 2017, and of persons convicted under twenty-one; orders of ORS
  475C.397; ORS 137.223, persons found guilty except for insanity, since 2022 and in the edition of 2019;
- ORS 419A.260 to 419A.271: expunction by notice or judgment, and the juvenile department's own duty since 2 January
  2022;
- orders of these sections, by charge.

Not implemented, or open:

- that contempt waits five years, as a program counts: the copy of the statute says one, which is counted;
- dismissed traffic violations, and a charge next to one of its docket that is pending (no day is given);
- that a sentence was performed in full: only supervision and custody in the file are asked for, and
  `sentence_performed` where it says N;
- when a qualifying marijuana conviction may be set aside under ORS 475C.397 (its order seals);
- arrests and convictions that kept a dismissal back before 2022;
- objections, hearings and the 120 days of the prosecuting attorney; a motion to reopen a record for an
  investigation;
- the class that a marijuana offence had in 2017, but for the column: no day is given without it;
- whether an attempt at a sex crime, a homicide, a traffic offence or abuse is left out as that offence is, and any
  attempt at what the row does not say: no day is given;
- of juveniles: expunction of adjudications on application (419A.262), for which the day of the most recent
  termination is needed, and of 419A.265; an order of them seals. If a person was eighteen by 2 January 2022, the
  department acts only on a request: add a row whose event is `expunction_requested`. Without it no day is given;
- lists of person felonies, sex crimes and excluded victims are [own] and not complete: `person_felony` and
  `victim_excluded` say it of the others, and where they are blank no day is given;
- convictions of other states; clemency. An order of ORS 137.227 or another section that no rule reads is
  unknown.

An order of ORS 419A.260 to 419A.271 on a case that no row says to be one of family court (`court` is `family`, or
words that only family court has) is unknown, and so is a row that says *Sealed* or *Expunged* and no order.

**Who may use it.** An order bars police and prosecutors too: police investigative reports are among the sealed
records (State v K.P., 324 Or 1 (1996)), and that neither may train, infer or show them is [inference] from it. A
court has to be moved to open one record for one investigation, a vendor of background checks drops entries that
were changed, and research is barred [inference]. Aggregates are open [inference], but for a researcher, of whom no
source says it: *unknown*, and barred. What a juvenile department expunged is barred to all, as if no record
existed.

A judgment that was vacated and dismissed counts as a dismissal, of the offence that the conviction's row names.

A conditional discharge, a deferral and an extradition are unknown: they say neither that a person was convicted nor
not. **What is not known of the person's other cases gives no day**: one whose disposition is missing, is not read or
says neither may be pending, and holds back like a pending one. A dismissed charge gets no day where the file does not
tell whether it is a motor vehicle violation (no severity and no section that can be read: `811.14` is not a section),
nor where it may be a diverted `ORS 813.010`: the row of a dismissal with this section, or with none, says `N` in
`diverted`.
"""

_SET, _YOUNG = "us_or/test_set_aside.py", "us_or/test_juveniles.py"
_ON = "us_or/test_orders_on_charges.py"
_MANY = ("us_or/test_oregon_files.py", "test_many_come_out_as_each_by_itself")
_ORDER = (
    (_SET, "test_an_order_seals_from_its_day"),
    (_SET, "test_an_order_reaches_the_charges_that_it_names"),
    (_SET, "test_an_order_under_the_old_law_seals"),
    (_ON, "test_an_order_on_listed_charges_of_which_no_row_says_which_is_unknown"),
    (_ON, "test_an_order_that_names_no_charge_beside_one_that_is_never_set_aside_is_unknown"),
    (_ON, "test_what_an_order_sealed_stays_sealed_from_its_day"),
    ("us_or/test_oregon_files.py", "test_open_dockets_of_which_some_charges_are_sealed_are_told"),
    (_SET, "test_an_order_names_its_section_in_full"),
)
_WRITTEN = ("us_or/test_written_histories.py", "test_a_history_has_the_answer_that_was_written_before")
_PERIOD = (
    _WRITTEN,
    (_SET, "test_a_conviction_has_the_period_of_its_class"),
    (_SET, "test_the_period_begins_with_the_release"),
    (_SET, "test_another_conviction_begins_it_again_but_for_a_motor_vehicle_violation"),
    (_SET, "test_a_pending_charge_and_supervision_keep_it_back"),
    (_SET, "test_what_is_unknown_of_another_case_is_not_read_as_none"),
    (_SET, "test_what_may_count_as_a_conviction_may_begin_the_period_again"),
    (_SET, "test_what_is_left_out_is_never_eligible"),
    (_SET, "test_before_2022_the_periods_were_others"),
    (_SET, "test_before_2022_what_held_back_did_for_ten_years"),
    (_SET, "test_probation_revoked_waits_three_years"),
    (_SET, "test_a_sentence_that_was_not_performed_keeps_it_back"),
    _MANY,
)
_INSANE = ((_SET, "test_guilty_except_insane_counts_from_the_end_of_the_board"),)
_NEITHER = ((_SET, "test_a_text_that_says_neither_is_unknown"),)

#: Tests by the beginning of a rule's id; the longest that fits says them.
TESTS: dict[str, tuple[tuple[str, str], ...]] = {
    "us-or/ors-137.225/order": _ORDER,
    "us-or/ors-137.225/1b": _PERIOD,
    "us-or/ors-137.225/1b-felony-b": (
        *_PERIOD,
        (_SET, "test_whether_a_class_b_felony_is_a_person_felony_must_be_told"),
    ),
    "us-or/ors-137.225/1b-violation": ((_SET, "test_a_violation_and_contempt_have_a_year"),),
    "us-or/ors-137.225/1b-contempt": ((_SET, "test_a_violation_and_contempt_have_a_year"),),
    "us-or/ors-137.225/left-out": (
        _WRITTEN,
        (_SET, "test_what_is_left_out_is_never_eligible"),
        (_SET, "test_whether_a_class_b_felony_is_a_person_felony_must_be_told"),
    ),
    "us-or/ors-137.225/held-back": (
        (_SET, "test_a_pending_charge_and_supervision_keep_it_back"),
        (_SET, "test_what_holds_back_is_named"),
        (_SET, "test_only_a_crime_that_is_pending_holds_back"),
    ),
    "us-or/ors-137.225/1d": (
        (_SET, "test_a_dismissal_may_be_set_aside_at_once_and_is_sealed_by_no_clock"),
        (_SET, "test_a_diverted_dui_is_never_set_aside_and_an_acquitted_one_is"),
        (_SET, "test_whether_a_dismissed_charge_is_a_motor_violation_must_be_known"),
        (_SET, "test_a_dismissal_that_may_be_of_a_diverted_dui_has_no_day"),
        (_SET, "test_a_lesser_charge_is_no_conviction_of_that_count"),
        _WRITTEN,
    ),
    "us-or/ors-137.225/1c": (
        (_SET, "test_no_complaint_waits_sixty_days"),
        (_SET, "test_before_2022_the_periods_were_others"),
    ),
    "us-or/ors-137.226/qualifying-order": ((_SET, "test_an_order_on_marijuana_seals"),),
    "us-or/ors-137.226/order": ((_SET, "test_an_order_on_marijuana_seals"),),
    "us-or/ors-137.226/under-21": ((_SET, "test_marijuana_of_a_person_convicted_under_twenty_one_has_a_year"),),
    "us-or/ors-137.226/conduct": ((_SET, "test_old_marijuana_is_classed_as_of_2017"),),
    "us-or/ors-137.223": (*_INSANE, (_SET, "test_before_2022_what_held_back_did_for_ten_years")),
    "us-or/ors-419a/notice": (
        (_YOUNG, "test_a_contact_is_expunged_by_the_notice_and_the_agency_has_sixty_days"),
        (_YOUNG, "test_what_says_that_it_was_family_court_settles_it"),
    ),
    "us-or/ors-419a/duty": (
        _WRITTEN,
        (_YOUNG, "test_the_departments_duty_begins_at_eighteen"),
        (_YOUNG, "test_the_duty_is_of_2022"),
        (_YOUNG, "test_who_was_eighteen_by_then_has_to_ask"),
        (_YOUNG, "test_who_was_adjudicated_or_has_a_case_pending_is_not_reached"),
    ),
    "us-or/doubt/unmapped": _NEITHER,
    "us-or/doubt/neither": _NEITHER,
    "us-or/doubt/no-disposition": ((_SET, "test_a_missing_disposition_is_unknown_after_ninety_days"),),
    "us-or/doubt/ambiguous": (_MANY,),
    "us-or/doubt/vacated-and-not-told": (
        ("test_doubts_of_any_place.py", "test_what_followed_a_vacated_judgment_is_not_known_until_a_row_says_so"),
    ),
    "us-or/doubt/said-to-be-sealed": (
        ("test_doubts_of_any_place.py", "test_what_a_row_says_to_be_sealed_is_never_known_to_be_open"),
        ("test_doubts_of_any_place.py", "test_a_status_stays_until_an_order_says_otherwise"),
    ),
    "us-or/ors-419a/notice-of-no-court": (
        (_YOUNG, "test_an_order_for_juveniles_where_no_row_says_family_court_is_unknown"),
        (_YOUNG, "test_what_says_that_it_was_family_court_settles_it"),
    ),
}
