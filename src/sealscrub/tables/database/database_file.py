"""A new file of a database: in place when it is whole, and nothing left of it otherwise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sealscrub.atomic_write import placed_path
from sealscrub.errors import UsageError, WriteFailed

__all__ = ["new_database"]


@contextlib.contextmanager
def new_database(target: Path, beside: str, failure: type[Exception], hint: str) -> Iterator[Path]:
    """Give the place at which an engine writes a file that is put in the place of `target` at the end.

    Parameters
    ----------
    target : Path
        A file that does not exist yet.
    beside : str
        Suffix of the file that the engine keeps next to it while it writes.
    failure : type of Exception
        What the engine raises.
    hint : str
        What a person should look at when it does.

    Raises
    ------
    UsageError
        When the target is there.
    WriteFailed
        When the engine cannot write.
    """
    if target.exists() or target.is_symlink():
        raise UsageError("the target already exists", where=str(target), hint="a database is written again.")
    with placed_path(target) as part:
        try:
            yield part
        except failure:
            raise WriteFailed("the new database can't be written", where=str(target), hint=hint) from None
        finally:
            part.with_name(part.name + beside).unlink(missing_ok=True)
