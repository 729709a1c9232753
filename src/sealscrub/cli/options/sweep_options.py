"""What is compared with the index other than key columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from sealscrub.errors import ConfigError

from ..declarations import option, unless

__all__ = ["Leave", "SweepOptions", "left_columns"]

_PANEL = "Other columns"
_LEAVE = option(
    "A column that cannot hold ids of records, and why. In the name of a column write \\= for =. Repeatable.",
    "--leave",
    metavar="COLUMN=REASON",
    rich_help_panel=_PANEL,
)
Leave = Annotated[list[str] | None, _LEAVE]


def left_columns(leave: list[str] | None) -> dict[str, str]:
    """Read columns that are not compared, and why.

    Raises
    ------
    ConfigError
        When a reason is missing.
    """
    pairs = [re.split(r"(?<!\\)=", value, maxsplit=1) for value in leave or ()]
    for column, *reason in pairs:
        if not column or not "".join(reason).strip():
            raise ConfigError("--leave takes COLUMN=REASON", hint="for instance --leave PHONE='telephone numbers'.")
    return {column.replace("\\=", "="): reason for column, reason in pairs}


@dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """Whether columns that are not keys are compared with the index, and which are left out."""

    panel: ClassVar[str] = _PANEL
    no_sweep: Annotated[bool, option("Compare only key columns with the index; the report says so.", "--no-sweep")] = (
        False
    )
    leave: Annotated[Leave, unless("--no-sweep")] = None

    @property
    def sweep(self) -> bool:
        """Whether everything that is not a key column is compared with the index."""
        return not self.no_sweep

    @property
    def left(self) -> dict[str, str]:
        """Columns that are not compared, and why."""
        return left_columns(self.leave)
