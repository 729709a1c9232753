"""The law as dated rules with citations: from dispositions to what is sealed, and what that bars to whom.

Nothing here is legal advice. Every rule says where it was read (:class:`Mark`), and no lawyer has reviewed
any of them yet: ``reviewed_by`` is empty until one has.

:func:`decide` weighs one action and gives its reasons, which :class:`Explanation` says in words; :func:`explain` does
both for one action of a file. :func:`read_charges` and :func:`decide_charges` decide a whole file,
:func:`decide_arrest` an arrest, and :func:`forecast` predicts what will be sealed automatically. The rules are data,
one module a regime, in a package of each jurisdiction.

>>> import datetime as dt
>>> case = Action(), [Event(event_date=dt.date(2014, 5, 1), text="ACQUITTED")]
>>> decision = decide(*case, as_of=dt.date(2026, 11, 25))
>>> str(decision.answer), decision.regimes, decision.paragraph
('sealed', ('us-ny/cpl-160.50',), '(3)(c)')

A table says which regime bars which use to which audience.

>>> day = dt.date(2026, 11, 25)
>>> bars("us-ny/cpl-160.50", use="training", audience="police", on=day)
True
>>> bars("us-ny/cpl-160.57", use="training", audience="police", on=day)
False
>>> bars("us-ny/cpl-160.57", use="training", audience="vendor", on=day)
True

A regime that the table does not know bars everything but aggregate reports, and so does one outside the dates
for which it has a rule:

>>> bars("us-ny/not-a-regime", use="output", audience="court", on=day)
True
>>> bars("us-ny/not-a-regime", use="aggregate_report", audience="court", on=day)
False
>>> ruling("us-ny/cpl-160.55", use="training", audience="court", on=day).citation
'CPL 160.55(1)(c)'
"""

from typing import TYPE_CHECKING

from sealscrub.boundary import bound_room, late_names

from .action_answers import decide, decide_all
from .bulk_decisions import Decisions, decide_charges
from .charges import COLUMNS, ChargeRows, as_known, components, read_charges
from .decision_lines import changed_lines, write_decisions
from .decisions import Answer, Decision
from .disposition_files import read_cases
from .events import Action, Event, EventKind
from .jurisdictions import JURISDICTIONS, find_rule, jurisdiction, parse_law_code
from .law_codes import LawCode
from .linked_actions import related
from .reasons import Reason
from .rules import Effect, Jurisdiction, Mode, RegimeRules, Rule, Unit
from .ruling_types import Mark, Regime, Ruling
from .three_values import Truth
from .unread_texts import unread_texts
from .use_table import (
    DUTIES,
    access_provisions,
    bars,
    known_audiences,
    known_regimes,
    known_uses,
    ruling,
    rulings,
    table_versions,
    uses_of,
)

if TYPE_CHECKING:
    from .arrests import ArrestDecision, decide_arrest
    from .explanation import Explanation, explain
    from .rule_text import print_law, show_rule
    from .seal_forecast import forecast

__all__ = [
    "COLUMNS",
    "DUTIES",
    "JURISDICTIONS",
    "Action",
    "Answer",
    "ArrestDecision",
    "ChargeRows",
    "Decision",
    "Decisions",
    "Effect",
    "Event",
    "EventKind",
    "Explanation",
    "Jurisdiction",
    "LawCode",
    "Mark",
    "Mode",
    "Reason",
    "Regime",
    "RegimeRules",
    "Rule",
    "Ruling",
    "Truth",
    "Unit",
    "access_provisions",
    "as_known",
    "bars",
    "changed_lines",
    "components",
    "decide",
    "decide_all",
    "decide_arrest",
    "decide_charges",
    "explain",
    "find_rule",
    "forecast",
    "jurisdiction",
    "known_audiences",
    "known_regimes",
    "known_uses",
    "parse_law_code",
    "print_law",
    "read_cases",
    "read_charges",
    "related",
    "ruling",
    "rulings",
    "show_rule",
    "table_versions",
    "unread_texts",
    "uses_of",
    "write_decisions",
]

if not TYPE_CHECKING:  # who decides a file needs no words for it, and no reports
    __getattr__ = late_names(
        __name__,
        {
            "arrests": ("ArrestDecision", "decide_arrest"),
            "explanation": ("Explanation", "explain"),
            "rule_text": ("print_law", "show_rule"),
            "seal_forecast": ("forecast",),
        },
    )

bound_room(__name__)
