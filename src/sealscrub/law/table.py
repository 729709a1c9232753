"""Look-ups in the table of regime × audience × use."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

from sealscrub.errors import ConfigError

from .jurisdictions import jurisdiction
from .places import places
from .rule import Mark, Regime, Ruling
from .rules import Jurisdiction

__all__ = ["AUDIENCES", "DUTIES", "TABLE_VERSION", "USES", "bars", "known_regimes", "ruling", "rulings"]

USES = ("training", "inference_input", "output", "aggregate_report", "gun_licence")
AUDIENCES = ("police", "prosecutor", "vendor", "researcher", "court")

#: What a publisher may say of access "within the scope of law enforcement duties": law.md leaves it open whether a
#: model's training is within it, so that relying on it is [inference].
DUTIES = ("allow", "deny")

# Raised with every change of a line: an index names the version that chose its seals.
TABLE_VERSION = jurisdiction("us-ny").table

_NEVER_BARRED_BY_DEFAULT = "aggregate_report"


def bars(regime: str, *, use: str, audience: str, on: dt.date, law_enforcement_duties: str = "allow") -> bool:
    """Tell whether a regime bars a use to an audience on a day.

    Parameters
    ----------
    regime : str
        ``us-ny/cpl-160.50``, …; one that the table does not know bars every use but ``aggregate_report``.
    use : str
        One of :data:`USES`.
    audience : str
        One of :data:`AUDIENCES`.
    on : datetime.date
        The day that is asked about.
    law_enforcement_duties : {"allow", "deny"}
        Whether access within law enforcement's duties (CPL 160.57 to 160.59) is relied on for models [inference].

    Returns
    -------
    bool

    Raises
    ------
    ConfigError
        When there is no such use, audience or policy.

    Notes
    -----
    law.md §1.9; the lines and their citations are in :func:`rulings`.

    Examples
    --------
    >>> import datetime as dt
    >>> bars("us-ny/cpl-160.50", use="training", audience="vendor", on=dt.date(2026, 1, 1))
    True
    """
    return ruling(regime, use=use, audience=audience, on=on, law_enforcement_duties=law_enforcement_duties).barred


def ruling(regime: str, *, use: str, audience: str, on: dt.date, law_enforcement_duties: str = "allow") -> Ruling:
    """Find the line that answers :func:`bars`, with its citation.

    Parameters
    ----------
    regime, use, audience, on, law_enforcement_duties
        As in :func:`bars`.

    Returns
    -------
    Ruling
        Where the table has no line for that day, the strict default, marked so.

    Raises
    ------
    ConfigError
        When there is no such use, audience or policy.

    Examples
    --------
    >>> import datetime as dt
    >>> ruling("us-ny/cpl-160.57", use="output", audience="police", on=dt.date(2026, 1, 1)).citation
    'CPL 160.57(1)(d)(iii)'
    >>> ruling("us-ny/cpl-160.57", use="output", audience="police", on=dt.date(2024, 1, 1)).mark
    <Mark.DEFAULT: 'default'>
    """
    _known(use, USES, "use")
    _known(audience, AUDIENCES, "audience")
    _known(law_enforcement_duties, DUTIES, "policy on law enforcement duties")
    for line in _lines().get((regime, str(audience), str(use)), ()):
        if line.in_force(on):
            denied = line.within_duties and law_enforcement_duties == "deny"
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
    return tuple(line for place in _real() for line in place.rulings)


def known_regimes() -> tuple[Regime, ...]:
    """Give the regimes that the table knows, in the order of their statutes.

    Examples
    --------
    >>> known_regimes()[0].name
    'us-ny/cpl-160.50'
    """
    return tuple(regime for place in _real() for regime in place.known)


def _real() -> list[Jurisdiction]:
    return [place for name in places() if not (place := jurisdiction(name)).demonstration]


@cache
def _lines() -> dict[tuple[str, str, str], tuple[Ruling, ...]]:
    lines: dict[tuple[str, str, str], tuple[Ruling, ...]] = {}
    for line in (line for name in places() for line in jurisdiction(name).rulings):
        at = (line.regime, line.audience, line.use)
        lines[at] = (*lines.get(at, ()), line)
    return lines


def _known(name: str, names: tuple[str, ...], kind: str) -> None:
    if name not in names:
        raise ConfigError(f"there is no {kind} {str(name)!r}", hint=f"one of {', '.join(names)}.")
