"""Scrub: give back the data as it would be had the sealed records never existed."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import IncompleteError, UsageError, WriteFailed
from sealscrub.frames import FrameAdapter, frame_adapter
from sealscrub.frames.aggregate_mark import marks_of, refuse_marked
from sealscrub.frames.unquoted import unquoted
from sealscrub.index import Index
from sealscrub.matching import TableMatcher, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.placing import is_the_custodians, placed_folder, placed_path

from .counting import TableOutcome, make_report
from .files.tables import FileTable, open_table
from .options import Options, Progress
from .report import Report
from .scanning import told
from .sources import FileNames, Sources, find_sources

__all__ = ["Scrubbed", "scrub_files", "scrub_frame"]


@dataclass(frozen=True, slots=True, eq=False)
class Scrubbed:
    """A scrubbed frame with all that there is to know about it.

    Attributes
    ----------
    data : frame
        What stays, in the container that came in.
    report : Report
        Counts; for the operator.
    mask : numpy.ndarray of bool
        Which rows of the input stayed: aligns other arrays.
    quarantined : frame or None
        Rows set aside because a key is near or does not parse; None where that was not asked for.
    """

    data: Any
    report: Report
    mask: npt.NDArray[np.bool_]
    quarantined: Any = None

    @property
    def kept_indices_(self) -> npt.NDArray[np.intp]:
        """Positions of the rows of the input that stayed."""
        return np.flatnonzero(self.mask)

    def __repr__(self) -> str:
        return f"Scrubbed({type(self.data).__name__})"


def scrub_frame(data: Any, index: Index, on: On, options: Options, name: str = "data") -> Scrubbed:
    """Scrub a frame in memory; see :func:`sealscrub.scrub`."""
    index.require_use(options.use)
    with unquoted(name):
        frame = _once(data)
        refuse_marked(marks_of(data, frame.columns), options.use, where=name)
        keys = parse_on(on, frame.columns, where=name)
        matcher = TableMatcher(index, keys, options.policy, name, keep_matched=options.edit is not None)
        verdicts = matcher.judge(frame.key_batch(matcher.columns))
        _check([TableOutcome(matcher)], index, options)
        kept = frame.keep(
            verdicts.keep,
            edit=options.edit,
            matched=verdicts.matched,
            keep_index=options.keep_index,
            keep_levels=options.keep_levels,
        )
        aside = frame.keep(verdicts.unchecked, keep_index=True) if options.policy.quarantine else None
    positions = tuple(np.flatnonzero(verdicts.matched).tolist()) if options.positions else None
    report = make_report(index, [TableOutcome(matcher, positions)], options, "scrub")
    return Scrubbed(kept, report, verdicts.keep, aside)


def _once(data: Any) -> FrameAdapter:
    """Run a lazy frame's query once: run anew, it may give its rows in another order, or other rows."""
    frame = frame_adapter(data)
    return frame_adapter(data.collect(engine="streaming").lazy()) if frame.lazy else frame


def scrub_files(
    inputs: FileNames,
    index: Index,
    on: On,
    output: str | Path | None,
    options: Options,
    *,
    quarantine: str | Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Scrub files; see :func:`sealscrub.scrub`."""
    index.require_use(options.use)
    sources = find_sources(inputs, options.read_as.format)
    tables = [open_table(source, options) for source in sources.files]
    matchers = [
        TableMatcher(
            index,
            table.keys(on),
            options.policy,
            table.name,
            keep_matched=options.edit is not None,
        )
        for table in tables
    ]
    outcomes = [TableOutcome(matcher) for matcher in matchers]
    if options.dry_run or output is None:
        for table, outcome in zip(tables, outcomes, strict=True):
            outcome.positions = table.find(outcome.matcher, told(progress, table.name))
        _check(outcomes, index, options)
        return make_report(index, outcomes, options, "scrub", unread=sources.unread)
    output = Path(output)
    aside = Path(quarantine) if quarantine is not None else None
    _check_places(sources, index, output, aside)
    if not sources.folder:
        tables[0].check_names(output, aside)
    with _places(output, aside, folder=sources.folder) as (part, aside_part):
        for table, outcome in zip(tables, outcomes, strict=True):
            _write(table, outcome, part, aside_part, folder=sources.folder, progress=progress)
        _check(outcomes, index, options)
    return make_report(index, outcomes, options, "scrub", unread=sources.unread)


def _write(
    table: FileTable,
    outcome: TableOutcome,
    part: Path,
    aside: Path | None,
    *,
    folder: bool,
    progress: Progress | None,
) -> None:
    target = part / table.source.relative if folder else part
    aside_target = aside / table.source.relative if folder and aside else aside
    for place in (target, aside_target):
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
    written = table.write(outcome.matcher, target, aside_target, told(progress, table.name))
    outcome.slow_columns, outcome.positions = written.slow_columns, written.positions
    if folder and not written.rows:
        target.unlink()
        _remove_empty(target.parent, part)
    if aside_target is None:
        return
    if not outcome.matcher.tally().unchecked:
        aside_target.unlink(missing_ok=True)
        if folder and aside is not None:
            _remove_empty(aside_target.parent, aside)
    elif aside_target.exists():
        aside_target.chmod(0o600)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _check(outcomes: list[TableOutcome], index: Index, options: Options) -> None:
    """Refuse wrong columns, then what was not checked; the error carries the report."""
    for outcome in outcomes:
        outcome.matcher.check_columns()
    try:
        for outcome in outcomes:
            outcome.matcher.check_complete()
    except IncompleteError as error:
        error.report = make_report(index, outcomes, options, "scrub")
        raise


def _check_places(sources: Sources, index: Index, output: Path, aside: Path | None) -> None:
    places = [output] if aside is None else [output, aside]
    for place in places:
        try:
            _check_place(place, sources, index)
        except OSError as error:
            raise WriteFailed(f"cannot be written ({error.strerror})", where=str(place), hint="name another.") from None
    if aside is not None and _overlap(output.resolve(), aside.resolve()):
        raise UsageError("output and quarantine are one place", where=str(output), hint="name two.")


def _overlap(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def _check_place(place: Path, sources: Sources, index: Index) -> None:
    if place.is_symlink():
        raise UsageError("is a symbolic link", where=str(place), hint="name the file that it points to.")
    if not place.parent.is_dir():
        if place.parent.exists():
            raise WriteFailed("what should be its folder is a file", where=str(place), hint="name another place.")
        raise WriteFailed(
            "its folder is not there", where=str(place), hint=f"mkdir -p {shlex.quote(str(place.parent))}"
        )
    whole = place.resolve()
    for source in sources.files:
        inside = sources.folder and whole in source.path.resolve().parents
        if inside or (place.exists() and os.path.samefile(place, source.path)):
            raise UsageError("the output would replace the input", where=str(place), hint="name another place.")
    if any(root.resolve() in whole.parents for root in sources.roots):
        raise UsageError(
            "the output would lie in the input's folder, and be read with it the next time",
            where=str(place),
            hint="name a place beside the folder.",
        )
    if place.exists() and any(os.path.samefile(place, kept) for kept in index.files if kept.exists()):
        raise UsageError("the output would replace the index or its key", where=str(place), hint="name another place.")
    if is_the_custodians(place):
        raise UsageError(
            "the output would replace a key, an index or a registry", where=str(place), hint="name another place."
        )
    if sources.folder and place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UsageError(
            "the output of several files is a folder that is new or empty", where=str(place), hint="name a new one."
        )
    if not sources.folder and place.is_dir():
        raise UsageError("is a folder", where=str(place), hint=f"name a file, such as {place / 'clean'}.")


@contextlib.contextmanager
def _places(output: Path, aside: Path | None, *, folder: bool) -> Iterator[tuple[Path, Path | None]]:
    """Temporary places of the output and the quarantine, put in place together when all went well."""
    with contextlib.ExitStack() as stack:
        part = stack.enter_context(placed_folder(output) if folder else placed_path(output))
        # entered last, placed first: no output without the rows that were set aside from it
        aside_part = stack.enter_context(_private(aside, folder=folder)) if aside is not None else None
        yield part, aside_part


@contextlib.contextmanager
def _private(aside: Path, *, folder: bool) -> Iterator[Path]:
    if folder:
        with placed_folder(aside) as part:
            part.chmod(0o700)
            yield part
    else:
        with placed_path(aside, mode=0o600, optional=True) as part:
            yield part
