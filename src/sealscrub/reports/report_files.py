"""Writing a report file: whole or not at all, and closed to others if it holds counts."""

from __future__ import annotations

from pathlib import Path

from sealscrub.atomic_write import placed_file, refuse_address
from sealscrub.errors import ConfigError, Spelled, WriteFailed

__all__ = ["replace_file"]

_OWNER_ONLY = 0o600


def replace_file(path: str, text: str, *, private: bool) -> None:
    """Put `text` where `path` says, in one step.

    A symbolic link stays, and what it points to is replaced. With `private` no one but the owner can read the
    file at any moment, whatever the mode of the one that it replaces.

    Parameters
    ----------
    path : str
    text : str
    private : bool
        Whether the file's mode is 0600; otherwise it is what the umask gives.

    Raises
    ------
    ConfigError
        If `path` is there and is not a regular file.
    UsageError
        If `path` is the address of a table or of a database.
    WriteFailed
        If the file could not be completed; what was there is as it was.

    Examples
    --------
    >>> replace_file("report.txt", "No sealed records found", private=True)
    >>> Path("report.txt").read_text()
    'No sealed records found'
    """
    refuse_address(path)
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        raise ConfigError(
            "cannot write the report: this is not a regular file",
            where=path,
            hint=Spelled(
                "name a file; render(format) gives a text.",
                "name a file; --format prints a report to the standard output.",
            ),
        )
    try:
        with placed_file(target, mode=_OWNER_ONLY if private else None) as file:
            file.write(text.encode("utf-8"))
    except WriteFailed as error:  # whose hint speaks of the data, which may have been written before
        raise WriteFailed(
            f"the report could not be written: it {error.message}",
            where=path,
            hint="see that the folder exists, is writable and has room.",
        ) from None
