"""Running a suite so that it cannot pass by losing expectations."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.expectation_suite import ExpectationSuite
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.validator.validator import Validator

from sealscrub.errors import (
    ConfigError,
    IncompleteError,
    UnreadableInput,
    UsageError,
)
from sealscrub.index import Index
from sealscrub.matching.hidden_names import hide_names
from sealscrub.tables.opener import lake_named, read_pandas

from ..expectation_suites import read_suite
from .derived_reproducible import allowing
from .index_reference import index_in_force, using
from .suite_outcome import SuiteOutcome, outcome_of

__all__ = ["run_suite"]

RESULT_FORMATS = ("BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE")


def run_suite(
    suite: str | os.PathLike[str] | Mapping[str, Any] | ExpectationSuite | Sequence[Expectation],
    data: Any,
    *,
    index: Index | str | Path | None = None,
    key: str | Path | None = None,
    result_format: str = "SUMMARY",
    allow_python: Collection[str] = (),
    allow_database: Collection[str] = (),
    name: str = "data",
) -> SuiteOutcome:
    """Run every expectation of a suite over data, and refuse to leave one out.

    It needs no data context, writes nothing, and connects to nothing but the data.

    Parameters
    ----------
    suite : str, path-like, mapping, ExpectationSuite or sequence of Expectation
        The JSON file of a suite, what it says, or expectations.
    data : pandas.DataFrame, polars.DataFrame, pyarrow.Table, Batch, BatchDefinition, str or path-like
        The data; a batch of Great Expectations for databases and Spark; a file, of which a format of text is read as
        text; a table of a database, of Delta or of Iceberg by its address; or a ``DeltaTable`` or pyiceberg's
        ``Table``.
    index : Index, str or Path, optional
        What to check against; by default what ``SEALSCRUB_INDEX`` names.
    key : str or Path, optional
        The key of an index that is given as a file; by default what ``SEALSCRUB_KEY_FILE`` names.
    result_format : str
        Great Expectations' ``BOOLEAN_ONLY``, ``BASIC``, ``SUMMARY`` or ``COMPLETE``, for ``results[…].result``.
    allow_python, allow_database : collection of str
        Modules whose functions the plans of a suite may call, and servers that they may connect to.
    name : str
        What the data is called in the outcome.

    Returns
    -------
    SuiteOutcome
        Verdicts, epoch and digest of the index; no count of anything in the data.

    Raises
    ------
    IncompleteError
        When the suite lost expectations, or fewer were evaluated than it has.
    ConfigError
        When a type of expectation is not known here, or its arguments are not what it takes.
    UnreadableInput, UsageError
        When the suite, the data or the index cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.validators.expectation_suites import ready_suites
    >>> data = pd.DataFrame({"arrest_no": ["K14612345", "M14000017"]})
    >>> outcome = run_suite(ready_suites()["training_table"], data, index=example_index(["K14612345"]))
    >>> outcome.success, outcome.exit_code
    (False, 1)
    >>> [result.verdict.value for result in outcome.results]
    ['clean', 'clean', 'found']
    """
    if result_format not in RESULT_FORMATS:
        raise ConfigError("unknown result format", hint=f"use one of {', '.join(RESULT_FORMATS)}.")
    title, wanted = _configurations(suite)
    validator = _validator(data)
    with using(index, key) as given, allowing(tuple(allow_python), tuple(allow_database)):
        results = validator.graph_validate(
            configurations=wanted, runtime_configuration={"result_format": result_format, "catch_exceptions": True}
        )
        if len(results) != len(wanted):
            raise IncompleteError(
                f"{len(results)} of {len(wanted)} expectations were evaluated", where=title, hint="see the suite."
            )
        found = outcome_of(title, name, results)
        asked = given if given is not None or not found.index else index_in_force()
    return found if asked is None else hide_names(found, asked)


def _configurations(suite: Any) -> tuple[str, list[Any]]:
    if isinstance(suite, ExpectationSuite):
        suite = {
            "name": suite.name,
            "meta": suite.meta,
            "expectations": [each.to_json_dict() for each in suite.expectation_configurations],
        }
    if isinstance(suite, str | os.PathLike | Mapping):
        file = read_suite(suite)
        return file.name, [_configuration(part, file.name) for part in file.expectations]
    parts = list(suite)
    if not parts or not all(isinstance(part, Expectation) for part in parts):
        raise UsageError("a suite must be a file, its content, or a list of expectations", hint="see run_suite.")
    return "expectations", [part.configuration for part in parts]


def _configuration(part: Mapping[str, Any], where: str) -> Any:
    kind = str(part.get("type", part.get("expectation_type")))
    shown = kind if kind.isidentifier() and len(kind) <= 100 else "(no name)"
    try:
        get_expectation_impl(kind)
    except Exception:  # whichever error it is in this version
        raise ConfigError(
            f"unknown expectation {shown}",
            where=where,
            hint="import the module that defines it before the suite is run.",
        ) from None
    try:
        found = ExpectationConfiguration(
            type=kind, kwargs=dict(part.get("kwargs") or {}), meta=part.get("meta"), severity=part.get("severity")
        )
        found.to_domain_obj()
    except Exception as error:
        raise ConfigError(
            f"the arguments of {shown} are not what it takes ({type(error).__name__})", where=where
        ) from None
    return found


class _QuietValidator(Validator):
    """Great Expectations' validator, without its progress bars."""

    def _determine_progress_bars(self) -> bool:
        return False


def _validator(data: Any) -> Any:
    if isinstance(data, BatchDefinition):
        try:
            data = data.get_batch()
        except Exception as error:
            raise UnreadableInput(f"Great Expectations cannot read the batch ({type(error).__name__})") from None
    engine = getattr(getattr(data, "data", None), "execution_engine", None)
    if engine is not None:
        return _QuietValidator(execution_engine=engine, batches=[data])
    data = lake_named(data)
    if isinstance(data, str | os.PathLike):
        data = read_pandas(data)
    return _QuietValidator(execution_engine=PandasExecutionEngine(batch_data_dict={"data": _pandas(data)}))


def _pandas(data: Any) -> Any:
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    convert = getattr(data, "to_pandas", None)
    if convert is None:
        raise UsageError(
            f"no suite runs over a {type(data).__module__}.{type(data).__qualname__}",
            hint="give a frame of pandas or polars, a pyarrow Table, one file, the address of one table, a Delta or "
            "Iceberg table, or a batch of Great Expectations.",
        )
    try:
        return convert()
    except Exception as error:
        raise UnreadableInput(f"it cannot be made a pandas frame ({type(error).__name__})") from None
