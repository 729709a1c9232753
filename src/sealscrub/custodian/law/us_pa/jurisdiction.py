"""Pennsylvania's rules, all together. No lawyer has reviewed them, and none of them is legal advice."""

from __future__ import annotations

from ..adult_rules import JUVENILE, of_adults
from ..conditions import Every, Is, Not
from ..rules import Jurisdiction, doubt_rule
from ..state_declarations import Column, ColumnKind, EndingKind
from . import limited_access, other_convictions, penalties, pennsylvania_offences, pennsylvania_uses, petitions
from .court_orders import order
from .pardons import pardon
from .pennsylvania_codes import parse_code
from .pennsylvania_words import QUOTED

__all__ = ["JURISDICTION"]

_DOUBT = "us-pa/doubt"


JURISDICTION = Jurisdiction(
    name="us-pa",
    version="us-pa/rules-4",
    quoted=QUOTED,
    changes=(
        (
            "us-pa/rules-4",
            "A pardon of either kind makes a conviction eligible; an acquittal by insanity, and what a death ended, do "
            "not count as convictions; until June 2024 any felony barred, a drug felony too, which since then "
            "needs a longest sentence below sixty months (max_sentence_months); an ungraded one may be punishable by "
            "three years.",
        ),
        (
            "us-pa/rules-3",
            "Other charges of the same docket bar, and are among a person's offences; what had become eligible while "
            "fines were asked stays so from its own day; until December 2020 a petition asked for fines too, and a fee "
            "that is owed keeps it back.",
        ),
        (
            "us-pa/rules-2",
            "Not known are: a juvenile's case, whose rules are not written; a row that says that a record is sealed or "
            "expunged, without an order; another case of the person's that was held, changed or diverted and whose "
            "outcome is not in the record.",
        ),
        ("us-pa/rules-1", "The first version."),
    ),
    regimes=tuple(of_adults(group) for group in (limited_access.REGIME, *petitions.REGIMES)),
    doubts=(
        doubt_rule(f"{_DOUBT}/no-disposition", "The file holds no disposition.", Is("ending", "NO_DISPOSITION")),
        doubt_rule(
            f"{_DOUBT}/vacated",
            "A judgment was vacated, and the file does not say what followed.",
            Is("ending", "VACATED"),
        ),
        doubt_rule(
            f"{_DOUBT}/diverted",
            "Accelerated rehabilitative disposition, or probation without verdict, and no dismissal.",
            Is("ending", "DIVERTED"),
        ),
        doubt_rule(
            f"{_DOUBT}/elsewhere",
            "Held for court, changed or transferred: how the charge ended is in another docket, by its OTN.",
            Every(Is("ending", "TRANSFERRED_SUPERIOR", "SUPERSEDED"), Not(Is("follow_on", "stands"))),
        ),
        doubt_rule(
            f"{_DOUBT}/juvenile",
            "A juvenile's case: 18 Pa.C.S. 9123, which expunges records of juveniles, is not written.",
            JUVENILE,
        ),
    ),
    grades=penalties.GRADES,
    parse_code=parse_code,
    section=r"(?<![0-9])9122(?:\.[12]|\(a\)\((?:1|2\.1|2|3|4)\))?(?![0-9]|\.[0-9])",
    order_words=frozenset({"CLEAN", "SLATE", "LIMITED", "ACCESS"}),
    columns=(
        Column("max_penalty_months", ColumnKind.NUMBER),
        Column("min_sentence_months", ColumnKind.NUMBER),
        Column("max_sentence_months", ColumnKind.NUMBER),
        Column("restitution", choices=("paid", "owed", "none")),
        Column("fines_paid", ColumnKind.FLAG),
        Column("fee", choices=("paid", "owed")),
        Column("case_bar", ColumnKind.FLAG),
        Column("history", choices=("complete",)),
    ),
    synonyms={
        "otn": "tracking_number",
        "docket_number": "docket",
        "grade": "severity",
        "statute": "law_code",
        "sid": "person_number",
    },
    events={"pardon": pardon, "seal_order": order},
    begins={"pardon": "none", "fee": "not told"},
    kept=frozenset({"pardon", "pardoned_on"}),
    event_facts={"pardon": "pardon", "pardoned_on": "pardon"},
    facts=other_convictions.FACTS,
    words=pennsylvania_offences.WORDS,
    endings={"DIVERTED": EndingKind.OPEN},
    titles={
        **dict.fromkeys(("again_84", "again_120"), "the last later conviction that surely counts"),
        "again_if": "the last later conviction that counts or may count",
        "pardoned_on": "the pardon",
    },
    schemes={"docket": "us_pa_docket", "tracking_number": "us_pa_otn"},
    rulings=pennsylvania_uses.RULINGS,
    known=pennsylvania_uses.REGIMES,
    table=pennsylvania_uses.VERSION,
)
