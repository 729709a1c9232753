"""Putting a finished file in place in one step, or leaving the target as it was."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import secrets
import shlex
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sealscrub.errors import UsageError, WriteFailed
from sealscrub.file_system import reason_of, set_mode, sync, sync_folder

__all__ = [
    "check_output_place",
    "is_the_custodians",
    "placed_file",
    "placed_folder",
    "placed_path",
    "refuse_address",
]

_ADDRESS = re.compile(
    r"(?P<kind>delta|iceberg|sqlite|duckdb|postgres(?:ql)?(?:\+\w+)?):|.*\.(?:duckdb|ddb|sqlite3?|db)#[^/]+\Z",
    re.DOTALL | re.IGNORECASE,
)

_SETTLE_SECONDS = 0.05  # seconds


@contextlib.contextmanager
def placed_file(path: str | Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Write a temporary file next to a target, and rename it when the block ends well.

    After an exception, Ctrl-C or a full disk, the target is as it was and the temporary file is removed. After a kill
    a temporary file may be left, named ``.NAME.<random>.part``; the target is as it was.

    Parameters
    ----------
    path : str or Path
        The target.
    mode : int, optional
        Permissions of the file, whatever the process's mask; without them, what the mask gives.

    Yields
    ------
    binary file

    Raises
    ------
    WriteFailed
        When the file cannot be made, written or renamed, or the target is a device, a pipe or a folder.
    UsageError
        When the target is the address of a table or of a database.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "note.txt"
    >>> with placed_file(target) as file:
    ...     _ = file.write(b"done")
    >>> target.read_bytes()
    b'done'
    """
    with placed_path(path, mode=mode) as part, part.open("r+b") as file:
        yield file


@contextlib.contextmanager
def placed_path(path: str | Path, *, mode: int | None = None, optional: bool = False) -> Iterator[Path]:
    """Do as :func:`placed_file` does, for writers that open a path themselves.

    Parameters
    ----------
    path : str or Path
        Where the file is placed when the block ends without an error.
    mode : int, optional
        Its permissions; by default those of a new file.
    optional : bool
        Whether the block may write nothing.

    Yields
    ------
    Path
        The temporary file, there and empty. With `optional` the block may delete it, and nothing is placed.

    Raises
    ------
    WriteFailed, UsageError
        As :func:`placed_file`.

    Examples
    --------
    >>> with placed_path("note.txt") as part:
    ...     _ = part.write_text("done")
    >>> Path("note.txt").read_text()
    'done'
    """
    path = Path(path)
    refuse_address(path)
    _refuse_special(path)
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else mode)
        with os.fdopen(handle):
            if mode is not None:
                set_mode(handle, mode)
    except OSError as error:
        raise _write_failed(path, error) from None
    done = False
    try:
        yield part
        if optional and not part.exists():
            path.parent.stat()  # with its folder it was not the block that removed it
            return
        sync(part)
        part.replace(path)
        done = True
        _sync_folder(path.parent)
    except OSError as error:
        raise _write_failed(path, error) from None
    finally:
        _remove(part, again=not done)


def _remove(part: Path, *, again: bool) -> None:
    """Remove what was not placed; a writer with threads of its own may make it once more after its error."""
    for attempt in range(2 if again else 1):
        if attempt:
            time.sleep(_SETTLE_SECONDS)
        with contextlib.suppress(OSError):
            part.unlink()


@contextlib.contextmanager
def placed_folder(path: str | Path, *, earlier: Path | None = None) -> Iterator[Path]:
    """Fill a temporary folder next to a target, and rename it when the block ends well.

    Parameters
    ----------
    path : str or Path
        The target: a path that does not exist yet, or an empty folder.
    earlier : Path, optional
        Where a folder that is there and not empty goes; the two change places in one step.

    Yields
    ------
    Path
        The temporary folder.

    Raises
    ------
    WriteFailed
        When the folder cannot be made, filled or renamed; what was there is as it was.
    UsageError
        When the target is the address of a table or of a database.

    Examples
    --------
    >>> with placed_folder("clean") as folder:
    ...     _ = (folder / "note.txt").write_text("done")
    >>> [file.name for file in Path("clean").iterdir()]
    ['note.txt']
    """
    path = Path(path)
    refuse_address(path)
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        part.mkdir()
    except OSError as error:
        raise _write_failed(path, error) from None
    try:
        yield part
        if earlier is not None and path.is_dir() and any(path.iterdir()):
            _exchange(part, path)
            part.rename(earlier)
        else:
            part.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _write_failed(path, error) from None
    except WriteFailed as error:
        error.where = error.where.replace(str(part), str(path))
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change places in one step (Linux, ``renameat2``)."""
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    library: Any = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
    if not hasattr(library, "renameat2"):
        raise OSError(errno.ENOSYS, "this system cannot let two folders change places in one step")
    if library.renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def is_the_custodians(path: Path) -> bool:
    """Say whether a file is a key, an index or a registry, which no output may replace by a slip.

    Parameters
    ----------
    path : Path
        It need not be there.

    Examples
    --------
    >>> _ = Path("note.txt").write_text("done")
    >>> is_the_custodians(Path("note.txt"))
    False
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(64)
    return head.startswith((b"SQLite format 3\0", b"SEALIDX", b"-----BEGIN")) or b'"sealscrub": "key"' in head


def refuse_address(place: str | Path, *, where: str = "") -> None:
    """Refuse the address of a table of a lake or of a database where a file or a folder is meant.

    Parameters
    ----------
    place : str or Path
        It need not be there.
    where : str
        What names it, such as an option; by default what is shown is how the address begins, for one may hold a
        password.

    Raises
    ------
    UsageError

    Examples
    --------
    >>> refuse_address("aside.parquet")
    >>> refuse_address("delta:aside")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    sealscrub.errors.UsageError: delta:…: is the address of a table or of a database, not a file or a folder...
    """
    found = _ADDRESS.match(os.fspath(place))
    if found is None:
        return
    raise UsageError(
        "is the address of a table or of a database, not a file or a folder",
        where=where or (f"{found['kind']}:…" if found["kind"] else Path(place).name),
        hint="name a file or a folder; the rows of a table can be written to one with its own library.",
    )


def check_output_place(
    place: Path, *, read: Iterable[Path], folders: Iterable[Path] = (), kept: Iterable[Path] = ()
) -> None:
    """Refuse a place for an output where it would replace what is read, or be read with it the next time.

    Parameters
    ----------
    place : Path
        It need not be there.
    read : iterable of Path
        The files of the input.
    folders : iterable of Path
        Folders that are read with all that is in them.
    kept : iterable of Path
        The index and its key, which need not be there.

    Raises
    ------
    UsageError
        When it is the address of a table, a symbolic link, one of these files, in one of these folders, or another
        key, index or registry.
    WriteFailed
        When its folder does not exist.

    Examples
    --------
    >>> check_output_place(Path("clean.csv"), read=[Path("train.csv")])
    """
    refuse_address(place)
    if place.is_symlink():
        raise UsageError("is a symbolic link", where=str(place), hint="name what it points to.")
    if not place.parent.is_dir():
        if place.parent.exists():
            raise WriteFailed("its folder is a file", where=str(place), hint="choose another place.")
        raise WriteFailed(
            "its folder does not exist", where=str(place), hint=f"mkdir -p {shlex.quote(str(place.parent))}"
        )
    if _is_one_of(place, read):
        raise UsageError("the output would replace the input", where=str(place), hint="choose another place.")
    if any(root.resolve() in place.resolve().parents for root in folders):
        raise UsageError(
            "the output would be in the input's folder, and would be read with it next time",
            where=str(place),
            hint="choose a place next to the folder.",
        )
    if _is_one_of(place, kept):
        raise UsageError(
            "the output would replace the index or its key", where=str(place), hint="choose another place."
        )
    if is_the_custodians(place):
        raise UsageError(
            "the output would replace a key, an index or a registry", where=str(place), hint="choose another place."
        )


def _is_one_of(place: Path, others: Iterable[Path]) -> bool:
    return place.exists() and any(place.samefile(other) for other in others if other.exists())


def _write_failed(path: Path, error: OSError) -> WriteFailed:
    return WriteFailed(
        f"cannot be written ({reason_of(error)})",
        where=str(path),
        hint="nothing was changed; free disk space or choose another place, and run it again.",
    )


def _refuse_special(path: Path) -> None:
    """Refuse a target whose place a file must not take: as root, a rename would replace ``/dev/null`` itself."""
    try:
        special = path.exists() and not path.is_file()
    except OSError as error:
        raise _write_failed(path, error) from None
    if special:
        raise WriteFailed("is not a file", where=str(path), hint="nothing was changed; choose a file.")


def _sync_folder(path: Path) -> None:
    """Bring a rename to the disk; it has happened, so a file system that cannot do this is not a reason to fail."""
    with contextlib.suppress(OSError):
        sync_folder(path)
