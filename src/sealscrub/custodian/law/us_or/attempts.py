"""How a charge is graded: an attempt is of a class one lower than its offence, ORS 161.405 [own].

Courts bring an attempt under ORS 161.405 and grade it as what it is; where the row has the offence's own section and
grade, the column ``attempted`` says so. What was attempted decides whether it is ever set aside: of most offences that
are left out it is not known whether an attempt is, too.
"""

from __future__ import annotations

from ..charge_events import Standing
from ..conditions import Condition, Either, Every, Is
from ..three_values import Truth
from .oregon_offences import LEFT_OUT, MURDER, NEVER_SET_ASIDE

__all__ = ["GRADE_READS", "LEFT_OUT_READS", "graded", "graded_as", "left_out"]

_ATTEMPT = "ORS 161.405"
_LOWER = {"FA": "FB", "FB": "FC", "FC": "MA", "FU": "MA", "MA": "MB", "MB": "MC", "MC": "V"}
GRADE_READS = frozenset({"severity", "offense_class", "attempted", "law"})
LEFT_OUT_READS = NEVER_SET_ASIDE.facts() | GRADE_READS | {"attempt", "person_felony"}


def graded(state: Standing) -> str | None:
    """Severity and class of a charge, or severity alone of what has no classes; None if they are not known.

    Examples
    --------
    >>> theft = {"severity": "F", "offense_class": "C", "law": "ORS 164.055"}
    >>> graded(theft), graded(theft | {"attempted": "Y"})
    ('FC', 'MA')
    """
    severity, offense_class = state.get("severity"), state.get("offense_class")
    if severity not in ("F", "M"):
        return None if severity is None or state.get("attempted") == "Y" else str(severity)
    if state.get("attempted") == "Y" and MURDER.truth(state) is Truth.YES:
        return "FA"
    if offense_class is None:
        return None
    stated = f"{severity}{offense_class}"
    return _LOWER.get(stated) if state.get("attempted") == "Y" else stated


def graded_as(*grades: str) -> Condition:
    """Whether a charge is graded so: its own grade, or that of what was attempted is one higher.

    Examples
    --------
    >>> graded_as("FC").truth({"severity": "F", "offense_class": "B", "attempted": "Y"}).name
    'YES'
    """
    higher = (name for name, lower in _LOWER.items() if lower in grades)
    return Either(
        Every(Is("attempted", "N"), Either(*(_stated(grade) for grade in grades))),
        Every(Is("attempted", "Y"), Either(*(_stated(grade) for grade in higher))),
    )


def _stated(grade: str) -> Condition:
    severity, offense_class = grade[:1], grade[1:]
    return Every(Is("severity", severity), *([Is("offense_class", offense_class)] if offense_class else []))


def _is_attempt(state: Standing) -> bool:
    return "Y" in (state.get("attempted"), state.get("attempt")) or state.get("law") == _ATTEMPT


def left_out(state: Standing) -> Truth:
    """Whether an offence is one that is never set aside.

    Examples
    --------
    >>> theft = {"severity": "M", "offense_class": "A", "law": "ORS 164.055", "article": "ORS 164", "attempt": "Y"}
    >>> left_out(theft).name, left_out(theft | {"law": "ORS 161.405"}).name
    ('NO', 'UNKNOWN')
    """
    if not _is_attempt(state):
        return NEVER_SET_ASIDE.truth(state)
    grade = graded(state)
    if grade == "FA" or (grade == "FB" and state.get("person_felony") == "Y"):
        return Truth.YES
    person_felony_known = grade != "FB" or state.get("person_felony") == "N"
    if grade is None or not person_felony_known or state.get("law") in (None, _ATTEMPT):
        return Truth.UNKNOWN
    return min(LEFT_OUT.truth(state), Truth.UNKNOWN)
