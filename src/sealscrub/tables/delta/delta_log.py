"""The log of a Delta table, replayed to one version: its protocol, its metadata, and the files that it consists of."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput

__all__ = [
    "LOG",
    "DataFile",
    "LoggedState",
    "is_outside",
    "log_actions",
    "log_head",
    "logged_bounds",
    "replay",
    "versions_logged",
]

LOG = "_delta_log"
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(
    r"(?P<version>\d{20})\.checkpoint\.(?:(?P<part>\d{10})\.(?P<parts>\d{10})\.parquet|parquet"
    r"|[0-9a-fA-F-]{36}\.(?:json|parquet))"
)
_STORE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:/")  # a folder of a partition may be called c:ity=x
_CHECKPOINT_COMMIT = -1  # the commit of a file that only a checkpoint names


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file that a version consists of.

    Attributes
    ----------
    path : str
        Below the table's folder.
    logged : str
        The same as the log writes it.
    partition : mapping of str to (str or None)
        Values of the partition columns, as the log writes them.
    vector : mapping or None
        Where the deletion vector is.
    order : tuple
        By which files are read: the commit that added it, its time, and its name.
    size : int
        0 if the log does not say.
    rows : int or None
        How many rows the file holds, hidden ones included; None if the log does not say.
    action : mapping
        The action of the log that adds it.
    """

    path: str
    logged: str
    partition: Mapping[str, str | None]
    vector: Mapping[str, Any] | None
    order: tuple[int, int, str]
    size: int = 0
    rows: int | None = None
    action: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class LoggedState:
    """One version, as the log has it."""

    version: int
    protocol: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    files: dict[tuple[str, str], DataFile] = field(default_factory=dict)
    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def ordered(self) -> list[DataFile]:
        """The files in the order in which they are read."""
        return sorted(self.files.values(), key=lambda file: file.order)


def versions_logged(folder: Path) -> dict[int, Path]:
    """Give the commits that are in a log, by their versions."""
    found = ((_COMMIT.fullmatch(path.name), path) for path in (folder / LOG).iterdir())
    return {int(name[1]): path for name, path in found if name is not None}


def log_head(folder: Path, version: int) -> str:
    """Give the digest of the commit of a version, or of its checkpoints where the commit is gone, by which it is known.

    Raises
    ------
    UnreadableInput
        When there is neither.
    """
    commit = folder / LOG / f"{version:020}.json"
    try:
        found = [commit] if commit.exists() else _checkpoint_of(folder, version)
        said = [path.read_bytes() for path in found]
    except OSError:
        said = []
    if not said:
        raise _broken(folder, "a commit is missing from the log")
    return hashlib.sha256(b"".join(said)).hexdigest()


def replay(folder: Path, version: int) -> LoggedState:
    """Read the log up to a version, from the newest whole checkpoint before it.

    Parameters
    ----------
    folder : Path
        The table's.
    version : int
        Which version.

    Raises
    ------
    UnreadableInput
        When a commit is missing, or the log is not one.
    """
    state, commits = LoggedState(version), versions_logged(folder)
    start = 0
    for base, files in _checkpoints(folder, version):
        start = base + 1
        for path in files:
            for action in log_actions(path):
                _apply(state, action, _CHECKPOINT_COMMIT, folder)
        break
    for number in range(start, version + 1):
        if number not in commits:
            raise _broken(folder, "a commit is missing from the log")
        for action in log_actions(commits[number]):
            _apply(state, action, number, folder)
    if not state.protocol or not state.metadata:
        raise _broken(folder, "the log names no protocol or no schema")
    return state


def log_actions(path: Path) -> Iterator[dict[str, Any]]:
    """Give the actions of a commit, a checkpoint or a sidecar, as JSON writes them; of a sidecar's name, its own.

    Raises
    ------
    UnreadableInput
        When the file is not a part of a log.
    """
    try:
        if path.suffix == ".parquet":
            for batch in pq.ParquetFile(path).iter_batches():
                for row in batch.to_pylist(maps_as_pydicts="strict"):
                    yield {name: value for name, value in row.items() if value is not None}
        else:
            for line in path.read_bytes().splitlines():
                if line.strip():
                    action = json.loads(line)
                    if not isinstance(action, dict):
                        raise ValueError
                    yield action
    except (OSError, ValueError, KeyError, pa.ArrowException):
        raise _broken(path.parent.parent, "a file of the log cannot be read") from None


def _checkpoints(folder: Path, version: int) -> Iterator[tuple[int, list[Path]]]:
    """Give the whole checkpoints up to a version, the newest first, each with the files that it consists of."""
    found: dict[int, list[tuple[re.Match[str], Path]]] = {}
    for path in sorted((folder / LOG).iterdir()):
        name = _CHECKPOINT.fullmatch(path.name)
        if name is not None and int(name["version"]) <= version:
            found.setdefault(int(name["version"]), []).append((name, path))
    for base in sorted(found, reverse=True):
        single = [path for name, path in found[base] if name["parts"] is None]
        parts = [path for name, path in found[base] if name["parts"] is not None]
        counts = {int(name["parts"]) for name, _ in found[base] if name["parts"] is not None}
        if single:
            yield base, [single[0], *_sidecars(folder, single[0])]
        elif counts == {len(parts)}:
            yield base, parts


def _checkpoint_of(folder: Path, version: int) -> list[Path]:
    return next((files for base, files in _checkpoints(folder, version) if base == version), [])


def _sidecars(folder: Path, checkpoint: Path) -> list[Path]:
    named = [action["sidecar"]["path"] for action in log_actions(checkpoint) if action.get("sidecar")]
    return [folder / LOG / "_sidecars" / _check_inside(folder, unquote(name)) for name in named]


def _apply(state: LoggedState, action: Mapping[str, Any], number: int, folder: Path) -> None:
    try:
        _apply_action(state, action, number, folder)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        if isinstance(error, UnreadableInput):
            raise
        raise _broken(folder, "an action of the log cannot be read") from None


def _apply_action(state: LoggedState, action: Mapping[str, Any], number: int, folder: Path) -> None:
    if action.get("protocol"):
        state.protocol = dict(action["protocol"])
    if action.get("metaData"):
        state.metadata = dict(action["metaData"])
    if action.get("txn"):
        state.transactions[str(action["txn"]["appId"])] = dict(action["txn"])
    if action.get("remove"):
        state.files.pop(_key(action["remove"]), None)
    if action.get("add"):
        add = action["add"]
        path = _check_inside(folder, unquote(add["path"]))
        vector = add.get("deletionVector") or None
        order = (number, int(add.get("modificationTime") or 0), path)
        values = dict(add.get("partitionValues") or {})
        state.files[_key(add)] = DataFile(
            path, add["path"], values, vector, order, int(add.get("size") or 0), _rows(add), add
        )


def _rows(add: Mapping[str, Any]) -> int | None:
    statistics = json.loads(add.get("stats") or "{}")
    rows = statistics.get("numRecords") if isinstance(statistics, dict) else None
    return rows if isinstance(rows, int) and not isinstance(rows, bool) else None


def logged_bounds(statistics: Any) -> Iterator[tuple[str, Any]]:
    """Give what statistics say is the least and the greatest of each column, by the name that files have for it."""
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        read = json.loads(statistics or "{}")
        for name in ("minValues", "maxValues"):
            yield from (read.get(name) or {}).items()


def _key(action: Mapping[str, Any]) -> tuple[str, str]:
    """What distinguishes files of the log: the path, and the deletion vector."""
    vector = action.get("deletionVector") or {}
    return action["path"], "".join(str(vector.get(part)) for part in ("storageType", "pathOrInlineDv", "offset"))


def is_outside(path: str) -> bool:
    """Whether a path of the log is of a file outside of the table's folder, as in a shallow clone.

    Examples
    --------
    >>> [is_outside(each) for each in ("day=1/part-0.parquet", "/lake/other/part-0.parquet", "file:/lake/p.parquet")]
    [False, True, True]
    """
    place = PurePosixPath(path)
    return place.is_absolute() or ".." in place.parts or _STORE.match(path) is not None


def _check_inside(folder: Path, path: str) -> str:
    if not PurePosixPath(path).parts or "\x00" in path:
        raise _broken(folder, "the log names a file that cannot be")
    if is_outside(path):
        raise UnreadableInput(
            "the log names a file that is not in the table's folder",
            where=str(folder),
            hint="write a shallow clone as a table of its own first.",
        )
    return path


def _broken(folder: Path, message: str) -> UnreadableInput:
    return UnreadableInput(message, where=str(folder), hint="see that the folder was copied whole.")
