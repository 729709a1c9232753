"""Days and periods that several of New York's rules share."""

from __future__ import annotations

import datetime as dt

from ..clocks import Clock
from ..conditions import Is
from ..truth import Truth

__all__ = [
    "AUTOMATIC",
    "CANNABIS",
    "CATALOGUE",
    "CLEAN_SLATE",
    "ENDED_WITHOUT_CONVICTION",
    "LOITERING",
    "MARIHUANA",
    "PEOPLE_MAY_APPEAL",
    "WHOLE_CASE",
]

#: Sealing without a motion, L.1991 c.142.
AUTOMATIC = dt.date(1991, 11, 1)
#: L.2019: convictions of 221.05 and .10 [own].
MARIHUANA = dt.date(2019, 8, 28)
#: L.2021 c.23: repeal of 240.37, and 160.55 whatever the charge [own].
LOITERING = dt.date(2021, 2, 2)
#: L.2021 c.92, the Marihuana Regulation and Taxation Act [own].
CANNABIS = dt.date(2021, 3, 31)
#: L.2023 c.631.
CLEAN_SLATE = dt.date(2024, 11, 16)
#: Three years on: by then the Office of Court Administration must have sealed what was eligible before.
CATALOGUE = dt.date(2027, 11, 16)

#: The People's time to appeal, CPL 460.10: thirty days from service of the order, in doubt from its entry; an act that
#: falls due on a weekend or holiday may be done on the next business day, General Construction Law § 25-a.
PEOPLE_MAY_APPEAL = Clock(
    start=("served_on", "ended_on"),
    days=30,
    inside=Truth.UNKNOWN,
    seals_from="start",
    business_day=True,
    unless=Is("appeal", "affirmed"),
)
#: Ways in which a charge may have ended that leave no conviction of it to be dealt with.
ENDED_WITHOUT_CONVICTION = Is("ending", "DISMISSED_COUNT_ONLY", "ACQUITTED_PARTIAL", "YO_ADJUDICATED", "COVERED_BY")
#: Ways in which one charge may have ended beside another that is dealt with.
WHOLE_CASE = Is("ending", "DISMISSED_COUNT_ONLY", "CONVICTED", "ACQUITTED_PARTIAL", "YO_ADJUDICATED", "COVERED_BY")
