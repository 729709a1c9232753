"""(table, index, key columns) → which rows: exact matches of canonical record keys."""

from sealscrub.boundary import bound_room

from .key_columns import KeyColumn, parse_on
from .level_matcher import LevelMatcher, LevelTally
from .match_counts import KeyTally, TableTally
from .matcher import TableMatcher, Verdicts
from .one_record import RecordMatcher
from .policy import Policy
from .sweep import Sweep, SweepTally

__all__ = [
    "KeyColumn",
    "KeyTally",
    "LevelMatcher",
    "LevelTally",
    "Policy",
    "RecordMatcher",
    "Sweep",
    "SweepTally",
    "TableMatcher",
    "TableTally",
    "Verdicts",
    "parse_on",
]

bound_room(__name__)
