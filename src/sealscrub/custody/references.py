"""Keyed references: how the audit log, rosters and orders name a record without its identifier.

HMAC-SHA-256, 16 bytes, over the scheme and the canonical value, under a key of the custodian's own. Identifiers are
few: whoever holds this key and a log can try them all, as with a matching key and an index.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from sealscrub.identifiers import canonicalise_one
from sealscrub.identifiers.key_files import REFERENCE, bytes_of, document, read_document, text_of, write_new

__all__ = ["ReferenceKey"]

_REFERENCE_BYTES = 16


@dataclass(frozen=True, repr=False, eq=False)
class ReferenceKey:
    """The key under which records are referred to.

    Examples
    --------
    >>> import tempfile
    >>> key = ReferenceKey.create(Path(tempfile.mkdtemp()) / "audit.key")
    >>> key.refer("arrest_number", "K14-612345") == key.refer("arrest_number", "K14612345")
    True
    """

    secret: bytes = field(repr=False)

    @classmethod
    def create(cls, path: str | Path) -> ReferenceKey:
        """Make a key in a new file that only its owner can read.

        Raises
        ------
        KeyFileError
            When the file is there already, or cannot be written.
        """
        secret = secrets.token_bytes(32)
        write_new(Path(path), document(REFERENCE, {"reference_key": text_of(secret)}))
        return cls(secret)

    @classmethod
    def load(cls, path: str | Path) -> ReferenceKey:
        """Read a key.

        Raises
        ------
        KeyFileError
            When the file is absent, is no such key, or can be read by others.
        """
        return cls(bytes_of(read_document(Path(path), REFERENCE), "reference_key", Path(path)))

    @property
    def key_id(self) -> str:
        """Sixteen hex digits that name the key and tell nothing of it."""
        return self._digest(b"key id").hex()[:16]

    def refer(self, scheme: str, value: str) -> str:
        """Refer to a record by its identifier in any spelling; of a person's arrest, ``NYSID+DATE``.

        Raises
        ------
        SchemeError, UsageError
            When there is no such scheme, or the value does not parse; it is not said.
        """
        return self.of_canonical(scheme, canonicalise_one(value, scheme))

    def of_canonical(self, scheme: str, value: str) -> str:
        """Refer to a record by its canonical value; 32 hex digits."""
        return self._digest(f"record\0{scheme}\0{value}".encode()).hex()

    def _digest(self, message: bytes) -> bytes:
        return hmac.digest(self.secret, message, hashlib.sha256)[:_REFERENCE_BYTES]

    def __reduce__(self) -> NoReturn:
        raise TypeError("ReferenceKey cannot be pickled: pass the path of its file instead")

    def __repr__(self) -> str:
        return f"ReferenceKey({self.key_id!r})"
