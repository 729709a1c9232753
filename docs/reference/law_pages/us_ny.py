"""What ``law-us-ny.md`` says above the rules, and which tests each rule has."""

from __future__ import annotations

HEAD = """# New York's rules

<!-- written by docs/reference/make_law.py us-ny: change the rules, and run it -->

What `sealscrub law` takes New York's sealing law to be, rule by rule, as the engine runs it. **This is not legal
advice**, no lawyer has reviewed or signed any of it, and no court order in force demands it. Marks: **[own]** was
not checked against the statute in force; **[inference]** is a reading of a text, not a holding; **[found]** was
read in a bill, an opinion or an official page that prints the text; **[retold]** was read so too, and is without its
words. [Law](../concepts/law.md) says the same in plain words.

A rule is met by a charge's *facts*: `ending` is how it stands after its events, in the canonical words of
`src/sealscrub/custodian/law/dispositions/canonical_dispositions.py`; `ended_on` and `sentenced_on` are days; the
others are columns of the file. Every condition has three values: a fact that is left blank makes it unknown. Months end
on the same day of the month or on its last (General Construction Law § 30), and a record is sealed from the day after.

A regime whose rules are not written is named below, and makes the answer unknown where it may apply.

Implemented:

- CPL 160.50: an action that ended in the person's favour, (3)(a) to (l), with the People's time to appeal and
  adjournments in contemplation of dismissal; the convictions of (3)(k), expunged under (5); before November 1991 by
  motion, unknown;
- CPL 160.55: a conviction of a violation or a traffic infraction, with what fell with the plea;
- CPL 160.57, the Clean Slate Act: from when a conviction is eligible; that it was sealed needs proof;
- CPL 160.58 and 160.59: orders, from their day until a new charge (160.58); from when 160.59 may be asked for;
- CPL 720.35, youthful offenders; FCA 375.1 and 354.1, juveniles, and cases that were removed to family court;
- orders of these sections and of FCA 375.2, and orders that keep a record open in the interest of justice.

Not implemented, or open:

- when an order under CPL 160.58 or FCA 375.2 may be asked for; FCA 375.3 and other sections: an order that names one
  is unknown;
- whether a court would grant what may be asked for, and the quarterly check of 160.57(1)(c);
- 160.57(1)(b)(viii) and (ix): charges and convictions of another state or of the United States that the file does not
  hold;
- CPL 160.50(4) and 160.55(4), motions about what ended before November 1991: unknown;
- a judgment vacated under CPL 440.10 of which no row says what followed, a dismissal with leave to present again, a
  person who is unfit (CPL 730) or not responsible, a case that death ended: on no list, and so unknown;
- a count that another docket covers, if that docket is not in the file: unknown;
- how long the orders of 2020 stopped a period, and whether General Construction Law § 25-a moves the end of an
  adjournment: unknown between;
- DNA profiles (Executive Law 995-c), records of the Department of Motor Vehicles, and the destruction of prints and
  photographs on application: no record of these is looked for;
- who looks at a sealed record with an order of CPL 160.50(1)(d): that is a purpose of the roster, not a rule here.

Before a rule is asked: `COUNT n DISMISSED` in the row of every count is the whole instrument dismissed; after `PLEA
VACATED` the answer is unknown until another end, which may be of the same day: a conviction falls before the case
ends again, unless a row of that day may repeat it (a conviction of the same offence, a warrant), or sets the verdict
aside where another orders a new trial: unknown; a code that is neither PL nor VTL (`AC 10-125`, `TAX 1814`) is
neither marihuana nor 240.37; a conviction's text that says its grade (`PG 155.25 AM`) wins over the row's; a text
that names VTL 1192(1) and no grade leaves it a misdemeanour if the row says so of that section, VTL 1193(1)(a); an
adjournment under CPL 215.10 is dismissed under 215.40. A code is read as extracts write it (`PL 120.00 01 AM`, `P.L.
155.25`, `110/155.25`, an attempt); one that cannot be read is told with its line, and is unknown. A grade behind it
that has a class or is a word (`AM`, `A MISD`, `VIOL`) is the severity of a row that has none; if the row has another,
the line is told and the severity unknown. Of 221.05, 240.20 and 240.26, which are violations, no severity is asked.
An `appeal_filed` is the People's if its text is blank or says so (`PEOPLE'S APPEAL`, `BY DA`); if it does not say
whose it is, the answer is unknown. A section that a text names says how a dismissal is read: `DISMISSED CPL 170.30`,
as every section under which 160.50(3)(b) has the entire instrument dismissed (30.30, 170.35, 170.40, 210.20 and the
others of the list `section` in `dispositions.toml`), is favourable; 170.55, 170.56, 210.46 and 210.47 are
adjournments that ended, 180.85 a termination, 190.75 the grand jury's, 290.10 and 360.40 trial orders, 215.40 a
dispute that was resolved; article 730 is on no list, and so unknown; with any other section of the Criminal Procedure
Law (330.30, 440.10) the text is not read, and a section of the Penal Law is the offence. What may be read in two ways
is not read: `DISCHARGED`, `CONSOLIDATED WITH` a docket, `DISM/ACD`, `VACATED DISM`, `REVERSED DISM`, `SENT
SUSPENDED`: these are never guessed, and `law review` proposes nothing for them.

The first day of eligibility (`eligible_from`) is the same whenever it is asked for; class A felonies outside article
220 have none. A count that another docket covers makes its docket unknown; one that fell with a plea of its own docket,
or next to a youthful offender, waits for no appeal.

An order that keeps a record open in the interest of justice is an exception to 160.50(1) and 160.55(1): 160.50(5)
knows none, so that a conviction on its list is expunged all the same. FCA 354.1 reaches prints, photographs and what
the repository has of them, and no other record: alone, it bars training on data that may hold these, and nothing
where the index says that the data hold none (`--no-prints`).
"""

_SEALED, _REGIMES, _SLATE = "test_cpl_160_50.py", "test_regimes.py", "test_clean_slate.py"
_ORDERS, _CASES, _JUVENILES = "test_orders.py", "test_published_cases.py", "test_family_court.py"
_ALL_160_50 = ("test_reference_160_50.py", "test_the_engine_reads_160_50_as_the_reference_does")
_MOTION = (_SEALED, "test_before_november_1991_sealing_needed_a_motion")
_APPEAL = (
    *(
        (_SEALED, name)
        for name in (
            "test_the_people_have_thirty_days_from_the_entry",
            "test_the_people_have_thirty_days_from_service",
            "test_an_appeal_of_the_people_is_in_doubt_until_it_is_decided",
            "test_a_last_day_that_is_no_business_day_moves_to_the_next",
        )
    ),
    ("test_appeal_sides.py", "test_an_appeal_of_the_people_is_read_however_it_is_written"),
    ("test_appeal_sides.py", "test_an_appeal_whose_side_cannot_be_read_is_unknown"),
    ("test_before_their_statute.py", "test_the_peoples_time_that_was_tolled_in_2020_is_not_known"),
)
_AT_ONCE = ((_SEALED, "test_what_the_people_cannot_appeal_is_sealed_from_its_day"), _MOTION, _ALL_160_50)
_ACD = (
    (_SEALED, "test_an_acd_is_sealed_the_day_after_its_period"),
    (_SEALED, "test_months_end_on_the_day_or_on_the_months_last"),
    (_SEALED, "test_a_restoration_after_the_period_is_in_doubt"),
    (_SEALED, "test_a_period_that_runs_out_by_itself_does_not_move"),
)
_TERM = (
    (_SEALED, "test_at_most_twelve_months_need_the_courts_term"),
    (_SEALED, "test_prints_and_photos_stay_after_a_marihuana_acd"),
)
_LISTED = (
    (_SEALED, "test_a_listed_conviction_is_expunged_from_the_day_of_its_law"),
    (_SEALED, "test_every_offence_on_the_list_is_expunged_and_its_neighbours_are_not"),
)
_CLOCK = (
    (_SLATE, "test_clean_slate_is_unknown_when_its_clock_has_run"),
    (_SLATE, "test_clean_slate_begins_in_november_2024"),
    (_SLATE, "test_the_back_catalogue_is_worked_off_until_november_2027"),
    (_SLATE, "test_the_day_of_eligibility_is_the_same_whenever_it_is_asked_for"),
    (_SLATE, "test_custody_does_not_count"),
    (_SLATE, "test_a_later_conviction_starts_the_clock_anew"),
    (_SLATE, "test_a_later_charge_that_is_pending_blocks"),
    (_SLATE, "test_supervision_for_the_conviction_blocks"),
    (_SLATE, "test_a_sex_offence_is_never_eligible"),
    ("test_reference_records.py", "test_the_engine_reads_a_record_as_the_reference_does"),
)
_COUNTS = "test_counts_of_one_docket.py"
_EARLY = "test_before_their_statute.py"
_STOPPED = (
    (_EARLY, "test_the_peoples_time_that_was_tolled_in_2020_is_not_known"),
    (_EARLY, "test_an_adjournment_that_ran_through_2020_is_not_known"),
)
_IN_1983 = (_EARLY, "test_a_petition_that_ended_before_july_1983_is_no_answer")
_ADJUDICATED_EARLY = (_EARLY, "test_an_adjudication_before_july_1983_is_no_answer")
_NO_LIST = ((_SEALED, "test_what_is_on_no_list_is_no_answer"),)

#: Tests by the beginning of a rule's id; the longest that fits says them.
TESTS: dict[str, tuple[tuple[str, str], ...]] = {
    "us-ny/cpl-160.50/3": _AT_ONCE,
    **{f"us-ny/cpl-160.50/3{part}": (*_APPEAL, _MOTION, _ALL_160_50) for part in "bdeg"},
    "us-ny/cpl-160.50/3f": (*_APPEAL, (_SEALED, "test_a_vacated_judgment_alone_is_no_answer"), _MOTION, _ALL_160_50),
    "us-ny/cpl-160.50/3b-acd": _AT_ONCE,
    "us-ny/cpl-160.50/3b-acd-marihuana": (
        ("test_later_rows.py", "test_prints_and_photos_stay_after_a_marihuana_dismissal"),
    ),
    "us-ny/cpl-160.50/3b-170.55": (*_ACD, _STOPPED[1], _MOTION, _ALL_160_50),
    "us-ny/cpl-160.50/3b-170.55-or-170.56": ((_SEALED, "test_a_bare_acd_of_marihuana_may_be_one_of_170_56"),),
    "us-ny/cpl-160.50/3b-210.47": (*_ACD, _MOTION, _ALL_160_50),
    "us-ny/cpl-160.50/3b-170.56": (*_TERM, _MOTION, _ALL_160_50),
    "us-ny/cpl-160.50/3b-210.46": (*_TERM, _MOTION, _ALL_160_50),
    "us-ny/cpl-160.50/3l-215.40": (_TERM[0], _MOTION, _ALL_160_50),
    "us-ny/cpl-160.50/3i": (
        (_SEALED, "test_an_election_not_to_go_on_needs_its_certificate"),
        *_AT_ONCE,
    ),
    "us-ny/cpl-160.50/3j": (
        (_SEALED, "test_an_election_not_to_go_on_needs_its_certificate"),
        (_SEALED, "test_a_voided_arrest_needs_prints_that_were_sent"),
        *_AT_ONCE,
    ),
    "us-ny/cpl-160.50/3k": (*_LISTED, (_SEALED, "test_a_code_of_another_law_is_neither_marihuana_nor_loitering")),
    "us-ny/cpl-160.50/3k-i": ((_SEALED, "test_marihuana_before_article_221"),),
    "us-ny/cpl-160.50/3k-ii": (_LISTED[0], (_SEALED, "test_the_change_of_2019_is_for_convictions_before_it")),
    "us-ny/cpl-160.50/3k-iii": (
        *_LISTED,
        (_SEALED, "test_only_the_conviction_described_is_expunged"),
        (_SEALED, "test_an_order_in_the_interest_of_justice_does_not_reach_an_expungement"),
    ),
    "us-ny/cpl-160.50/3k-iv": (
        *_LISTED,
        (_REGIMES, "test_loitering_for_prostitution_is_expunged_from_the_repeal_on"),
    ),
    "us-ny/cpl-160.50/3k-v": (
        *_LISTED,
        (_SEALED, "test_concentrated_cannabis_needs_its_substance_and_its_window"),
    ),
    "us-ny/cpl-160.50/3k-vi": _LISTED,
    "us-ny/cpl-160.50/order": (
        (_SEALED, "test_an_order_in_the_interest_of_justice_keeps_it_open"),
        (_EARLY, "test_an_order_before_its_statute_is_no_answer"),
        _MOTION,
    ),
    "us-ny/cpl-160.50/covered": (
        (_CASES, "test_ebner_one_plea_covers_two_dockets"),
        (_CASES, "test_ebner_with_a_plea_to_a_crime_is_not_sealed"),
        (_CASES, "test_the_docket_that_a_text_names_is_the_one_that_covers"),
        (_CASES, "test_cunningham_dismissed_as_part_of_a_plea_in_a_companion_docket"),
        (_CASES, "test_tarver_an_indictment_dismissed_for_a_plea_to_an_information"),
    ),
    "us-ny/cpl-160.50/vacated": ((_SEALED, "test_a_vacated_judgment_alone_is_no_answer"),),
    "us-ny/cpl-160.50/leave": _NO_LIST,
    "us-ny/cpl-160.50/open-question": _NO_LIST,
    "us-ny/cpl-160.50/count": (
        (_COUNTS, "test_counts_that_are_dismissed_one_and_all_are_the_whole_instrument"),
        (_SEALED, "test_one_dismissed_count_inside_a_conviction_seals_nothing"),
    ),
    "us-ny/cpl-160.50/elsewhere": (
        (_SEALED, "test_what_goes_on_elsewhere_is_unknown_after_ninety_days"),
        ("test_arrests.py", "test_a_superseded_docket_follows_its_indictment"),
    ),
    "us-ny/cpl-160.50/elsewhere-ended": (("test_arrests.py", "test_a_superseded_docket_follows_its_indictment"),),
    "us-ny/cpl-160.55/1": (
        (_REGIMES, "test_a_violation_seals_the_police_copy_from_the_sentence"),
        (_REGIMES, "test_a_violation_from_a_felony_arrest_rests_on_practice_before_2021"),
        (_REGIMES, "test_before_november_1991_a_violation_needed_a_motion"),
        (_REGIMES, "test_loitering_under_240_35_was_left_out_until_2021"),
        (_REGIMES, "test_driving_while_ability_impaired_is_not_sealed"),
        (_REGIMES, "test_a_charge_still_open_comes_before_a_violation_plea"),
        (_COUNTS, "test_counts_that_fell_with_a_plea_to_a_violation_are_sealed_from_the_sentence"),
        (_COUNTS, "test_a_count_that_another_docket_covers_is_unknown"),
        (_CASES, "test_ebner_as_it_would_be_today"),
        (_CASES, "test_nicholas_the_seal_of_a_violation_begins_with_the_sentence"),
        ("test_reference_records.py", "test_the_engine_reads_a_record_as_the_reference_does"),
    ),
    "us-ny/cpl-160.55/partial": ((_REGIMES, "test_the_guilty_part_of_a_partial_acquittal_may_be_a_violation"),),
    "us-ny/cpl-160.55/order": (
        (_REGIMES, "test_an_order_under_160_55_seals"),
        (_EARLY, "test_an_order_before_its_statute_is_no_answer"),
    ),
    "us-ny/cpl-160.57/1": _CLOCK,
    "us-ny/cpl-160.57/1a": (
        (_SLATE, "test_dwai_is_eligible_after_three_years_and_never_sealed_by_the_clock"),
        *_CLOCK[1:],
    ),
    "us-ny/cpl-160.57/1b-ii": (*_CLOCK, (_SLATE, "test_class_a_outside_article_220_is_never_eligible")),
    "us-ny/cpl-160.57/notice": (
        (_SLATE, "test_a_notice_seals_and_police_and_vendor_differ"),
        (_SLATE, "test_a_later_conviction_after_the_notice_unseals_nothing"),
    ),
    "us-ny/cpl-160.58/order": (
        (_ORDERS, "test_an_order_only_regime_needs_its_order"),
        (_EARLY, "test_an_order_before_its_statute_is_no_answer"),
        (_ORDERS, "test_a_new_arrest_lifts_it_and_an_acquittal_puts_it_back"),
        (_ORDERS, "test_a_new_case_that_ends_in_a_violation_puts_it_back"),
        (_ORDERS, "test_an_adjournment_of_the_new_case_puts_it_back_when_it_has_run_out"),
        ("test_reference_records.py", "test_the_engine_reads_a_record_as_the_reference_does"),
    ),
    "us-ny/cpl-160.59/order": (
        (_ORDERS, "test_an_order_only_regime_needs_its_order"),
        (_EARLY, "test_an_order_before_its_statute_is_no_answer"),
    ),
    "us-ny/cpl-160.59/apply": (
        (_ORDERS, "test_160_59_may_be_asked_for_ten_years_after_the_last_conviction_or_release"),
        (_ORDERS, "test_160_59_leaves_out_what_it_leaves_out"),
        (_SLATE, "test_a_violent_felony_is_eligible_here_and_excluded_from_160_59"),
    ),
    "us-ny/fca-375.2/order": (
        (_JUVENILES, "test_a_motion_under_375_2_needs_its_order"),
        (_EARLY, "test_an_order_before_its_statute_is_no_answer"),
    ),
    "us-ny/cpl-720.35": (
        (_REGIMES, "test_a_youthful_offender_is_confidential_at_adjudication"),
        (_COUNTS, "test_counts_that_fell_beside_a_youth_are_confidential_at_once"),
        (_COUNTS, "test_a_youth_beside_a_conviction_of_a_crime_is_unknown"),
        (_COUNTS, "test_a_youth_beside_a_crime_in_a_consolidated_docket_is_unknown"),
        (_EARLY, "test_a_youth_before_the_criminal_procedure_law_is_no_answer"),
    ),
    "us-ny/cpl-725.15": (
        (_JUVENILES, "test_removal_to_family_court_is_confidential_and_stays_so"),
        (_EARLY, "test_a_removal_before_its_statute_is_no_answer"),
    ),
    **{
        f"us-ny/fca-{statute}/{part}": tests
        for statute in ("375.1", "354.1")
        for part, tests in {
            "2": (
                (_JUVENILES, "test_a_petition_that_ends_in_favour_is_sealed_and_its_prints_destroyed"),
                _IN_1983,
            ),
            **dict.fromkeys(
                ("2b", "2i", "2dismissed"),
                ((_JUVENILES, "test_the_presentment_agency_has_thirty_days"), _IN_1983),
            ),
            "2c-315.3": (
                (_JUVENILES, "test_theresa_w_an_adjournment_is_no_termination_until_it_expires"),
                (_JUVENILES, "test_without_its_term_it_is_unknown_until_six_months_have_run"),
            ),
            "2e-found": ((_JUVENILES, "test_nothing_established_is_favourable"),),
            "adjudicated": (
                (_JUVENILES, "test_prints_stay_after_an_adjudication_for_a_felony_alone"),
                _ADJUDICATED_EARLY,
            ),
            "adjudicated-at-twelve": (
                (_JUVENILES, "test_at_twelve_they_stay_only_for_class_a_and_b"),
                _ADJUDICATED_EARLY,
            ),
            "convicted": ((_JUVENILES, "test_family_court_convicts_nobody"),),
            "adjourned": ((_JUVENILES, "test_family_court_convicts_nobody"),),
        }.items()
    },
    "us-ny/doubt/unmapped": _NO_LIST,
    "us-ny/doubt/ambiguous": (
        (_SEALED, "test_two_final_dispositions_are_no_answer"),
        ("test_bad_histories.py", "test_what_cannot_have_happened_is_no_answer"),
    ),
    "us-ny/doubt/no-disposition": (
        ("test_decisions.py", "test_an_action_of_which_nothing_is_known_is_unknown_after_ninety_days"),
    ),
    "us-ny/doubt/said-to-be-sealed": (
        ("test_doubts_of_any_place.py", "test_what_a_row_says_to_be_sealed_is_never_known_to_be_open"),
        ("test_doubts_of_any_place.py", "test_a_status_stays_until_an_order_says_otherwise"),
    ),
}
