"""The two verbs of the library: :func:`scan` and :func:`scrub`, for frames in memory and for files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Unpack, overload

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index import Index, TextIndex
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables import RowEdit
from sealscrub.tables.containers import FrameT
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.opener import DataSource, names_of, refuse_lake_on_spark
from sealscrub.tables.reading_options import ReadAs

from .history_purge import ORPHAN_DAYS, Purge
from .narrative_columns import Given, NarrativeColumns
from .options import Options, Progress
from .scan_engine import scan_source
from .scrub_engine import Scrubbed, scrub_frame, scrub_places
from .scrub_options import Places, ScrubOptions
from .scrub_report import Report

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
    sweep: bool = True,
    leave: Mapping[str, str] | None = None,
    narrative: Given = (),
    names: TextIndex | None = None,
    history: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Find the rows that may not be used, and change nothing.

    Parameters
    ----------
    data : frame, or str, Path or several of these
        A pandas, polars or pyarrow table, a DuckDB relation, a Spark DataFrame; the names of files, folders and
        globs; or addresses of tables of databases: ``city.duckdb#arrests``, ``city.sqlite#arrests``,
        ``postgresql://host/database#schema.arrests``; Delta tables by their folders, ``delta:lake/arrests``, or a
        ``deltalake.DeltaTable``; Iceberg tables by their catalogs, ``iceberg:city/police.arrests``, or a
        ``pyiceberg.table.Table``.
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
    sweep : bool
        Whether everything else in the rows that stay is compared with the index as well: other columns, texts, names
        of columns and files; see the page on the sweep.
    leave : mapping of str to str
        Columns that are not swept, and why: numbers that look like ids, such as telephone numbers.
    narrative : str, iterable of str, or mapping of str to str
        Columns of texts in which mentions of sealed records are looked for, each with what a scrub is to do:
        ``sentence`` (by default) removes the sentences that mention one, ``null`` the text, ``drop`` the row. With
        it, `on` may be empty.
    names : TextIndex, optional
        Names that are looked for in narratives in addition to identifiers (:func:`sealscrub.index.open_text_index`).
    history : bool
        Of a Delta or Iceberg table: whether all that earlier versions left in its folder is scanned as well: rows
        of every file, those that were deleted among them, and the log or the manifests.
    progress : callable, optional
        Called with the table's name, the rows done so far and the share of the table that is done.

    Returns
    -------
    Report
        ``report.clean`` says so; a report that is not complete is not clean.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex
        When the index is not for this use, holds no keys of a scheme, or is past its last day.
    ColumnError, SchemeError, WrongColumnError
        When a key column does not exist, cannot be one, or mostly does not parse.
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
    options = Options(
        use=use,
        policy=policy or Policy(),
        positions=positions,
        read_as=read_as or ReadAs(),
        sweep=sweep,
        leave=dict(leave or {}),
        narrative=_narratives(narrative, names),
    )
    with DataSource(data, options.opening, name=name, history=history) as source:
        return scan_source(source, index, on, options, progress)


@overload
def scrub(
    data: Places, index: Index, on: On, *, detail: bool = ..., dry_run: bool = ..., **options: Unpack[ScrubOptions]
) -> Report: ...
@overload
def scrub(
    data: Any, index: Index, on: On, *, dry_run: Literal[True], detail: bool = ..., **options: Unpack[ScrubOptions]
) -> Report: ...
@overload
def scrub(
    data: Any,
    index: Index,
    on: On,
    *,
    detail: Literal[True],
    dry_run: Literal[False] = ...,
    **options: Unpack[ScrubOptions],
) -> Scrubbed: ...
@overload
def scrub(
    data: FrameT,
    index: Index,
    on: On,
    *,
    detail: Literal[False] = ...,
    dry_run: Literal[False] = ...,
    **options: Unpack[ScrubOptions],
) -> FrameT: ...
@overload
def scrub(
    data: FrameT, index: Index, on: On, *, detail: bool = ..., dry_run: bool = ..., **options: Unpack[ScrubOptions]
) -> FrameT | Scrubbed | Report: ...
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
    keep_metadata: Collection[str] = (),
    keep_index: bool = False,
    quarantine: str | Path | None = None,
    dry_run: bool = False,
    detail: bool = False,
    positions: bool = False,
    name: str = "data",
    read_as: ReadAs | None = None,
    sweep: bool = True,
    leave: Mapping[str, str] | None = None,
    narrative: Given = (),
    names: TextIndex | None = None,
    in_place: bool = False,
    purge_history: bool = False,
    rewrite: Literal["needed", "all"] = "needed",
    orphans_older_than: float = ORPHAN_DAYS,
    confirm: Callable[[str], object] | None = None,
    engine: Any = None,
    progress: Progress | None = None,
) -> Any:
    """Return the data as it would be had the sealed records never existed.

    For any container and format, ``scrub(D)`` and ``scrub(D without the sealed rows)`` are the same bytes, and the
    rows that stay are in their order.

    Parameters
    ----------
    data, index, on, use, policy, positions, name, read_as, sweep, leave, narrative, names, progress
        As in :func:`sealscrub.scan`. With ``Policy(quarantine=True)`` rows with keys that could not be checked
        leave the output.
    output : str or Path, optional
        For files: where the result goes. A folder, new or empty, if the input is a folder or several files. For a
        table of a database a new database of the same kind, which holds that table; of PostgreSQL the name of a new
        schema; of a Delta or Iceberg table a new one, ``delta:FOLDER`` or ``iceberg:CATALOG/NAMESPACE.NEW``,
        which one file of Parquet can be written as too; of an Iceberg table a file of Parquet as well.
    null_columns : iterable of str
        Keep matched rows, and let these columns of them be null.
    set_values : mapping of str to object
        Keep matched rows, and let these columns of them have these values.
    accept_marks : iterable of str
        Columns in which fewer other rows may have the null, value or empty text than get it. It would mark these
        rows, and is refused in other columns.
    keep_levels : collection of str
        Categorical columns whose list of levels is fixed by declaration and stays whole.
    keep_metadata : collection of str
        Entries of metadata that stay, by name: of a schema and its fields, of ``attrs``, attributes of a subclass.
        Others are removed, and the report names them; structure is made again from what stays.
    keep_index : bool
        Leave the gaps in a pandas ``RangeIndex``; by default it is numbered again.
    quarantine : str or Path, optional
        For files: where rows with keys that could not be checked go (0600), those of a database as Parquet; implies
        ``Policy(quarantine=True)``.
    in_place : bool
        Commit a version of a Delta or Iceberg table to its own folder, in place of an output. Files without a
        removed row stay as they are. Earlier versions stay, and hold what was removed.
    purge_history : bool
        With `in_place`: delete every file of the table's folder that the new version does not need, and scan what is
        left. No earlier version can be opened afterwards. No one else may write to the table meanwhile.
    rewrite : {"needed", "all"}
        With `purge_history`: ``"all"`` writes every file again, which hides the files that held sealed rows.
    orphans_older_than : float
        With `purge_history`: files that no version names are deleted if they were last written so many days ago at
        least; 0 for all of them. An engine that tries again may commit a younger one yet. One that stays is scanned.
    confirm : callable, optional
        With `purge_history`: called with what would be deleted, before anything is changed; what it raises ends the
        run.
    engine : pyspark.sql.SparkSession, optional
        For files of Parquet, all of the same columns: Spark reads and writes them, each under its own name, in its own
        types and compression.
    dry_run : bool
        Find, write nothing, and return the report.
    detail : bool
        For frames: return a :class:`Scrubbed` with report, mask and quarantined rows.

    Returns
    -------
    frame, Scrubbed or Report
        The input as if the sealed rows had never been in it; with `detail` a :class:`Scrubbed`; for files the
        :class:`Report`. A stream of Spark (``sweep=False``) is one that asks the newest index in the place of `index`.

    Raises
    ------
    UncheckedKeys, LowCoverage
        When something could not be checked; nothing is written. The error's ``report`` has the counts.
    SealedElsewhere
        When a row that stays names a sealed record if no key column is declared; nothing is written.
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
    accepted = (accept_marks,) if isinstance(accept_marks, str) else tuple(accept_marks)
    edit = RowEdit(tuple(null_columns), dict(set_values or {}), accepted)
    texts = _narratives(narrative, names, edit.accept_marks)
    if edit.accept_marks and not edit.columns and texts is None:
        raise ConfigError(
            "marks can be accepted only if a column is edited, or is a narrative",
            hint=Spelled(
                "set null_columns=[…], set_values={…} or narrative=….",
                "use --null-columns COLUMN, --set COLUMN=VALUE or --narrative COLUMN.",
            ),
        )
    strict = policy or Policy()
    if quarantine is not None:
        strict = replace(strict, quarantine=True)
    options = Options(
        use=use,
        policy=strict,
        edit=edit if edit.columns else None,
        keep_levels=tuple(keep_levels),
        keep_metadata=tuple(keep_metadata),
        keep_index=keep_index,
        positions=positions,
        dry_run=dry_run,
        read_as=read_as or ReadAs(),
        sweep=sweep,
        leave=dict(leave or {}),
        narrative=texts,
    )
    if engine is not None:
        for each in (*(names_of(data) or ()), output):
            refuse_lake_on_spark(each)
    lakes = [each for each in names_of(data) or () if DeltaAddress.names_one(each) or IcebergAddress.names_one(each)]
    if in_place and (output is not None or not lakes):
        raise ConfigError(
            "only a Delta or Iceberg table can be scrubbed in place, and without an output",
            hint="name delta:FOLDER or iceberg:CATALOG/NAMESPACE.TABLE, no output.",
        )
    if purge_history and (not in_place or edit.columns):
        raise ConfigError(
            "a history can be deleted only if a table is scrubbed in place and matched rows are removed",
            hint=Spelled("set in_place=True, and edit no column.", "use --in-place, and edit no column."),
        )
    if rewrite not in ("needed", "all") or (rewrite == "all" and not purge_history):
        raise ConfigError(
            "rewrite must be needed or all, and all is only for deleting a history",
            hint=Spelled("set purge_history=True, rewrite='all'.", "use --purge-history --rewrite all."),
        )
    purge = Purge(rewrite, orphans_older_than, confirm) if purge_history else None
    if names_of(data) is None:
        if output is not None or quarantine is not None or engine is not None:
            raise ConfigError(
                "output, quarantine and engine are for files; a frame is returned",
                hint=Spelled("use detail=True.", "name a file."),
            )
        with DataSource(data, options.opening, name=name) as source:
            scrubbed = scrub_frame(source, index, on, options, progress)
        if dry_run:
            return scrubbed.report
        return scrubbed if detail else scrubbed.data
    if output is None and not dry_run and not in_place:
        raise ConfigError(
            "no output given", hint=Spelled("set output=FILE, or dry_run=True.", "use -o FILE, or --dry-run.")
        )
    if strict.quarantine and quarantine is None and not dry_run:
        raise ConfigError(
            "no place given for quarantined rows",
            hint=Spelled("set quarantine=FILE.", "use --quarantine FILE."),
        )
    place, aside = (None if path is None else Path(path) for path in (output, quarantine))
    with DataSource(data, options.opening) as source:
        if engine is not None:
            if aside is not None or in_place:
                raise ConfigError(
                    "Spark sets no rows aside, and scrubs no table in place",
                    hint=Spelled("leave out engine, or accept by name.", "leave out --engine, or accept by name."),
                )
            from .spark_engine import scrub_in_spark

            return scrub_in_spark(engine, source, index, on, place, options, progress)
        return scrub_places(
            source,
            index,
            on,
            place,
            options,
            quarantine=aside,
            in_place=in_place,
            purge=purge,
            progress=progress,
        )


def _narratives(
    narrative: Given, names: TextIndex | None, accept_marks: tuple[str, ...] = ()
) -> NarrativeColumns | None:
    """Read which columns are narratives; None if none is."""
    columns = NarrativeColumns.of(narrative, names, accept_marks=accept_marks)
    return columns if columns.columns else None
