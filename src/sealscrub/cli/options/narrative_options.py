"""Which columns are texts that mention records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from sealscrub.errors import ConfigError

from ..declarations import option

if TYPE_CHECKING:
    from sealscrub.index import TextIndex

__all__ = ["NarrativeOptions"]


@dataclass(frozen=True, kw_only=True)
class NarrativeOptions:
    """Columns of texts in which mentions of sealed records are looked for, and names that are looked for as well."""

    panel: ClassVar[str] = "Narratives"
    narrative: Annotated[
        list[str] | None,
        option(
            "A column of texts. sentence: sentences naming a sealed record are removed; null: the text; drop: the "
            "row. Repeatable.",
            metavar="COLUMN[=sentence|null|drop]",
        ),
    ] = None
    null_elsewhere: Annotated[
        list[str] | None,
        option("Same as --narrative COLUMN=null, for a column of any type. Repeatable.", metavar="COLUMN"),
    ] = None
    names: Annotated[Path | None, option("A published file of names, which are looked for in the texts as well.")] = (
        None
    )

    @property
    def columns(self) -> dict[str, str]:
        """What happens to each column.

        Raises
        ------
        ConfigError
            When no column is named, or a column is to be treated in two ways.
        """
        columns: dict[str, str] = {}
        for column, handling in (*self._written, *((column, "null") for column in self.null_elsewhere or ())):
            if not column:
                raise ConfigError("--narrative takes COLUMN[=sentence|null|drop]", hint="such as --narrative TEXT.")
            if columns.setdefault(column, handling) != handling:
                raise ConfigError(f"the narratives in {column!r} are to be treated in two ways", hint="choose one.")
        return columns

    @property
    def _written(self) -> Iterator[tuple[str, str]]:
        for value in self.narrative or ():
            column, equals, handling = value.rpartition("=")
            yield (column, handling) if equals and handling in ("sentence", "null", "drop") else (value, "sentence")

    def opened(self, key: Path, use: str) -> TextIndex | None:
        """Open the names for a use, by the key of the index."""
        from sealscrub.index import open_text_index

        return None if self.names is None else open_text_index(self.names, key, use=use)
