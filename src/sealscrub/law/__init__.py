"""The law as dated rules with citations: for now, which regime bars which use to which audience.

Nothing here is legal advice. Every rule says where it was read (:class:`Mark`), and no lawyer has reviewed
any of them yet: ``reviewed_by`` is empty until one has.

>>> import datetime as dt
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

from .law_codes import LawCode, parse_law_code
from .rule import Mark, Regime, Ruling
from .table import AUDIENCES, TABLE_VERSION, USES, bars, known_regimes, ruling, rulings

__all__ = [
    "AUDIENCES",
    "TABLE_VERSION",
    "USES",
    "LawCode",
    "Mark",
    "Regime",
    "Ruling",
    "bars",
    "known_regimes",
    "parse_law_code",
    "ruling",
    "rulings",
]
