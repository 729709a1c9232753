"""(table, index, key columns) → which rows: exact matches of canonical record keys."""

from .key_columns import KeyColumn, parse_on
from .matcher import KeyTally, TableMatcher, TableTally, Verdicts
from .one_record import RecordMatcher
from .policy import Policy

__all__ = ["KeyColumn", "KeyTally", "Policy", "RecordMatcher", "TableMatcher", "TableTally", "Verdicts", "parse_on"]
