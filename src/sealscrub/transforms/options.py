"""How a scan or scrub is done: strictness, what happens to a match, and how files are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sealscrub.frames import RowEdit
from sealscrub.matching import Policy

__all__ = ["Options", "Progress", "ReadAs"]

Progress = Callable[[str, int, float], None]
"""Told the table's name, the rows done so far and the share of the table that is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """How text files are read, where their first bytes do not tell or tell wrongly.

    Attributes
    ----------
    format : str, optional
        ``parquet``, ``csv`` or ``jsonl``.
    delimiter : str, optional
        One character between the fields.
    encoding : str, optional
        Such as ``utf-8``, ``utf-16``, ``latin-1``, ``cp1252``.
    quoting : str
        ``minimal`` (RFC 4180) or ``none`` (a quote is a character like any other).
    """

    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    quoting: str = "minimal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a scan or scrub can be told beside data, index and key columns.

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
    keep_index : bool
        Leave the gaps in a pandas ``RangeIndex``.
    positions : bool
        Whether the report lists the positions of matched rows, counted from 0.
    dry_run : bool
        Find, and write nothing.
    read_as : ReadAs
        How text files are read.
    """

    use: str = "training"
    policy: Policy = field(default_factory=Policy)
    edit: RowEdit | None = None
    keep_levels: tuple[str, ...] = ()
    keep_index: bool = False
    positions: bool = False
    dry_run: bool = False
    read_as: ReadAs = field(default_factory=ReadAs)
