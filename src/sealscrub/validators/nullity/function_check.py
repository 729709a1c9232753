"""The nullity test: run a function with and without the sealed records, and compare every bit of what it gives.

Nullity is noninterference in its most falsifiable form: for a deterministic function the comparison of these two runs
is not a sample but the property itself, on this data. What could make it wrong is tested too: a result that does not
depend on the data (positive control), a source other than the argument (sandbox, and a run as the session would make
it), chance (the same data twice), and thresholds that this data does not cross (variants).

References
----------
Hriţcu et al., Testing noninterference, quickly, Journal of Functional Programming 26 (2016).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sealscrub.boundary import bound
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from ..trial.engine import run_trial
from ..trial.setup import Progress, Setup
from ..trial.spark_frames import through_arrow
from .function import FunctionUnderTest
from .function_report import NullityReport

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = ["assert_nullity", "check_nullity"]


@bound
def assert_nullity(
    f: Callable[[Any], Any], data: Any, index: Index, on: On | Mapping[str, Any] | None = None, **options: Any
) -> NullityReport:
    """Fail unless a function's result is, bit for bit, what it would be had the sealed records never existed.

    Parameters
    ----------
    f, data, index, on, **options
        As in :func:`check_nullity`.

    Returns
    -------
    NullityReport
        Of a pass.

    Raises
    ------
    AssertionError
        With the report as its text, for every verdict but PASS.

    Examples
    --------
    >>> import polars as pl, sealscrub as ss
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": [f"M15{at:06d}" for at in range(1, 41)], "person": [1, 2] * 20})
    >>> index = example_index(["M15000003"])
    >>> def priors(arrests):
    ...     return ss.scrub(arrests, index, on={"arrest_number": "arrest_no"}).group_by("person").len().sort("person")
    >>> assert_nullity(priors, arrests, index, on={"arrest_number": "arrest_no"})
    <NullityReport: PASS>
    """
    __tracebackhide__ = True  # pytest shows a frame's arguments, and these hold rows
    report = check_nullity(f, data, index, on, **options)
    if not report.passed:
        raise AssertionError("\n\n" + report.to_text())
    return report


@bound
def check_nullity(
    f: Callable[[Any], Any],
    data: Any,
    index: Index,
    on: On | Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    plan: Plan | None = None,
    plant: str | bool = "auto",
    variants: Sequence[str] = ("permute", "unseen"),
    seed: int = 0,
    probe: Any = None,
    inputs: Sequence[str | os.PathLike[str]] = (),
    sandbox: str | bool = "auto",
    attribute: str = "columns",
    tolerance: float | None = None,
    repeats: int = 0,
    budget_s: float | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> NullityReport:
    """Test whether a function lets a sealed record through.

    Parameters
    ----------
    f : callable
        Takes the data (a frame, a mapping of frames, or a path) and returns anything that can be compared: a frame,
        array, sparse matrix, ``(X, y)``, a mapping of these, a fitted estimator, a path, a figure, a picklable value.
    data : frame, mapping of str to frame, or path
        pandas, polars, pyarrow, Spark; a file or folder is copied, and f gets the copy's path. Spark's frames are
        collected, and made again in a local session in which f runs; TCP then stays open, and the report says so.
    index : Index
    on : mapping, iterable of str, or mapping of str to these
        Key columns; by table if data is a mapping.
    key : str, optional
        The column by which rows of the results are aligned; by default their labels, or their positions.
    plan : Plan, optional
        How the data without the sealed records is made: links, orphans, edits. By default rows are dropped.
    plant : {"auto", True, False}
        Whether records are planted: "auto" if the data holds no sealed rows; True as well as those it holds.
    variants : sequence of str
        Changes of the sealed rows' payload that are tried as well: permute, unseen (values that no other row has),
        resample, extreme, duplicate, reorder.
    seed : int
        Random seed of every run, for each source of chance that can be reached.
    probe : object, optional
        What fitted estimators are asked about.
    inputs : sequence of path-like
        What f may read other than its argument: files, folders, and environment variables as ``env:NAME``.
    sandbox : {"auto", True, False}
        Whether f is sandboxed: by Landlock (Linux), else by Python's audit hooks, which see less, as the report says.
        True refuses to run without Landlock.
    attribute : {"columns", "records"}
        Whether to find out which sealed rows show, too; they are written only to the custodian's file.
    tolerance : float, optional
        Largest absolute difference that counts as none. It weakens the test, and the report says so.
    repeats : int
        If two runs over the same data differ by chance: how many runs over each of the two worlds are compared, as
        samples, by their energy distance. That is not a pass, whatever comes of it.
    budget_s : float, optional
        Seconds for all runs.
    policy : Policy, optional
    progress : callable, optional
        Called with the phase, runs done and runs in all.

    Returns
    -------
    NullityReport

    Raises
    ------
    ConfigError, ColumnError, SchemeError, UnsuitableIndex, ExpiredIndex
        When the test is not set up as it must be.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": [f"M15{at:06d}" for at in range(1, 41)], "person": [1, 2] * 20})
    >>> on = {"arrest_number": "arrest_no"}
    >>> report = check_nullity(len, arrests, example_index(["M15000003"]), on=on, variants=())
    >>> report.verdict.value, report.passed
    ('INTERFERENCE', False)
    """
    setup = Setup(
        plan=plan,
        plant=plant,
        variants=tuple(variants),
        seed=seed,
        inputs=tuple(os.fspath(each) for each in inputs),
        sandbox=sandbox,
        attribute=attribute,
        repeats=repeats,
        budget_s=budget_s,
        policy=policy,
        progress=progress,
    )
    index.require_use("training" if "training" in index.uses else next(iter(index.uses)))
    f, data = through_arrow(f, data)
    return run_trial(FunctionUnderTest(f, probe, key, tolerance), data, index, on, setup)
