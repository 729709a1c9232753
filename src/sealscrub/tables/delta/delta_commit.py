"""A new version of a Delta table in its own folder: only files of which rows are removed are written again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError, WriteFailed
from sealscrub.file_system import reason_of

from ..changes import TableChange
from ..part_replacement import Renewed, replaced_parts
from .delta_features import refuse_unwritten
from .delta_log import LOG, log_head, versions_logged
from .delta_part import DeltaPart
from .delta_snapshot import DeltaSnapshot
from .delta_writer import place_file

__all__ = ["check_newest", "commit_actions", "commit_delta", "refuse_in_place", "spelled"]


def refuse_in_place(snapshot: DeltaSnapshot, keys: Collection[str] = ()) -> None:
    """Refuse a table to which a version cannot be added truly, whichever rows it holds.

    Parameters
    ----------
    snapshot : DeltaSnapshot
        The version.
    keys : collection of str
        The key columns: a commit names each file that it removes, and its path may hold the value of a partition.

    Raises
    ------
    UsageError
    """
    properties = snapshot.schema.configuration
    refuse_unwritten(snapshot.state.protocol, properties, snapshot.declared, snapshot.folder.name)
    if set(keys) & set(snapshot.schema.partitions):
        raise UsageError(
            "the table is partitioned by a key column, and a commit would show the ids of removed rows",
            where=snapshot.folder.name,
            hint="scrub it into a new table.",
        )
    if properties.get("delta.appendOnly", "").lower() == "true":
        raise UsageError(
            "rows of the table are only appended (delta.appendOnly), and none may be removed",
            where=snapshot.folder.name,
            hint="write a new table, or change the property with the table's own engine.",
        )


def commit_delta(
    parts: Sequence[DeltaPart],
    snapshot: DeltaSnapshot,
    change: TableChange,
    renewed: Renewed | None = None,
    done: Callable[[str], object] = str,
) -> None:
    """Commit one version in which each file that a change reaches is replaced by one of the rows that stay.

    The commit is the one that follows the version that was read: if another writer was first, nothing is committed.
    Files that are written again follow each other by their times, in the order in which they were read.

    Parameters
    ----------
    parts : sequence of DeltaPart
        The files of the version.
    snapshot : DeltaSnapshot
        The version.
    change : TableChange
        Which rows stay, and what changes in them.
    renewed : callable, optional
        Says whether a file of which no row is removed is replaced all the same.
    done : callable
        Called with the digest of the commit of the newest version, also when an error follows; with that of the version
        that was read if the change reaches nothing.

    Raises
    ------
    UsageError
        When the table uses what is not committed truly.
    UnreadableInput
        When the table has another version by now, also if nothing is removed; nothing was changed.
    WriteFailed
        When a file cannot be written; nothing was changed.
    """
    refuse_in_place(snapshot)
    made: list[Path] = []
    said = b""
    actions: list[Mapping[str, Any]] = []
    now = int(time.time() * 1000)
    try:
        for at, (part, within) in enumerate(replaced_parts(parts, change, renewed)):
            actions.append({"remove": _removal(part, now)})
            if within.keep.any():
                version = snapshot.version + 1
                add = place_file(part, within, snapshot.folder, time=now + at, version=version, made=made)
                actions.append({"add": add})
        if not actions:
            check_newest(snapshot)
            done(snapshot.head)
            return
        said = spelled([_commit_info(now), *actions])
        commit_actions(snapshot, said)
    except BaseException as error:
        if said and _is_placed(snapshot, said):
            done(hashlib.sha256(said).hexdigest())
            if isinstance(error, OSError):
                return  # nothing is left to do
            raise
        for path in made:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise WriteFailed(
                f"cannot be written ({reason_of(error)}); nothing was changed", where=str(snapshot.folder)
            ) from None
        raise
    done(hashlib.sha256(said).hexdigest())


def _removal(part: DeltaPart, now: int) -> dict[str, Any]:
    """Give the action that removes a file, named as the log names it, its deletion vector included."""
    logged = part.logged
    made = {
        "path": logged.logged,
        "deletionTimestamp": now,
        "dataChange": True,
    }
    vector = {name: value for name, value in (logged.vector or {}).items() if value is not None}
    return made | ({"deletionVector": vector} if vector else {})


def _commit_info(now: int) -> dict[str, Any]:
    return {"commitInfo": {"timestamp": now, "operation": "WRITE", "operationParameters": {"mode": "Append"}}}


def _place_of(snapshot: DeltaSnapshot) -> Path:
    return snapshot.folder / LOG / f"{snapshot.version + 1:020}.json"


def _is_placed(snapshot: DeltaSnapshot, said: bytes) -> bool:
    """Whether a commit is in the log, or that cannot be known: its files stay then."""
    try:
        return _place_of(snapshot).read_bytes() == said
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def spelled(actions: Sequence[Mapping[str, Any]]) -> bytes:
    """Give the lines of a commit."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in actions).encode()


def commit_actions(snapshot: DeltaSnapshot, said: bytes) -> None:
    """Write a commit under a name for the time being, and give it its own in one step, if no one has that.

    Raises
    ------
    UnreadableInput
        When the table has another version by now; nothing was changed.
    """
    log = snapshot.folder / LOG
    place = _place_of(snapshot)
    part = log / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as file:
            file.write(said)
            file.flush()
            os.fsync(file.fileno())
        with _no_other_version(snapshot):
            _check_newest(snapshot)
            os.link(part, place)
            try:
                _check_head(snapshot)
            except FileExistsError:  # somebody recreated the table in between: this is not its version
                place.unlink(missing_ok=True)
                raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def check_newest(snapshot: DeltaSnapshot) -> None:
    """Refuse a version that is not the newest.

    Raises
    ------
    UnreadableInput
    """
    with _no_other_version(snapshot):
        _check_newest(snapshot)


@contextlib.contextmanager
def _no_other_version(snapshot: DeltaSnapshot) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise UnreadableInput(
            "the table changed meanwhile; nothing was written",
            where=snapshot.folder.name,
            hint="name or load the newest version, and run it again when no one writes to the table.",
        ) from None


def _check_newest(snapshot: DeltaSnapshot) -> None:
    if max(versions_logged(snapshot.folder), default=snapshot.version) != snapshot.version:
        raise FileExistsError
    _check_head(snapshot)


def _check_head(snapshot: DeltaSnapshot) -> None:
    try:
        same = log_head(snapshot.folder, snapshot.version) == snapshot.head
    except UnreadableInput:
        same = False
    if not same:
        raise FileExistsError
