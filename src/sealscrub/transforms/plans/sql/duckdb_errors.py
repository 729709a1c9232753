"""DuckDB's errors, reported without the values that its messages quote."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sealscrub.errors import ColumnError, ConfigError, IncompleteError, SealscrubError, UnreadableInput

from .sql_tree import as_named

__all__ = ["told_plainly"]

_COLUMN = re.compile(
    r'Referenced column "([^"]+)" (?:was )?not found|does not have a column named "([^"]+)"'
    r'|Column "([^"]+)" (?:does not exist|in EXCLUDE|in REPLACE)'
)
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "([^"]+)"')
_TABLE = re.compile(r'Referenced table "([^"]+)" not found')
_MANY = "More than one row returned by a subquery"


@contextmanager
def told_plainly(where: str, columns: Collection[str] = ()) -> Iterator[None]:
    """Run SQL, and report what DuckDB raises as an error of sealscrub.

    A message of DuckDB may quote the value that it could not cast, and its line the recipe's literals. Only the kind
    of the error is kept, and the name of a missing column.

    Parameters
    ----------
    where : str
        The recipe's place in the plan, or the table's.
    columns : collection of str
        Columns that there are, for a hint.

    Raises
    ------
    ConfigError
        When the SQL does not fit the tables.
    UnreadableInput
        When values are not what the SQL takes them for.
    IncompleteError
        When memory or disk run out.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        told = _as_our_error(error, where, columns)
    else:
        return
    raise told from None


def _as_our_error(error: Exception, where: str, columns: Collection[str]) -> SealscrubError:
    import duckdb

    text = str(error)
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
        return IncompleteError("memory or disk ran out", where=where, hint="give more memory, or a folder with space.")
    if _MANY in text:
        hint = "aggregate, or choose one row with ORDER BY and LIMIT 1."
        return ConfigError("the SELECT gives more than one row for a value", where=where, hint=hint)
    if isinstance(error, duckdb.BinderException):
        return _unbound(text, where, columns)
    if isinstance(error, duckdb.CatalogException):
        return ConfigError("the recipe uses a name or a type that DuckDB does not have", where=where, hint=_TRY_ALONE)
    if isinstance(error, duckdb.ConversionException):
        hint = "cast by try_cast, or declare the column's type."
        return UnreadableInput("a value cannot be cast to the requested type", where=where, hint=hint)
    if isinstance(error, duckdb.OutOfRangeException):
        return UnreadableInput("a value is out of its type's range", where=where, hint="cast to a wider type.")
    if isinstance(error, duckdb.InvalidInputException):
        hint = "a division by zero or a value that a function does not take; guard it by CASE or TRY."
        return UnreadableInput("a function of the recipe does not accept a value", where=where, hint=hint)
    return ConfigError("DuckDB refuses the recipe", where=where, hint=_TRY_ALONE)


_TRY_ALONE = "try it on its own in DuckDB."


def _unbound(text: str, where: str, columns: Collection[str]) -> ConfigError | ColumnError:
    if found := _AMBIGUOUS.search(text):
        hint = "qualify it: table.column."
        return ConfigError(f"{as_named('column', found[1])} is in several tables", where=where, hint=hint)
    if found := _TABLE.search(text):
        hint = "look for a misspelt name after its dot; a column of the row is this.column."
        named = as_named("table", found[1])
        return ColumnError(f"a column of {named} that the recipe uses does not exist", where=where, hint=hint)
    found = _COLUMN.search(text)
    if not found:
        hint = "check its names and types; a column of a text file is text unless the plan declares types."
        return ConfigError("the recipe does not fit the tables", where=where, hint=hint)
    name = next(filter(None, found.groups())).removeprefix("this.")
    nearest = difflib.get_close_matches(name.casefold(), [each.casefold() for each in columns], n=1, cutoff=0.6)
    meant = next((each for each in columns if nearest and each.casefold() == nearest[0]), "")
    meant = f"did you mean {meant}? " if meant and as_named("column", meant) != "a column" else ""
    hint = f"{meant}within a SELECT, a column of the row is this.column; text is in single quotes."
    return ColumnError(f"the recipe uses {as_named('column', name)} that does not exist", where=where, hint=hint)
