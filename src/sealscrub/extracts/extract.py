"""Taking the columns that linkage compares out of a table, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl

from sealscrub.certificates import content_digest
from sealscrub.errors import ConfigError, Spelled, UnreadableInput, UsageError
from sealscrub.identifiers import AnnexKey, Status, canonicalise
from sealscrub.identifiers.linkage_fields import FIELDS, written_days
from sealscrub.tables.file import Opening
from sealscrub.tables.opener import DataSource
from sealscrub.tables.reading_options import ReadAs

from .extract_file import read_rows, write_rows
from .readable_values import READ, plain_dates, readable

__all__ = ["Extract", "extract", "open_extract"]

_ID: Final = "id"
_ROWS = "opaque:extract"


@dataclass(frozen=True, kw_only=True)
class Extract:
    """Rows of a source, as linkage takes them. Made by :func:`extract` and :func:`open_extract`.

    Attributes
    ----------
    frame : polars.DataFrame
        ``id``, and each of :data:`FIELDS` as text; what the source does not have is null.
    fields : tuple of str
        The fields that the source has.
    created : datetime.date
        The day on which it was made (UTC).
    left_out : int
        How many rows of the source have a value in none of the fields, so nothing can link them.
    read : mapping of str to (int, int)
        Of birth dates, arrest dates and NYSIDs that the source has: how many are filled, and how many of these can be
        read. What cannot be read links nothing.
    marking_key : bytes
        Of the custodian who opened it, by which rows and pairs are marked; empty on the data's host.

    Examples
    --------
    >>> rows = pl.DataFrame({"ID": ["a1", "a2"], "L": ["Doe", None]})
    >>> made = extract(rows, row_id="ID", fields={"last_name": "L"})
    >>> made.fields, made.left_out
    (('last_name',), 1)
    """

    frame: pl.DataFrame = field(repr=False)
    fields: tuple[str, ...]
    created: dt.date
    left_out: int = 0
    read: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    marking_key: bytes = field(default=b"", repr=False)

    @cached_property
    def digest(self) -> str:
        """The content digest of the rows, in whatever order: another extract of the same rows has the same."""
        return str(content_digest(self.frame))

    def rows_beyond(self, earlier: Extract) -> list[str]:
        """Give the ids of the rows that another extract does not have, or has otherwise.

        Parameters
        ----------
        earlier : Extract
            An older extract of the same system.

        Returns
        -------
        list of str
            In the order of this extract.
        """
        return self.frame.join(
            earlier.frame, on=self.frame.columns, how="anti", nulls_equal=True, maintain_order="left"
        )[_ID].to_list()

    def write(self, path: str | Path, recipient: bytes) -> None:
        """Encrypt it to the custodian, in a file of mode 0600.

        Parameters
        ----------
        path : str or Path
            Where it goes, such as ``vendor.linkin``.
        recipient : bytes
            What :func:`sealscrub.identifiers.load_recipient` reads from ``seal.key.pub``.

        Raises
        ------
        UsageError
            When the recipient is not a public key, or the extract is too large for one file.
        WriteFailed
            When the file cannot be written; what was there is as it was.
        """
        facts = {"created": self.created.isoformat(), "digest": self.digest, "fields": list(self.fields)}
        write_rows(path, facts, self.frame.select(_ID, *self.fields), recipient)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "marking_key": b""}  # a key stays out of pickles

    def __repr__(self) -> str:
        return f"Extract({len(self.frame)} rows of {', '.join(self.fields)}, made {self.created})"


def extract(
    source: Any,
    *,
    row_id: str,
    fields: Mapping[str, str],
    read_as: ReadAs | None = None,
) -> Extract:
    """Take the columns that linkage compares out of a table.

    Parameters
    ----------
    source : frame, or str, path-like or several of these
        A frame of any container, files, or the address of a table of a database.
    row_id : str
        The column with the system's own id of each row, which is there once: ``opaque:NAMESPACE`` is about it.
    fields : mapping of str to str
        Each of :data:`FIELDS` that the source has → its column.
    read_as : ReadAs, optional
        How files of text are read.

    Returns
    -------
    Extract

    Raises
    ------
    ConfigError
        When no field is named, or one that linkage does not know.
    ColumnError
        When a column does not exist.
    UsageError
        When a row has no id, or one that another row has as well; when a column holds lists or bytes; when not one of
        the dates or NYSIDs of a column can be read, or most arrests are before the birth.
    UnreadableInput
        When a part of the source cannot be read.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"ID": ["a1", "a2"], "L": ["Doe", None], "n": [1, 2]})
    >>> extract(rows, row_id="ID", fields={"last_name": "L"}).frame["id"].to_list()
    ['a1']
    """
    _check(fields)
    columns = list(dict.fromkeys((row_id, *fields.values())))
    parts = []
    with DataSource(source, Opening(read_as=read_as or ReadAs())) as opened:
        if opened.unread:
            raise UnreadableInput("some files of the source cannot be read", hint="give the files.")
        for table in opened.tables():
            for batch in table.batches(columns):
                parts.append(_texts(batch, row_id, fields, table.name))
    frame = pl.concat([_EMPTY, *parts])
    if frame[_ID].is_duplicated().any():
        raise UsageError(
            f"rows share an id (column {row_id!r}), so a link would be to several of them",
            hint=Spelled("row_id= names the column that identifies the rows.", "--row-id names another column."),
        )
    read = {name: readable(frame[name], name) for name in READ if name in fields}
    for name, (filled, good) in read.items():
        if filled and not good:
            raise UsageError(
                f"no value of the column {fields[name]!r} can be read as {READ[name]}",
                hint="dates are written like 2019-03-04, 3/4/2019 or 4-Mar-2019, NYSIDs like 01234567A; "
                "give another column, or leave it out.",
            )
    _refuse_exchanged_dates(frame, fields)
    held = frame.filter(pl.any_horizontal(pl.col(FIELDS).is_not_null()))
    return Extract(
        frame=held,
        fields=tuple(name for name in FIELDS if name in fields),
        created=dt.datetime.now(dt.UTC).date(),
        left_out=len(frame) - len(held),
        read=read,
    )


def open_extract(path: str | Path, key: AnnexKey) -> Extract:
    """Open an extract, on the custodian's host.

    Parameters
    ----------
    path : str or Path
        What :meth:`Extract.write` wrote.
    key : AnnexKey
        The custodian's, ``seal.key.annex``.

    Raises
    ------
    UnreadableInput
        When it cannot be read, is not an extract, was changed, or is for another key.

    Examples
    --------
    >>> import tempfile, polars as pl
    >>> from sealscrub.identifiers import generate_keys, load_annex, load_recipient
    >>> _, _, annex, _, public = generate_keys(Path(tempfile.mkdtemp()) / "seal.key")
    >>> made = extract(pl.DataFrame({"ID": ["a1"], "L": ["Doe"]}), row_id="ID", fields={"last_name": "L"})
    >>> made.write(public.with_name("vendor.linkin"), load_recipient(public))
    >>> open_extract(public.with_name("vendor.linkin"), load_annex(annex)).digest == made.digest
    True
    """
    facts, rows = read_rows(path, key)
    try:
        fields = tuple(name for name in FIELDS if name in facts["fields"])
        missing = [pl.lit(None, pl.String).alias(name) for name in FIELDS if name not in fields]
        frame = rows.with_columns(missing).select(_EMPTY.columns)
        made = dt.date.fromisoformat(facts["created"])
        opened = Extract(frame=frame.cast(pl.String), fields=fields, created=made, marking_key=key.marking_key())
        whole = opened.digest == facts["digest"] and not frame[_ID].is_duplicated().any()
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError):
        whole = False
    if not whole:
        raise UnreadableInput(
            "does not hold the rows that its header states", where=str(path), hint="ask for a new one."
        )
    return opened


_EMPTY: Final = pl.DataFrame(schema=dict.fromkeys((_ID, *FIELDS), pl.String))


def _check(fields: Mapping[str, str]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ConfigError("unknown field of linkage", hint=f"use one of {', '.join(FIELDS)}.")
    if not fields:
        raise ConfigError(
            "no column to link by",
            hint=Spelled('fields={"last_name": COLUMN, …}', "--last COLUMN --first COLUMN --arrest-date COLUMN …"),
        )


def _refuse_exchanged_dates(frame: pl.DataFrame, fields: Mapping[str, str]) -> None:
    """Refuse columns that were named for each other: the gate would then keep every row from being linked."""
    arrested_first = frame.select(written_days(frame["arrest_date"]) < written_days(frame["birth_date"])).to_series()
    if arrested_first.sum() * 2 > arrested_first.count():
        raise UsageError(
            f"most people were arrested before they were born: {fields['arrest_date']!r} and {fields['birth_date']!r} "
            "are exchanged",
            hint="name each column for what it holds.",
        )


def _texts(batch: pl.DataFrame, row_id: str, fields: Mapping[str, str], where: str) -> pl.DataFrame:
    """The id and the fields of some rows, all of them text."""
    _refuse_bytes(batch[row_id], where)
    read = canonicalise(batch[row_id], _ROWS)
    if batch[row_id].dtype.is_float() and (read.status != Status.OK).any():
        raise UsageError(
            f"the ids (column {row_id!r}) are floats, of which some are not whole numbers, or are missing",
            where=where,
            hint="write the column as text or as integers; floats lose digits of long ids.",
        )
    if (read.status != Status.OK).any():
        raise UsageError(
            f"some rows have no id in column {row_id!r}",
            where=where,
            hint=Spelled("row_id= names the column that identifies the rows.", "--row-id names another column."),
        )
    columns = {name: _text(batch[column], where) for name, column in fields.items()}
    columns |= {name: plain_dates(columns[name]) for name in ("birth_date", "arrest_date") if name in columns}
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(batch))
    return pl.DataFrame(
        {_ID: read.values} | {name: columns.get(name, nothing) for name in FIELDS}, schema=_EMPTY.schema
    )


def _text(column: pl.Series, where: str) -> pl.Series:
    if column.dtype.is_nested() or column.dtype == pl.Object:
        raise UsageError(f"the column {column.name!r} holds lists or objects, not texts", where=where)
    _refuse_bytes(column, where)
    if isinstance(column.dtype, pl.Date | pl.Datetime):
        column = column.dt.strftime("%Y-%m-%d")
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def _refuse_bytes(column: pl.Series, where: str) -> None:
    if column.dtype == pl.Binary:
        raise UsageError(
            f"the column {column.name!r} holds bytes, not texts",
            where=where,
            hint="decode it to text when the table is made.",
        )
