"""The key that opens annexes and memberships, given out through the door."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from sealscrub.identifiers import AnnexKey
from sealscrub.identifiers.keys import annex_and_terms

from .access_control import Asking, open_access
from .access_purposes import purpose_named
from .terms import Terms

__all__ = ["annex_key", "terms_of"]


def terms_of(path: str | Path) -> Terms | None:
    """Say under whose custody an annex's key is; None if anyone who can read its file has it.

    Parameters
    ----------
    path : str or Path
        The annex's key file.

    Raises
    ------
    KeyFileError
        As :func:`sealscrub.identifiers.load_key` does.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.identifiers import generate_keys
    >>> files = generate_keys(Path(tempfile.mkdtemp()) / "seal.key")
    >>> terms_of(files[2]) is None
    True
    """
    _, terms = annex_and_terms(path)
    return None if terms is None else Terms.from_text(terms)


@contextlib.contextmanager
def annex_key(path: str | Path, *, purpose: str | None = None, what: str = "open annex") -> Iterator[AnnexKey]:
    """Give the annex's key for as long as the block runs, if there is a grant for it.

    Parameters
    ----------
    path : str or Path
        The key's file. One that was made without terms of custody is given to anyone who can read it.
    purpose : str, optional
        One of :func:`known_purposes`; an annex says much of many records, so the grant's scope must be the registry.
    what : str
        The call or command, for the log.

    Yields
    ------
    AnnexKey

    Raises
    ------
    AccessDenied
        When no grant covers it.
    KeyFileError
        As :func:`sealscrub.identifiers.load_key` does.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.identifiers import generate_keys
    >>> files = generate_keys(Path(tempfile.mkdtemp()) / "seal.key")
    >>> with annex_key(files[2]) as key:
    ...     key
    AnnexKey(…)
    """
    key, terms = annex_and_terms(path)
    if terms is None:
        yield key
        return
    named = hashlib.sha256(key.private.public_key().public_bytes_raw()).hexdigest()
    asking = Asking(what=what, purpose=None if purpose is None else purpose_named(purpose), digest=named)
    with open_access(Terms.from_text(terms), asking):
        yield key
