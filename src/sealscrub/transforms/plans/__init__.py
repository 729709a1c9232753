"""Plans: a whole estate of tables, scrubbed from one reviewed file, ``sealscrub.toml``.

A plan says where each table is, which of its columns are record keys, which rows depend on which, and by which recipe
a column or a table was computed. :class:`Plan` checks it, scans and scrubs with it.
"""

from sealscrub.boundary import bound_room

from .estate_plan import Plan, ScrubbedEstate
from .plan_check import PlanCheck

__all__ = ["Plan", "PlanCheck", "ScrubbedEstate"]

bound_room(__name__)
