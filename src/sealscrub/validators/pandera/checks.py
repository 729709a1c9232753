"""Checks of pandera: a whole frame, or one column, holds no sealed record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pandera.api.checks import Check

from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.transforms.options import Options

from .container_check import judge_column, judge_table
from .pandera_import import require_data_depth
from .whole_check import WholeCheck

__all__ = ["FOUND", "no_sealed_records", "not_sealed"]

FOUND = "holds sealed or withheld records"


def no_sealed_records(
    index: Index,
    on: On,
    *,
    use: str = "training",
    policy: Policy | None = None,
    sweep: bool = True,
    leave: Mapping[str, str] | None = None,
) -> Check:
    """Give a check of a whole frame: nothing in it names a sealed or withheld record, and every key could be checked.

    Parameters
    ----------
    index : Index
    on : mapping, or iterable of str
        Which columns are keys: ``{"arrest_number": "ARREST_NO"}``.
    use : str
        What the data is for; the index must be published for it.
    policy : Policy, optional
        How strict to be.
    sweep : bool
        Whether everything that is not a key column is compared with the index as well. A Spark frame is collected.
    leave : mapping of str to str, optional
        Columns that are not compared, and why.

    Returns
    -------
    pandera.Check
        For ``DataFrameSchema(checks=…)`` of pandas, polars and PySpark. It says yes or no for the frame, so
        pandera has no failure cases to show.

    Raises
    ------
    ConfigError
        When pandera is set not to look at values.

    Examples
    --------
    >>> import polars as pl, pandera.polars as pa
    >>> from sealscrub.datasets import example_index
    >>> check = no_sealed_records(example_index(["K14612345"]), {"arrest_number": "arrest_no"})
    >>> schema = pa.DataFrameSchema(checks=check)
    >>> schema.validate(pl.DataFrame({"arrest_no": ["M14000017"]})).height
    1
    >>> schema.validate(pl.LazyFrame({"arrest_no": ["K14612345"]}))
    Traceback (most recent call last):
    ...
    pandera.errors.SchemaError: ...holds sealed or withheld records...
    """
    require_data_depth()
    options = Options(use=use, policy=policy or Policy(), sweep=sweep, leave=dict(leave or {}))
    index.require_use(use)

    def no_sealed_records(data: Any) -> bool:
        return judge_table(data, index, on, options)

    return WholeCheck(no_sealed_records, name="no_sealed_records", error=FOUND, ignore_na=False)


def not_sealed(index: Index, scheme: str, *, use: str = "training", policy: Policy | None = None) -> Check:
    """Give a check of one column: none of its keys is of a sealed or withheld record, and every key could be checked.

    Parameters
    ----------
    index, use, policy
        As in :func:`no_sealed_records`.
    scheme : str
        What the column holds, such as ``arrest_number``.

    Returns
    -------
    pandera.Check
        For ``Column(checks=…)`` of pandas, polars and PySpark.

    Raises
    ------
    ConfigError
        When pandera is set not to look at values.
    UnsuitableIndex
        When the index holds no keys of the scheme.

    Examples
    --------
    >>> import pandas as pd, pandera.pandas as pa
    >>> from sealscrub.datasets import example_index
    >>> column = pa.Column(checks=not_sealed(example_index(["K14612345"]), "arrest_number"))
    >>> pa.DataFrameSchema({"arrest_no": column}).validate(pd.DataFrame({"arrest_no": ["K14612345"]}))
    Traceback (most recent call last):
    ...
    pandera.errors.SchemaError: ...holds sealed or withheld records...
    """
    require_data_depth()
    strict = policy or Policy()
    index.require_use(use)
    index.require(scheme)

    def not_sealed(data: Any, scheme: str) -> bool:
        return judge_column(data, index, scheme, use, strict)

    # an argument by name: without one, PySpark's backend does not say which column it is about
    return WholeCheck(not_sealed, name="not_sealed", error=FOUND, ignore_na=False, scheme=scheme)
