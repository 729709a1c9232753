"""The nullity test of outputs: build a system with and without the sealed records, and compare whole answers.

Filtering answers is not nullity: a list that was cut before the filter is short, ranks skip, scores were normalised
over records that no one may know of, a search index finds other neighbours where removed vectors were. What a system
answers must be what it would answer had the records never existed, to every question.

References
----------
Wang et al., Side-channel attacks on shared search indexes, IEEE S&P 2017: scores of a filtered search reveal what is in
documents that were filtered out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sealscrub.boundary import bound
from sealscrub.errors import ConfigError
from sealscrub.filters import LiveIndex
from sealscrub.filters.live_index import current
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from ..trial.engine import run_trial
from ..trial.setup import Progress, Setup
from ..trial.worlds import Worlds
from .probe_set import ProbeSet, make_probes
from .probes import KINDS
from .questions import Query, query_of
from .service import DATE, ServiceUnderTest
from .service_report import OutputNullityReport

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = ["assert_output_nullity", "check_output_nullity"]

USE = "output"


@bound
def assert_output_nullity(
    build: Callable[[Any], Any],
    data: Any,
    index: Index | LiveIndex,
    on: On | Mapping[str, Any] | None = None,
    **options: Any,
) -> OutputNullityReport:
    """Fail unless every answer of a system is, bit for bit, what it would be had the sealed records never existed.

    Parameters
    ----------
    build, data, index, on, **options
        As in :func:`check_output_nullity`.

    Returns
    -------
    OutputNullityReport
        Of a pass.

    Raises
    ------
    AssertionError
        With the report as its text, for every verdict but PASS.

    Examples
    --------
    >>> import polars as pl, sealscrub as ss
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "age": [18, 25, 31, 40] * 10})
    >>> index = example_index(["K14000003"])
    >>> on = {"arrest_number": "arrest_no"}
    >>> def build_search(arrests):
    ...     return ss.scrub(arrests, index, on=on)
    >>> def oldest(arrests, probe):
    ...     return arrests.filter(pl.col("age") >= probe["age"]).sort("age", "arrest_no").head(probe.k).to_dicts()
    >>> assert_output_nullity(build_search, arrests, index, on=on, query=oldest, variants=())
    <OutputNullityReport: PASS>
    """
    __tracebackhide__ = True  # pytest shows a frame's arguments, and these hold rows
    report = check_output_nullity(build, data, index, on, **options)
    if not report.passed:
        raise AssertionError("\n\n" + report.to_text())
    return report


@bound
def check_output_nullity(
    build: Callable[[Any], Any],
    data: Any,
    index: Index | LiveIndex,
    on: On | Mapping[str, Any] | None = None,
    *,
    query: Query | str | Sequence[str],
    person: str | None = None,
    cell: str | Sequence[str] = (),
    k: int = 10,
    kinds: Sequence[str] = tuple(KINDS),
    probes: Sequence[Any] = (),
    targets: int = 12,
    random: int = 48,
    ignore: Sequence[str] = (DATE,),
    oracle_ok: bool = False,
    plan: Plan | None = None,
    plant: str | bool = "auto",
    variants: Sequence[str] = ("unseen",),
    seed: int = 0,
    inputs: Sequence[str | os.PathLike[str]] = (),
    sandbox: str | bool = "auto",
    isolated: bool = True,
    budget_s: float | None = None,
    policy: Policy | None = None,
    progress: Progress | None = None,
) -> OutputNullityReport:
    """Test whether sealed records show in what a system answers.

    Parameters
    ----------
    build : callable
        Takes the data and returns the system: a search, a gallery, a guarded model, an ASGI application, an address.
    data : frame, or mapping of str to frame
        pandas, polars, pyarrow.
    index : Index or LiveIndex
    on : mapping, iterable of str, or mapping of str to these
        Key columns; by table if data is a mapping.
    query : callable, str, or sequence of str
        Takes the system and a :class:`Probe`, and returns the whole answer: anything that can be compared, also
        awaitable or a stream. Or routes such as ``GET /records/{id}`` (:class:`Routes`), if the system is an ASGI
        application or an address.
    person : str, optional
        Column of who a record is of.
    cell : str or sequence of str
        Columns of where a record is.
    k : int
        How many entries a probe asks for.
    kinds : sequence of str
        Which kinds of probes are sent; by default all.
    probes : sequence
        Probes of your own, handed to the query as they are.
    targets : int
        Around how many sealed records of a table.
    random : int
        How many random probes.
    ignore : sequence of str
        Parts that are not part of the answer, such as ``headers.x-request-id``; with ``*``.
    oracle_ok : bool
        Whether a sealed id may get another answer than an unknown one. The report says so.
    plan : Plan, optional
        How the data without the sealed records is made. By default rows are dropped.
    plant : {"auto", True, False}
        Whether records are planted: "auto" if the data holds no sealed rows; True as well as those it holds.
    variants : sequence of str
        Changes of the sealed rows' payload that are tried as well: permute, unseen, resample, extreme, duplicate,
        reorder.
    seed : int
    inputs : sequence of path-like
        What the system may read other than its data: files, folders, and environment variables as ``env:NAME``.
    sandbox : {"auto", True, False}
        Whether it is sandboxed (Landlock, Linux). A system that is asked over TCP needs False.
    isolated : bool
        Whether each run is an interpreter of its own. False runs all of them here: quicker, for systems that cannot
        travel, and weaker, which the report says.
    budget_s : float, optional
        Seconds for all runs.
    policy : Policy, optional
    progress : callable, optional
        Called with the phase, runs done and runs in all.

    Returns
    -------
    OutputNullityReport

    Raises
    ------
    ConfigError, ColumnError, SchemeError, UnsuitableIndex, ExpiredIndex
        When the test is not set up as it must be.

    Examples
    --------
    A search that cuts its list first and filters afterwards:

    >>> import polars as pl, sealscrub as ss
    >>> from sealscrub.datasets import example_index
    >>> arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "age": [18, 25, 31, 40] * 10})
    >>> index = example_index(["K14000003"])
    >>> on = {"arrest_number": "arrest_no"}
    >>> def cut_first(arrests, probe):
    ...     found = arrests.filter(pl.col("age") >= probe["age"]).sort("age", "arrest_no").head(probe.k)
    ...     return ss.scrub(found, index, on=on).to_dicts()
    >>> report = check_output_nullity(lambda arrests: arrests, arrests, index, on=on, query=cut_first, variants=())
    >>> report.verdict.value, report.channels[:2], report.causes
    ('INTERFERENCE', ['entries', 'length'], ['post-filter'])
    """
    for name in kinds:
        if name not in KINDS:
            raise ConfigError(f"unknown kind of probes: {name!r}", hint=", ".join(KINDS))
    if k < 1 or targets < 1 or random < 0:
        raise ConfigError("k and targets must be at least 1, random at least 0")
    if isinstance(data, str | os.PathLike):
        raise ConfigError("this test needs frames, not files", hint="read the file, and let build() write it.")
    setup = Setup(
        plan=plan,
        plant=plant,
        variants=tuple(variants),
        seed=seed,
        inputs=tuple(os.fspath(each) for each in inputs),
        sandbox=sandbox,
        budget_s=budget_s,
        policy=policy,
        progress=progress,
    )
    opened = current(index, USE if isinstance(index, LiveIndex) else _use_of(index))

    def probes_for(worlds: Worlds, seed: int) -> ProbeSet:
        columns = (cell,) if isinstance(cell, str) else tuple(cell)
        return make_probes(
            worlds,
            opened,
            kinds=kinds,
            own=probes,
            person=person,
            cell=columns,
            k=k,
            targets=targets,
            random=random,
            seed=seed,
        )

    service = ServiceUnderTest(build, query_of(query), probes_for, tuple(ignore), oracle_ok, isolated)
    return run_trial(service, data, opened, on, setup)


def _use_of(index: Index) -> str:
    return USE if USE in index.uses else next(iter(index.uses))
