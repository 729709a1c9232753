"""Spark's frames in a nullity test: they travel as Arrow tables, and are Spark's again where the function runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from sealscrub.errors import UsageError
from sealscrub.tables.spark.spark_types import is_spark_frame

__all__ = ["SparkFunction", "through_arrow"]

_KEPT_SETTINGS = ("spark.sql.session.timeZone", "spark.sql.ansi.enabled", "spark.sql.caseSensitive")


def through_arrow(function: Callable[[Any], Any], data: Any) -> tuple[Callable[[Any], Any], Any]:
    """Give a function and its data as they can be sent to a fresh interpreter, if data holds Spark's frames.

    Returns
    -------
    (callable, object)
        Both as they are if no frame is Spark's.

    Raises
    ------
    UsageError
        When Spark does not give its rows.
    """
    frames = dict(data) if isinstance(data, Mapping) else {"": data}
    spark = {name: frame for name, frame in frames.items() if is_spark_frame(frame)}
    if not spark:
        return function, data
    session = next(iter(spark.values())).sparkSession
    settings = {name: str(session.conf.get(name)) for name in _KEPT_SETTINGS}
    try:
        frames |= {name: frame.toArrow() for name, frame in spark.items()}
    except Exception as error:
        raise UsageError(
            f"Spark does not give the rows of the data ({type(error).__name__})", hint="collect them to see why."
        ) from None
    single = not isinstance(data, Mapping)
    return SparkFunction(function, frozenset(spark), settings), frames[""] if single else frames


class SparkFunction:
    """A function of Spark's frames that is given Arrow tables, and starts a session of its own on this machine.

    Parameters
    ----------
    function : callable
    names : frozenset of str
        Which tables become Spark's; an empty name if the function takes one frame.
    settings : mapping of str to str
        Of the session.
    """

    needs_tcp = True
    """Spark's Python talks to its Java by TCP on this machine."""

    def __init__(self, function: Callable[[Any], Any], names: frozenset[str], settings: Mapping[str, str]) -> None:
        self.__wrapped__, self.names, self.settings = function, names, dict(settings)
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__module__ = getattr(function, "__module__", "") or ""

    def __call__(self, data: Any) -> Any:
        """Call it with Spark's frames."""
        session = _session(self.settings)
        if "" in self.names:
            return self.__wrapped__(session.createDataFrame(data))
        made = {name: session.createDataFrame(data[name]) for name in self.names}
        return self.__wrapped__({name: made.get(name, frame) for name, frame in data.items()})


def _session(settings: Mapping[str, str]) -> Any:
    """Start Spark with one thread and one partition, so the same data gives the same order."""
    from pyspark.sql import SparkSession

    place = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - in a nullity test the run's own folder
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_DIRS=place)
    java = f"-Djava.io.tmpdir={place} -Dderby.system.home={place} -XX:-UsePerfData"
    builder = SparkSession.builder.master("local[1]").appName("nullity")
    given = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": java,
        "spark.sql.warehouse.dir": f"{place}/warehouse",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        **settings,
    }
    for name, value in given.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session
