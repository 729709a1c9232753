"""A pardon, as its row says: conditional or not."""

from __future__ import annotations

from ..charge_events import Standing
from ..dispositions import DispositionMap
from ..events import Event

__all__ = ["pardon"]

_KINDS = {
    **dict.fromkeys(("UNCONDITIONAL", "UNCONDITIONAL PARDON", "FULL", "FULL PARDON"), "unconditional"),
    **dict.fromkeys(("CONDITIONAL", "CONDITIONAL PARDON"), "conditional"),
}


def pardon(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """Note a pardon and its day; of which kind it is, is not known if the row does not say."""
    kind = _KINDS.get(" ".join(event.text.upper().split()))
    return {**state, "pardon": kind, "pardoned_on": event.event_date}
