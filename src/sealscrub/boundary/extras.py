"""Which extra brings a package that is not installed."""

from __future__ import annotations

import os
from types import TracebackType

from sealscrub.errors import MissingExtra, SealscrubError

__all__ = ["EXTRAS", "missing_extra"]

EXTRAS = {
    "ahocorasick_rs": ("ahocorasick-rs", "text"),
    "deltalake": ("deltalake", "delta"),
    "duckdb": ("duckdb", "plans"),
    "faiss": ("faiss-cpu", "gallery"),
    "great_expectations": ("great-expectations", "gx"),
    "hnswlib": ("hnswlib", "gallery"),
    "joblib": ("scikit-learn", "sklearn"),
    "mlflow": ("mlflow", "mlflow"),
    "networkx": ("networkx", "graphs"),
    "opendp": ("opendp", "dp"),
    "pandas": ("pandas", "pandas"),
    "pandera": ("pandera", "pandera"),
    "psycopg": ("psycopg", "postgres"),
    "py4j": ("pyspark", "spark"),
    "pyiceberg": ("pyiceberg", "iceberg"),
    "pyroaring": ("pyroaring", "mlflow"),
    "pyspark": ("pyspark", "spark"),
    "rbcl": ("rbcl", "receipts"),
    "rapidfuzz": ("rapidfuzz", "linkage"),
    "scipy": ("scipy", "aggregates"),
    "sklearn": ("scikit-learn", "sklearn"),
    "splink": ("splink", "linkage"),
    "sqlalchemy": ("sqlalchemy", "registry"),
    "sqlglot": ("sqlglot", "spark"),
    "starlette": ("starlette", "serve"),
    "voprf": ("voprf", "receipts"),
}
"""For each package that is imported where it is used: the package to name, and the extra that brings it.

A format of files whose package nothing else imports adds its own."""

_HERE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def missing_extra(error: BaseException) -> MissingExtra | None:
    """Say what to install, if an import of ours failed for want of an extra.

    Parameters
    ----------
    error : BaseException
        What left a function, with its traceback.

    Returns
    -------
    MissingExtra or None
        None if it is another error, or the import is in somebody else's code.
    """
    if not isinstance(error, ModuleNotFoundError) or isinstance(error, SealscrubError):
        return None
    known = EXTRAS.get((error.name or "").partition(".")[0])
    return MissingExtra.of(*known) if known and _raised_by_us(error.__traceback__) else None


def _raised_by_us(entry: TracebackType | None) -> bool:
    last = ""
    while entry is not None:
        name = entry.tb_frame.f_code.co_filename
        last = last if name.startswith("<frozen importlib") else name
        entry = entry.tb_next
    return last.startswith(_HERE)
