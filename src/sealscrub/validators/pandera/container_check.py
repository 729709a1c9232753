"""Whether a container that pandera hands to a check holds what may not be used."""

from __future__ import annotations

from typing import Any

import polars as pl
from pandera.errors import SchemaError

from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.value_free_errors import unquoted
from sealscrub.transforms.options import Options
from sealscrub.transforms.table_matchers import table_matcher
from sealscrub.transforms.table_sweep import check_elsewhere, sweep_table

__all__ = ["MaskedSchemaError", "judge_column", "judge_table"]


DROPS = "leave drop_invalid_rows out, and remove sealed rows with sealscrub.scrub."


class MaskedSchemaError(SchemaError):
    """A schema error of pandera that holds nothing of the data: neither the frame nor failing values.

    Parameters
    ----------
    message : str
    column : str, optional
        The column that it is about.
    check : str
        What failed.
    schema : object, optional
        The schema, or a part of it.
    reason : object, optional
        Pandera's reason code.

    Examples
    --------
    >>> error = MaskedSchemaError("holds sealed or withheld records", column="arrest_no", check="record_key")
    >>> error.column_name, error.data, error.failure_cases
    ('arrest_no', None, None)
    """

    def __init__(
        self, message: str, *, column: str | None = None, check: str = "", schema: Any = None, reason: Any = None
    ) -> None:
        super().__init__(schema=schema, data=None, message=message, column_name=column, check=check, reason_code=reason)

    @property
    def check_output(self) -> Any:
        """Which rows passed; pandera asks if a schema drops rows, and without an answer would let all of them pass.

        Raises
        ------
        ConfigError
            Always, for this reason.
        """
        raise ConfigError("a schema with sealscrub's checks or types cannot drop rows", hint=DROPS)

    @check_output.setter
    def check_output(self, value: Any) -> None:
        """Take pandera's None, and forget it."""


def judge_table(data: Any, index: Index, on: On, options: Options) -> bool:
    """Say whether a frame is clean, in its key columns and, with a sweep, everywhere else.

    Raises
    ------
    UncheckedKeys, LowCoverage, WrongColumnError
        When not everything could be checked.
    """
    index.require_use(options.use)
    with unquoted("data"):
        frame = _frame(data)
        if type(frame).__module__.startswith("pyspark."):
            frame = frame.toArrow() if options.sweep else _key_columns(frame, on)
        table = FrameTable("data", frame)
        matcher = table_matcher(table, index, on, options)
        found = table.find(matcher)
    elsewhere = sweep_table(table, matcher, options, found=found)
    if matcher.tally().matched or any(each.found for each in elsewhere):
        return False
    matcher.check_columns()
    matcher.check_complete()
    check_elsewhere("data", elsewhere)
    return True


def judge_column(data: Any, index: Index, scheme: str, use: str, policy: Policy) -> bool:
    """Say whether a column is clean: a pandas Series, or what pandera hands out of a polars or Spark frame."""
    options = Options(use=use, policy=policy, only=("key",))  # the column is all that there is
    spark, column = getattr(data, "dataframe", None), getattr(data, "column_name", None)
    if spark is not None and isinstance(column, str):
        return judge_table(spark.select(spark[column].alias("key")), index, {scheme: "key"}, options)
    lazy, name = getattr(data, "lazyframe", None), getattr(data, "key", None)
    if lazy is not None and isinstance(name, str) and name != "*":
        return judge_table(lazy.select(pl.col(name).alias("key")), index, {scheme: "key"}, options)
    to_frame = getattr(data, "to_frame", None)
    if to_frame is not None:
        return judge_table(to_frame("key"), index, {scheme: "key"}, options)
    raise ConfigError("this is a check of one column", hint="give it to a column; or use no_sealed_records(on=…).")


def _key_columns(frame: Any, on: On) -> Any:
    """Collect the key columns of a Spark frame, and nothing else of it."""
    keys = parse_on(on, frame.columns, where="data")
    names = dict.fromkeys(column for key in keys for column in key.columns)
    return frame.select(*(frame[f"`{name.replace('`', '``')}`"] for name in names)).toArrow()


def _frame(data: Any) -> Any:
    lazy = getattr(data, "lazyframe", None)
    frame = data if lazy is None else lazy
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if not hasattr(frame, "columns"):
        raise UsageError("this is a check of a whole frame", hint="give it to the schema, and not to a column.")
    return frame
