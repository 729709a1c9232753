"""What of a charge's status is a conviction in Virginia, and which convictions its sections distinguish."""

from __future__ import annotations

from ..charge_events import Standing
from ..dispositions import CONVICTIONS, MAY_BE_CONVICTED
from ..three_values import Truth
from .sealing_orders import SEALS
from .virginia_offences import FELONY, INFRACTION, LISTED_CODES, MISDEMEANOUR

__all__ = [
    "ELSEWHERE",
    "MAY_HAVE_ENDED_SO",
    "felony_of",
    "is_conviction",
    "is_deemed",
    "is_expunged",
    "is_reported",
    "is_unlisted",
]

#: It went to another court: how it ended there, another case says.
ELSEWHERE = frozenset({"SENT_ELSEWHERE", "TRANSFERRED_SUPERIOR", "SUPERSEDED"})
MAY_HAVE_ENDED_SO = MAY_BE_CONVICTED | ELSEWHERE | {"NOT_SAID", "PREPAID"}
_EXPUNGED = ("392.2",)


def is_expunged(state: Standing) -> Truth:
    """Whether a court ordered it expunged."""
    ordered = state.get("ordered", "")
    return Truth.UNKNOWN if ordered is None else Truth(2 * (ordered in _EXPUNGED))


def is_conviction(state: Standing) -> Truth:
    """Whether it is a conviction of more than an infraction that nothing has undone."""
    ended = state["ending"]
    convicted = Truth.YES if ended in CONVICTIONS else Truth(int(ended in MAY_HAVE_ENDED_SO))
    excused = any(state.get(name) == "Y" for name in ("pardoned", "innocent"))
    stands = min(~is_expunged(state), Truth.UNKNOWN if excused else Truth.YES)
    return min(convicted, stands, ~INFRACTION.truth(state))


def is_reported(state: Standing) -> Truth:
    """Whether its conviction is one that is reported to the repository, or of another state [own].

    Felonies and misdemeanours of Class 1 and 2 are; of Class 3 and 4 some are.
    """
    if state.get("other_state") == "Y" or FELONY.truth(state) is Truth.YES:
        return Truth.YES
    return Truth.YES if state.get("offense_class") in ("1", "2") else Truth.UNKNOWN


def is_deemed(state: Standing) -> Truth:
    """Whether § 19.2-392.11 counts its conviction: of Virginia, reported, and not ordered to be sealed.

    Whether it counts one of former § 18.2-250.1, which is sealed without an order, is not known.
    """
    if state.get("ordered") in SEALS or state.get("other_state") == "Y":
        return Truth.NO
    return min(is_reported(state), Truth.UNKNOWN if state.get("law") == "VC 18.2-250.1" else Truth.YES)


def is_unlisted(state: Standing) -> Truth:
    """Whether it is of an offence that § 19.2-392.6(A) does not list."""
    law = state.get("law")
    listed = Truth.UNKNOWN if law is None else Truth(2 * (law in LISTED_CODES))
    return ~min(listed, MISDEMEANOUR.truth(state))


def felony_of(state: Standing, *classes: str) -> tuple[Truth, Truth]:
    """Whether it is a felony, and whether its class is one of these."""
    held = state.get("offense_class")
    return FELONY.truth(state), Truth.UNKNOWN if held is None else Truth(2 * (held in classes))
