"""A Spark DataFrame: its rows stay in Spark, and what judges them is sent to Spark's workers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from sealscrub.errors import ConfigError, MissingExtra, UnreadableInput, UsageError

from ..arrow.arrow_keys import key_series
from ..changes import Patch, RowEdit
from ..fit_errors import unfit_keys
from ..table import FoundRows, Table
from .spark_types import arrow_type, is_nested, metadata_of, polars_type, structural
from .worker_functions import Counter, Failure, RowChoice, choosing, counting

__all__ = ["FoundInSpark", "SparkTable", "arrow_function", "key_batch"]

_MOST_SETS = 48  # columns that are grouped at a time; Spark's number of a grouping set has 64 bits
_HINTS = {
    Failure.INDEX: "give every worker the same index and key file, at the paths that they have here or at those that "
    "SEALSCRUB_INDEX and SEALSCRUB_KEY_FILE name there.",
    Failure.VERSION: "install one version of sealscrub on the driver and on every worker.",
    Failure.BATCH: "convert the columns to text first.",
}
Counters = Callable[[], Counter]


def key_batch(names: Sequence[str], columns: Sequence[Any], zone: str) -> pl.DataFrame:
    """Give columns that a worker was handed as key columns under their names, points in time in a time zone."""
    import pyarrow as pa

    there = [
        column.cast(pa.timestamp("us", zone)) if pa.types.is_timestamp(column.type) and column.type.tz else column
        for column in columns
    ]
    return pl.DataFrame([key_series(column, name) for name, column in zip(names, there, strict=True)])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FoundInSpark(FoundRows):
    """Which rows of a DataFrame stay and which are set aside: chosen by their keys, since they have no positions."""

    columns: Sequence[str]
    stays: RowChoice
    goes_aside: RowChoice


class SparkTable(Table):
    """A DataFrame of a classic or connected session of Spark.

    Rows do not come to this process. Columns that are judged go to Python on the workers, and counts come back.

    Parameters
    ----------
    name : str
        What it is called in errors and reports.
    data : pyspark.sql.DataFrame
    keep_metadata : collection of str
        Entries of the metadata of fields that stay.

    Attributes
    ----------
    zone : str
        The session's time zone, in which points in time are dates; it holds when the session has another later.
    streams : bool
        Whether it is a stream, of which rows come as long as a query runs.

    Raises
    ------
    MissingExtra
        When this pyspark has no Arrow functions.
    UnreadableInput
        When Spark cannot resolve it.
    """

    returned = True

    def __init__(self, name: str, data: Any, keep_metadata: Collection[str] = ()) -> None:
        self.name = name
        self._keep_metadata = frozenset(keep_metadata)
        with self.unquoted():
            self.streams, self._fields = bool(data.isStreaming), list(data.schema.fields)
            self.zone = str(data.sparkSession.conf.get("spark.sql.session.timeZone"))
            # by position: names can hold dots, and differ by nothing but their case
            self._data = data.toDF(*map(_column, range(len(self._fields))))
        from pyspark.sql import functions as make

        if not hasattr(make, "arrow_udf"):
            raise MissingExtra.of("pyspark 4.1 or later", "spark")

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order."""
        return [field.name for field in self._fields]

    @property
    def rows(self) -> None:
        """Only reading shows it."""
        return

    @property
    def metadata(self) -> Mapping[str, list[str]]:
        """What entries of the metadata of fields, and of fields within them, say in texts, by their names."""
        said: dict[str, list[str]] = {}
        for entry, value in metadata_of(self._fields):
            said.setdefault(entry, []).extend(_texts(value))
        return said

    @property
    def staying_metadata(self) -> frozenset[str]:
        """Names of the entries of metadata that what comes back has: those that are kept, and those of inner fields."""
        return self._keep_metadata | {entry for entry, _ in metadata_of(self._fields, inner=True)}

    @property
    def lost_metadata(self) -> tuple[str, ...]:
        """Names of the entries of metadata that what comes back does not have."""
        return tuple(sorted({entry for entry, _ in metadata_of(self._fields)} - self.staying_metadata))

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Refuse: rows stay in Spark."""
        raise self._unsupported()

    def kept(
        self, found: FoundRows, edit: RowEdit | None, target: Any, patches: Mapping[str, Patch] = MappingProxyType({})
    ) -> Any:
        """Give the DataFrame of the rows that stay; nothing is read until it is."""
        if not isinstance(found, FoundInSpark):
            raise self._unsupported()
        return self.filtered(found.columns, found.stays)

    def set_aside(self, found: FoundRows, target: Any) -> Any:
        """Give the DataFrame of the rows that could not be checked."""
        if not isinstance(found, FoundInSpark):
            raise self._unsupported()
        return self.filtered(found.columns, found.goes_aside)

    def changed(self, change: Any, target: Any) -> Any:
        """Refuse: rows have no places in Spark."""
        raise self._unsupported()

    def replaced(self, rows: pl.DataFrame, target: Any) -> Any:
        """Refuse: rows stay in Spark."""
        raise self._unsupported()

    def no_rows(self, columns: Sequence[str]) -> pl.DataFrame:
        """Give key columns without rows, in the types in which a worker is handed them.

        Raises
        ------
        UsageError
            When values of a column cannot be keys.
        ConfigError
            When the time zone of points in time is not known.
        """
        import pyarrow as pa

        fields = {field.name: field.dataType for field in self._fields}
        kinds: list[Any] = [arrow_type(fields[name]) if name in fields else None for name in columns]
        if None in kinds:
            raise unfit_keys(columns[kinds.index(None)])
        in_zone = any(pa.types.is_timestamp(kind) and kind.tz for kind in kinds)
        if in_zone and polars_type(pa.timestamp("us", self.zone)) is None:
            raise ConfigError(
                "the session's time zone is not the name of a region, and keys have points in time",
                where=self.name,
                hint="set spark.sql.session.timeZone to a name such as America/New_York, or convert them to dates.",
            )
        return key_batch(columns, [pa.array([], kind) for kind in kinds], self.zone)

    def swept_types(self, declared: Collection[str]) -> dict[str, pl.DataType | None]:
        """Give the types of columns that are not declared; None for one whose values cannot be read."""
        kinds = {field.name: arrow_type(field.dataType) for field in self._fields if field.name not in declared}
        return {name: None if kind is None else polars_type(kind) for name, kind in kinds.items()}

    def is_nested(self, column: str) -> bool:
        """Whether values of a column are made of others."""
        return is_nested(self._fields[self.columns.index(column)].dataType)

    def counted(self, columns: Sequence[str], counters: Counters) -> tuple[int, list[bytes]]:
        """Count rows on the workers, by columns of theirs.

        Parameters
        ----------
        columns : sequence of str
            All that is sent to Python.
        counters : callable
            Is sent to each worker, and makes what counts the rows of a partition.

        Returns
        -------
        int, list of bytes
            How many rows there are by Spark's own count, and what was counted, by partitions.

        Raises
        ------
        UnreadableInput
            When Spark cannot run its plan, or rows cannot be judged.
        """
        return self._run_counters(self._data, [self._python_column(name) for name in columns], counters)

    def counted_in(
        self, keys: Sequence[str], choice: RowChoice, columns: Sequence[str], counters: Callable[[list[str]], Counters]
    ) -> Iterator[bytes]:
        """Count the different values of columns, or values of nested ones, in rows that are chosen by their keys.

        Parameters
        ----------
        keys : sequence of str
            By which `choice` chooses rows.
        choice : callable
        columns : sequence of str
        counters : callable
            From columns to what makes a counter of them. It is handed the columns; if they are not nested, first
            the position of the one that a row is about, and how often its value is there.
        """
        rows = self._choose_rows(keys, choice)
        nested = [name for name in columns if self.is_nested(name)]
        plain = [name for name in columns if name not in nested]
        if nested:
            yield from self._run_counters(rows, [self._python_column(name) for name in nested], counters(nested))[1]
        for at in range(0, len(plain), _MOST_SETS):
            some = plain[at : at + _MOST_SETS]
            with self.unquoted():
                grouped = self._group_values(rows, some)
            yield from self._run_counters(grouped, grouped.columns, counters(some))[1]

    def filtered(self, keys: Sequence[str], choice: RowChoice) -> Any:
        """Give the DataFrame of the rows that are chosen by their keys; nothing is read until it is.

        It has the columns of this one, less metadata of fields that does not stay.
        """
        from pyspark.sql import functions as make

        with self.unquoted():
            rows = self._choose_rows(keys, choice)
            columns = [
                make.col(_column(at)).alias(field.name, metadata=self._kept_metadata(field))
                for at, field in enumerate(self._fields)
            ]
            return rows.select(*columns)

    def _kept_metadata(self, field: Any) -> dict[str, Any]:
        entries = (field.metadata or {}).items()
        return {entry: value for entry, value in entries if structural(entry) or entry in self._keep_metadata}

    def _python_column(self, name: str) -> Any:
        """Give a column as it goes to Python: texts of any length and collation as plain texts."""
        from pyspark.sql import functions as make

        at = self.columns.index(name)
        column = make.col(_column(at))
        text = self._fields[at].dataType.typeName() in ("string", "char", "varchar")
        return column.cast("string") if text else column

    def _choose_rows(self, keys: Sequence[str], choice: RowChoice) -> Any:
        from pyspark.sql import functions as make

        with self.unquoted():
            # not deterministic, so Spark does not judge rows that the plan below has removed already
            verdict = arrow_function(choosing(choice), "boolean", "SCALAR")(*map(self._python_column, keys))
            missing = make.raise_error(make.lit(Failure.VERDICT.value)).cast("boolean")
            return self._data.filter(make.coalesce(verdict, missing))

    def _group_values(self, rows: Any, columns: Sequence[str]) -> Any:
        """Give each different value of some columns: the column's position, how often the value is there, the value."""
        from pyspark.sql import functions as make

        names = [f"v{at}" for at in range(len(columns))]
        rows = rows.select(*[self._python_column(name).alias(new) for name, new in zip(columns, names, strict=True)])
        if len(names) == 1:
            return (
                rows.groupBy(*names).agg(make.count(make.lit(1)).alias("n")).select(make.lit(0).alias("g"), "n", *names)
            )
        grouped = rows.groupingSets([[name] for name in names], *names)
        grouped = grouped.agg(make.grouping_id().alias("g"), make.count(make.lit(1)).alias("n"))
        every = (1 << len(names)) - 1
        place = make.lit(None).cast("int")
        for at in range(len(names)):
            one = every ^ (1 << (len(names) - 1 - at))
            place = make.when(make.col("g") == make.lit(one), make.lit(at)).otherwise(place)
        return grouped.select(place.alias("g"), "n", *names)

    def _run_counters(self, rows: Any, columns: Sequence[Any], counters: Counters) -> tuple[int, list[bytes]]:
        from pyspark.sql import functions as make

        with self.unquoted():
            part = arrow_function(counting(counters), "binary", "SCALAR_ITER")(*columns)
            parts = rows.select(part.alias("part")).agg(make.count(make.lit(1)), make.collect_list("part"))
            ((count, found),) = parts.collect()
        return int(count), [bytes(each) for each in found]

    @contextlib.contextmanager
    def unquoted(self) -> Iterator[None]:
        """Let Spark work; its errors become errors without its messages, which can hold values of rows."""
        failure, kind = None, ""
        try:
            yield
            return
        except Exception as error:  # those of Spark, Py4J and gRPC have no base in common; others continue below
            if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j", "grpc"):
                raise
            kind, text = type(error).__name__, str(error)
            failure = next((each for each in Failure if each.value in text), None)
        if failure is None:
            raise UnreadableInput(
                f"Spark cannot run its plan ({kind})",
                where=self.name,
                hint="run it on its own to see why; Spark's message may hold values of rows.",
            )
        raise UnreadableInput(
            failure.value.partition(": ")[2], where=self.name, hint=_HINTS.get(failure, "read the data again.")
        )

    def _unsupported(self) -> UsageError:
        return UsageError(
            "this needs the rows in memory, and those of a Spark DataFrame stay in Spark",
            where=self.name,
            hint="scan or scrub it, or write it as Parquet and name the folder.",
        )


def _column(at: int) -> str:
    return f"c{at}"


def _texts(value: Any) -> list[str]:
    """Give the texts in an entry of metadata."""
    if isinstance(value, Mapping):
        return [text for key, each in value.items() for text in (str(key), *_texts(each))]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [str(value)]


def arrow_function(function: Callable[..., Any], returns: Any, kind: str) -> Any:
    """Make a function of Arrow arrays one of Spark's columns; `returns` is a type of Spark's, or its name."""
    import warnings

    from pyspark.sql.functions import ArrowUDFType, arrow_udf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that type hints are preferred: there is one for any columns
        return arrow_udf(function, returns, getattr(ArrowUDFType, kind)).asNondeterministic()
