"""Which columns are narratives, and what happens to those that mention what may not stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import TextIndex

__all__ = ["Given", "Handling", "NarrativeColumns"]

Given = str | Iterable[str] | Mapping[str, str]
"""Columns of narratives: one, some, or what happens to each."""


class Handling(StrEnum):
    """What happens to a narrative that mentions what may not stay."""

    SENTENCE = "sentence"
    """The sentences that mention it are removed."""
    NULL = "null"
    """The narrative becomes null."""
    DROP = "drop"
    """The row is removed."""


@dataclass(frozen=True, slots=True)
class NarrativeColumns:
    """Columns of narratives, and how they are read.

    Attributes
    ----------
    columns : mapping of str to Handling
        What happens to each.
    names : TextIndex, optional
        Names that are looked for, in addition to identifiers.
    possible : str
        What happens to a name that no second fact is next to: ``remove`` or ``keep``.
    accept_marks : tuple of str
        Columns in which most nulls or empty texts may be those that the run leaves.
    workers : int, optional
        How many processes work on large columns.
    """

    columns: Mapping[str, Handling]
    names: TextIndex | None = None
    possible: str = "remove"
    accept_marks: tuple[str, ...] = ()
    workers: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        workers = self.workers
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
            raise ConfigError("workers must be a whole number of at least 1", hint="leave it out for one a core.")
        if self.names is not None and not self.columns:
            raise ConfigError(
                "names were given, but no narrative column",
                hint=Spelled("narrative={COLUMN: 'sentence'}", "--narrative COLUMN"),
            )

    @classmethod
    def of(
        cls,
        given: Given,
        names: TextIndex | None = None,
        *,
        possible: str = "remove",
        accept_marks: Iterable[str] = (),
        workers: int | None = None,
    ) -> NarrativeColumns:
        """Read columns as they are written.

        Raises
        ------
        ConfigError
            When what is to happen to a column is not known, names are given and no columns, or for wrong workers.
        """
        if isinstance(given, str):
            given = (given,)
        written = given if isinstance(given, Mapping) else dict.fromkeys(given, Handling.SENTENCE)
        for column, handling in written.items():
            if handling not in list(Handling):
                raise cls.unknown_handling(column)
        columns = {column: Handling(handling) for column, handling in written.items()}
        accepted = (accept_marks,) if isinstance(accept_marks, str) else tuple(accept_marks)
        return cls(columns, names, possible, accepted, workers)

    @staticmethod
    def unknown_handling(column: str) -> ConfigError:
        """Say that it is not known what is to happen to a column."""
        return ConfigError(
            f"unknown treatment of the narratives in {column!r}", hint=f"use one of {', '.join(Handling)}."
        )
