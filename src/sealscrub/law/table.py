"""Look-ups in the table of regime × audience × use."""

from __future__ import annotations

import datetime as dt
from functools import cache

from sealscrub.errors import ConfigError

from .rule import Mark, Regime, Ruling
from .us_ny import uses as us_ny

__all__ = ["AUDIENCES", "TABLE_VERSION", "USES", "bars", "known_regimes", "ruling", "rulings"]

USES = ("training", "inference_input", "output", "aggregate_report")
AUDIENCES = ("police", "prosecutor", "vendor", "researcher", "court")

# Raised with every change of a line: an index names the version that chose its seals.
TABLE_VERSION = us_ny.VERSION

_NEVER_BARRED_BY_DEFAULT = "aggregate_report"


def bars(regime: str, *, use: str, audience: str, on: dt.date) -> bool:
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

    Returns
    -------
    bool

    Raises
    ------
    ConfigError
        When there is no such use or audience.

    Notes
    -----
    law.md §1.9; the lines and their citations are in :func:`rulings`.

    Examples
    --------
    >>> import datetime as dt
    >>> bars("us-ny/cpl-160.50", use="training", audience="vendor", on=dt.date(2026, 1, 1))
    True
    """
    return ruling(regime, use=use, audience=audience, on=on).barred


def ruling(regime: str, *, use: str, audience: str, on: dt.date) -> Ruling:
    """Find the line that answers :func:`bars`, with its citation.

    Parameters
    ----------
    regime, use, audience, on
        As in :func:`bars`.

    Returns
    -------
    Ruling
        Where the table has no line for that day, the strict default, marked so.

    Raises
    ------
    ConfigError
        When there is no such use or audience.

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
    for line in _lines().get((regime, str(audience), str(use)), ()):
        if line.in_force(on):
            return line
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
    return us_ny.RULINGS


def known_regimes() -> tuple[Regime, ...]:
    """Give the regimes that the table knows, in the order of their statutes.

    Examples
    --------
    >>> known_regimes()[0].name
    'us-ny/cpl-160.50'
    """
    return us_ny.REGIMES


@cache
def _lines() -> dict[tuple[str, str, str], tuple[Ruling, ...]]:
    lines: dict[tuple[str, str, str], tuple[Ruling, ...]] = {}
    for line in us_ny.RULINGS:
        at = (line.regime, line.audience, line.use)
        lines[at] = (*lines.get(at, ()), line)
    return lines


def _known(name: str, names: tuple[str, ...], kind: str) -> None:
    if name not in names:
        raise ConfigError(f"there is no {kind} {str(name)!r}", hint=f"one of {', '.join(names)}.")
