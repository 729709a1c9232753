"""What receipts are made from, given out through the door: it shows of any number whether clean data hold it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sealscrub.certificates import Receipts
from sealscrub.certificates.receipts import read_receipts
from sealscrub.identifiers import RecordKey

from .access_control import Asking, open_access
from .access_purposes import purpose_named
from .requester import Asker
from .terms import Terms

__all__ = ["open_receipts"]


@contextlib.contextmanager
def open_receipts(
    path: str | Path,
    *,
    purpose: str | None = None,
    record: RecordKey | None = None,
    what: str = "receipt make",
    grant: str | Path | None = None,
) -> Iterator[Receipts]:
    """Give what receipts are made from for as long as the block runs, if there is a grant for it.

    Parameters
    ----------
    path : str or Path
        What ``certify --receipts`` wrote. Without terms of custody in it, it is given to anyone who can read it.
    purpose : str, optional
        One of :func:`known_purposes`, such as ``accused``.
    record : RecordKey, optional
        The one record whose receipt is made; without it, all of the file is asked for.
    what : str
        The call or command, for the log.
    grant : str or Path, optional
        A signed :class:`Grant`.

    Yields
    ------
    Receipts

    Raises
    ------
    AccessDenied
        When no grant covers it.
    ConfigError
        When a grant is given, and the file is under no custody.
    UnreadableInput
        When the file cannot be read.

    Examples
    --------
    >>> with open_receipts("absent.receipts") as receipts:
    ...     receipts.values
    Traceback (most recent call last):
    ...
    sealscrub.errors.UnreadableInput: absent.receipts: cannot be read (No such file or directory)
    """
    receipts = read_receipts(path)
    asker = Asker(grant=None if grant is None else Path(grant))
    if not receipts.custody:
        asker.refuse_idle_grant(str(path))
        yield receipts
        return
    asking = Asking(what=what, purpose=None if purpose is None else purpose_named(purpose), record=record)
    with open_access(Terms.from_text(receipts.custody), asking, asker):
        yield receipts
