"""The dictionary of record numbers: one append-only file on the custodian's host.

A keyed record id gets a number when it is first met in clean data, and keeps it; memberships are bitmaps over these
numbers, and say nothing without the file. It is laid out as::

    magic   20 bytes, and 16 random bytes that name the file
    block   4 bytes   length of the head, little-endian
            head      JSON: whose ids (key, scheme, its fingerprint), how many
            sum       4 bytes, CRC-32 of what is before it, so a damaged count is not taken for a crash
            ids       16 bytes each; their numbers continue from those of the block before
            check     SHA-256 over the check before it and the block

A number is only used once its block is on the disk. What a crash leaves at the end is an unfinished block, which the
next writer cuts off. A membership holds the check of the last block it needs: a file that was cut short, or put back
from an older copy, does not have it and is not trusted for that membership.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.atomic_write import refuse_address
from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, UnreadableInput, WriteFailed
from sealscrub.file_system import BINARY, NO_WAIT, locked, open_to_others, read_at, readable, sync_folder, write_at

__all__ = ["Digests", "Members", "Numbers", "Space", "Stamp", "add_members", "read_members", "write_members"]

MAGIC = b"sealscrub members 1\n"
_NAME_BYTES, _CHECK_BYTES, _ID_BYTES, _SIZE_BYTES, _SUM_BYTES = 16, 32, 16, 4, 4
_HEADER_BYTES = len(MAGIC) + _NAME_BYTES
_MAX_HEAD = 4096
_MAX_NUMBERS = 1 << 32  # what a roaring bitmap can hold

Digests = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]


class Space(NamedTuple):
    """Whose ids are comparable: those under one key, of one scheme, in one definition of it."""

    key_id: str
    scheme: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A state of the file: its name, how many blocks it had, and the check of the last."""

    file: str
    blocks: int
    check: str


@dataclass(eq=False, repr=False)
class Members:
    """What a dictionary of record numbers holds, read into memory.

    Attributes
    ----------
    file : str
        Random name of the file, 32 hex digits.
    checks : list of str
        Of each block.
    blocks : dict of Space to list of (int, ndarray)
        The first number and the ids of each block, shape (n, 2), by whose they are.
    count : int
        How many numbers there are.
    """

    file: str
    checks: list[str] = field(default_factory=list)
    blocks: dict[Space, list[tuple[int, Digests]]] = field(default_factory=dict)
    count: int = 0

    @property
    def stamp(self) -> Stamp:
        """The state of the file as it was read."""
        return Stamp(self.file, len(self.checks), self.checks[-1] if self.checks else "")

    def holds(self, stamp: Stamp) -> bool:
        """Whether the file has continued from this state."""
        if stamp.file != self.file or not 0 <= stamp.blocks <= len(self.checks):
            return False
        return stamp.check == (self.checks[stamp.blocks - 1] if stamp.blocks else "")

    def table(self, space: Space) -> pl.DataFrame:
        """Give ids and numbers of one kind: ``high``, ``low``, ``number``."""
        parts = self.blocks.get(space, [])
        ids = np.concatenate([ids for _, ids in parts]) if parts else np.zeros((0, 2), np.uint64)
        runs = [np.arange(first, first + len(each), dtype=np.uint32) for first, each in parts]
        numbers = np.concatenate(runs) if runs else np.zeros(0, np.uint32)
        return pl.DataFrame({"high": ids[:, 0], "low": ids[:, 1], "number": numbers})

    def numbers_of(self, space: Space, digests: Digests) -> Numbers:
        """Give the numbers of those of the ids that have one."""
        asked = _frame(digests).unique()
        found = asked.join(self.table(space), on=["high", "low"], how="inner")
        return found["number"].to_numpy().astype(np.uint32)

    def __repr__(self) -> str:
        return "Members(…)"


@bound
def read_members(path: str | Path) -> Members:
    """Read a dictionary of record numbers.

    Raises
    ------
    UnreadableInput
        When it does not exist, is not such a file, was changed, or can be read by others.
    """
    path = Path(path)
    with readable(path, what="the members file"):
        handle = os.open(path, os.O_RDONLY | BINARY | NO_WAIT)
    with os.fdopen(handle, "rb") as file:
        _check_kind(path, handle)
        with locked(handle, shared=True):
            members, _ = _parsed(file.read(), path)
        return members


@bound
def add_members(path: str | Path, ids: Mapping[Space, Digests]) -> tuple[Numbers, Stamp]:
    """Give numbers to ids, new ones to those that have none; the file is created if it does not exist.

    Processes that do so at one time wait for each other.

    Parameters
    ----------
    path : str or Path
    ids : mapping of Space to numpy.ndarray of uint64, shape (n, 2)

    Returns
    -------
    numbers : numpy.ndarray of uint32
        Of all of them, without order.
    stamp : Stamp
        The state of the file that knows them.

    Raises
    ------
    UnreadableInput
        When the file is not a members file, was changed, or can be read by others.
    WriteFailed
        When it cannot be made or written; the numbers given before are as they were.
    """
    path = Path(path)
    with _open_for_writing(path) as handle:
        members, end = _parsed(_read_whole(handle), path)
        numbers, fresh = [], b""
        for space, digests in sorted(ids.items()):
            known = _frame(digests).unique().join(members.table(space), on=["high", "low"], how="left")
            new = known.filter(pl.col("number").is_null()).sort("high", "low")
            numbers.append(known["number"].drop_nulls().to_numpy().astype(np.uint32))
            if not len(new):
                continue
            if members.count + len(new) > _MAX_NUMBERS:
                raise WriteFailed("the members file is full", where=str(path), hint="start a new one.")
            numbers.append(np.arange(members.count, members.count + len(new), dtype=np.uint32))
            fresh += _block(members, space, new.select("high", "low").to_numpy())
        if fresh:
            _append(handle, end, fresh, path)
    return (np.concatenate(numbers) if numbers else np.zeros(0, np.uint32)), members.stamp


def write_members(path: str | Path, blocks: Iterable[tuple[Space, Digests]]) -> Stamp:
    """Write a new dictionary, whose numbers continue from block to block.

    Raises
    ------
    WriteFailed
        When the file already exists, or it cannot be written.
    """
    path = Path(path)
    if path.exists():
        raise WriteFailed("the members file already exists", where=str(path), hint="choose a new file.")
    with _open_for_writing(path) as handle:
        members, end = _parsed(_read_whole(handle), path)
        _append(handle, end, b"".join(_block(members, space, ids) for space, ids in blocks), path)
    return members.stamp


def _frame(digests: Digests) -> pl.DataFrame:
    return pl.DataFrame({"high": digests[:, 0], "low": digests[:, 1]})


def _block(members: Members, space: Space, ids: Digests) -> bytes:
    """Write a block, and note in memory that it is there."""
    head = json.dumps([*space, len(ids)], separators=(",", ":")).encode()
    head = len(head).to_bytes(_SIZE_BYTES, "little") + head
    content = head + _sum(head) + ids.astype(">u8").tobytes()
    check = _check(members, content)
    _note(members, space, ids, check)
    return content + check


def _sum(head: bytes) -> bytes:
    return zlib.crc32(head).to_bytes(_SUM_BYTES, "little")


def _note(members: Members, space: Space, ids: Digests, check: bytes) -> None:
    members.blocks.setdefault(space, []).append((members.count, ids))
    members.count += len(ids)
    members.checks.append(check.hex())


def _check(members: Members, content: bytes) -> bytes:
    before = members.checks[-1] if members.checks else members.file
    return hashlib.sha256(bytes.fromhex(before) + content).digest()


def _parsed(content: bytes, path: Path) -> tuple[Members, int]:
    """Read all blocks, and say where the last whole one ends."""
    if len(content) < _HEADER_BYTES or not content.startswith(MAGIC):
        raise UnreadableInput("is not a sealscrub members file", where=str(path))
    members, at = Members(content[len(MAGIC) : _HEADER_BYTES].hex()), _HEADER_BYTES
    while at < len(content):
        try:
            size = int.from_bytes(content[at : at + _SIZE_BYTES], "little")
            head = content[at : at + _SIZE_BYTES + size]
            start = at + _SIZE_BYTES + size + _SUM_BYTES
            short = len(content) - at < _SIZE_BYTES or (size <= _MAX_HEAD and start > len(content))
            if short or not content[at:].strip(b"\0"):  # a crash's: cut short, or space not yet written
                break
            if size > _MAX_HEAD or content[start - _SUM_BYTES : start] != _sum(head):
                raise ValueError
            key_id, scheme, fingerprint, count = json.loads(head[_SIZE_BYTES:])
            end = start + _ID_BYTES * count
            if end + _CHECK_BYTES > len(content):
                break
            check = _check(members, content[at:end])
            if check != content[end : end + _CHECK_BYTES]:
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            raise UnreadableInput(
                "the members file is damaged", where=str(path), hint="restore it from a backup; do not start a new one."
            ) from None
        ids = np.frombuffer(content, ">u8", 2 * count, start).reshape(-1, 2).astype(np.uint64)
        _note(members, Space(key_id, scheme, fingerprint), ids, check)
        at = end + _CHECK_BYTES
    return members, at


@contextlib.contextmanager
def _open_for_writing(path: Path) -> Iterator[int]:
    """Open the file for one writer, and begin it if it is new."""
    refuse_address(path)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | BINARY | NO_WAIT, 0o600)
    except OSError as error:
        raise WriteFailed(f"the members file cannot be opened ({error.strerror})", where=str(path)) from None
    try:
        _check_kind(path, handle)
        with locked(handle):
            content = read_at(handle, _HEADER_BYTES, 0)
            # new, or its maker died before the header was whole: there is no number in it yet
            if len(content) < _HEADER_BYTES and MAGIC.startswith(content[: len(MAGIC)]):
                _append(handle, 0, MAGIC + secrets.token_bytes(_NAME_BYTES), path)
                sync_folder(path.absolute().parent)
            yield handle
    finally:
        os.close(handle)


def _append(handle: int, end: int, content: bytes, path: Path) -> None:
    """Write behind the last whole block; on a full disk the file is cut back to it."""
    try:
        os.ftruncate(handle, end)
        rest, at = memoryview(content), end
        while rest:
            written = write_at(handle, rest, at)
            rest, at = rest[written:], at + written
        os.fsync(handle)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, end)
        raise WriteFailed(f"the members file cannot be written ({error.strerror})", where=str(path)) from None


def _read_whole(handle: int) -> bytes:
    size, parts, at = os.fstat(handle).st_size, [], 0
    while at < size and (part := read_at(handle, size - at, at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _check_kind(path: Path, handle: int) -> None:
    """Refuse what is not a file, and one that others can read: with an index it shows who is sealed."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise ConfigError("the members file is not a file", where=str(path))
    if mode := open_to_others(handle):
        raise UnreadableInput(f"can be read by others (mode {mode:04o})", where=str(path), hint=f"chmod 600 {path}")
