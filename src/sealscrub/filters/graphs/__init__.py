"""Link charts and networks: what has only sealed support is removed before anyone walks along it."""

from __future__ import annotations

from sealscrub.boundary import bound_room

from .edge_frames import guard_edges
from .networks import guard_graph

__all__ = ["guard_edges", "guard_graph"]

bound_room(__name__)
