"""Columns that are encrypted at rest: anyone who holds only the database reads no identifier in it.

AES-SIV with a key of 512 bits (RFC 5297), of `cryptography`, under another key for each column. What rows are found by
is encrypted to the same text wherever it is the same, so a lookup needs no second column; all else takes a random
nonce (RFC 5297, section 3). Texts are padded, so their length reveals little.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NoReturn

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealscrub.errors import RegistryError

from .schema import AT_REST, EQUAL

__all__: list[str] = []

DATA_KEY_BYTES = 64
_NONCE_BYTES, _BLOCK, _WIDE_BLOCK = 16, 16, 32
_OPTION = "sealscrub_at_rest"


class ColumnCipher:
    """Encrypts and decrypts values column by column.

    Parameters
    ----------
    data_key : bytes
        64 random bytes.
    """

    def __init__(self, data_key: bytes) -> None:
        self._data_key = data_key
        self._ciphers: dict[str, AESSIV] = {}

    @cached_property
    def key_id(self) -> str:
        """Sixteen hex digits that name the data key and reveal nothing about it."""
        return self._derived_key("key id", 8).hex()

    def seal(self, column: sa.Column[Any], values: Sequence[Any]) -> list[Any]:
        """Encrypt values of a column as the database keeps them; null stays null."""
        cipher = self._cipher(column)
        if column.info[AT_REST] == EQUAL:
            return [
                None if value is None else _stored_form(value, cipher.encrypt(_padded_blocks(value, _BLOCK), []))
                for value in values
            ]
        nonces = secrets.token_bytes(_NONCE_BYTES * len(values))
        sealed: list[Any] = []
        for at, value in enumerate(values):
            nonce = nonces[at * _NONCE_BYTES : (at + 1) * _NONCE_BYTES]
            sealed.append(
                None
                if value is None
                else _stored_form(value, nonce + cipher.encrypt(_padded_blocks(value, _WIDE_BLOCK), [nonce]))
            )
        return sealed

    def open(self, column: sa.Column[Any], values: Sequence[Any]) -> list[Any]:
        """Decrypt what :meth:`seal` made.

        Raises
        ------
        RegistryError
            When a value was changed, or put there by something else.
        """
        cipher, equal = self._cipher(column), column.info[AT_REST] == EQUAL
        opened: list[Any] = []
        try:
            for value in values:
                if value is None:
                    opened.append(None)
                    continue
                raw = base64.b64decode(value, validate=True) if isinstance(value, str) else bytes(value)
                nonce, body = ([], raw) if equal else ([raw[:_NONCE_BYTES]], raw[_NONCE_BYTES:])
                plain = cipher.decrypt(body, nonce)
                plain = plain[: plain.rindex(b"\x80")]
                opened.append(plain.decode() if isinstance(value, str) else plain)
        except (InvalidTag, ValueError):
            raise RegistryError(
                f"holds a value that another tool changed or inserted (column {column.name})",
                hint="restore the registry from a backup.",
            ) from None
        return opened

    def _cipher(self, column: sa.Column[Any]) -> AESSIV:
        name = f"{column.table.name}.{column.name}"
        if name not in self._ciphers:
            self._ciphers[name] = AESSIV(self._derived_key(f"column {name}", DATA_KEY_BYTES))
        return self._ciphers[name]

    def _derived_key(self, label: str, length: int) -> bytes:
        info = f"sealscrub registry at rest 1 {label}".encode()
        return HKDF(algorithm=hashes.SHA512(), length=length, salt=None, info=info).derive(self._data_key)

    def __reduce__(self) -> NoReturn:
        raise TypeError("ColumnCipher cannot be pickled")

    def __repr__(self) -> str:
        return f"ColumnCipher({self.key_id!r})"


def under(connection: sa.Connection, cipher: ColumnCipher | None) -> sa.Connection:
    """Have what goes through a connection encrypted and decrypted."""
    return connection if cipher is None else connection.execution_options(**{_OPTION: cipher})


def cipher_of(connection: sa.Connection) -> ColumnCipher | None:
    """Give what a connection's values are encrypted with; None for a registry in the clear."""
    found = connection.get_execution_options().get(_OPTION)
    return found if isinstance(found, ColumnCipher) else None


def sealed_values(connection: sa.Connection, column: Any, values: Sequence[Any]) -> Sequence[Any]:
    """Values of a column as the database of a connection keeps them."""
    cipher = cipher_of(connection)
    return values if cipher is None or AT_REST not in column.info else cipher.seal(column, values)


def opened_rows(
    connection: sa.Connection, columns: Sequence[Any], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Rows of a query as they were before they were encrypted."""
    cipher = cipher_of(connection)
    held = [at for at, column in enumerate(columns) if AT_REST in getattr(column, "info", ())]
    if cipher is None or not held or not rows:
        return list(rows)
    parts: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for at in held:
        parts[at] = cipher.open(columns[at], parts[at])
    return list(zip(*parts, strict=True))


def _padded_blocks(value: str | bytes, block: int) -> bytes:
    """A value, one bit and zeros up to whole blocks (ISO/IEC 9797-1, padding method 2)."""
    plain = (value.encode() if isinstance(value, str) else value) + b"\x80"
    return plain + bytes(-len(plain) % block)


def _stored_form(value: str | bytes, sealed: bytes) -> str | bytes:
    return base64.b64encode(sealed).decode("ascii") if isinstance(value, str) else sealed
