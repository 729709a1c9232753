"""What Linux, macOS and Windows do with files in ways of their own: locks, permissions, reads at a place, folders.

Nothing else in the library asks for ``fcntl`` or ``msvcrt``, but for the sandbox, which is Linux's.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, SealscrubError, UnreadableInput

__all__ = [
    "BINARY",
    "NO_WAIT",
    "is_open_folder",
    "locked",
    "open_to_others",
    "parsed_toml",
    "read_at",
    "read_toml",
    "readable",
    "reason_of",
    "set_mode",
    "sha256_of",
    "sync",
    "sync_folder",
    "write_at",
]

BINARY: int = getattr(os, "O_BINARY", 0)
"""For ``os.open``: Windows changes the ends of lines without it."""
NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)
"""For ``os.open``: a pipe that has a file's name does not make it wait."""

_SYSTEM: Any = os
"""Not every system has all of its names."""
_LOCKED_BYTE = 1 << 40
"""Windows keeps others from reading what is locked: this byte is behind the end of every file that is locked."""


def _found(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


_FCNTL = _found("fcntl")


def reason_of(error: OSError) -> str:
    """Say why the operating system refused something, in its own words: another library's may hold a path.

    Parameters
    ----------
    error : OSError

    Examples
    --------
    >>> reason_of(FileNotFoundError(2, "Failed to open local file 'arrest_no=K14612345/part.parquet'"))
    'No such file or directory'
    """
    return type(error).__name__ if error.errno is None else os.strerror(error.errno)


@contextlib.contextmanager
def readable(
    path: str | Path, *, what: str = "", kind: type[SealscrubError] = UnreadableInput, hint: str = ""
) -> Iterator[None]:
    """Make what the operating system says when a file is read an error of the library, with the file's name.

    Parameters
    ----------
    path : str or Path
    what : str
        What the file is, such as ``the annex``.
    kind : type
        Of the error.
    hint : str
        What to do.

    Raises
    ------
    UnreadableInput
        Or an error of `kind`: when it cannot be read.

    Examples
    --------
    >>> with readable("absent.receipts"):
    ...     Path("absent.receipts").read_bytes()
    Traceback (most recent call last):
        ...
    sealscrub.errors.UnreadableInput: absent.receipts: cannot be read (No such file or directory)
    """
    try:
        yield
    except OSError as error:
        raise kind(f"{what} cannot be read ({error.strerror})".strip(), where=str(path), hint=hint) from None


def sha256_of(path: str | Path, *, kind: type[SealscrubError] = UnreadableInput) -> str:
    """SHA-256 of a file, 64 hex digits.

    Parameters
    ----------
    path : str or Path
    kind : type
        Of the error.

    Raises
    ------
    UnreadableInput
        Or an error of `kind`: when it cannot be read.

    Examples
    --------
    >>> _ = Path("model.bin").write_bytes(b"abc")
    >>> sha256_of("model.bin")[:16]
    'ba7816bf8f01cfea'
    """
    with readable(path, kind=kind), Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a file of TOML.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    UnreadableInput
        When it cannot be read.
    ConfigError
        When it is not valid TOML; the error names the line.

    Examples
    --------
    >>> _ = Path("note.toml").write_text("days = 30")
    >>> read_toml("note.toml")
    {'days': 30}
    """
    with readable(path):
        content = Path(path).read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", where=str(path), hint="save it as text in UTF-8.") from None
    return parsed_toml(text, str(path))


def parsed_toml(text: str, where: str, hint: str = "correct this line.") -> dict[str, Any]:
    r"""Parse a text of TOML.

    Parameters
    ----------
    text : str
    where : str
        What the text is called in an error.
    hint : str

    Raises
    ------
    ConfigError
        When it is not valid TOML; the error names the line, and holds nothing of the text.

    Examples
    --------
    >>> parsed_toml("days = 30\nfrom = 2026-13-01", "note.toml")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: note.toml, line 2: is not valid TOML...
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError("is nested too deeply", where=where) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = found[1] if found else text.rstrip().count("\n") + 1  # what is missing is missing at the end
        raise ConfigError("is not valid TOML", where=f"{where}, line {line}", hint=hint) from None


@contextlib.contextmanager
def locked(handle: int, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock on an open file; processes that ask for it meanwhile wait.

    Parameters
    ----------
    handle : int
    shared : bool
        Whether others may hold it as well, who ask for the same. Windows gives it to one at a time all the same.

    Raises
    ------
    OSError
        When the file system has no locks.

    Examples
    --------
    >>> with open("note.txt", "wb") as file, locked(file.fileno()):
    ...     _ = file.write(b"done")
    """
    if _FCNTL is not None:
        _FCNTL.flock(handle, _FCNTL.LOCK_SH if shared else _FCNTL.LOCK_EX)
    else:
        _locking(handle, "LK_LOCK")
    try:
        yield
    finally:
        if _FCNTL is not None:
            _FCNTL.flock(handle, _FCNTL.LOCK_UN)
        else:
            _locking(handle, "LK_UNLCK")


def _locking(handle: int, what: str) -> None:
    """Lock a byte as Windows does, or unlock it; it gives up after ten seconds, so it is asked again."""
    windows = importlib.import_module("msvcrt")
    before = os.lseek(handle, 0, os.SEEK_CUR)
    try:
        while True:
            os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
            try:
                windows.locking(handle, getattr(windows, what), 1)
            except OSError as error:
                if error.errno != errno.EDEADLK:
                    raise
            else:
                return
    finally:
        os.lseek(handle, before, os.SEEK_SET)


def is_open_folder(folder: Path) -> bool:
    """Say by a folder's mode whether other accounts may put files into it, and replace those that are in it.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    bool
        False on Windows, whose modes say nothing about accounts.

    Examples
    --------
    >>> Path("private").mkdir(mode=0o700)
    >>> is_open_folder(Path("private"))
    False
    """
    return hasattr(os, "getuid") and bool(folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def open_to_others(place: int | Path, *, unless_read_only: bool = False) -> int:
    """Say by a file's mode whether other accounts may read it.

    Parameters
    ----------
    place : int or Path
        An open file, or a path.
    unless_read_only : bool
        Whether a file on a read-only mount passes, whose mode cannot be changed.

    Returns
    -------
    int
        The mode where they may, else 0. It is 0 on Windows, whose modes say nothing about accounts.

    Examples
    --------
    >>> Path("note.txt").touch(mode=0o600)
    >>> open_to_others(Path("note.txt"))
    0
    """
    if not hasattr(os, "getuid"):
        return 0
    mode = stat.S_IMODE(os.stat(place).st_mode)
    if not mode & 0o077 or (unless_read_only and _SYSTEM.statvfs(place).f_flag & _SYSTEM.ST_RDONLY):
        return 0
    return mode


def set_mode(handle: int, mode: int) -> None:
    """Set the mode of an open file, whatever the process's mask; on Windows its folder decides who may read it.

    Parameters
    ----------
    handle, mode : int

    Examples
    --------
    >>> with open("note.txt", "wb") as file:
    ...     set_mode(file.fileno(), 0o600)
    """
    if hasattr(os, "getuid"):
        _SYSTEM.fchmod(handle, mode)


def read_at(handle: int, size: int, at: int) -> bytes:
    """Read up to so many bytes from a place on.

    Parameters
    ----------
    handle, size, at : int

    Examples
    --------
    >>> _ = Path("note.txt").write_bytes(b"all done")
    >>> with open("note.txt", "rb") as file:
    ...     read_at(file.fileno(), 100, 4)
    b'done'
    """
    if hasattr(os, "pread"):
        return bytes(_SYSTEM.pread(handle, size, at))
    os.lseek(handle, at, os.SEEK_SET)
    return os.read(handle, size)


def write_at(handle: int, content: bytes | memoryview, at: int) -> int:
    """Write bytes from a place on, and say how many were written.

    Parameters
    ----------
    handle : int
    content : bytes or memoryview
    at : int

    Examples
    --------
    >>> with open("note.txt", "wb") as file:
    ...     write_at(file.fileno(), b"done", 0)
    4
    """
    if hasattr(os, "pwrite"):
        return int(_SYSTEM.pwrite(handle, content, at))
    os.lseek(handle, at, os.SEEK_SET)
    return os.write(handle, content)


def sync(path: Path) -> None:
    """Bring a file to the disk, so that it lasts through a power cut; Windows does so for files open for writing.

    Parameters
    ----------
    path : Path

    Examples
    --------
    >>> _ = Path("note.txt").write_bytes(b"done")
    >>> sync(Path("note.txt"))
    """
    _to_disk(path, os.O_RDONLY if hasattr(os, "O_DIRECTORY") else os.O_RDWR)


def sync_folder(path: Path) -> None:
    """Bring a folder's renames to the disk; Windows does so automatically.

    Parameters
    ----------
    path : Path

    Examples
    --------
    >>> sync_folder(Path())
    """
    if hasattr(os, "O_DIRECTORY"):
        _to_disk(path, os.O_RDONLY | _SYSTEM.O_DIRECTORY)


def _to_disk(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
