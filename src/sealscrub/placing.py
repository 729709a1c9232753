"""Putting a finished file in place in one step, or leaving the target as it was."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sealscrub.errors import WriteFailed

__all__ = ["placed_file"]


@contextlib.contextmanager
def placed_file(path: str | Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write a temporary file beside a target, and rename it when the block ends well.

    After an exception, Ctrl-C or a full disk, the target is as it was and the temporary file is gone. After a kill
    a temporary file may be left, named ``.NAME.<random>.part``; the target is as it was.

    Parameters
    ----------
    path : str or Path
        The target.
    mode : int
        Permissions of the file, less the process's mask unless they name the owner's group or nobody.

    Yields
    ------
    binary file

    Raises
    ------
    WriteFailed
        When the file cannot be made, written or renamed.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "note.txt"
    >>> with placed_file(target) as file:
    ...     _ = file.write(b"done")
    >>> target.read_bytes()
    b'done'
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except OSError as error:
        raise _failed(path, error) from None
    try:
        with os.fdopen(handle, "w+b") as file:
            if mode != 0o666:
                os.fchmod(handle, mode)
            yield file
            file.flush()
            os.fsync(handle)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _failed(path: Path, error: OSError) -> WriteFailed:
    return WriteFailed(
        f"cannot be written ({error.strerror or type(error).__name__})",
        where=str(path),
        hint="nothing was changed; free the disk or name another place, and run it again.",
    )


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
