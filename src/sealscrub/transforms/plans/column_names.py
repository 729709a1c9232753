"""What names of columns say: which look derived (counts, rates, scores, priors, events), and which is unique."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["first_column", "looks_derived", "words_of"]

_RUN = re.compile(r"[^\W\d_]+|\d+")

_DERIVED = frozenset(
    {"count", "counts", "num", "days", "prior", "priors", "recid", "recidivist", "rate", "score", "decile"}
)
_NEAREST = frozenset({"first", "last"})
_NAMES = frozenset({"name", "names", "nm", "initial", "initials"})
_DATES = frozenset({"date", "dates", "day", "dt", "month", "time", "timestamp", "year"})
_EVENT_WORDS = """
    admission admitted appearance arraigned arraignment arrest arrested arrests booked booking case charge charged
    charges complaint contact contacts conviction convicted court crime custody discharge discharged disposition docket
    encounter event events felony hearing incarceration incident incidents indictment jail misdemeanor offence offences
    offense offenses parole prison probation rearrest rearrested release released seen sentence sentenced stop stopped
    stops summons violation visit warrant
"""
_EVENTS = frozenset(_EVENT_WORDS.split())


def first_column(columns: Sequence[str]) -> list[str]:
    """Give the first column whose name no other has, in a list; an empty one if there is none.

    >>> first_column(["n", "arrest_no", "n"])
    ['arrest_no']
    """
    return [name for name in columns if columns.count(name) == 1][:1]


def words_of(name: str) -> tuple[str, ...]:
    """Split a column's name into lower-case words: at separators, camel humps and digits.

    Parameters
    ----------
    name : str
        Any name, such as a file's header gives it.

    Examples
    --------
    >>> words_of("priorsCount.1"), words_of("NYSIDCount"), words_of("Arrest Id")
    (('priors', 'count', '1'), ('nysid', 'count'), ('arrest', 'id'))
    """
    runs = _RUN.findall(unicodedata.normalize("NFKC", name))
    return tuple(word.lower() for run in runs for word in _humps(run))


def _humps(run: str) -> list[str]:
    """Split letters where a small one meets a capital, and before the last capital of several: NYSID|Count."""
    cuts = [
        at
        for at in range(1, len(run))
        if run[at].isupper() and (run[at - 1].islower() or run[at + 1 : at + 2].islower())
    ]
    return [run[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(run)], strict=True)]


def looks_derived(name: str) -> str:
    """Return whether a column looks computed from other records by its name.

    A name that looks so may hold facts of other records than the row's own, and has to be declared in a plan. The
    words are ``count``, ``counts``, ``num``, a leading ``n``, ``days``, ``prior``, ``priors``, ``recid``,
    ``recidivist``, ``rate``, ``score``, ``decile``, and ``first`` or ``last`` before an event or a date. A word counts
    as a whole only.

    Parameters
    ----------
    name : str
        The column's name.

    Returns
    -------
    str
        The word that says so, or nothing.

    Examples
    --------
    >>> looks_derived("priors_count"), looks_derived("daysSinceLast"), looks_derived("last_arrest_date")
    ('priors', 'days', 'last')
    >>> looks_derived("county"), looks_derived("account_id"), looks_derived("last_name")
    ('', '', '')
    """
    words = words_of(name)
    for at, word in enumerate(words):
        if word in _DERIVED or (word == "n" and at == 0):
            return word
        if word in _NEAREST and _before_event(words[at + 1 :]):
            return word
    return ""


def _before_event(rest: tuple[str, ...]) -> bool:
    """Whether an event or a date follows, through words that only qualify it: ``last_known_felony_arrest``."""
    if not rest or rest[0] in _NAMES:
        return False
    return any(word in _EVENTS or word in _DATES for word in rest)
