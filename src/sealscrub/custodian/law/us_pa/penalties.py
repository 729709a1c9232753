"""How long an offence can be punished, from the file or else from its grade (18 Pa.C.S. 106, 1103 to 1105 [own])."""

from __future__ import annotations

from ..charge_events import Standing
from ..state_declarations import Grade, Grades
from ..three_values import Truth

__all__ = ["DRUGS", "GRADES", "at_least", "months", "over"]

GRADES = Grades(
    {
        **dict.fromkeys(("S", "IC"), Grade.PETTY),
        **dict.fromkeys(("M", "M3", "M2", "M1", "F", "F3", "F2", "F1", "H3", "H2", "H1"), Grade.CRIME),
    }
)
#: Section 13 of the act of 14 April 1972.
DRUGS = "35 780-113"
_LEAST_OF_DRUGS = 36
_LIFE = 1200.0
#: Months. An ungraded misdemeanour may have any maximum; an ungraded felony at least that of the third degree.
_LONGEST_MONTHS = {
    **dict.fromkeys(("H1", "H2"), _LIFE),
    "S": 3.0,
    "IC": 6.0,
    "M3": 12.0,
    "M2": 24.0,
    "M1": 60.0,
    "F": 84.0,
    "F3": 84.0,
    "F2": 120.0,
    "F1": 240.0,
    "H3": 480.0,
}


def months(state: Standing, name: str) -> float | None:
    """Months that a column holds."""
    given = state.get(name)
    return float(str(given)) if given is not None else None


def _most(state: Standing) -> float | None:
    given = months(state, "max_penalty_months")
    return given if given is not None else _LONGEST_MONTHS.get(str(state.get("severity")))


def over(state: Standing, limit: float) -> Truth:
    """Whether an offence can be punished by more than so many months."""
    most = _most(state)
    return Truth.UNKNOWN if most is None else Truth(2 * (most > limit))


def at_least(state: Standing, limit: float) -> Truth:
    """Whether an offence can be punished by so many months or more.

    An ungraded felony under the drug act has the penalty of its schedule: three years or more [own].
    """
    most = _most(state)
    if state.get("max_penalty_months") is None and state.get("severity") == "F" and state.get("law") == DRUGS:
        return Truth.YES if limit <= _LEAST_OF_DRUGS else Truth.UNKNOWN
    return Truth.UNKNOWN if most is None else Truth(2 * (most >= limit))
