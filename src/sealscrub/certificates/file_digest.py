"""The digest of a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sealscrub.file_system import readable

__all__ = ["sha256_of"]


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file, 64 hex digits.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    UnreadableInput
        When it cannot be read.

    Examples
    --------
    >>> _ = Path("model.bin").write_bytes(b"abc")
    >>> sha256_of("model.bin")[:16]
    'ba7816bf8f01cfea'
    """
    with readable(path), Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
