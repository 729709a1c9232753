"""Where recipes keep what does not fit into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["private_folder"]


@contextmanager
def private_folder(beside: Path | None) -> Iterator[Path]:
    """A folder, which no one else can read, for what does not fit into memory: on the disk of the output."""
    if beside is None:
        with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
            yield Path(folder)
        return
    with tempfile.TemporaryDirectory(prefix=f"{beside.name}.", dir=beside.parent) as folder:
        yield Path(folder)
