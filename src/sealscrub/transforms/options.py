"""How a scan or scrub is done: strictness, and what happens to a match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sealscrub.errors import ConfigError, Spelled
from sealscrub.matching import Policy
from sealscrub.tables import RowEdit
from sealscrub.tables.file import Opening
from sealscrub.tables.reading_options import ReadAs

from .narrative_columns import NarrativeColumns

__all__ = ["Options", "Progress"]

Progress = Callable[[str, int, float], None]
"""Called with the table's name, the rows done so far and the share of the table that is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a scan or scrub can be given other than data, index and key columns.

    Attributes
    ----------
    use : str
        What the data is for; the index must have been published for it.
    policy : Policy
        How strict to be.
    edit : RowEdit, optional
        Matched rows stay, and these columns of them change; without it matched rows are dropped.
    keep_levels : tuple of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.
    keep_metadata : tuple of str
        Entries of metadata that stay.
    keep_index : bool
        Leave the gaps in a pandas ``RangeIndex``.
    positions : bool
        Whether the report lists the positions of matched rows, counted from 0.
    dry_run : bool
        Find, and write nothing.
    read_as : ReadAs
        How text files are read.
    sweep : bool
        Whether what is not declared a key is compared with the index as well.
    leave : mapping of str to str
        Columns that are not swept, and why.
    only : tuple of str, optional
        The only columns that are swept.
    narrative : NarrativeColumns, optional
        Columns of texts, in which mentions of sealed records are looked for.

    Raises
    ------
    ConfigError
        If a column is both left out and read, is left out without a reason, or is left out of a sweep that is not done.

    Examples
    --------
    >>> Options(keep_levels=("borough",), dry_run=True).named
    ('borough',)
    """

    use: str = "training"
    policy: Policy = field(default_factory=Policy)
    edit: RowEdit | None = None
    keep_levels: tuple[str, ...] = ()
    keep_metadata: tuple[str, ...] = ()
    keep_index: bool = False
    positions: bool = False
    dry_run: bool = False
    read_as: ReadAs = field(default_factory=ReadAs)
    sweep: bool = True
    leave: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] | None = None
    narrative: NarrativeColumns | None = None

    def __post_init__(self) -> None:
        if self.leave and not self.sweep:
            raise ConfigError(
                "columns can be left out only if a sweep is made",
                hint=Spelled("remove sweep=False or leave=.", "remove --no-sweep or --leave."),
            )
        for column, reason in self.leave.items():
            if not reason.strip():
                raise ConfigError(f"no reason is given why {column!r} is left", hint="say why it cannot hold ids.")
        for column in self.narratives:
            if column in self.leave or (self.edit is not None and column in self.edit.columns):
                raise ConfigError(
                    f"the column {column!r} is declared as a narrative, and is left out or edited as well",
                    hint="choose one.",
                )

    @property
    def named(self) -> tuple[str, ...]:
        """Columns that are named other than the keys, and those that are edited."""
        edit, texts = self.edit, self.narrative
        marks = (edit.accept_marks if edit is not None else ()) + (texts.accept_marks if texts is not None else ())
        return tuple(dict.fromkeys((*self.keep_levels, *marks, *self.narratives)))

    @property
    def narratives(self) -> tuple[str, ...]:
        """Columns of narratives."""
        return () if self.narrative is None else tuple(self.narrative.columns)

    @property
    def opening(self) -> Opening:
        """How the data is opened."""
        return Opening(
            read_as=self.read_as,
            keep_levels=self.keep_levels,
            keep_metadata=self.keep_metadata,
            keep_index=self.keep_index,
            use=self.use,
        )
