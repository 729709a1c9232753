"""Whether a file is still the one that was looked at first."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sealscrub.errors import UnreadableInput

__all__ = ["FileState"]


@dataclass(frozen=True, slots=True)
class FileState:
    """A file's number, size and time of change, by which another content is noticed.

    Raises
    ------
    OSError
        From :meth:`of`, when the file does not exist.
    """

    path: Path
    facts: tuple[int, int, int]

    @classmethod
    def of(cls, path: Path) -> Self:
        """Take down a file's state."""
        facts = os.stat(path)
        return cls(path, (facts.st_ino, facts.st_size, facts.st_mtime_ns))

    def check(self, where: str = "") -> None:
        """Refuse a file that is another one by now.

        Raises
        ------
        UnreadableInput
            When it changed, or was deleted.
        """
        try:
            same = FileState.of(self.path) == self
        except OSError:
            same = False
        if not same:
            raise self.changed(where)

    def changed(self, where: str = "") -> UnreadableInput:
        """Say that the file changed."""
        return UnreadableInput(
            "the file changed while it was read", where=where or str(self.path), hint="run it again."
        )
