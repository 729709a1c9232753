"""Dates in texts, however they are written."""

from __future__ import annotations

import re

from sealscrub.identifiers.letters import Letters

__all__ = ["dates_in"]

_DATE = re.compile(
    r"(?<![0-9A-Z])(?:[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}|[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{4}|[0-9]{8})(?![0-9A-Z])"
)
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WORDED_DATE = re.compile(
    rf"(?<![0-9A-Z])(?:(?P<m>{'|'.join(_MONTHS)})[A-Z]{{0,6}}\.?\s{{1,4}}(?P<d>[0-9]{{1,2}})(?:ST|ND|RD|TH)?,?\s{{1,4}}"
    rf"(?P<y>[0-9]{{4}})|(?P<d2>[0-9]{{1,2}})(?:ST|ND|RD|TH)?\s{{1,4}}(?:OF\s)?(?P<m2>{'|'.join(_MONTHS)})[A-Z]{{0,6}}"
    r"\.?,?\s{1,4}(?P<y2>[0-9]{4}))(?![0-9A-Z])"
)


def dates_in(letters: Letters, start: int = 0, stop: int | None = None) -> list[tuple[int, int, str]]:
    """Dates that a text gives, or that are between two places of it: positions, and the date as a file has it."""
    text = letters.text
    first = letters.first_from(start)
    behind = len(text) if stop is None else min(len(text), letters.first_from(stop) + 1)  # a sign that ends the date
    if all(text.find(digit, first, behind) < 0 for digit in "0123456789"):
        return []
    found = [(each.start(), each.end(), each[0]) for each in _DATE.finditer(text, first, behind)]
    for each in _WORDED_DATE.finditer(text, first, behind):
        month = _MONTHS.index(each["m"] or each["m2"]) + 1
        found.append(
            (each.start(), each.end(), f"{each['y'] or each['y2']}-{month:02d}-{int(each['d'] or each['d2']):02d}")
        )
    return sorted(found)
