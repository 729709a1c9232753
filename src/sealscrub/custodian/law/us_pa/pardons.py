"""A pardon, conditional or not: 9122.2(a)(4) asks for one of either kind."""

from __future__ import annotations

from ..charge_events import Standing
from ..dispositions import DispositionMap
from ..events import Event

__all__ = ["pardon"]

_KINDS = ("UNCONDITIONAL", "FULL", "CONDITIONAL")
_GRANTED = frozenset(
    {"", "PARDON", "PARDONED", "GRANTED", *(f"{kind}{noun}" for kind in _KINDS for noun in ("", " PARDON"))}
)


def pardon(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """Note a pardon and its day; where the row says something else, whether it was granted is not known."""
    granted = " ".join(event.text.upper().split()) in _GRANTED
    return {**state, "pardon": "granted" if granted else None, "pardoned_on": event.event_date}
