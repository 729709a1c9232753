"""Plans: a whole estate of tables, scrubbed from one reviewed file, ``sealscrub.toml``.

A plan says where each table is, which of its columns are record keys, which rows hang on which, and by which recipe
a column or a table was computed. :class:`Plan` checks it, scans and scrubs with it.
"""

from .checking import PlanCheck
from .plan import Plan, ScrubbedEstate

__all__ = ["Plan", "PlanCheck", "ScrubbedEstate"]
