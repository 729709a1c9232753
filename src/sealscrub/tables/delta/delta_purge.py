"""Delete all that is in a Delta table's folder and its newest version does not need."""

from __future__ import annotations

import hashlib
import math
import time
from pathlib import Path
from typing import Any

from sealscrub.errors import UnreadableInput, WriteFailed
from sealscrub.file_system import reason_of

from ..table_leftovers import Leftovers, remove_empty_folders
from .delta_checkpoint import place_checkpoint
from .delta_commit import commit_actions, spelled
from .delta_folder import checkpoint_of, commit_of, leftovers, named_files, place_list
from .delta_log import LOG, LoggedState, log_actions, log_head, replay
from .delta_snapshot import DeltaSnapshot

__all__ = ["found_purged", "purge_delta"]

_OPERATION = "PURGE HISTORY"


def purge_delta(snapshot: DeltaSnapshot, committed: str | None, orphans_before: float = math.inf) -> Leftovers:
    """Delete the history of a table: what can be reached from its newest version stays.

    A version that changes nothing is committed, so its entry of the log says nothing of what was removed. Its
    checkpoint is what the log begins with afterwards. Before that exists, nothing is deleted; so the version can be
    read whenever this ends, and what is left is deleted by the next run. It is committed whenever there is something to
    delete: a writer with files ready for a version that follows an earlier one cannot commit them unnoticed.

    Parameters
    ----------
    snapshot : DeltaSnapshot
        The newest version, which has no deletion vectors.
    committed : str or None
        The digest of the commit that was judged or written; of another version nothing is deleted.
    orphans_before : float
        When a file that no version names was last written at the latest, in seconds since 1970, to be deleted.

    Returns
    -------
    Leftovers
        What was deleted.

    Raises
    ------
    UsageError
        When the folder holds files that are not known as those of a Delta table; nothing was changed.
    UnreadableInput
        When somebody else writes to the table, or the folder holds a symbolic link.
    WriteFailed
        When a file cannot be written or deleted.
    """
    folder, state = snapshot.folder, snapshot.state
    live = [folder / file.path for file in state.ordered]
    if snapshot.live or snapshot.head != committed:
        raise _another_writer(folder)
    try:
        named, version = named_files(folder), state.version + 1
        known = leftovers(folder, live, named)
        if (nothing := found_purged(snapshot, orphans_before)) is not None:
            remove_empty_folders(folder, folder / LOG)  # which a run that was cut off left
            return nothing
        head = _commit_nothing(snapshot)
        _check_newest(folder, version, head)
        _place_checkpoint(folder, state, version)
        goes = leftovers(folder, live, named, version)
        if not goes.files.keys() <= known.files.keys():
            raise _another_writer(folder)
        goes = goes.without_young(orphans_before)
        _delete(folder, goes, version, head)
    except OSError as error:
        raise WriteFailed(
            f"a file cannot be written or deleted ({reason_of(error)}); the newest version can be read",
            where=str(folder),
            hint="run it again when files of the folder can be written and deleted.",
        ) from None
    return goes


def found_purged(snapshot: DeltaSnapshot, orphans_before: float) -> Leftovers | None:
    """Give what a purge would delete if that is nothing, since one before it has; otherwise None."""
    folder, state = snapshot.folder, snapshot.state
    if not _stands_alone(folder, state.version):
        return None
    live = [folder / file.path for file in state.ordered]
    goes = leftovers(folder, live, named_files(folder), state.version).without_young(orphans_before)
    return None if goes.files else goes


def _stands_alone(folder: Path, version: int) -> bool:
    """Whether a run before this one has written where the log begins."""
    if not checkpoint_of(folder, version).is_file() or not commit_of(folder, version).is_file():
        return False
    said = [action.get("commitInfo") for action in log_actions(commit_of(folder, version))]
    return (
        len(said) == 1
        and isinstance(said[0], dict)
        and said[0].keys() == _commit_info(0).keys()
        and said[0]["operation"] == _OPERATION
        and said[0]["operationParameters"] == {}
        and not any("remove" in action for action in log_actions(checkpoint_of(folder, version)))
    )


def _commit_info(now: int) -> dict[str, Any]:
    return {"timestamp": now, "operation": _OPERATION, "operationParameters": {}}


def _commit_nothing(snapshot: DeltaSnapshot) -> str:
    said = spelled([{"commitInfo": _commit_info(int(time.time() * 1000))}])
    try:
        commit_actions(snapshot, said)
    except UnreadableInput:
        raise _another_writer(snapshot.folder) from None
    return hashlib.sha256(said).hexdigest()


def _place_checkpoint(folder: Path, state: LoggedState, version: int) -> None:
    """Write a checkpoint of a version, and see that it gives the version back."""
    place_checkpoint(folder, LoggedState(version, state.protocol, state.metadata, state.files, state.transactions))
    if _content(replay(folder, version)) != _content(state):
        raise WriteFailed("the checkpoint does not give the version back; nothing was deleted", where=str(folder))


def _content(state: LoggedState) -> list[Any]:
    """What a version consists of, however its log says it."""
    files = {key: (file.partition, file.size, file.rows) for key, file in state.files.items()}
    versions = {name: each["version"] for name, each in state.transactions.items()}
    return [_said_in(state.protocol), _said_in(state.metadata), files, versions]


def _said_in(values: Any) -> Any:
    """Leave out what is empty: JSON has no key for it, and a checkpoint has null."""
    if not isinstance(values, dict):
        return values
    said = {name: _said_in(value) for name, value in values.items()}
    return {name: value for name, value in said.items() if value not in (None, {}, [])}


def _check_newest(folder: Path, version: int, head: str) -> None:
    """See that the newest version is the one that was committed, and no other table is in the folder by now."""
    try:
        same = log_head(folder, version) == head
    except UnreadableInput:
        same = False
    if not same or commit_of(folder, version + 1).exists():
        raise _another_writer(folder)


def _delete(folder: Path, goes: Leftovers, version: int, head: str) -> None:
    """Delete files, entries of the log first; stop as soon as somebody else commits.

    What the log names is listed before, in a file that goes last: the next run knows by it what a run that was cut off
    has left, whose names are in no log any more.
    """
    listed = place_list(folder, goes.files)
    for path in goes.files:
        _check_newest(folder, version, head)
        path.unlink(missing_ok=True)
    listed.unlink()
    remove_empty_folders(folder, folder / LOG)


def _another_writer(folder: Path) -> UnreadableInput:
    return UnreadableInput(
        "somebody else writes to the table",
        where=folder.name,
        hint="run it again when no one writes to the table.",
    )
