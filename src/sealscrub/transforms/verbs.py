"""The two verbs of the library: :func:`scan` and :func:`scrub`, for frames in memory and for files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.frames import RowEdit
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from .options import Options, Progress, ReadAs
from .report import Report
from .scanning import scan_files, scan_frame
from .scrubbing import scrub_files, scrub_frame

__all__ = ["scan", "scrub"]


def scan(
    data: Any,
    index: Index,
    on: On,
    *,
    use: str = "training",
    policy: Policy | None = None,
    positions: bool = False,
    name: str = "data",
    read_as: ReadAs | None = None,
    progress: Progress | None = None,
) -> Report:
    """Find the rows that may not be used, and change nothing.

    Parameters
    ----------
    data : frame, or str, Path or several of these
        A pandas, polars or pyarrow table, a DuckDB relation, or the names of files, folders and globs.
    index : Index
        From :func:`sealscrub.open_index`.
    on : mapping, or iterable of str
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``.
    use : str
        What the data is for; the index must have been published for it.
    policy : Policy, optional
        How strict to be.
    positions : bool
        Whether the report lists the positions of matched rows, counted from 0. They are for the trusted host.
    name : str
        What a frame is called in the report.
    read_as : ReadAs, optional
        How text files are read.
    progress : callable, optional
        Told the table's name, the rows done so far and the share of the table that is done.

    Returns
    -------
    Report
        ``report.clean`` tells; a report that is not complete is not clean.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex
        When the index is not for this use, holds no keys of a scheme, or is past its last day.
    ColumnError, SchemeError, WrongColumnError
        When a key column is not there, cannot be one, or mostly does not parse.
    UnreadableInput
        When a file cannot be read to its end.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": ["K14612345", "M14000017"], "precinct": [79, 14]})
    >>> report = scan(arrests, example_index(["K14612345"]), on={"arrest_number": "arrest_no"})
    >>> report.clean, report.found
    (False, True)
    """
    options = Options(use=use, policy=policy or Policy(), positions=positions, read_as=read_as or ReadAs())
    if _is_files(data):
        return scan_files(data, index, on, options, progress)
    return scan_frame(data, index, on, options, name)


def scrub(
    data: Any,
    index: Index,
    on: On,
    *,
    output: str | Path | None = None,
    use: str = "training",
    policy: Policy | None = None,
    null_columns: Iterable[str] = (),
    set_values: Mapping[str, object] | None = None,
    accept_marks: Iterable[str] = (),
    keep_levels: Collection[str] = (),
    keep_index: bool = False,
    quarantine: str | Path | None = None,
    dry_run: bool = False,
    detail: bool = False,
    positions: bool = False,
    name: str = "data",
    read_as: ReadAs | None = None,
    progress: Progress | None = None,
) -> Any:
    """Give back the data as it would be had the sealed records never existed.

    For any container and format, ``scrub(D)`` and ``scrub(D without the sealed rows)`` are the same bytes, and the
    rows that stay are in their order.

    Parameters
    ----------
    data, index, on, use, policy, positions, name, read_as, progress
        As in :func:`sealscrub.scan`. With ``Policy(quarantine=True)`` rows with keys that could not be checked
        leave the output.
    output : str or Path, optional
        For files: where the result goes. A folder, new or empty, where the input is a folder or several files.
    null_columns : iterable of str
        Keep matched rows, and let these columns of them be null.
    set_values : mapping of str to object
        Keep matched rows, and let these columns of them have these values.
    accept_marks : iterable of str
        Columns in which the null or value may stand in no other row. Otherwise it would mark the row, and is
        refused.
    keep_levels : collection of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.
    keep_index : bool
        Leave the gaps in a pandas ``RangeIndex``; by default it is numbered anew.
    quarantine : str or Path, optional
        For files: where rows with keys that could not be checked go (0600); implies ``Policy(quarantine=True)``.
    dry_run : bool
        Find, write nothing, and return the report.
    detail : bool
        For frames: return a :class:`Scrubbed` with report, mask and quarantined rows.

    Returns
    -------
    frame, Scrubbed or Report
        What came in, less every trace of what went; with `detail` a :class:`Scrubbed`; for files the
        :class:`Report`.

    Raises
    ------
    UncheckedKeys, LowCoverage
        When something could not be checked; nothing is written. The error's ``report`` has the counts.
    UsageError
        When an edit would mark the rows that matched, or an output is in the way.
    WriteFailed
        When the output could not be completed; what was there is as it was.
    UnsuitableIndex, ExpiredIndex, ColumnError, SchemeError, WrongColumnError, UnreadableInput
        As in :func:`sealscrub.scan`.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": ["K14612345", "M14000017"], "precinct": [79, 14]})
    >>> scrub(arrests, example_index(["K14612345"]), on={"arrest_number": "arrest_no"}).to_dicts()
    [{'arrest_no': 'M14000017', 'precinct': 14}]
    """
    edit = RowEdit(tuple(null_columns), dict(set_values or {}), tuple(accept_marks))
    strict = policy or Policy()
    if quarantine is not None:
        strict = replace(strict, quarantine=True)
    options = Options(
        use=use,
        policy=strict,
        edit=edit if edit.columns else None,
        keep_levels=tuple(keep_levels),
        keep_index=keep_index,
        positions=positions,
        dry_run=dry_run,
        read_as=read_as or ReadAs(),
    )
    if _is_files(data):
        if output is None and not dry_run:
            raise ConfigError("no output is named", hint="say output=FILE, or dry_run=True.")
        if strict.quarantine and quarantine is None and not dry_run:
            raise ConfigError("rows are to be set aside, and no place for them is named", hint="say quarantine=FILE.")
        return scrub_files(data, index, on, output, options, quarantine=quarantine, progress=progress)
    if output is not None or quarantine is not None:
        raise ConfigError("output and quarantine are for files; a frame is returned", hint="use detail=True.")
    scrubbed = scrub_frame(data, index, on, options, name)
    if dry_run:
        return scrubbed.report
    return scrubbed if detail else scrubbed.data


def _is_files(data: Any) -> bool:
    if isinstance(data, str | os.PathLike):
        return True
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(item, str | os.PathLike) for item in data)
