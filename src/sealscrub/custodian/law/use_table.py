"""Look-ups in the table of regime × audience × use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache

from sealscrub.errors import ConfigError

from .jurisdiction_packages import places
from .jurisdictions import jurisdiction
from .rules import Jurisdiction
from .ruling_types import Mark, Regime, Ruling
from .state_declarations import COMMON_AUDIENCES, COMMON_USES

__all__ = [
    "DUTIES",
    "access_provisions",
    "bars",
    "known_audiences",
    "known_regimes",
    "known_uses",
    "ruling",
    "rulings",
    "table_versions",
    "uses_of",
]

#: What a publisher may say about access "within the scope of law enforcement duties": a statute that allows it may
#: leave open whether a model's training is within it, so relying on it is [inference].
DUTIES = ("allow", "deny")

_NEVER_BARRED_BY_DEFAULT = "aggregate_report"


def bars(
    regime: str,
    *,
    use: str,
    audience: str,
    on: dt.date,
    law_enforcement_duties: str = "allow",
    holds_prints: bool = True,
) -> bool:
    """Return whether a regime bars a use to an audience on a day.

    Parameters
    ----------
    regime : str
        ``us-ny/cpl-160.50``, …; one that the table does not know bars every use but ``aggregate_report``.
    use : str
        One of :func:`known_uses`.
    audience : str
        One of :func:`known_audiences`.
    on : datetime.date
        The day to decide for.
    law_enforcement_duties : {"allow", "deny"}
        Whether access within law enforcement's duties (a statute's exception) is relied on for models [inference].
    holds_prints : bool
        Whether the records may hold fingerprints, palmprints or photographs. If they hold none, a regime that
        reaches only these (such as an order to destroy prints) bars nothing.

    Returns
    -------
    bool

    Raises
    ------
    ConfigError
        When the use, audience or policy does not exist.

    Notes
    -----
    The lines of the table and their citations are in :func:`rulings`.

    Examples
    --------
    >>> import datetime as dt
    >>> bars("us-ny/cpl-160.50", use="training", audience="vendor", on=dt.date(2026, 1, 1))
    True
    """
    found = ruling(
        regime, use=use, audience=audience, on=on, law_enforcement_duties=law_enforcement_duties,
        holds_prints=holds_prints,
    )  # fmt: skip
    return found.barred


def ruling(
    regime: str,
    *,
    use: str,
    audience: str,
    on: dt.date,
    law_enforcement_duties: str = "allow",
    holds_prints: bool = True,
) -> Ruling:
    """Find the line that answers :func:`bars`, with its citation.

    Parameters
    ----------
    regime, use, audience, on, law_enforcement_duties, holds_prints
        As in :func:`bars`.

    Returns
    -------
    Ruling
        If the table has no line for that day, the strict default, marked so.

    Raises
    ------
    ConfigError
        When the use, audience or policy does not exist.

    Examples
    --------
    >>> import datetime as dt
    >>> ruling("us-ny/cpl-160.57", use="output", audience="police", on=dt.date(2026, 1, 1)).citation
    'CPL 160.57(1)(d)(iii)'
    >>> ruling("us-ny/cpl-160.57", use="output", audience="police", on=dt.date(2024, 1, 1)).mark
    <Mark.DEFAULT: 'default'>
    """
    name = regime.partition("/")[0]
    known = name in places()
    if not known or use not in jurisdiction(name).all_uses() or audience not in jurisdiction(name).all_audiences():
        uses, audiences = _all_uses_and_audiences(places())
        _check_known(use, uses, "use")
        _check_known(audience, audiences, "audience")
    _check_known(law_enforcement_duties, DUTIES, "policy on law enforcement duties")
    for line in _lines(name).get((regime, str(audience), str(use)), ()) if known else ():
        if line.in_force(on):
            denied = line.within_duties and law_enforcement_duties == "deny"
            if not holds_prints and regime in _prints_alone(name):
                return replace(line, barred=False, note="it reaches only prints and photographs")
            return replace(line, barred=True, note="the publisher does not rely on it") if denied else line
    return Ruling(
        regime=regime,
        audience=str(audience),
        use=str(use),
        barred=use != _NEVER_BARRED_BY_DEFAULT,
        citation="",
        mark=Mark.DEFAULT,
        note="the table has no line for this regime on this day",
    )


def rulings() -> tuple[Ruling, ...]:
    """Give every line of the table.

    Examples
    --------
    >>> sorted({line.reviewed_by for line in rulings()})
    ['']
    """
    return tuple(line for place in _real_jurisdictions() for line in place.rulings)


def known_regimes() -> tuple[Regime, ...]:
    """Give the regimes that the table knows, in the order of their statutes.

    Examples
    --------
    >>> known_regimes()[0].name
    'us-ny/cpl-160.50'
    """
    return tuple(regime for place in _real_jurisdictions() for regime in place.known)


def table_versions(regimes: Iterable[str]) -> dict[str, str]:
    """Name the jurisdictions of some regimes, and the version of the lines by which each is weighed.

    Parameters
    ----------
    regimes : iterable of str
        ``us-ny/cpl-160.50``, …; a blank one counts for the jurisdiction ``unstated``.

    Returns
    -------
    dict of str to str
        By jurisdiction, in alphabetical order. The version is blank if there are no lines: such regimes bar every
        use but ``aggregate_report``.

    Examples
    --------
    >>> table_versions(["us-ny/cpl-160.50", "us-tx/gc-411.071"])
    {'us-ny': 'us-ny/uses-2', 'us-tx': ''}
    """
    names = sorted({regime.partition("/")[0] or "unstated" for regime in regimes})
    return {name: jurisdiction(name).table if name in places() else "" for name in names}


def _real_jurisdictions() -> list[Jurisdiction]:
    return [place for name in places() if not (place := jurisdiction(name)).demonstration]


@cache
def _lines(name: str) -> dict[tuple[str, str, str], tuple[Ruling, ...]]:
    lines: dict[tuple[str, str, str], tuple[Ruling, ...]] = {}
    for line in jurisdiction(name).rulings:
        at = (line.regime, line.audience, line.use)
        lines[at] = (*lines.get(at, ()), line)
    return lines


def uses_of(regime: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the uses and the audiences that the table of a regime's jurisdiction knows.

    Parameters
    ----------
    regime : str
        ``us-ny/cpl-160.50``, …

    Returns
    -------
    uses, audiences : tuple of str
        The common ones if the jurisdiction is not known.

    Examples
    --------
    >>> uses_of("us-ny/cpl-160.50")[0][-1], uses_of("xx/unknown")[0][-1]
    ('gun_licence', 'aggregate_report')
    """
    name = regime.partition("/")[0]
    if name not in places():
        return COMMON_USES, COMMON_AUDIENCES
    return jurisdiction(name).all_uses(), jurisdiction(name).all_audiences()


def known_uses() -> tuple[str, ...]:
    """Give the uses that some state's table knows, the common ones first.

    Examples
    --------
    >>> known_uses()[0]
    'training'
    """
    return _all_uses_and_audiences(places())[0]


def known_audiences() -> dict[str, tuple[str, ...]]:
    """Give the audiences that some state's table knows, the common ones first, and which states declare each.

    Examples
    --------
    >>> known_audiences()["police"]
    ()
    """
    named = _all_uses_and_audiences(places())[1]
    return {who: tuple(name for name in places() if who in jurisdiction(name).audiences) for who in named}


def access_provisions() -> dict[str, dict[str, str]]:
    """Give the purposes for which some state's law opens sealed records, each with the provisions by state.

    Examples
    --------
    >>> access_provisions()["gun_licence"]
    {'us-ny': 'CPL 160.50(1)(d)(iii)'}
    """
    found: dict[str, dict[str, str]] = {}
    for place in places():
        for purpose, provision in jurisdiction(place).access.items():
            found.setdefault(purpose, {})[place] = provision
    return found


@lru_cache
def _all_uses_and_audiences(known: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The uses and the audiences of all places: the common ones first."""
    of = [jurisdiction(name) for name in known]
    uses = dict.fromkeys((*COMMON_USES, *(use for place in of for use in place.uses)))
    return tuple(uses), tuple(dict.fromkeys((*COMMON_AUDIENCES, *(who for place in of for who in place.audiences))))


@cache
def _prints_alone(name: str) -> frozenset[str]:
    return frozenset(regime.name for regime in jurisdiction(name).known if regime.prints_alone)


def _check_known(name: str, names: tuple[str, ...], kind: str) -> None:
    if name not in names:
        raise ConfigError(f"there is no {kind} {str(name)!r}", hint=f"use one of {', '.join(names)}.")


@lru_cache(maxsize=256)
def uses_barred(place: Jurisdiction, names: tuple[str, ...], on: dt.date) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """For each audience, the uses that any of some regimes bars on a day."""
    return tuple(
        (who, tuple(use for use in place.all_uses() if any(bars(n, use=use, audience=who, on=on) for n in names)))
        for who in place.all_audiences()
    )
