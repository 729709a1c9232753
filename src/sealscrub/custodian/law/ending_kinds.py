"""What an ending comes to, whether it is a common one or a state's own: final, in favour, open, adjourned."""

from __future__ import annotations

from .dispositions import CONVICTIONS, OPEN, Disposition
from .rules import Jurisdiction
from .state_declarations import EndingKind

__all__ = [
    "in_favour",
    "is_adjourned",
    "is_convicted_or_instead",
    "is_ended",
    "is_of_local_court",
    "is_open",
    "undoes",
]

_ENDED_IN_FAVOUR = frozenset(
    {
        Disposition.DISMISSED_ENTIRE,
        Disposition.DISMISSED_COUNT_ONLY,
        Disposition.DISMISSED_ON_APPEAL,
        Disposition.ACQUITTED_COMPLETE,
        Disposition.TRIAL_ORDER_DISMISSAL,
        Disposition.VERDICT_SET_ASIDE,
        Disposition.VACATED_DISMISSED,
        Disposition.HABEAS_DISCHARGE,
        Disposition.NO_TRUE_BILL,
        Disposition.DECLINED_PROSECUTION,
        Disposition.POLICE_DECLINED_VOIDED,
        Disposition.PETITION_WITHDRAWN,
    }
)
# A count that is dismissed ends no instrument: what comes after it is not a second ending.
_FINAL_ENDINGS = (
    (_ENDED_IN_FAVOUR - {Disposition.DISMISSED_COUNT_ONLY})
    | CONVICTIONS
    | {
        Disposition.COVERED_BY,
        Disposition.ACQUITTED_PARTIAL,
        Disposition.ABATED_DEATH,
        Disposition.NOT_RESPONSIBLE,
        Disposition.REMOVED_FAMILY_COURT,
        Disposition.JD_ADJUDICATED,
    }
)
_UNDOES = frozenset(  # a text that itself says that an earlier ending fell
    {
        Disposition.DISMISSED_ON_APPEAL,
        Disposition.VERDICT_SET_ASIDE,
        Disposition.VACATED,
        Disposition.VACATED_DISMISSED,
        Disposition.VACATED_NEW_TRIAL,
        Disposition.HABEAS_DISCHARGE,
        Disposition.DISMISSAL_VACATED,
    }
)
_FAVOURABLE_KINDS = (EndingKind.FAVOURABLE, EndingKind.LOCAL)
_FINAL_KINDS = (*_FAVOURABLE_KINDS, EndingKind.OVER, EndingKind.INSTEAD)
_OPEN_KINDS = (EndingKind.OPEN, EndingKind.RESTORED)


def is_ended(ending: object, place: Jurisdiction) -> bool:
    """Whether it ends the case."""
    return ending in _FINAL_ENDINGS or place.kind_of(ending) in _FINAL_KINDS


def in_favour(ending: object, place: Jurisdiction) -> bool:
    """Whether it ends the case, or a count, in the person's favour."""
    return ending in _ENDED_IN_FAVOUR or place.kind_of(ending) in _FAVOURABLE_KINDS


def undoes(ending: object, place: Jurisdiction) -> bool:
    """Whether it says that an earlier ending fell."""
    return ending in _UNDOES or place.kind_of(ending) is EndingKind.RESTORED


def is_open(ending: object, place: Jurisdiction) -> bool:
    """Whether a case that stands so is known to continue."""
    return ending in OPEN or place.kind_of(ending) in _OPEN_KINDS


def is_of_local_court(ending: object, place: Jurisdiction) -> bool:
    """Whether a local court ends a case so that a higher one may have."""
    return ending == Disposition.DISMISSED_ENTIRE or place.kind_of(ending) is EndingKind.LOCAL


def is_adjourned(ending: object, place: Jurisdiction) -> bool:
    """Whether the case is adjourned so that it ends in dismissal."""
    return place.kind_of(ending) is EndingKind.ADJOURNED


def is_convicted_or_instead(ending: object, place: Jurisdiction) -> bool:
    """Whether it is a conviction, or a finding in place of one."""
    return ending in CONVICTIONS or place.kind_of(ending) is EndingKind.INSTEAD
