"""Writing a report file: whole or not at all, and closed to others where it holds counts."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from secrets import token_hex

from sealscrub.errors import ConfigError, WriteFailed

__all__ = ["replace_file"]


def replace_file(path: str, text: str, *, private: bool) -> None:
    """Put `text` where `path` says, by a temporary file beside it and a rename.

    A symbolic link stays, and what it points to is replaced. With `private` nobody but the owner can read the
    file at any moment, whatever the mode of the one that it replaces.

    Raises
    ------
    ConfigError
        If `path` is there and is no regular file.
    WriteFailed
        If the file could not be completed; what was there is as it was.
    """
    target = os.path.realpath(path)
    if os.path.lexists(target) and not stat.S_ISREG(os.lstat(target).st_mode):
        raise ConfigError(
            "a report is written to a regular file, and this is none",
            where=path,
            hint="name a file; --format prints a report to the standard output.",
        )
    folder, name = os.path.split(target)
    draft = os.path.join(folder, f".{name[:100]}.{token_hex(6)}.tmp")
    try:
        _write(draft, text, 0o600 if private else 0o666)
        os.replace(draft, target)
        _sync_folder(folder)
    except OSError as error:
        raise WriteFailed(
            f"the report could not be written: {error.strerror or 'the file system refused'}",
            where=path,
            hint="see that the folder exists, is writable and has room.",
        ) from None
    finally:
        with suppress(OSError):
            os.unlink(draft)


def _write(path: str, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
