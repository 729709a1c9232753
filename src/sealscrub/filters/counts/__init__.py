"""Counts, tables of small areas, grids of hot spots: computed again from the events that are left."""

from __future__ import annotations

from sealscrub.boundary import bound_room

from .count_tables import Counts, guard_counts
from .hot_spot_grids import guard_grid

__all__ = ["Counts", "guard_counts", "guard_grid"]

bound_room(__name__)
