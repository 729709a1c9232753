"""What of a Delta table's folder one version needs, and what else is there."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sealscrub.errors import UnreadableInput

from ..table_leftovers import ORPHANED, FolderKinds, Leftovers, find_leftovers
from .delta_log import LOG, log_actions

__all__ = ["checkpoint_of", "commit_of", "leftovers", "named_files", "place_list"]

_ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_LIST = ".purge."  # what the name of a list begins with of files that a purge is about to delete
_UNFINISHED = "unfinished file"
_OF_DATA = (
    ("file of the change data feed", re.compile(r"_change_data/.*\.parquet")),
    ("data file", re.compile(r".*\.parquet")),
    ("deletion vector", re.compile(rf"deletion_vector_{_ID}\.bin")),
    (_UNFINISHED, re.compile(r"\.[0-9a-f]{16}\.part")),
)
_OF_LOG = (  # in the order in which they are deleted, before data: who read an earlier version cannot commit upon it
    ("log entry", re.compile(rf"\d{{20}}(\.\d{{20}}\.compacted)?\.json|_commit_{_ID}\.json(\.tmp)?")),
    ("checkpoint", re.compile(r"_sidecars/[^/.][^/]*\.parquet")),
    ("checkpoint", re.compile(rf"\d{{20}}\.checkpoint\.(parquet|\d{{10}}\.\d{{10}}\.parquet|{_ID}\.(json|parquet))")),
    ("checksum", re.compile(r"\d{20}\.crc")),
    (_UNFINISHED, re.compile(rf"\.([^/]+\.)?[0-9a-f]{{12,16}}\.part|\.\d{{20}}\.[^/]+\.{_ID}\.tmp")),
)
_BY_WRITERS = re.compile(  # at the root, in the folders of a partition, or in that of the change data feed
    rf"(_change_data/)?([^/=]+=[^/]*/)*((part|cdc)-([\w.\-]*-)?|\d+-)?{_ID}[\w.\-]*\.parquet"
)
_BY_US = re.compile(r"([^/=]+=[^/]*/)*part-[0-9a-f]{32}(-\d+)?\.parquet")  # of a run that was cut off
_Z85 = str.maketrans(  # by the protocol ("Deletion Vector Descriptor Schema"), to Python's
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
)
_SIDECAR = re.compile(rf"_sidecars/[\w.\-]*{_ID}[\w.\-]*\.parquet")
_NAMING = ("add", "remove", "cdc")


def commit_of(folder: Path, version: int) -> Path:
    """Where the commit of a version is."""
    return folder / LOG / f"{version:020}.json"


def checkpoint_of(folder: Path, version: int) -> Path:
    """Where the checkpoint of a version is, in one file."""
    return folder / LOG / f"{version:020}.checkpoint.parquet"


def named_files(folder: Path) -> Collection[str]:
    """Give the files that any entry of the log or checkpoint names, below the table's folder."""
    found: dict[str, None] = {}
    for path in (folder / LOG).rglob("*"):
        if (path.suffix in (".json", ".parquet") or path.name.startswith(_LIST)) and path.is_file():
            with contextlib.suppress(UnreadableInput):  # of a run that was cut off
                found.update(dict.fromkeys(name for action in log_actions(path) for name in _named(action)))
    return found


def place_list(folder: Path, goes: Iterable[Path]) -> Path:
    """Write which files are about to be deleted, as the log would name them; give the file, which no engine reads."""
    place = folder / LOG / f"{_LIST}{secrets.token_hex(8)}.part"
    names = (quote(path.relative_to(folder).as_posix()) for path in goes)
    with place.open("x", encoding="utf-8") as file:
        file.writelines(json.dumps({"remove": {"path": name}}) + "\n" for name in names)
        file.flush()
        os.fsync(file.fileno())
    return place


def _named(action: Mapping[str, Any]) -> Iterator[str]:
    for name, body in action.items():
        if isinstance(body, dict) and isinstance(body.get("path"), str):
            if name in _NAMING:
                yield unquote(body["path"])
            elif name == "sidecar":
                yield f"{LOG}/_sidecars/{unquote(body['path'])}"
            yield from _vector_of(body.get("deletionVector"))


def _vector_of(descriptor: Any) -> Iterator[str]:
    """Give the file of a deletion vector that is below the table's folder."""
    if isinstance(descriptor, dict) and descriptor.get("storageType") == "u":
        text = str(descriptor.get("pathOrInlineDv"))
        with contextlib.suppress(ValueError):  # it is not one: a file of that name is an orphan
            number = uuid.UUID(bytes=base64.b85decode(text[-20:].translate(_Z85)))
            yield f"{text[:-20]}/deletion_vector_{number}.bin".removeprefix("/")


def leftovers(folder: Path, live: Iterable[Path], named: Collection[str], version: int | None = None) -> Leftovers:
    """Find what a version does not need: what the log names, and orphans that writers left.

    An orphan is a file that no version names. It is of the table if it lies where writers of Delta tables put files,
    under a name that they give.

    Parameters
    ----------
    folder : Path
        The table's.
    live : iterable of Path
        The files that the version consists of.
    named : collection of str
        What :func:`named_files` gives.
    version : int, optional
        The version, whose log begins at its checkpoint; None if nothing of the log is needed.

    Raises
    ------
    UsageError
        When there are files that are not known as those of the table.
    UnreadableInput
        When the folder holds a symbolic link, or cannot be listed.
    """
    kept = set() if version is None else {commit_of(folder, version), checkpoint_of(folder, version)}
    kept.add(folder / LOG / "_last_checkpoint")  # which the purge replaces
    return find_leftovers(folder, live, FolderKinds("Delta", LOG, lambda name: _kind(name, named)), kept)


def _kind(name: str, named: Collection[str]) -> tuple[int, str] | None:
    """Give the kind of a file by its name below the table's folder, and when it is deleted; None if not known."""
    folder, _, last = name.rpartition("/")
    if last.startswith(".") and last.endswith(".crc"):  # of Hadoop, next to another file
        beside = f"{folder}/" * bool(folder) + last[1:].removesuffix(".crc")
        known = beside == f"{LOG}/_last_checkpoint" or _kind(beside, named) is not None
        return (len(_OF_DATA) + len(_OF_LOG), "checksum") if known else None
    inside = name.removeprefix(f"{LOG}/")
    if inside != name:
        found = next(((rank, kind) for rank, (kind, pattern) in enumerate(_OF_LOG) if pattern.fullmatch(inside)), None)
        if found is None or ("/" in inside and name not in named and _SIDECAR.fullmatch(inside) is None):
            return None
        return found
    first = len(_OF_LOG)
    found = next(
        ((rank, kind) for rank, (kind, pattern) in enumerate(_OF_DATA, first) if pattern.fullmatch(name)), None
    )
    if found is None:
        return (first, "data file") if name in named else None  # of whichever name
    if name in named or found[1] == _UNFINISHED:
        return found
    if _BY_US.fullmatch(name):
        return found[0], _UNFINISHED
    own = not name.endswith(".parquet") or _BY_WRITERS.fullmatch(name)
    return (found[0], f"{ORPHANED}{found[1]}") if own else None
