"""The annex: the restricted part of a certificate, which only the custodian opens.

It is encrypted to the custodian's annex key (X25519, HKDF-SHA-256, ChaCha20-Poly1305) and bound to its certificate by
a salted commitment: the certificate reveals neither what it holds nor whether it holds anything of note.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealscrub.errors import InvalidCertificate, UsageError
from sealscrub.file_system import readable
from sealscrub.identifiers import AnnexKey

__all__ = ["open_annex", "open_sealed", "seal_annex", "seal_to"]

MAGIC = b"sealscrub annex 1\n"
_SALT_BYTES, _KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 32, 12, 16
_PADDED_TO = 4096
MAX_BYTES = 1 << 30


def seal_annex(content: dict[str, Any], recipient: bytes) -> tuple[bytes, str]:
    """Encrypt an annex.

    Parameters
    ----------
    content : dict
        JSON values.
    recipient : bytes
        The annex's public key, 32 bytes, as every matching key names it.

    Returns
    -------
    sealed : bytes
        The file. It is padded to 4,096 bytes, so its size reveals little.
    commitment : str
        64 hex digits, for the certificate.

    Raises
    ------
    UsageError
        When the recipient is not a public key of 32 bytes.

    Examples
    --------
    >>> from sealscrub.identifiers import generate_keys, load_recipient
    >>> public = load_recipient(generate_keys("seal.key")[-1])
    >>> sealed, commitment = seal_annex({"rows": 9}, public)
    >>> len(commitment)
    64
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    plain += b" " * (-len(plain) % _PADDED_TO)
    return seal_to(recipient, salt + plain, MAGIC), _commitment(salt, plain)


def open_annex(sealed: bytes, key: AnnexKey, commitment: str) -> dict[str, Any]:
    """Decrypt an annex and check that it is the certificate's own.

    Parameters
    ----------
    sealed : bytes
        What the annex file holds.
    key : AnnexKey
        The custodian's.
    commitment : str
        As the certificate has it.

    Raises
    ------
    InvalidCertificate
        When it was changed, is for another key, or belongs to another certificate.

    Examples
    --------
    >>> from sealscrub.identifiers import generate_keys, load_annex, load_recipient
    >>> _, _, annex, _, public = generate_keys("seal.key")
    >>> sealed, commitment = seal_annex({"rows": 9}, load_recipient(public))
    >>> open_annex(sealed, load_annex(annex), commitment)
    {'rows': 9}
    """
    opened = open_sealed(sealed, key, MAGIC, "annex")
    salt, plain = opened[:_SALT_BYTES], opened[_SALT_BYTES:]
    if not secrets.compare_digest(_commitment(salt, plain), commitment):
        raise InvalidCertificate("the annex belongs to another certificate", hint="use the one issued with it.")
    content: dict[str, Any] = json.loads(plain)
    return content


def seal_to(recipient: bytes, plain: bytes, magic: bytes) -> bytes:
    """Encrypt to an annex key; the magic says what it is, and is in front of it.

    Raises
    ------
    UsageError
        When the recipient is not a public key of 32 bytes.
    """
    ephemeral, nonce = X25519PrivateKey.generate(), secrets.token_bytes(_NONCE_BYTES)
    public = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    except (ValueError, TypeError):
        raise UsageError(
            "this is not an annex's public key", hint="give the 32 bytes that a matching key names."
        ) from None
    sealed = ChaCha20Poly1305(_key(shared, public, recipient, magic)).encrypt(nonce, plain, magic)
    return magic + public + nonce + sealed


def open_sealed(sealed: bytes, key: AnnexKey, magic: bytes, kind: str) -> bytes:
    """Decrypt what :func:`seal_to` made under this magic.

    Raises
    ------
    InvalidCertificate
        When it is nothing of this kind, was changed, or is for another key.
    """
    head = len(magic) + _KEY_BYTES + _NONCE_BYTES
    if not sealed.startswith(magic) or not head + _TAG_BYTES <= len(sealed) <= MAX_BYTES:
        raise InvalidCertificate(f"this is not a sealscrub {kind}")
    public, nonce = sealed[len(magic) : head - _NONCE_BYTES], sealed[head - _NONCE_BYTES : head]
    recipient = key.private.public_key().public_bytes_raw()
    try:
        shared = key.private.exchange(X25519PublicKey.from_public_bytes(public))
        return ChaCha20Poly1305(_key(shared, public, recipient, magic)).decrypt(nonce, sealed[head:], magic)
    except (InvalidTag, ValueError):
        raise InvalidCertificate(
            f"the {kind} is for another key, or was changed", hint="seal.key.annex of its custodian opens it."
        ) from None


def read_sealed(path: str | Path) -> bytes:
    """Read an annex's file.

    Raises
    ------
    UnreadableInput
        When it cannot be read.
    """
    with readable(path, what="the annex"):
        return Path(path).read_bytes()


def _commitment(salt: bytes, plain: bytes) -> str:
    return hashlib.sha256(MAGIC + salt + plain).hexdigest()


def _key(shared: bytes, ephemeral: bytes, recipient: bytes, magic: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=magic + ephemeral + recipient).derive(shared)
