"""DSSE envelopes, signed with Ed25519 by securesystemslib: https://github.com/secure-systems-lab/dsse.

The library signs and verifies. That an envelope is spelled in one way only, names one key, and that this is the key's
digest, is looked at here, before it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealscrub.errors import InvalidCertificate, KeyFileError, Spelled
from sealscrub.file_system import readable
from sealscrub.identifiers import Publisher, load_certifier, load_publisher

from .canonical_json import canonical, read_canonical

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

__all__ = [
    "PAYLOAD_TYPE",
    "Role",
    "Signer",
    "key_id",
    "key_id_of",
    "load_public_key",
    "load_signer",
    "open_envelope",
    "seal_envelope",
]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_BYTES = 1 << 20
_OF_CERTIFIER = Spelled(
    "give the .pub file next to the signing key (generate_certifier).",
    "give the .pub file next to the signing key (sealscrub keygen --certifier team.key).",
)
_NO_ENVELOPE = "name the file that its issuer sent: a {}, in JSON."


class Role(StrEnum):
    """Who signs a certificate: a certifier, or the custodian with the key that signs indexes."""

    CERTIFIER = "certifier"
    PUBLISHER = "publisher"


@dataclass(frozen=True, repr=False, eq=False)
class Signer:
    """A private key and the role in which it signs.

    Examples
    --------
    The private key never shows:

    >>> from sealscrub.identifiers import generate_certifier
    >>> load_signer(generate_certifier("team.key")[0])
    Signer(certifier, '...')
    """

    private: Ed25519PrivateKey
    role: Role

    @property
    def key_id(self) -> str:
        """Digest of its public key."""
        return key_id(self.private.public_key())

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("Signer cannot be pickled: pass the path of its file instead")

    def __repr__(self) -> str:
        return f"Signer({self.role}, {self.key_id[:16]!r})"


def key_id(public: Ed25519PublicKey) -> str:
    """SHA-256 of a public key's SubjectPublicKeyInfo in DER, 64 hex digits."""
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def key_id_of(public: bytes) -> str:
    """Id of a public key that is given as its 32 bytes."""
    return key_id(Ed25519PublicKey.from_public_bytes(public))


def load_signer(path: str | Path) -> Signer:
    """Read a signing key: a certifier's (``keygen --certifier``), or the custodian's publisher's.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    KeyFileError
        When it is neither, or can be read by others.

    Examples
    --------
    >>> from sealscrub.identifiers import generate_certifier
    >>> private, public = generate_certifier("team.key")
    >>> load_signer(private).role
    <Role.CERTIFIER: 'certifier'>
    """
    with readable(path, kind=KeyFileError):
        begins = Path(path).read_bytes()[:11]
    if begins == b"-----BEGIN ":
        return Signer(load_certifier(path), Role.CERTIFIER)
    publisher: Publisher = load_publisher(path)
    return Signer(publisher.private, Role.PUBLISHER)


def load_public_key(path: str | Path) -> Ed25519PublicKey:
    """Read a public key: SubjectPublicKeyInfo in PEM, as ``keygen --certifier`` writes it next to the private one.

    Raises
    ------
    KeyFileError
        When it is not an Ed25519 public key.
    """
    with readable(path, kind=KeyFileError):
        content = Path(path).read_bytes()[:MAX_BYTES]
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError("is not a public key in PEM", where=str(path), hint=_OF_CERTIFIER) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError("is not an Ed25519 public key", where=str(path), hint=_OF_CERTIFIER)
    return key


def seal_envelope(statement: dict[str, Any], signer: Signer, *, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Sign a statement as of a type; the envelope's bytes, in canonical form with a line end.

    Parameters
    ----------
    statement : dict
        What JSON holds.
    signer : Signer
    payload_type : str
        What the signature is bound to: by default a certificate.

    Examples
    --------
    >>> import json
    >>> from sealscrub.identifiers import generate_certifier
    >>> signer = load_signer(generate_certifier("team.key")[0])
    >>> sorted(json.loads(seal_envelope({"rows": 9}, signer)))
    ['payload', 'payloadType', 'signatures']
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

    envelope = Envelope(canonical(statement), payload_type, {})
    envelope.sign(CryptoSigner(signer.private, _stock_key(signer.private.public_key())))
    return canonical(envelope.to_dict()) + b"\n"


def open_envelope(
    content: bytes, public: Ed25519PublicKey, *, payload_type: str = PAYLOAD_TYPE, what: str = "certificate"
) -> Any:
    """Verify an envelope of a type and give its statement.

    Raises
    ------
    InvalidCertificate
        When it is not canonical, signed by another key, or changed since.
    """
    if len(content) > MAX_BYTES:
        raise InvalidCertificate(f"it is too large to be a {what}", hint=_NO_ENVELOPE.format(what))
    if not content.startswith(b"{"):
        raise InvalidCertificate(f"this is not a {what}", hint=_NO_ENVELOPE.format(what))
    envelope = read_canonical(content.removesuffix(b"\n"), "the envelope")
    try:
        (signature,) = envelope["signatures"]
        payload = base64.b64decode(envelope["payload"], validate=True)
        signed = base64.b64decode(signature["sig"], validate=True)
        well_formed = (
            set(envelope) == {"payload", "payloadType", "signatures"}
            and envelope["payloadType"] == payload_type
            and set(signature) == {"keyid", "sig"}
            and base64.b64encode(payload).decode() == envelope["payload"]
            and base64.b64encode(signed).decode() == signature["sig"]
            and content.endswith(b"\n")
        )
    except (KeyError, TypeError, ValueError):
        well_formed = False
    if not well_formed:
        raise InvalidCertificate(f"it does not hold a sealscrub {what}", hint="get a new copy from its issuer.")
    if signature["keyid"] != key_id(public):
        raise InvalidCertificate(
            "it is signed by another key than the one given",
            hint=Spelled("public_key= names the signer's public key.", "--public-key names the signer's public key."),
        )
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import Signature

    own = Signature(signature["keyid"], signed.hex())
    try:
        Envelope(payload, payload_type, {own.keyid: own}).verify([_stock_key(public)], threshold=1)
    except VerificationError:
        raise InvalidCertificate(
            "its signature does not fit its content", hint="get a new copy from its issuer."
        ) from None
    return read_canonical(payload, "the statement")


def _stock_key(public: Ed25519PublicKey) -> SSlibKey:
    """Give a public key as securesystemslib has it, under our id for it."""
    from securesystemslib.signer import SSlibKey

    return SSlibKey.from_crypto(public, keyid=key_id(public))
