"""The state file next to a key: the newest state seen for each use, so an older index is refused.

An index's state is its epoch and its as-of date: a seal can begin by date only. States are kept for each registry,
key, audience and use: an index for training only does not pass once a newer one for training and output has been
seen. The file holds these states only. If it cannot be written (a read-only secret
mount), nothing is remembered and ``not_after`` is the bound.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeAlias

from sealscrub.atomic_write import placed_file
from sealscrub.errors import KeyFileError, WriteFailed
from sealscrub.file_system import locked

from .header import IndexHeader

__all__: list[str] = []

State: TypeAlias = tuple[int, date]
_NEVER_SEEN: State = (0, date.min)


def state_file(key_path: Path) -> Path:
    """Where the state next to a key is kept."""
    path = key_path.resolve()
    return path.with_name(path.name + ".state")


def newest_seen(key_path: Path, header: IndexHeader) -> State:
    """Newest state seen for any of a header's uses; before all states if none was."""
    states = _read(key_path)
    return max((states.get(line, _NEVER_SEEN) for line in _lines(header)), default=_NEVER_SEEN)


def remember_seen(key_path: Path, header: IndexHeader) -> None:
    """Note a header's state for each of its uses, if it is the newest."""
    state, seen = state_of(header), _read(key_path)
    if all(state <= seen.get(line, _NEVER_SEEN) for line in _lines(header)):
        return
    with _locked(key_path):
        states = _read(key_path)
        states |= {line: max(state, states.get(line, _NEVER_SEEN)) for line in _lines(header)}
        shown = {line: [epoch, as_of.isoformat()] for line, (epoch, as_of) in sorted(states.items())}
        with contextlib.suppress(WriteFailed), placed_file(state_file(key_path), mode=0o600) as file:
            file.write((json.dumps({"seen": shown}, indent=1) + "\n").encode())


def state_of(header: IndexHeader) -> State:
    """Epoch and as-of date."""
    return header.facts.epoch, header.facts.as_of


@contextlib.contextmanager
def _locked(key_path: Path) -> Iterator[None]:
    """Keep two processes from forgetting each other's epochs: hold a lock on the key file."""
    try:
        handle = os.open(key_path, os.O_RDONLY)
    except OSError:  # the key was read before and no longer exists: there is no one to wait for
        yield
        return
    try:
        with locked(handle):
            yield
    finally:
        os.close(handle)


def _lines(header: IndexHeader) -> list[str]:
    facts = header.facts
    return [f"{facts.registry}/{header.key_id}/{facts.audience}/{use}" for use in sorted(facts.uses)]


def _read(key_path: Path) -> dict[str, State]:
    path = state_file(key_path)
    try:
        states = json.loads(path.read_bytes())["seen"]
        return {str(line): (int(epoch), date.fromisoformat(as_of)) for line, (epoch, as_of) in states.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise KeyFileError(
            "the record of index states already seen cannot be read",
            where=str(path),
            hint="restore it, or delete it if you know that no newer index was in use.",
        ) from None
