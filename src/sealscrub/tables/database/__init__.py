"""Tables of databases as parts of an estate: a DuckDB or SQLite file, or a schema of PostgreSQL.

A database is read in one state, from the find phase to the end of writing. What is written is a new database (or a
new schema) with the plan's tables, filled in order from nothing: never a copy from which rows are deleted, since what
is deleted stays in free pages.
"""

from __future__ import annotations

from sealscrub.boundary import bound_room

from .database_layout import DatabaseColumn, Written
from .database_opener import open_store
from .database_source import DatabaseKind, DatabaseSource, TableName
from .database_store import DatabaseStore, DatabaseTable

__all__ = [
    "DatabaseColumn",
    "DatabaseKind",
    "DatabaseSource",
    "DatabaseStore",
    "DatabaseTable",
    "TableName",
    "Written",
    "open_store",
]

bound_room(__name__)
