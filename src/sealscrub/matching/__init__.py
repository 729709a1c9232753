"""(table, index, key columns) → which rows: exact matches of canonical record keys."""

from .key_columns import KeyColumn, parse_on
from .matcher import KeyTally, TableMatcher, TableTally, Verdicts
from .policy import Policy

__all__ = ["KeyColumn", "KeyTally", "Policy", "TableMatcher", "TableTally", "Verdicts", "parse_on"]
