"""Looking a whole log through: every line, every checkpoint that a witness kept, every entry without an outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sealscrub.certificates.merkle import leaf_hash
from sealscrub.errors import Spelled, UnreadableInput
from sealscrub.reports import Count, Document, Notes, Reported, counted

from .audit_log import AuditLog
from .checkpoints import Checkpoint
from .entries import STANDS_ALONE, Entry, Kind, read_entry, spell
from .log_lines import recognise
from .merkle_tree import Frontier

__all__ = ["Verdict", "verify_log"]

_MOST_SHOWN = 20
_OUTCOME = Kind.OUTCOME.encode()
_STANDALONE_KINDS = frozenset(kind.encode() for kind in STANDS_ALONE)
Keep = Callable[[Sequence[bytes]], object]


@dataclass(frozen=True, kw_only=True)
class Verdict(Reported):
    """What happened to looking a log through.

    Attributes
    ----------
    size : int
        Whole lines.
    root : bytes
        Root of their tree.
    checkpoints : int
        How many checkpoints it was held against.
    covered : int
        How many entries the latest of them covers.
    problems : tuple of str
        What is wrong. Empty: nothing.
    open : tuple of Entry
        Entries before an act whose outcome is missing: what they are about may have been done or not.

    Examples
    --------
    >>> verdict = Verdict(size=3, root=bytes(32), checkpoints=1, covered=3, problems=(), open=())
    >>> verdict.intact, verdict.exit_code
    (True, 0)
    """

    size: int
    root: bytes
    checkpoints: int
    covered: int
    problems: tuple[str, ...]
    open: tuple[Entry, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def exit_code(self) -> int:
        """0 intact · 1 it is not what it was."""
        return 0 if self.intact else 1

    def _facts(self) -> Mapping[str, Any]:
        return {
            "intact": self.intact,
            "size": self.size,
            "root": self.root.hex(),
            "checkpoints": self.checkpoints,
            "covered": self.covered,
            "problems": list(self.problems),
            "open": [entry.number for entry in self.open],
        }

    def _document(self) -> Document:
        open_ = [f"entry {entry.number}, {entry.at:%Y-%m-%d %H:%M}, {entry.kind}" for entry in self.open[:_MOST_SHOWN]]
        return replace(
            self._brief(),
            facts={"Entries": Count(self.size), "Checkpoints": Count(self.checkpoints)},
            parts=(
                Notes(title="What is wrong", items=_first_problems(self.problems), kind="warn"),
                Notes(
                    title=f"{counted(len(self.open), 'entry')} without an outcome: cut short, or not ended yet",
                    items=tuple(open_),
                ),
                Notes(title="Not covered", items=tuple(self._not_covered())),
            ),
            operators_copy="It counts entries of the log.",
        )

    def _not_covered(self) -> Iterator[str]:
        if not self.checkpoints:
            yield "Not checked: without a witness file, a completely rewritten log cannot be detected."
        elif self.covered < self.size:
            younger = counted(self.size - self.covered, "entry", "is", "are")
            yield f"{younger} younger than the last checkpoint: not covered yet."

    def _brief(self) -> Document:
        witnessed = "The log is intact" if self.covered == self.size else "The log is intact up to its last checkpoint"
        intact = witnessed if self.checkpoints else "The log can be read, and was not held against a witness"
        return Document(
            tool="audit verify",
            kind="bad" if not self.intact else "good" if self.checkpoints and self.covered == self.size else "warn",
            headline=intact if self.intact else "THE LOG WAS CHANGED",
            steps=tuple(self._steps()),
        )

    def _steps(self) -> Iterator[str]:
        if not self.intact:
            yield "Keep the log and its witness file as they are, and ask who had access."
        elif not self.checkpoints:
            yield Spelled("Call verify_log with the checkpoints that a witness kept.", "Run it with --witness FILE.")
        elif self.covered < self.size:
            yield "Make a checkpoint of what is younger than the last, and keep it with the witness."


def _first_problems(problems: tuple[str, ...]) -> tuple[str, ...]:
    more = (f"… and {len(problems) - _MOST_SHOWN:,} more",) if len(problems) > _MOST_SHOWN else ()
    return (*problems[:_MOST_SHOWN], *more)


def verify_log(log: AuditLog, checkpoints: Iterable[Checkpoint] = (), *, keep: Keep | None = None) -> Verdict:
    """Look a log through.

    Parameters
    ----------
    log : AuditLog
    checkpoints : iterable of Checkpoint
        What a witness kept, verified (:func:`read_checkpoints`).
    keep : callable, optional
        Given the hashes of the subtrees that each line completes, in order.

    Returns
    -------
    Verdict

    Raises
    ------
    UnreadableInput
        When the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> log = AuditLog.create(Path(tempfile.mkdtemp()) / "audit.log", who="r.alvarez")
    >>> verify_log(log).intact
    True
    """
    kept = sorted(checkpoints, key=lambda each: each.size)
    problems = [*_forks(kept), *_foreign_checkpoints(kept, log)]
    wanted = {each.size: each.root for each in kept if each.origin == log.origin}
    edge, lines = Frontier(), _Lines()
    for line in log.lines():
        made = edge.add(leaf_hash(line))
        lines.take(line)
        if keep is not None:
            keep(made)
        if edge.size in wanted and wanted[edge.size] != edge.root:
            first = counted(edge.size, "entry", "is not that", "are not those")
            problems.append(
                f"the first {first} that the checkpoint was signed for: "
                "one was edited, removed or inserted, or the log was forked"
            )
    late = [size for size in wanted if size > edge.size]
    if late:
        problems.append(
            f"a checkpoint was signed over {counted(max(late), 'entry')}, and the log has {edge.size:,}: "
            "the log was truncated or restored from a copy"
        )
    return Verdict(
        size=edge.size,
        root=edge.root,
        checkpoints=len(kept),
        covered=max((size for size in wanted if size <= edge.size), default=0),
        problems=(*problems, *lines.problems),
        open=lines.open,
    )


class _Lines:
    """What the lines of a log must be to one another."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._open: dict[int, bytes] = {}
        self._next = 0
        self._at = b""

    @property
    def open(self) -> tuple[Entry, ...]:
        """The entries that wait for an outcome."""
        return tuple(read_entry(line) for line in self._open.values())

    def take(self, line: bytes) -> None:
        number, self._next = self._next, self._next + 1
        if (found := recognise(line)) is not None:
            at, said, kind, of = found.group("at", "number", "kind", "of")
            self._place(number, line, at, int(said), kind, None if of is None else int(of))
            return
        try:
            entry = read_entry(line)
        except UnreadableInput:
            self.problems.append(f"line {number + 1} is not an entry")
            return
        at = b"" if entry.at is None else spell(entry.at).encode()
        self._place(number, line, at, entry.number, entry.kind.encode(), entry.of)

    def _place(self, number: int, line: bytes, at: bytes, said: int, kind: bytes, of: int | None) -> None:
        if said != number:
            self.problems.append(f"line {number + 1} says that it is entry {said}, and it is entry {number}")
        if at < self._at:  # the spelling is one that sorts as the moments do
            self.problems.append(f"entry {number} is dated before the one before it: the clock was set back")
        self._at = at
        if kind == _OUTCOME and of is not None:
            if self._open.pop(of, None) is None:
                self.problems.append(f"entry {number} is the outcome of an entry that does not wait for one")
        elif kind not in _STANDALONE_KINDS:
            self._open[number] = line


def _forks(kept: Sequence[Checkpoint]) -> list[str]:
    roots: dict[tuple[str, int], set[bytes]] = {}
    for each in kept:
        roots.setdefault((each.origin, each.size), set()).add(each.root)
    return [
        f"two checkpoints of {counted(size, 'entry')} have different roots: the log was forked"
        for (_, size), found in roots.items()
        if len(found) > 1
    ]


def _foreign_checkpoints(kept: Sequence[Checkpoint], log: AuditLog) -> list[str]:
    others = sum(each.origin != log.origin for each in kept)
    return [f"{counted(others, 'checkpoint', 'belongs', 'belong')} to another log"] if others else []
