"""Days on which the parts of Virginia's law come into force, and periods that several of its sections have."""

from __future__ import annotations

import datetime as dt

from ..clocks import Clock

__all__ = [
    "ALL_OF_1986",
    "AT_ONCE",
    "AUTOMATIC_AGAIN",
    "EXPUNGEMENT_AGAIN",
    "FIRST_OFFENCE",
    "SEALING",
    "SEVEN_YEARS",
]

#: 2025 Acts cc. 634, 671: sealing begins. No record of Virginia is sealed before that day.
SEALING = dt.date(2026, 7, 1)
#: § 19.2-392.2 is rewritten; its new text was not read.
EXPUNGEMENT_AGAIN = dt.date(2026, 12, 1)
#: § 19.2-392.6(A) is rewritten; its new text was not read.
AUTOMATIC_AGAIN = dt.date(2027, 7, 1)
#: Offences before that day are not reached by §§ 19.2-392.6, 392.12, 392.12:1 and 392.17.
FIRST_OFFENCE = dt.date(1986, 1, 1)

#: An offence that was tried from that day on was of 1986 or later: it is charged within a year [own].
ALL_OF_1986 = dt.date(1988, 1, 1)

#: Seven years from the conviction or dismissal: what ended on 2 July 2019 is eligible on 2 July 2026.
SEVEN_YEARS = Clock(start=("ended_on",), months=84, days=-1)
#: No period: from the day itself.
AT_ONCE = Clock(start=("ended_on",), days=-1)
