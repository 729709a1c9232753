"""Key files: the matching secret, what derives from it, and the keys of publisher and annex.

*The key is the registry*: anyone who holds the matching secret and an index can enumerate identifiers and learn who is
sealed. Secrets stay out of command lines, logs and pickles: a key object shows only its id, and is not pickled.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sealscrub.errors import KeyFileError

from .key_files import (
    ANNEX,
    AUDIENCE,
    MATCHING,
    PUBLISHER,
    bytes_of,
    document,
    read_document,
    refuse_overwriting,
    text_of,
    write_new,
)
from .pem_files import public_pem

__all__ = [
    "AnnexKey",
    "AudienceKey",
    "MatchingKey",
    "Publisher",
    "generate_keys",
    "load_annex",
    "load_key",
    "load_publisher",
]


class _Secret:
    """What must not travel: no value in the representation, no pickling, no copying into one."""

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled: pass the path of its file instead")


class _DerivingSecret(_Secret):
    """A secret from which others derive."""

    secret: bytes

    @property
    def key_id(self) -> str:
        """Sixteen hex digits that name the key and reveal nothing about it."""
        return _derive(self.secret, "key id").hex()[:16]


@dataclass(frozen=True, repr=False, eq=False)
class AudienceKey(_DerivingSecret):
    """The key under which indexes for one audience are published. It opens no other audience's.

    Attributes
    ----------
    audience : str
        Whom it is for.
    publisher_public_key : bytes
        32 bytes, Ed25519: whose signature an index must bear.
    annex_public_key : bytes
        32 bytes, X25519: to whom annexes are encrypted.
    path : Path or None
        The file that it was read from, absolute.

    Examples
    --------
    >>> key = load_key(generate_keys("seal.key")[0]).for_audience("police")
    >>> key
    AudienceKey(audience='police', key_id='...')
    >>> len(key.scheme_key("arrest_number"))
    32
    """

    audience: str
    secret: bytes
    publisher_public_key: bytes
    annex_public_key: bytes
    path: Path | None = None

    def scheme_key(self, scheme: str) -> bytes:
        """Key of 32 bytes under which values of one scheme are digested (HKDF-SHA-256)."""
        return _derive(self.secret, f"scheme {scheme}")

    def surrogate_key(self, label: str) -> bytes:
        """Key of 32 bytes under which ids get surrogates, another one for each label (HKDF-SHA-256)."""
        return _derive(self.secret, f"surrogates {label}")

    def for_audience(self, audience: str) -> AudienceKey:
        """Return itself for its own audience.

        Raises
        ------
        KeyFileError
            For any other: another audience's key does not derive from this one.
        """
        if audience != self.audience:
            raise KeyFileError(
                f"this key opens indexes for {self.audience}, not for {audience}",
                where=str(self.path or ""),
                hint="ask the custodian for the key of that audience.",
            )
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}(audience={self.audience!r}, key_id={self.key_id!r})"


@dataclass(frozen=True, repr=False, eq=False)
class MatchingKey(_DerivingSecret):
    """The matching secret, from which the key of every audience and scheme derives, one way.

    Attributes
    ----------
    publisher_public_key : bytes
        32 bytes, Ed25519.
    annex_public_key : bytes
        32 bytes, X25519.
    path : Path or None
        The file that it was read from, absolute.

    Examples
    --------
    >>> key = load_key(generate_keys("seal.key")[0])
    >>> key.for_audience("police").key_id == key.for_audience("court").key_id
    False
    """

    secret: bytes
    publisher_public_key: bytes
    annex_public_key: bytes
    path: Path | None = None

    def for_audience(self, audience: str) -> AudienceKey:
        """Derive the key of an audience (HKDF-SHA-256)."""
        secret = _derive(self.secret, f"audience {audience}")
        return AudienceKey(audience, secret, self.publisher_public_key, self.annex_public_key, self.path)

    def save_audience(self, audience: str, path: str | Path) -> None:
        """Write the key of one audience to a file of its own, 0600, for handing out.

        Raises
        ------
        KeyFileError
            When the file already exists.
        """
        key = self.for_audience(audience)
        facts = {"audience": audience, "audience_secret": text_of(key.secret)} | _public_facts(self)
        write_new(Path(path), document(AUDIENCE, facts))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key_id={self.key_id!r})"


@dataclass(frozen=True, repr=False, eq=False)
class Publisher(_Secret):
    """The key that signs indexes. Each signature is bound to its purpose.

    Attributes
    ----------
    public_key : bytes
        32 bytes, Ed25519.

    Examples
    --------
    >>> publisher = load_publisher(generate_keys("seal.key")[1])
    >>> len(publisher.sign("example", b"a message"))
    64
    """

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """The public half, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    def sign(self, purpose: str, message: bytes) -> bytes:
        """Sign a message for one purpose; the signature, 64 bytes, verifies for no other."""
        return self.private.sign(_with_purpose(purpose, message))

    def __repr__(self) -> str:
        return f"Publisher({hashlib.sha256(self.public_key).hexdigest()[:16]!r})"


@dataclass(frozen=True, repr=False, eq=False)
class AnnexKey(_Secret):
    """The key that opens annexes and memberships.

    Examples
    --------
    >>> load_annex(generate_keys("seal.key")[2])
    AnnexKey(…)
    """

    private: X25519PrivateKey = field(repr=False)

    def marking_key(self) -> bytes:
        """Key of 32 bytes under which rows and pairs of linkage are marked (HKDF-SHA-256)."""
        return _derive(self.private.private_bytes_raw(), "marks of linkage")

    def __repr__(self) -> str:
        return "AnnexKey(…)"


def verify_signature(public_key: bytes, purpose: str, message: bytes, signature: bytes) -> bool:
    """Whether a signature is the public key's, for this purpose and message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _with_purpose(purpose, message))
    except (InvalidSignature, ValueError):
        return False
    return True


def generate_keys(path: str | Path, *, custody: str | None = None) -> list[Path]:
    """Make the custodian's keys: three new files that only their owner can read, and two public ones.

    Parameters
    ----------
    path : str or Path
        The matching key's file, such as ``seal.key``; the others are written next to it.
    custody : str, optional
        Terms, as :meth:`sealscrub.custodian.custody.Terms.to_text` writes them:
        :func:`sealscrub.custodian.custody.annex_key` keeps them.

    Returns
    -------
    list of Path
        The five files. The second and third stay with the custodian. The last two are public (SubjectPublicKeyInfo
        PEM): with the first of them anyone verifies what the publisher's key signed, and extracts for linkage are
        encrypted to the other, which the annex's key opens.

    Raises
    ------
    KeyFileError
        When one of them already exists.

    Examples
    --------
    >>> [file.name for file in generate_keys("seal.key")]
    ['seal.key', 'seal.key.publisher', 'seal.key.annex', 'seal.key.publisher.pub', 'seal.key.pub']
    """
    path = Path(path)
    suffixes = (".publisher", ".annex", ".publisher.pub", ".pub")
    files = [path, *(path.with_name(path.name + suffix) for suffix in suffixes)]
    refuse_overwriting(files)
    publisher, annex = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    public = {
        "publisher_public_key": text_of(publisher.public_key().public_bytes_raw()),
        "annex_public_key": text_of(annex.public_key().public_bytes_raw()),
    }
    write_new(files[0], document(MATCHING, {"matching_secret": text_of(secrets.token_bytes(32))} | public))
    write_new(files[1], document(PUBLISHER, {"private_key": text_of(publisher.private_bytes_raw())}))
    terms = {} if custody is None else {"custody": custody}
    write_new(files[2], document(ANNEX, {"private_key": text_of(annex.private_bytes_raw())} | terms))
    write_new(files[3], public_pem(publisher.public_key()), mode=0o644)
    write_new(files[4], public_pem(annex.public_key()), mode=0o644)
    return files


def load_key(path: str | Path) -> MatchingKey | AudienceKey:
    """Read a matching key, the custodian's or one audience's.

    Parameters
    ----------
    path : str or Path
        Such as ``seal.key``.

    Returns
    -------
    MatchingKey or AudienceKey

    Raises
    ------
    KeyFileError
        When the file is absent, is another kind of file, or can be read by others (a read-only secret mount excepted).

    Examples
    --------
    >>> load_key(generate_keys("seal.key")[0])
    MatchingKey(key_id='...')
    """
    path = Path(path)
    facts = read_document(path, MATCHING, AUDIENCE)
    public = (bytes_of(facts, "publisher_public_key", path), bytes_of(facts, "annex_public_key", path))
    if facts["kind"] == AUDIENCE:
        secret = bytes_of(facts, "audience_secret", path)
        return AudienceKey(str(facts.get("audience", "")), secret, *public, path.absolute())
    return MatchingKey(bytes_of(facts, "matching_secret", path), *public, path.absolute())


def load_publisher(path: str | Path) -> Publisher:
    """Read the publisher's key.

    Parameters
    ----------
    path : str or Path
        Such as ``seal.key.publisher``.

    Returns
    -------
    Publisher

    Raises
    ------
    KeyFileError
        When the file is absent, is another kind of file, or can be read by others (a read-only secret mount excepted).

    Examples
    --------
    >>> load_publisher(generate_keys("seal.key")[1])
    Publisher('...')
    """
    secret = bytes_of(read_document(Path(path), PUBLISHER), "private_key", Path(path))
    return Publisher(Ed25519PrivateKey.from_private_bytes(secret))


def load_annex(path: str | Path) -> AnnexKey:
    """Read the annex's key.

    Parameters
    ----------
    path : str or Path
        Such as ``seal.key.annex``.

    Returns
    -------
    AnnexKey

    Raises
    ------
    KeyFileError
        As :func:`load_key`, and when the key is under custody: :func:`sealscrub.custodian.custody.annex_key` opens it.

    Examples
    --------
    >>> load_annex(generate_keys("seal.key")[2])
    AnnexKey(…)
    """
    key, terms = annex_and_terms(path)
    if terms is not None:
        raise KeyFileError("is under custody", where=str(path), hint="sealscrub.custodian.custody.annex_key opens it.")
    return key


def annex_and_terms(path: str | Path) -> tuple[AnnexKey, str | None]:
    """Read the annex's key and its terms of custody, for the door that keeps them."""
    facts = read_document(Path(path), ANNEX)
    key = AnnexKey(X25519PrivateKey.from_private_bytes(bytes_of(facts, "private_key", Path(path))))
    return key, facts.get("custody")


def _derive(secret: bytes, purpose: str) -> bytes:
    info = f"sealscrub v1 {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret)


def _with_purpose(purpose: str, message: bytes) -> bytes:
    return f"sealscrub {purpose}\n".encode() + message


def _public_facts(key: MatchingKey) -> dict[str, str]:
    return {
        "publisher_public_key": text_of(key.publisher_public_key),
        "annex_public_key": text_of(key.annex_public_key),
    }
