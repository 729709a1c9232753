"""The state file beside a key: the highest epoch seen for each use, so that an older index is refused.

Epochs are kept for each registry, key, audience and use: an index for training alone does not pass once a newer one
for training and output has been seen. The file holds epochs only. Where it cannot be written (a read-only secret
mount), nothing is remembered and ``not_after`` is the bound.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from sealscrub.errors import KeyFileError, WriteFailed
from sealscrub.placing import placed_file

from .header import IndexHeader

__all__: list[str] = []


def state_file(key_path: Path) -> Path:
    """Where the state beside a key is kept."""
    return key_path.with_name(key_path.name + ".state")


def highest_seen(key_path: Path, header: IndexHeader) -> int:
    """Highest epoch seen for any of a header's uses; 0 where none was."""
    epochs = _read(key_path)
    return max((epochs.get(line, 0) for line in _lines(header)), default=0)


def remember_seen(key_path: Path, header: IndexHeader) -> None:
    """Note a header's epoch for each of its uses, where it is the highest."""
    seen = _read(key_path)
    if all(header.facts.epoch <= seen.get(line, 0) for line in _lines(header)):
        return
    with _locked(key_path):
        epochs = _read(key_path)
        epochs |= {line: max(header.facts.epoch, epochs.get(line, 0)) for line in _lines(header)}
        with contextlib.suppress(WriteFailed), placed_file(state_file(key_path), mode=0o600) as file:
            file.write((json.dumps({"epochs": dict(sorted(epochs.items()))}, indent=1) + "\n").encode())


@contextlib.contextmanager
def _locked(key_path: Path) -> Iterator[None]:
    """Keep two processes from forgetting each other's epochs: hold a lock on the key file."""
    try:
        handle = os.open(key_path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # the key was read before and is gone: there is nobody to wait for
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _lines(header: IndexHeader) -> list[str]:
    facts = header.facts
    return [f"{facts.registry}/{header.key_id}/{facts.audience}/{use}" for use in sorted(facts.uses)]


def _read(key_path: Path) -> dict[str, int]:
    path = state_file(key_path)
    try:
        epochs = json.loads(path.read_bytes())["epochs"]
        return {str(line): int(epoch) for line, epoch in epochs.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise KeyFileError(
            "the record of epochs already seen cannot be read",
            where=str(path),
            hint="restore it, or delete it if you know that no newer index was in use.",
        ) from None
