"""Keys in PEM, as stock tools read them: a certifier's pair, and the public half of an annex's key."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from sealscrub.errors import KeyFileError, Spelled
from sealscrub.file_system import readable

from .key_files import refuse_open_to_others, refuse_overwriting, write_new

__all__ = ["generate_certifier", "load_certifier", "load_recipient"]

_MAKE_CERTIFIER = Spelled("make one: generate_certifier(path).", "make one: sealscrub keygen --certifier team.key.")


def generate_certifier(path: str | Path) -> list[Path]:
    """Make a certifier's signing key: PKCS#8 PEM in ``path`` (0600) and SubjectPublicKeyInfo PEM in ``path.pub``.

    Parameters
    ----------
    path : str or Path
        The private key's file, such as ``team.key``.

    Returns
    -------
    list of Path
        The two files. Anyone who verifies certificates needs the second.

    Raises
    ------
    KeyFileError
        When one of them already exists.

    Examples
    --------
    >>> [file.name for file in generate_certifier("team.key")]
    ['team.key', 'team.key.pub']
    """
    from cryptography.hazmat.primitives import serialization  # slow to load, and no scan needs it

    path = Path(path)
    public = path.with_name(path.name + ".pub")
    refuse_overwriting([path, public])
    key = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    write_new(path, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    write_new(public, public_pem(key.public_key()), mode=0o644)
    return [path, public]


def load_recipient(path: str | Path) -> bytes:
    """Read the public half of an annex's key, to which extracts are encrypted.

    Parameters
    ----------
    path : str or Path
        Such as ``seal.key.pub``.

    Returns
    -------
    bytes
        32 bytes, X25519.

    Raises
    ------
    KeyFileError
        When the file is absent, or holds another kind of key.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.identifiers import generate_keys
    >>> files = generate_keys(Path(tempfile.mkdtemp()) / "seal.key")
    >>> len(load_recipient(files[-1]))
    32
    """
    from cryptography.hazmat.primitives import serialization  # slow to load, and no scan needs it

    hint = "give the .pub file that keygen wrote next to the matching key."
    with readable(path, kind=KeyFileError, hint=hint), Path(path).open("rb") as file:
        content = file.read(1 << 16)
    try:
        key = serialization.load_pem_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PublicKey):
        raise KeyFileError("is not the public half of an annex's key", where=str(path), hint=hint)
    return key.public_bytes_raw()


def load_certifier(path: str | Path) -> Ed25519PrivateKey:
    """Read a certifier's key (PKCS#8 PEM).

    Parameters
    ----------
    path : str or Path
        Such as ``team.key``.

    Returns
    -------
    cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PrivateKey

    Raises
    ------
    KeyFileError
        When the file is absent, is another kind of file, or can be read by others (a read-only secret mount excepted).

    Examples
    --------
    >>> private, public = generate_certifier("team.key")
    >>> len(load_certifier(private).public_key().public_bytes_raw())
    32
    """
    from cryptography.hazmat.primitives import serialization  # slow to load, and no scan needs it

    path = Path(path)
    with readable(path, kind=KeyFileError), path.open("rb") as file:
        refuse_open_to_others(path, file.fileno())
        content = file.read(1 << 16)
    try:
        key = serialization.load_pem_private_key(content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(
            "is not a certifier's key",
            where=str(path),
            hint=_MAKE_CERTIFIER,
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(
            "is not an Ed25519 key",
            where=str(path),
            hint=_MAKE_CERTIFIER,
        )
    return key


def public_pem(key: Ed25519PublicKey | X25519PublicKey) -> bytes:
    """Write a public key as SubjectPublicKeyInfo."""
    from cryptography.hazmat.primitives import serialization  # slow to load, and no scan needs it

    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
