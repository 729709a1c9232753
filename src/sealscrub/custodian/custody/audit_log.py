"""The audit log: one file, to which entries are added and from which none is taken.

Anyone who acts writes an entry first, and acts once it is on the disk; the outcome follows. Many threads and processes
write at once: those that wait while one writes go together in its next write, and share the wait for the disk.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from sealscrub.atomic_write import refuse_address
from sealscrub.errors import InvalidCertificate, Spelled, UnreadableInput, UsageError, WriteFailed
from sealscrub.file_system import BINARY, locked, read_at, readable, write_at

from .entries import STANDS_ALONE, Entry, Kind, Result, read_entry, spell
from .log_lines import MAX_BYTES

__all__ = ["Act", "AuditLog"]

_ORIGIN = "sealscrub-audit-"
_WRITE_ERRORS = (WriteFailed, InvalidCertificate, UnreadableInput)
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
_MAKE_ONE = Spelled("AuditLog.create makes one.", "sealscrub audit init makes one.")
VERIFY_WITH_WITNESS = Spelled(
    "do not change the log, and call verify_log with the witness' checkpoints.",
    "do not change the log, and run sealscrub audit verify with the witness file.",
)


class Act:
    """What is being done under an entry; all but its number goes into the outcome.

    Attributes
    ----------
    number : int
        The entry's.
    count : int or None
        How many records were shown, imported or published.
    epoch : int or None
        Of the registry, as the act left or published it.
    digest : str or None
        SHA-256 of the file that the act made.

    Examples
    --------
    >>> act = Act(3)
    >>> act.count = 12
    >>> act
    Act(3)
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.count: int | None = None
        self.epoch: int | None = None
        self.digest: str | None = None

    def __repr__(self) -> str:
        return f"Act({self.number})"


@dataclass(eq=False)
class _WaitingEntries:
    """Entries that a thread wants written, and what happened to them."""

    entries: Sequence[Entry]
    first: int = -1
    error: Exception | None = None
    leads: bool = False
    woken: threading.Event = field(default_factory=threading.Event)


class AuditLog:
    """An audit log, made by :meth:`create` and opened by :meth:`open`.

    Examples
    --------
    >>> import tempfile
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> with log.act(Entry(kind=Kind.ACCESS, who="r.alvarez", what="registry seals", purpose="audit")) as act:
    ...     act.count = 12  # what is done
    >>> [entry.kind.value for entry in log]
    ['log', 'access', 'outcome']
    """

    def __init__(self, path: Path, origin: str) -> None:
        self.path = path
        self.origin = origin
        self._lock = threading.Lock()
        self._queue: list[_WaitingEntries] = []
        self._writing = False
        self._seen = 0

    @classmethod
    def create(cls, path: str | Path, *, who: str) -> Self:
        """Make a log in a new file (0600), with an entry that says so.

        Parameters
        ----------
        path : str or Path
        who : str
            The account that makes it.

        Raises
        ------
        UsageError
            When the file already exists, or the path is the address of a table.
        WriteFailed
            When it cannot be written.
        """
        refuse_address(path)
        path = Path(path).absolute()
        name = secrets.token_hex(8)
        entry = Entry(kind=Kind.LOG, who=who, what=_ORIGIN + name).check()
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise UsageError("the file already exists", where=str(path), hint="choose a new file.") from None
        except OSError as error:
            raise _log_write_failed(path, error) from None
        log = cls(path, _ORIGIN + name)
        log._commit([_WaitingEntries([entry])])
        return log

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a log.

        Raises
        ------
        UnreadableInput
            When there is no log, or it does not begin as one.
        """
        path = Path(path).absolute()
        with readable(path, what="the audit log", hint=_MAKE_ONE), path.open("rb") as file:
            first = file.readline(MAX_BYTES)
        try:
            entry = read_entry(first.removesuffix(b"\n"))
        except UnreadableInput:
            raise UnreadableInput(
                "the first line is not that of an audit log",
                where=str(path),
                hint="it is another file, or was edited: ask for the copy that the last checkpoint was made of.",
            ) from None
        if entry.kind is not Kind.LOG or entry.number != 0 or not entry.what.startswith(_ORIGIN):
            raise UnreadableInput("is not an audit log", where=str(path), hint=_MAKE_ONE)
        return cls(path, entry.what)

    def append(self, *entries: Entry) -> int:
        """Write entries, and come back when they are on the disk.

        Threads that call this at once are written together.

        Parameters
        ----------
        *entries : Entry

        Returns
        -------
        int
            Number of the first.

        Raises
        ------
        UsageError
            When an entry is not of its form.
        WriteFailed
            When it cannot be written: nothing of it is in the log, and the act must not be done.
        InvalidCertificate
            When the log is not what it was a moment ago.
        """
        wanted = _WaitingEntries([entry.check() for entry in entries])
        with self._lock:
            self._queue.append(wanted)
            wanted.leads = not self._writing
            self._writing = True
        if not wanted.leads:
            wanted.woken.wait()
        if wanted.leads:
            self._lead()
        if wanted.error is not None:
            raise wanted.error
        return wanted.first

    @contextlib.contextmanager
    def act(self, entry: Entry, *, overrides: Sequence[str] = ()) -> Iterator[Act]:
        """Write an entry, do what the block does, and write its outcome.

        If the process is killed within the block, the entry stays open, and ``audit verify`` shows it.

        Parameters
        ----------
        entry : Entry
        overrides : sequence of str
            What the act does that is less strict than usual, in a few words each: an entry of kind ``override``.

        Yields
        ------
        Act

        Raises
        ------
        WriteFailed
            When the entry cannot be written, before the block; or its outcome, after it.
        """
        if entry.kind in STANDS_ALONE:
            raise UsageError(f"an entry of kind {entry.kind} does not begin an act", hint="append it.")
        less = [replace(entry, kind=Kind.OVERRIDE, what=f"{entry.what} {each}") for each in overrides]
        first = self.append(*less, entry)
        act = Act(first + len(less))
        try:
            yield act
        except BaseException:
            with contextlib.suppress(*_WRITE_ERRORS):  # the act's own error comes first
                self.append(*_outcomes(entry, first, act, Result.FAILED))
            raise
        try:
            self.append(*_outcomes(entry, first, act, Result.DONE))
        except _WRITE_ERRORS as error:
            raise WriteFailed(
                "the act was done, but its outcome cannot be written to the audit log: its entry stays open",
                where=error.where,
                hint=Spelled(
                    "free disk space and call verify_log; repeat the act only if its result is missing.",
                    "free disk space and run sealscrub audit verify; repeat the act only if its result is missing.",
                ),
            ) from None

    def __iter__(self) -> Iterator[Entry]:
        for line in self.lines():
            yield read_entry(line)

    def done(self, *kinds: Kind) -> Iterator[tuple[Entry, Entry]]:
        """Give the acts of some kinds that were done, each with its outcome.

        Parameters
        ----------
        *kinds : Kind

        Yields
        ------
        (Entry, Entry)
            In the order of the outcomes.

        Raises
        ------
        UnreadableInput
            When the file cannot be read, or a line is not an entry.
        """
        begun: dict[int, Entry] = {}
        for entry in self:
            if entry.kind in kinds:
                begun[entry.number] = entry
            elif entry.kind is Kind.OUTCOME and entry.of in begun:
                act = begun.pop(entry.of)
                if entry.result is Result.DONE:
                    yield act, entry

    def lines(self) -> Iterator[bytes]:
        """Give the lines as they are, without their ends; one that is being written is left out.

        Raises
        ------
        UnreadableInput
            When the file cannot be read.
        """
        with readable(self.path, what="the audit log"), self.path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def last(self) -> Entry:
        """Give the last entry.

        Raises
        ------
        UnreadableInput
            When the file cannot be read, or its last line is not an entry.
        """
        with readable(self.path, what="the audit log"), self.path.open("rb") as file:
            entry, _ = _tail(file.fileno(), self.path)
        if entry is None:
            raise UnreadableInput("is not an audit log", where=str(self.path))
        return entry

    def _lead(self) -> None:
        """Write all that waits, and leave what came meanwhile to the first who waits with it."""
        with self._lock:
            batch, self._queue = self._queue, []
        try:
            self._commit(batch)
        except Exception as error:  # every waiting thread gets it
            for each in batch:
                each.error = error
        with self._lock:
            self._writing = bool(self._queue)
            if self._queue:
                self._queue[0].leads = True
                self._queue[0].woken.set()
        for each in batch:
            each.woken.set()

    def _commit(self, batch: Sequence[_WaitingEntries]) -> None:
        try:
            handle = os.open(self.path, os.O_RDWR | BINARY)
        except OSError as error:
            raise _log_write_failed(self.path, error) from None
        try:
            with locked(handle):
                self._write(handle, batch)
            os.fsync(handle)  # others may write while the disk takes this
        except OSError as error:
            raise _log_write_failed(self.path, error) from None
        finally:
            os.close(handle)

    def _write(self, handle: int, batch: Sequence[_WaitingEntries]) -> None:
        last, end = _tail(handle, self.path)
        number = 0 if last is None else last.number + 1
        if number < self._seen:
            raise InvalidCertificate(
                "the audit log became shorter while it was read; nothing was done",
                where=str(self.path),
                hint=VERIFY_WITH_WITNESS,
            )
        # a clock set back dates nothing before what is there: the door knows by the last entry that it was
        now, lines = spell(max(dt.datetime.now(dt.UTC), (last and last.at) or _EARLIEST)), []
        for each in batch:
            each.first = number
            for entry in each.entries:
                lines.append(entry.line(number, now))
                number += 1
        content = memoryview(b"".join(lines))
        try:
            done = 0
            if os.fstat(handle).st_size > end:  # what a killed writer left of a line never was an entry
                os.ftruncate(handle, end)
            while done < len(content):
                done += write_at(handle, content[done:], end + done)
        except OSError:
            os.ftruncate(handle, end)  # no one has read this as an entry: the lock is held
            raise
        self._seen = number

    def __repr__(self) -> str:
        return f"AuditLog({str(self.path)!r})"


def _outcomes(entry: Entry, first: int, act: Act, result: Result) -> list[Entry]:
    """Give the outcomes of an act and of what was overridden for it."""
    own = Entry(kind=Kind.OUTCOME, who=entry.who, of=act.number, result=result)
    overridden = [replace(own, of=number) for number in range(first, act.number)]
    return [*overridden, replace(own, count=act.count, epoch=act.epoch, digest=act.digest)]


def _tail(handle: int, path: Path) -> tuple[Entry | None, int]:
    """Give the last whole entry, and where its line ends."""
    size = os.fstat(handle).st_size
    start = max(0, size - 2 * MAX_BYTES)
    content = read_at(handle, size - start, start)
    ends = content.rfind(b"\n")
    if ends < 0:
        if start:
            raise UnreadableInput("is not an audit log", where=str(path), hint=_MAKE_ONE)
        return None, 0
    return read_entry(content[content.rfind(b"\n", 0, ends) + 1 : ends]), start + ends + 1


def _log_write_failed(path: Path, error: OSError) -> WriteFailed:
    return WriteFailed(
        f"the audit log cannot be written ({error.strerror}); nothing was done",
        where=str(path),
        hint="nothing is done without an entry: free disk space, or check who owns the file, and run it again.",
    )
