"""The law as dated rules with citations: from dispositions to what is sealed, and what that bars to whom.

Nothing here is legal advice. Every rule says where it was read (:class:`Mark`), and no lawyer has reviewed
any of them yet: ``reviewed_by`` is empty until one has.

:func:`decide` weighs one action and gives its reasons, which :func:`in_words` puts in words; :func:`explain` does both
for one action of a file. :func:`read_charges` and :func:`decide_charges` decide a whole file, :func:`decide_arrest` an
arrest, and :func:`forecast` tells what comes to be sealed by itself. The rules are
data, one module a regime, in a package of each jurisdiction.

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

from .arrests import ArrestDecision, decide_arrest
from .bulk import Decisions, decide_charges
from .charges import COLUMNS, ChargeRows, as_known, components, read_charges
from .deciding import decide, decide_all
from .decisions import Answer, Decision
from .events import Action, Event, EventKind
from .explaining import explain, in_words
from .forecasting import forecast
from .jurisdictions import JURISDICTIONS, find_rule, jurisdiction
from .law_codes import LawCode, parse_law_code
from .lines import changed_lines, write_decisions
from .linking import related
from .printing import print_law, show_rule
from .reading import read_cases
from .reasons import Reason
from .rule import Mark, Regime, Ruling
from .rules import Effect, Jurisdiction, Mode, RegimeRules, Rule, Unit
from .table import AUDIENCES, DUTIES, TABLE_VERSION, USES, bars, known_regimes, ruling, rulings
from .truth import Truth

__all__ = [
    "AUDIENCES",
    "COLUMNS",
    "DUTIES",
    "JURISDICTIONS",
    "TABLE_VERSION",
    "USES",
    "Action",
    "Answer",
    "ArrestDecision",
    "ChargeRows",
    "Decision",
    "Decisions",
    "Effect",
    "Event",
    "EventKind",
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
    "in_words",
    "jurisdiction",
    "known_regimes",
    "parse_law_code",
    "print_law",
    "read_cases",
    "read_charges",
    "related",
    "ruling",
    "rulings",
    "show_rule",
    "write_decisions",
]
