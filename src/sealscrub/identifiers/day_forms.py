"""How a day is written as text, and one such text to its day."""

from __future__ import annotations

import re
from datetime import datetime

from .cleaned_text import DAMAGED, NOTHING, SPACE, Judged, Status

__all__: list[str] = []

# A month before a day is how American files write it ([own]): 03/04/2021 is the fourth of March. How each form looks
# is checked first, since a format alone would read 2014115 as the fifth of November.
FORMS = (
    (r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$", "%Y-%m-%d"),
    (r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$", "%m/%d/%Y"),
    (r"^[0-9]{8}$", "%Y%m%d"),
    (r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$", "%Y/%m/%d"),
    (r"^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}$", "%m-%d-%Y"),
)
MIDNIGHT_ELSEWHERE = r"[T ]0?0:00(:00)?(\.0*)?(Z|[+-][0-9:]+)$"
TIME_OF_DAY = r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9.]+)?(\s*[AaPp][Mm])?$"
YEARS = (1900, 2199)

_FORMS = [(re.compile(form), reading) for form, reading in FORMS]
_TIMES = [re.compile(time.replace("$", r"\Z"), re.ASCII) for time in (MIDNIGHT_ELSEWHERE, TIME_OF_DAY)]
_DAMAGED = re.compile(DAMAGED)


def judge_day(text: str) -> Judged:
    """ISO text of the day that an ASCII text is, and its status."""
    text = text.strip(SPACE)
    for time in _TIMES:
        text = time.sub("", text, count=1)
    if text.upper() in NOTHING:
        return None, Status.NULL
    reading = next((reading for form, reading in _FORMS if form.fullmatch(text)), None)
    if reading is None:
        return None, Status.DAMAGED if _DAMAGED.fullmatch(text) else Status.UNPARSABLE
    try:
        day = datetime.strptime(text, reading).date()
    except ValueError:
        return None, Status.UNPARSABLE
    return (day.isoformat(), Status.OK) if YEARS[0] <= day.year <= YEARS[1] else (None, Status.UNPARSABLE)
