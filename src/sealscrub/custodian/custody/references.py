"""Keyed references: how the audit log, rosters and orders name a record without its identifier.

HMAC-SHA-256, 16 bytes, over the scheme and the canonical value, under a key of the custodian's own. Identifiers are
few: anyone who holds this key and a log can try them all, as with a matching key and an index.
"""

from __future__ import annotations

import hashlib
import hmac

from sealscrub.identifiers import canonicalise_one
from sealscrub.identifiers.key_files import REFERENCE

from .secret_key import SecretKey

__all__ = ["ReferenceKey"]

_REFERENCE_BYTES = 16


class ReferenceKey(SecretKey):
    """The key under which records are referred to.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> key = ReferenceKey.create(pathlib.Path(tempfile.mkdtemp()) / "audit.key")
    >>> key.refer("arrest_number", "K14-612345") == key.refer("arrest_number", "K14612345")
    True
    """

    kind = REFERENCE
    entry = "reference_key"

    @property
    def key_id(self) -> str:
        """Sixteen hex digits that name the key and reveal nothing about it."""
        return self._digest(b"key id").hex()[:16]

    def refer(self, scheme: str, value: str) -> str:
        """Refer to a record by its identifier in any spelling; of a key of several parts, ``PERSON+DATE``.

        Raises
        ------
        SchemeError, UsageError
            When the scheme does not exist, or the value does not parse; it is not said.
        """
        return self.of_canonical(scheme, canonicalise_one(value, scheme))

    def of_canonical(self, scheme: str, value: str) -> str:
        """Refer to a record by its canonical value; 32 hex digits."""
        return self._digest(f"record\0{scheme}\0{value}".encode()).hex()

    def _digest(self, message: bytes) -> bytes:
        return hmac.digest(self.secret, message, hashlib.sha256)[:_REFERENCE_BYTES]

    def __repr__(self) -> str:
        return f"ReferenceKey({self.key_id!r})"
