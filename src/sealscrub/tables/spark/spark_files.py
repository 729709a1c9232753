"""Files of Parquet that Spark reads and writes, one file a task: each is written under its own name."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sealscrub.errors import UnreadableInput, UsageError

from ..file import SourceFile
from ..table import FILE_NAME
from .spark_table import FoundInSpark, SparkTable

__all__ = ["MADE", "SparkFiles"]

MADE = ".made"
"""Where Spark writes below a target: no file that is read has such a name."""

_WHOLE = 1 << 40
"""Bytes, more than a file has: files are not split, and no two of them share a task."""
_SETTINGS = {
    "spark.sql.files.maxPartitionBytes": str(_WHOLE),
    "spark.sql.files.openCostInBytes": str(_WHOLE),
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
_EVERY_FILE = {"mergeSchema": "false", "ignoreCorruptFiles": "false", "ignoreMissingFiles": "false"}
_PATTERN = set("*?[]{}\\")
_PART = re.compile(r"part-(\d+)-")


class SparkFiles(SparkTable):
    """Files of Parquet, read by Spark and written by it; neither rows nor files come to this process.

    A task of Spark reads one whole file, so what is written of a file depends on no other file. (By default Spark packs
    tasks by the sizes of files, and a removed row can move others to another file.) Points in time are in UTC, as they
    are where files are read without Spark.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
        Whose workers see the files, and the folder that is written, at the paths that they have here.
    name : str
        What the files together are called in errors and reports.
    files : sequence of SourceFile
    keep_metadata : collection of str

    Raises
    ------
    UsageError
        When a file is not Parquet, has other columns than the first, or a name that Spark takes for a pattern.
    UnreadableInput
        When a file or Spark's plan cannot be read.
    """

    def __init__(
        self, session: Any, name: str, files: Sequence[SourceFile], keep_metadata: Collection[str] = ()
    ) -> None:
        self._session, self._files = session, files
        self.name = name
        _check_files(name, files)
        self._states = self._state()
        with self._settings():
            reader = session.read.options(**_EVERY_FILE)
            with self.unquoted():
                data = reader.parquet(*map(_path, files))
        super().__init__(name, data, keep_metadata)
        self.zone = "UTC"

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of columns, and those of files and their folders below the one that was named."""
        yield from super().names()
        parts = [part for file in self._files for part in file.relative.parts]
        yield FILE_NAME, [*parts, *(part[: part.index(".", 1)] for part in parts if "." in part[1:])]

    def counted(self, *given: Any, **named: Any) -> tuple[int, list[bytes]]:
        """Count rows on the workers; see :meth:`SparkTable.counted`."""
        with self._settings():
            return super().counted(*given, **named)

    def counted_in(self, *given: Any, **named: Any) -> Iterator[bytes]:
        """Count the different values of columns; see :meth:`SparkTable.counted_in`."""
        with self._settings():
            yield from super().counted_in(*given, **named)

    def write(self, found: FoundInSpark, target: Path) -> int:
        """Write the rows that stay, each file under its own name; a file of which no row stays is not written.

        Parameters
        ----------
        found : FoundInSpark
        target : Path
            A folder that is there, and empty.

        Returns
        -------
        int
            How many rows were written, by the files themselves.

        Raises
        ------
        UnreadableInput
            When Spark cannot run its plan, a row can no longer be checked, or files changed since they were opened.
        """
        import pyarrow.parquet as pq

        made = target / MADE
        with self._settings():
            places = self._places()
            rows = self.filtered(found.columns, found.stays)
            with self.unquoted():
                rows.write.option("maxRecordsPerFile", 0).parquet(os.path.abspath(made))
        written = 0
        for part in sorted(made.glob("part-*.parquet")):
            count = pq.read_metadata(part).num_rows
            task = _PART.match(part.name)
            place = places.get(int(task[1])) if task else None
            if count and place is None:
                raise self.changed_meanwhile()
            if count and place is not None:
                written += count
                (target / place).parent.mkdir(parents=True, exist_ok=True)
                part.rename(target / place)
        shutil.rmtree(made)
        self.require_unchanged()
        return written

    def require_unchanged(self) -> None:
        """Refuse files that are not those that were opened: what was counted or swept is of these."""
        if self._state() != self._states:
            raise self.changed_meanwhile()

    def changed_meanwhile(self) -> UnreadableInput:
        """Make the error that says so."""
        return UnreadableInput("files changed while they were read", where=self.name, hint="run it again.")

    def _state(self) -> list[tuple[int, int, int]]:
        try:
            states = [file.path.stat() for file in self._files]
        except OSError:
            raise self.changed_meanwhile() from None
        return [(state.st_ino, state.st_size, state.st_mtime_ns) for state in states]

    def _places(self) -> dict[int, Path]:
        """Say which file each of Spark's tasks reads, by the numbers of tasks; one without rows has none."""
        from pyspark.sql import functions as make

        relative = {_path(file): file.relative for file in self._files}
        with self.unquoted():
            pairs = self._data.select(make.spark_partition_id(), make.input_file_name()).distinct().collect()
        places = {int(task): relative.get(unquote(urlsplit(uri).path)) for task, uri in pairs}
        if len(places) != len(pairs) or None in places.values() or len({*places.values()}) != len(places):
            raise UnreadableInput("Spark does not read one file a task", where=self.name)
        return {task: place for task, place in places.items() if place is not None}

    @contextlib.contextmanager
    def _settings(self) -> Iterator[None]:
        """Set what decides over tasks and types while Spark plans; the session has its own settings afterwards."""
        settings = self._session.conf
        before = {name: settings.get(name, None) for name in _SETTINGS}
        for name, value in _SETTINGS.items():
            settings.set(name, value)
        try:
            yield
        finally:
            for name, was in before.items():
                settings.unset(name) if was is None else settings.set(name, was)


def _path(file: SourceFile) -> str:
    return os.path.abspath(file.path)


def _check_files(name: str, files: Sequence[SourceFile]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = None
    for file in files:
        if file.format != "parquet":
            raise UsageError("Spark is given files of Parquet only", where=file.name, hint="leave out engine.")
        if _PATTERN & set(_path(file)):
            raise UsageError("Spark takes the path of a file for a pattern", where=name, hint="rename it.")
        try:
            schema = pq.read_schema(file.path).remove_metadata()
        except (OSError, pa.ArrowException):
            raise UnreadableInput("cannot be read as Parquet", where=file.name) from None
        if first is not None and not schema.equals(first):
            raise UsageError(
                "has other columns than the first file, and Spark would read it by those",
                where=file.name,
                hint="scrub files of different columns apart.",
            )
        first = schema
