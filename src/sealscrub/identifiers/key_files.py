"""Files that hold a key: written once, 0600, and refused where others can read them."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from sealscrub.atomic_write import refuse_address
from sealscrub.errors import KeyFileError, Spelled
from sealscrub.file_system import open_to_others, set_mode

__all__: list[str] = []

KINDS = MATCHING, AUDIENCE, PUBLISHER, ANNEX, REGISTRY, REFERENCE = (
    "matching", "audience", "publisher", "annex", "registry", "reference",
)  # fmt: skip
"""What a key file says that it holds."""

_OF_INDEX = Spelled(
    "check the path. The key comes with the index; a new one (generate_keys) opens no index that exists.",
    "check the path. The key comes with the index; a new one (sealscrub keygen) opens no index that exists.",
)
_LOST = {
    MATCHING: _OF_INDEX,
    AUDIENCE: _OF_INDEX,
    REGISTRY: "take it from a backup: nothing else opens the registry.",
}
_MAKERS = {REGISTRY: "registry init or registry migrate", REFERENCE: "audit init"}


def document(kind: str, facts: dict[str, str]) -> bytes:
    return (json.dumps({"sealscrub": "key", "version": 1, "kind": kind} | facts, indent=1) + "\n").encode()


def text_of(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def bytes_of(facts: dict[str, Any], name: str, path: Path) -> bytes:
    try:
        value = base64.b64decode(facts[name], validate=True)
    except (KeyError, TypeError, ValueError):
        value = b""
    if len(value) != 32:
        raise KeyFileError("is damaged", where=str(path), hint="restore it from a backup.")
    return value


def refuse_overwriting(paths: list[Path]) -> None:
    for path in paths:
        refuse_address(path)
        if os.path.lexists(path):
            raise _there_already(path)


def _there_already(path: Path) -> KeyFileError:
    return KeyFileError("already exists; a key is never overwritten", where=str(path), hint="choose a new file.")


def write_new(path: Path, content: bytes, mode: int = 0o600) -> None:
    refuse_address(path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise _there_already(path) from None
    except OSError as error:
        raise KeyFileError(f"cannot be written ({error.strerror})", where=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            set_mode(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise KeyFileError(f"cannot be written ({error.strerror})", where=str(path)) from None


def read_document(path: Path, *kinds: str) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
            raise KeyFileError("is not a file", where=str(path), hint="write the key to a file of mode 0600.")
        with path.open("rb") as file:
            content = file.read(1 << 16)
            if content.startswith(b"-----BEGIN PUBLIC KEY-----"):
                raise KeyFileError("is a public key", where=str(path), hint="name the key's own file, without .pub.")
            refuse_open_to_others(path, file.fileno())
    except FileNotFoundError:
        hint = _LOST.get(kinds[0]) or f"make one: sealscrub {_MAKERS.get(kinds[0], 'keygen')}."
        raise KeyFileError("the key file does not exist", where=str(path), hint=hint) from None
    except OSError as error:
        raise KeyFileError(f"cannot be read ({error.strerror})", where=str(path)) from None
    try:
        facts = json.loads(content)
        kind = facts["kind"] if facts["sealscrub"] == "key" and facts["version"] == 1 else ""
    except (ValueError, KeyError, TypeError, RecursionError):
        kind = ""
    if kind not in kinds:
        wanted = " or ".join(kinds)
        known = kind in KINDS
        maker = _MAKERS.get(kinds[0], "keygen")
        found = f"this file holds a key of kind {kind}." if known else f"name the file that sealscrub {maker} wrote."
        raise KeyFileError(f"is not a sealscrub {wanted} key", where=str(path), hint=found)
    return dict(facts)


def refuse_open_to_others(path: Path, handle: int) -> None:
    if mode := open_to_others(handle, unless_read_only=True):
        raise KeyFileError(f"can be read by others (mode {mode:04o})", where=str(path), hint=f"chmod 600 {path}")
