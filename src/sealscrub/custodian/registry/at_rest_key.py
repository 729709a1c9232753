"""What opens a registry that is encrypted at rest: a key in a file, or a command that asks a key service.

Each registry has a random data key of its own, which is in it *wrapped*. What wraps and unwraps it is a
:class:`KeyService`: two functions. A key service of another kind is one small program (:class:`KeyCommand`).
"""

from __future__ import annotations

import base64
import secrets
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from sealscrub.custodian.custody.secret_key import SecretKey
from sealscrub.errors import KeyFileError, Spelled
from sealscrub.identifiers.key_files import REGISTRY

from .at_rest import DATA_KEY_BYTES, ColumnCipher

__all__ = ["EncryptionKey", "KeyCommand", "KeyService", "key_service"]

_COMMAND = "exec:"
_SECONDS = 60.0
ENCRYPTED, _WRAPPED, _KEY_ID = "encrypted_at_rest", "wrapped_data_key", "data_key_id"
_FORM = "aes-siv 1"


class KeyService(Protocol):
    """What wraps a registry's data key, and unwraps it for anyone who may open the registry.

    Examples
    --------
    >>> class Reversing:
    ...     def wrap(self, data_key: bytes) -> bytes:
    ...         return data_key[::-1]
    ...     def unwrap(self, wrapped: bytes) -> bytes:
    ...         return wrapped[::-1]
    >>> service: KeyService = Reversing()  # a real one encrypts
    >>> service.unwrap(service.wrap(b"key"))
    b'key'
    """

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a data key, so it can be in the registry."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Give the data key back.

        Raises
        ------
        KeyFileError
            When it was wrapped under another key.
        """


class EncryptionKey(SecretKey):
    """A key in a file (0600), under which data keys are wrapped (AES-256 key wrap, RFC 3394).

    Examples
    --------
    >>> import tempfile
    >>> key = EncryptionKey.create(Path(tempfile.mkdtemp()) / "registry.key")
    >>> key.unwrap(key.wrap(bytes(64))) == bytes(64)
    True
    """

    kind = REGISTRY
    entry = "encryption_key"

    def wrap(self, data_key: bytes) -> bytes:
        """Wrap a data key."""
        return aes_key_wrap(self.secret, data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Give a data key back; raises :class:`KeyFileError` if it was wrapped under another key."""
        try:
            return aes_key_unwrap(self.secret, wrapped)
        except InvalidUnwrap:
            raise _another_key() from None


@dataclass(frozen=True)
class KeyCommand:
    """A command that asks a key service.

    It is run with ``wrap`` or ``unwrap`` as its last argument, reads base64 from standard input, and writes base64 to
    standard output. It ends with 0, or else nothing is opened. Its own key never reaches this process; what it says on
    standard error is not passed on.

    Attributes
    ----------
    command : str
        With its arguments, as a shell would split it; no shell runs it.

    Examples
    --------
    >>> KeyCommand("cat /no/such/key --").command
    'cat /no/such/key --'
    """

    command: str

    def wrap(self, data_key: bytes) -> bytes:
        """Have a data key wrapped; raises :class:`KeyFileError` as :meth:`unwrap` does."""
        return self._answer("wrap", data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Have a data key unwrapped.

        Raises
        ------
        KeyFileError
            When the command cannot be run, does not end with 0 within a minute, or answers something else.
        """
        return self._answer("unwrap", wrapped)

    def _answer(self, verb: str, content: bytes) -> bytes:
        failed = ""  # raised outside: what the command printed may be the data key, and is in no error
        try:
            words = shlex.split(self.command)
            done = subprocess.run(  # noqa: S603 - anyone who opens the registry names the command
                [*words, verb], input=base64.b64encode(content), capture_output=True, timeout=_SECONDS, check=True
            )
            answer = base64.b64decode(done.stdout.strip(), validate=True)
        except subprocess.CalledProcessError as error:
            failed = f"it ended with exit code {error.returncode}"
        except subprocess.TimeoutExpired:
            failed = f"it did not end within {_SECONDS:.0f} seconds"
        except OSError as error:
            failed = f"it cannot be run: {error.strerror}"
        except (ValueError, IndexError):
            failed = "the command cannot be read, or its answer is not base64"
        if failed:
            raise KeyFileError(
                f"the key's command did not {verb} a data key ({failed})",
                hint="run it by hand: base64 on standard input, base64 on standard output, exit code 0.",
            )
        if not answer:
            raise KeyFileError(f"the key's command answered nothing to {verb}", hint="run it by hand.")
        return answer


def key_service(named: str | Path | KeyService) -> KeyService:
    """Give what opens a registry, by the name of a key's file, or by ``exec:COMMAND``.

    Raises
    ------
    KeyFileError
        When the file is no such key.
    """
    if not isinstance(named, str | Path):
        return named
    text = str(named)
    return KeyCommand(text.removeprefix(_COMMAND)) if text.startswith(_COMMAND) else EncryptionKey.load(text)


def new_cipher(service: KeyService) -> tuple[ColumnCipher, dict[str, str]]:
    """Make a data key, and what a new registry says about it.

    Raises
    ------
    KeyFileError
        When the service does not return what it wrapped, or leaves it in the clear: what was written under it would
        be lost, or open to anyone who has the file.
    """
    data_key = secrets.token_bytes(DATA_KEY_BYTES)
    cipher = ColumnCipher(data_key)
    wrapped = service.wrap(data_key)
    if data_key in wrapped or service.unwrap(wrapped) != data_key:
        raise KeyFileError(
            "the key service did not return the data key that it had wrapped; nothing was created",
            hint="run its command by hand: unwrap must return the input of wrap.",
        )
    return cipher, {ENCRYPTED: _FORM, _WRAPPED: base64.b64encode(wrapped).decode("ascii"), _KEY_ID: cipher.key_id}


def cipher_for(facts: Mapping[str, str], named: str | Path | KeyService | None, place: str) -> ColumnCipher | None:
    """Give what a registry's values are encrypted with; None for one in the clear.

    Raises
    ------
    KeyFileError
        When it is encrypted and no key is named, or another's; or it is not, and one is.
    """
    if ENCRYPTED not in facts:
        if named is not None:
            raise KeyFileError(
                "a key was given for a registry that is not encrypted",
                where=place,
                hint=Spelled(
                    "migrate(old, new, new_encryption_key=…) makes an encrypted copy.",
                    "sealscrub registry migrate OLD NEW --new-encryption-key FILE makes an encrypted copy.",
                ),
            )
        return None
    if named is None:
        raise KeyFileError(
            "the registry is encrypted at rest, and no key was given",
            where=place,
            hint=Spelled("encryption_key=FILE, or exec:…", "--encryption-key FILE, or exec:…"),
        )
    if facts[ENCRYPTED] != _FORM:
        raise KeyFileError("unknown encryption of the registry", where=place, hint="use a newer sealscrub.")
    data_key = key_service(named).unwrap(base64.b64decode(facts[_WRAPPED]))
    cipher = ColumnCipher(data_key)
    if len(data_key) != DATA_KEY_BYTES or cipher.key_id != facts[_KEY_ID]:
        raise _another_key()
    return cipher


def without_key(facts: Mapping[str, str]) -> dict[str, str]:
    """What a registry says about itself, less what it says about its data key."""
    return {name: value for name, value in facts.items() if name not in (ENCRYPTED, _WRAPPED, _KEY_ID)}


def _another_key() -> KeyFileError:
    return KeyFileError(
        "the registry was encrypted under another key", hint="give the key that the registry was created with."
    )
