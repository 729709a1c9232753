"""What Oregon's own kinds of event do: diversion, probation revoked, orders that name charges or none."""

from __future__ import annotations

from ..dispositions import DispositionMap
from ..event_steps import notes
from ..events import Event
from ..state_declarations import Step
from ..status_transitions import Standing, common_step
from ..three_values import Truth
from .order_charges import SET_ASIDE, charges_of_order

__all__ = ["BEGINS", "EVENTS", "FACTS", "KEPT"]

_OFFENCE = ("severity", "offense_class", "law", "article", "subdivision")


def _dispose(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """A charge that was diverted stays one that was, however it then ends; an unclassified one may be of any class."""
    after = common_step(state, event, mapping)
    if after.get("offense_class") == "U" and after.get("attempted") != "Y":
        after = {**after, "offense_class": None}
    diverted = "DISMISSED_AFTER_DIVERSION" in (after["ending"], state["ending"]) or state["ending"] == "DIVERTED"
    return {**after, "diverted": "Y"} if diverted else after


def _order(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """Whether the order names no charge of several; one that seals stays the one that does, whatever follows it."""
    if _seals(state):
        return state
    found = dict(event.more or ())
    return {
        **common_step(state, event, mapping),
        "order_mixed": "Y" if found.get("counts_differ") else "N",
        "order_several": "Y" if found.get("counts_several") else "N",
    }


def _seals(state: Standing) -> bool:
    young = state.get("juvenile_court") == "Y" and str(state.get("ordered")).startswith("419A.")
    return young or (state.get("ordered") in SET_ASIDE and charges_of_order(state) is Truth.YES)


def _vacate(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """The offence stays what it was: whether it is one of motor vehicles bears on what may be set aside."""
    return {name: state[name] for name in _OFFENCE if name in state} | common_step(state, event, mapping)


EVENTS: dict[str, Step] = {
    "disposition": _dispose,
    "vacated": _vacate,
    "seal_order": _order,
    "diverted": notes("diverted"),
    "probation_revoked": notes("revoked", on="revoked_on"),
    "expunction_requested": notes("requested", on="requested_on"),
    "psrb_ended": notes("psrb", "ended", on="psrb_ended_on"),
}
FACTS = {"revoked_on": "probation_revoked", "requested_on": "expunction_requested", "psrb_ended_on": "psrb_ended"}
BEGINS = {"attempted": "N", "sentence_performed": "not told", "revoked": "N", "order_mixed": "N", "order_several": "N"}
KEPT = frozenset(
    {
        *("diverted", "revoked", "revoked_on", "psrb", "psrb_ended_on", "requested", "requested_on"),
        *("order_mixed", "order_several"),
    }
)
