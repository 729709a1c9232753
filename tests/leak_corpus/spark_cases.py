"""Leaks in Spark: run with ``pytest -m spark tests/leak_corpus``, and by ``python -m tests.leak_corpus spark``."""

from __future__ import annotations

from typing import Any

from .case import DATA, Case
from .data import arrests, scrubbed

__all__ = ["SPARK"]


def spark_arrests() -> Any:
    """Give the arrests as a frame of Spark's."""
    from sealscrub.validators.trial.spark_frames import _session

    return _session({}).createDataFrame(arrests())


def clean(frame: Any) -> Any:
    """Take the sealed arrests out of a frame of Spark's, at the source."""
    return frame.sparkSession.createDataFrame(scrubbed(frame.toArrow()))


def _priors(frame: Any) -> Any:
    from pyspark.sql import Window
    from pyspark.sql import functions as make

    earlier = Window.partitionBy("person").orderBy("day", "arrest_no").rowsBetween(Window.unboundedPreceding, -1)
    return frame.select("arrest_no", make.count("*").over(earlier).alias("priors"), "age").orderBy("arrest_no")


def priors_leaky(frame: Any) -> Any:
    return clean(_priors(frame))


def priors_clean(frame: Any) -> Any:
    return _priors(clean(frame))


def _rates(frame: Any) -> Any:
    from pyspark.sql import functions as make

    rate = make.avg((make.col("level") == "F").cast("double"))
    return frame.groupBy("precinct").agg(rate.alias("rate"), make.max("age").alias("oldest")).orderBy("precinct")


def rates_clean(frame: Any) -> Any:
    return _rates(clean(frame))


DATA["spark"] = spark_arrests
SPARK = [
    Case(name="spark_priors", kind="counts", library="Spark", leaky=priors_leaky, clean=priors_clean,
         names=frozenset({"priors"}), data="spark", options={"variants": ()}),
    Case(name="spark_rates", kind="rates", library="Spark", leaky=_rates, clean=rates_clean,
         names=frozenset({"rate", "oldest"}), only=False, data="spark",
         options={"variants": ()}),
]  # fmt: skip
