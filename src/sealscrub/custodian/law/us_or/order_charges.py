"""Whether the file says which charges an order of a court reaches, if its row names none of several."""

from __future__ import annotations

from ..charge_events import Standing
from ..dispositions import CONVICTIONS
from ..three_values import Truth
from .attempts import LEFT_OUT_READS, left_out

__all__ = ["READS", "SET_ASIDE", "charges_of_order"]

#: Sections of which an order seals an adult's record.
SET_ASIDE = ("137.223", "137.225", "137.226", "475C.397")
READS = frozenset({"ending", "ordered", "order_mixed", "order_several", "order_scope"}) | LEFT_OUT_READS


def charges_of_order(state: Standing) -> Truth:
    """Whether it is known that the order is about this charge; one of a statute's that excludes it may not be."""
    if state.get("order_scope") == "all" or state.get("order_several") != "Y":
        return Truth.YES
    if state.get("order_mixed") == "Y" or state.get("order_scope") == "listed":
        return Truth.UNKNOWN
    excluded = state["ending"] in CONVICTIONS and state.get("ordered") == "137.225" and left_out(state) is Truth.YES
    return Truth.UNKNOWN if excluded else Truth.YES
