"""A session of Spark for one command."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

__all__ = ["spark_session"]

_SETTINGS = {
    "spark.log.level": "OFF",  # Spark's messages can hold values of rows
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@contextlib.contextmanager
def spark_session(engine: str | None, master: str) -> Iterator[Any]:
    """Start a session of Spark, and stop it in the end; None without an engine.

    Raises
    ------
    MissingExtra
        When PySpark is not installed.
    ConfigError
        When Spark does not start; its own message is not shown.
    """
    if engine is None:
        yield None
        return
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    from sealscrub.errors import ConfigError

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("sealscrub")
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    session = None
    with warnings.catch_warnings(), contextlib.suppress(PySparkException, _java_error()):
        warnings.simplefilter("ignore", FutureWarning)  # PySpark's own, about pandas
        session = builder.getOrCreate()
    if session is None:
        raise ConfigError(
            "Spark does not start", hint=f"Java 17 or later is needed, and a master at {master}: local[*] is this host."
        )
    try:
        yield session
    finally:
        session.stop()


def _java_error() -> type[Exception]:
    from py4j.protocol import Py4JError

    kind: type[Exception] = Py4JError
    return kind
