"""Texts that are numbers, dates or times of one form, and another one of it."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

__all__ = ["of_form"]

#: How dates and times are written as text.
_FORMS = (
    "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M",
)  # fmt: skip


def of_form(known: list[str]) -> tuple[str, str] | None:
    """Give the least of texts that all are dates, times or numbers of one form, and one above all; else None.

    Examples
    --------
    >>> of_form(["01/31/2024", "02/01/2024"])
    ('01/31/2024', '02/01/2025')
    >>> of_form(["007", "012"])
    ('007', '018')
    >>> of_form(["assault"])
    """
    if not known:
        return None
    for form in _FORMS:
        with contextlib.suppress(ValueError, OverflowError):
            times = [datetime.strptime(each, form) for each in dict.fromkeys(known)]
            if [each.strftime(form) for each in times] == list(dict.fromkeys(known)):
                return min(times).strftime(form), (max(times) + timedelta(days=366)).strftime(form)
    with contextlib.suppress(ValueError, OverflowError):
        numbers = [float(each) for each in known]
        above = 2 * max(numbers) - min(numbers) + 1
        whole = all(each.strip().lstrip("+-").isdigit() for each in known)
        least = known[numbers.index(min(numbers))]
        return least, str(int(above)).zfill(max(map(len, known))) if whole else repr(above)
    return None
