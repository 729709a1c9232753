"""What is asked of a table in which an edit gives rows new values: to make them, and to refuse what marks rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import polars as pl

from .changes import Patch, RowEdit, TableChange
from .edit_patches import constants, refuse_marks, rows_with
from .row_verdicts import RowMask

__all__ = ["EditedTable"]


class EditedTable:
    """A table whose rows can get new values; what a source knows of its nulls and its texts, it overrides.

    Attributes
    ----------
    text : bool
        Whether values are handed out, and taken back, as text (delimited text, JSON Lines).
    """

    text: bool = False

    def check_edit(self, edit: RowEdit) -> None:
        """Refuse an edit of a column whose values the table cannot change, whatever rows it would reach.

        Raises
        ------
        UsageError
        """

    def check_change(self, change: TableChange) -> None:
        """Refuse a change that the table cannot hold, whether it is written or not.

        Raises
        ------
        UsageError
        """

    def new_values(
        self,
        edits: Iterable[tuple[RowMask, RowEdit]],
        kept: RowMask,
        columns: Mapping[str, pl.Series],
        accepted: Collection[str],
        **said: Any,
    ) -> dict[str, Patch]:
        """Give what edits of some rows change in those of them that stay; what would mark these is refused.

        Parameters
        ----------
        edits : iterable of (ndarray of bool, RowEdit)
            If two have a row and a column, the later one counts.
        kept : ndarray of bool
            Rows that stay.
        columns, accepted, said
            As of :meth:`settle_marks`.
        """
        patches: dict[str, Patch] = {}
        for rows, edit in edits:
            for name, patch in constants(edit, columns, rows & kept, kept, text=self.text).items():
                patches[name] = patch if name not in patches else patch.over(patches[name])
        self.settle_marks(TableChange(kept, patches), columns, accepted, **said)
        return patches

    def settle_marks(
        self, change: TableChange, columns: Mapping[str, pl.Series], accepted: Collection[str], **said: Any
    ) -> None:
        """Refuse new values of an edit that would mark their rows; columns may hold null where that is accepted.

        `change` and `columns` are as in :meth:`others_with`; `accepted` are columns in which a value may mark the rows;
        `said` is what the error says, as in :func:`refuse_marks`.
        """
        others = self.others_with(change, columns) if change.patches else {}
        for name, patch in change.patches.items():
            nulls = patch.edited and bool(patch.values.null_count())
            if not patch.edited or not len(patch.rows):
                continue
            if name not in accepted:
                refuse_marks(name, patch, others[name], holds_null=not nulls or self.holds_null(name), **said)
            elif nulls:
                self.hold_nulls(name)

    def holds_null(self, column: str) -> bool:
        """Say whether a column can hold a null."""
        return True

    def hold_nulls(self, column: str) -> None:
        """Let a column hold nulls from now on, whatever its schema says, if the source can."""

    def others_with(
        self, change: TableChange, columns: Mapping[str, pl.Series], start: int = 0
    ) -> dict[str, list[int]]:
        """Count the other rows that have each distinct new value of an edit, as it is written; enough of them will do.

        Parameters
        ----------
        change : TableChange
        columns : mapping of str to polars.Series
            What the table has in the columns that an edit changes; not needed in formats of text.
        start : int
            Where the table begins in the change, if it is a part of one; text counts its own rows alone.
        """
        edited = {name: patch for name, patch in change.patches.items() if patch.edited}
        return {name: rows_with(columns[name], patch, change.keep) for name, patch in edited.items()}
