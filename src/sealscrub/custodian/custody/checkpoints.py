"""Signed checkpoints: what the log was at a size, in C2SP's formats, so stock witnesses read them.

A checkpoint is a signed note (https://c2sp.org/signed-note) whose text is the log's origin, its size and its root
(https://c2sp.org/tlog-checkpoint). A *witness file* holds checkpoints, one after another with an empty line between
them, and is kept where those who write the log cannot write.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealscrub.certificates.merkle import HASH_BYTES
from sealscrub.errors import InvalidCertificate, Spelled
from sealscrub.file_system import readable

__all__ = ["Checkpoint", "open_checkpoint", "read_checkpoints", "sign_checkpoint", "verifier_key"]

_ED25519 = b"\x01"
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_MAX_BYTES = 1 << 26
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """What a log was.

    Attributes
    ----------
    origin : str
        Name of the log.
    size : int
        How many entries it had.
    root : bytes
        Root of their tree, 32 bytes.

    Examples
    --------
    >>> Checkpoint("sealscrub-audit-00", 3, bytes(32)).text.splitlines()[:2]
    ['sealscrub-audit-00', '3']
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Sign a checkpoint as a note, under the log's origin as the key's name.

    Parameters
    ----------
    checkpoint : Checkpoint
    key : Ed25519PrivateKey
        The log's.

    Examples
    --------
    >>> key = Ed25519PrivateKey.generate()
    >>> note = sign_checkpoint(Checkpoint("sealscrub-audit-00", 3, bytes(32)), key)
    >>> open_checkpoint(note, key.public_key()).size
    3
    """
    signed = key.sign(checkpoint.text.encode())
    hint = _hint(checkpoint.origin, key.public_key())
    return f"{checkpoint.text}\n— {checkpoint.origin} {base64.b64encode(hint + signed).decode()}\n"


def open_checkpoint(note: str, public: Ed25519PublicKey) -> Checkpoint:
    """Verify a note, and give the checkpoint in it; signatures of other keys, such as witnesses', are passed over.

    Parameters
    ----------
    note : str
        A checkpoint with its signatures, as C2SP's signed-note has it.
    public : Ed25519PublicKey
        The log's.

    Raises
    ------
    InvalidCertificate
        When it is not a checkpoint, or bears no signature by this key.

    Examples
    --------
    >>> key = Ed25519PrivateKey.generate()
    >>> note = sign_checkpoint(Checkpoint("sealscrub-audit-00", 3, bytes(32)), key)
    >>> open_checkpoint(note, key.public_key()).size
    3
    """
    text, _, signatures = note.partition("\n\n")
    checkpoint = _parse(text + "\n")
    hint = _hint(checkpoint.origin, public)
    for line in signatures.splitlines():
        found = _SIGNATURE.fullmatch(line)
        blob = base64.b64decode(found[2]) if found and len(found[2]) % 4 == 0 else b""
        if found and found[1] == checkpoint.origin and blob[:4] == hint:
            try:
                public.verify(blob[4:], (text + "\n").encode())
            except InvalidSignature:
                raise InvalidCertificate("a checkpoint's signature does not match its text") from None
            return checkpoint
    raise InvalidCertificate(
        "a checkpoint is not signed by the given key",
        hint=Spelled("give the log's public key.", "--public-key names the log's public key."),
    )


def read_checkpoints(path: str | Path, public: Ed25519PublicKey) -> list[Checkpoint]:
    """Read and verify a witness file.

    Parameters
    ----------
    path : str or Path
        The witness file: notes one after another.
    public : Ed25519PublicKey
        The log's.

    Raises
    ------
    UnreadableInput
        When it cannot be read.
    InvalidCertificate
        When it holds something else than checkpoints signed by this key.

    Examples
    --------
    >>> import tempfile
    >>> key, witness = Ed25519PrivateKey.generate(), Path(tempfile.mkdtemp()) / "witness"
    >>> _ = witness.write_text(sign_checkpoint(Checkpoint("sealscrub-audit-00", 3, bytes(32)), key), "utf-8")
    >>> [each.size for each in read_checkpoints(witness, key.public_key())]
    [3]
    """
    try:
        with readable(path, what="the witness file"), Path(path).open("rb") as file:
            content = file.read(_MAX_BYTES).decode()
    except UnicodeDecodeError:
        raise InvalidCertificate("this is not a witness file", where=str(path)) from None
    return [open_checkpoint(note, public) for note in split_notes(content)]


def split_notes(content: str) -> Sequence[str]:
    """Take a witness file apart into its notes."""
    parts = [part.strip("\n") for part in content.split("\n\n") if part.strip("\n")]
    return [f"{text}\n\n{signatures}\n" for text, signatures in zip(parts[::2], [*parts[1::2], ""], strict=False)]


def verifier_key(origin: str, public: Ed25519PublicKey) -> str:
    """Give a log's public key as C2SP's tools take it: name, hint and key in one line.

    Parameters
    ----------
    origin : str
        The log's name, as its checkpoints have it.
    public : Ed25519PublicKey
        The log's.

    Examples
    --------
    >>> key = Ed25519PrivateKey.generate().public_key()
    >>> verifier_key("sealscrub-audit-00", key).partition("+")[0]
    'sealscrub-audit-00'
    """
    encoded = base64.b64encode(_ED25519 + public.public_bytes_raw()).decode()
    return f"{origin}+{_hint(origin, public).hex()}+{encoded}"


def _parse(text: str) -> Checkpoint:
    lines = text.split("\n")
    try:
        origin, size, root = lines[:3]
        hashed = base64.b64decode(root, validate=True)
        right = bool(origin) and bool(_NUMBER.fullmatch(size)) and base64.b64encode(hashed).decode() == root
    except ValueError:
        right = False
    if not right or len(hashed) != HASH_BYTES or len(lines) != 4:
        raise InvalidCertificate(
            "this is not a checkpoint",
            hint=Spelled("give what make_checkpoint returned.", "give what sealscrub audit checkpoint wrote."),
        )
    return Checkpoint(origin, int(size), hashed)


def _hint(name: str, public: Ed25519PublicKey) -> bytes:
    """Four bytes that say which key a signature is by (signed-note)."""
    return hashlib.sha256(f"{name}\n".encode() + _ED25519 + public.public_bytes_raw()).digest()[:4]
