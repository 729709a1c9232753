"""Errors that say about a column what does not fit it, and never show the value."""

from __future__ import annotations

from sealscrub.errors import UsageError

__all__ = ["unfit_constant", "unfit_keys"]


def unfit_constant(column: str) -> UsageError:
    """Say that a constant is not of its column's type, without showing it."""
    return UsageError(
        f"the value to set in the column {column!r} is not of its type",
        hint="give a value that the column can hold without changing its type.",
    )


def unfit_keys(column: str) -> UsageError:
    """Say that a column's values cannot be record keys."""
    return UsageError(
        f"the values of the column {column!r} cannot be record keys",
        hint="convert the column to text first; make a field or element that holds ids a column of its own.",
    )
