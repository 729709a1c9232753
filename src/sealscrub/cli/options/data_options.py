"""What is read: files and their key columns, the index, and the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import typer

from sealscrub.errors import ConfigError

from ..declarations import option
from .completions import known_schemes, known_uses

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.tables.reading_options import ReadAs
    from sealscrub.transforms.plans import Plan

__all__ = [
    "Aliases",
    "Day",
    "Dispositions",
    "Inputs",
    "KnownAt",
    "Law",
    "MatchingKeyFile",
    "On",
    "Raw",
    "ReadingOptions",
    "Renamed",
    "RequiredAliases",
    "Rerun",
    "Retrain",
    "Scheme",
    "Schemes",
    "Seed",
    "Until",
    "Use",
    "UsedIndex",
    "given_keys",
]

Inputs = Annotated[
    list[str] | None,
    typer.Argument(help="Files, folders or quoted globs: Parquet, CSV, TSV, JSONL, also .gz and .zst."),
]
On = Annotated[
    list[str] | None,
    option(
        "A key column: arrest_number=ARREST_NO, opaque:compas=c_case_number, person_arrest=NYSID+ARREST_DATE. "
        "May be given several times.",
        "--on",
        metavar="SCHEME=COLUMN",
    ),
]
Scheme = Annotated[
    str, option("Scheme of the identifiers.", "--scheme", autocompletion=known_schemes, metavar="SCHEME")
]
Use = Annotated[
    str, option("What the data is for; the index must be published for it.", "--use", autocompletion=known_uses)
]
Seed = Annotated[int, option("Random seed.", "--seed")]
Renamed = Annotated[
    list[str] | None, option("Rename a column; THEIRS= leaves it unread. Repeatable.", "--map", metavar="THEIRS=OURS")
]
_ALIASES = option("Your own TOML file of dispositions.", "--aliases")
Aliases = Annotated[Path | None, _ALIASES]
RequiredAliases = Annotated[Path, _ALIASES]
Law = Annotated[str, option("The jurisdiction.", "--law")]
Day = Annotated[dt.datetime | None, option("A day; today by default (UTC).", "--as-of")]
KnownAt = Annotated[dt.datetime | None, option("Ignore what was recorded after this day (UTC).", "--known-at")]
Dispositions = Annotated[Path, typer.Argument(help="CSV, TSV, Parquet or JSON Lines: one row per charge event.")]
Until = Annotated[dt.datetime, option("The last day.", "--until")]
Raw = Annotated[Path | None, option("The data before scrubbing, which the function takes.", "--raw")]
Rerun = Annotated[
    str | None,
    option(
        "Your function that made the data, as module:function, or features from it; it is run again.",
        "--rerun",
        metavar="FUNCTION",
    ),
]
Retrain = Annotated[
    str | None, option("Your function that trains the model, as module:function.", "--retrain", metavar="FUNCTION")
]


@dataclass(frozen=True, kw_only=True)
class Schemes:
    """Schemes of one's own, which count from here on."""

    schemes: Annotated[list[Path] | None, option("A TOML file with your own schemes. Repeatable.")] = None

    def __post_init__(self) -> None:
        from sealscrub.identifiers import load_schemes

        for file in self.schemes or ():
            load_schemes(file)


@dataclass(frozen=True, kw_only=True)
class MatchingKeyFile(Schemes):
    """The key that matches."""

    key_file: Annotated[Path | None, option("The matching key, never the key itself.", envvar="SEALSCRUB_KEY_FILE")] = (
        None
    )

    @property
    def key(self) -> Path:
        """The key's file.

        Raises
        ------
        ConfigError
            When it is not named.
        """
        if self.key_file is None:
            raise ConfigError("--key-file is missing", hint="--key-file seal.key, or SEALSCRUB_KEY_FILE.")
        return self.key_file


@dataclass(frozen=True, kw_only=True)
class UsedIndex(MatchingKeyFile):
    """The index that is asked, and the key that opens it."""

    index: Annotated[Path | None, option("The published index.", envvar="SEALSCRUB_INDEX")] = None
    min_epoch: Annotated[int | None, option("Refuse an index of an older epoch.")] = None

    @property
    def file(self) -> Path:
        """The index's file.

        Raises
        ------
        ConfigError
            When it is not named.
        """
        if self.index is None:
            raise ConfigError("--index is missing", hint="--index training.sealindex, or SEALSCRUB_INDEX.")
        return self.index

    def open(self, use: str | None = None) -> Index:
        """Open it for a use."""
        from sealscrub.index import open_index

        return open_index(self.file, self.key, use=use, min_epoch=self.min_epoch)

    def or_of(self, plan: Plan) -> UsedIndex:
        """Take what is not named here from a plan."""
        return UsedIndex(
            index=self.index or plan.place_of_index,
            key_file=self.key_file or plan.place_of_key,
            min_epoch=self.min_epoch,
        )


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """How text files are read."""

    panel: ClassVar[str] = "Text files"
    input_format: Annotated[
        str | None, option("Format, such as parquet, csv or jsonl, if the suffix does not show it.")
    ] = None
    delimiter: Annotated[str | None, option("Field separator of text files; found automatically by default.")] = None
    encoding: Annotated[str | None, option("Encoding of text files, such as latin-1; else UTF-8 or UTF-16.")] = None
    quoting: Annotated[
        Literal["minimal", "none"], option("minimal: fields may be quoted; none: quotes have no meaning.")
    ] = "minimal"

    def read_as(self) -> ReadAs:
        """The same for the library."""
        from sealscrub.tables.reading_options import ReadAs

        delimiter = "\t" if self.delimiter == "\\t" else self.delimiter
        return ReadAs(format=self.input_format, delimiter=delimiter, encoding=self.encoding, quoting=self.quoting)


def given_keys(on: Sequence[str] | None) -> list[str]:
    """Give the key columns.

    Parameters
    ----------
    on : sequence of str, optional
        What ``--on`` was given: ``SCHEME=COLUMN`` each.

    Raises
    ------
    ConfigError
        When none is named.
    """
    if not on:
        raise ConfigError(
            "--on is missing", hint="--on arrest_number=ARREST_NO: which column is a key, of what scheme."
        )
    return list(on)
