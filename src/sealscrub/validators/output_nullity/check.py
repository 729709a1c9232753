"""The nullity test of outputs: build a system with and without the sealed records, and compare whole answers.

Filtering answers is not nullity: a list that was cut before the filter is short, ranks skip, scores were normalised
over records that nobody may know of, a search index finds other neighbours where removed vectors stood. What a system
answers must be what it would answer had the records never existed, to every question.

References
----------
Wang et al., Side-channel attacks on shared search indexes, IEEE S&P 2017: scores of a filtered search tell what is in
documents that were filtered out.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.filters import LiveIndex
from sealscrub.filters.live_index import current
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On

from ..landlock import landlock_abi
from ..nullity.process import Runner
from ..nullity.variants import VARIANTS
from ..nullity.worlds import make_worlds
from ..suite import tell, usual_budget
from .asking import Query, ask_all
from .here import HereRunner
from .probes import KINDS
from .probing import make_probes
from .report import OutputNullityReport
from .routes import Routes
from .trial import DATE, OutputTrial, Progress

__all__ = ["assert_output_nullity", "check_output_nullity"]

USE = "output"


def assert_output_nullity(
    build: Callable[[Any], Any], data: Any, index: Index | LiveIndex, on: On | Any = None, **options: Any
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
    <OutputNullityReport of build_search: PASS>
    """
    __tracebackhide__ = True  # pytest shows a frame's arguments, and these hold rows
    report = check_output_nullity(build, data, index, on, **options)
    if not report.passed:
        raise AssertionError("\n\n" + report.to_text())
    return report


def check_output_nullity(
    build: Callable[[Any], Any],
    data: Any,
    index: Index | LiveIndex,
    on: On | Any = None,
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
    plan: Any = None,
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
        Key columns; by table where data is a mapping.
    query : callable, str, or sequence of str
        Takes the system and a :class:`Probe`, and returns the whole answer: anything that can be compared, also
        awaitable or a stream. Or routes such as ``GET /records/{id}`` (:class:`Routes`), where the system is an ASGI
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
        Parts that are no part of the answer, such as ``headers.x-request-id``; with ``*``.
    oracle_ok : bool
        Whether a sealed id may get another answer than an unknown one. The report says so.
    plan : Plan, optional
        How the data without the sealed records is made. By default rows are dropped.
    plant : {"auto", True, False}
        Whether records are planted: "auto" where the data holds no sealed rows; True beside those that it holds.
    variants : sequence of str
        Changes of the sealed rows' payload that are tried as well: permute, unseen, resample, extreme, duplicate,
        reorder.
    seed : int
    inputs : sequence of path-like
        What the system may read beside its data: files, folders, and environment variables as ``env:NAME``.
    sandbox : {"auto", True, False}
        Whether it is shut in (Landlock, Linux). A system that is asked over TCP needs False.
    isolated : bool
        Whether each run is an interpreter of its own. False runs all of them here: quicker, for systems that cannot
        travel, and weaker, which the report says.
    budget_s : float, optional
        Seconds for all runs.
    policy : Policy, optional
    progress : callable, optional
        Told the phase, runs done and runs in all.

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
    index = current(index, USE if isinstance(index, LiveIndex) else _use_of(index))
    columns = (cell,) if isinstance(cell, str) else tuple(cell)
    _check_options(kinds, plant, variants, sandbox, k, targets, random)
    asked: Query = query if callable(query) else Routes(*((query,) if isinstance(query, str) else query))
    settings = policy or Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1.0, min_coverage=0.0)
    if isinstance(data, str | os.PathLike):
        raise ConfigError("outputs are tested over frames, not files", hint="read the file, and let build() write it.")
    worlds = make_worlds(data, index, on, plan=plan, plant=plant, policy=settings, seed=seed)
    found = make_probes(
        worlds,
        index,
        kinds=kinds,
        own=probes,
        person=person,
        cell=columns,
        k=k,
        targets=targets,
        random=random,
        seed=seed,
    )
    named = tuple(os.fspath(each) for each in inputs)
    budget = usual_budget() if budget_s is None else budget_s
    tried = () if plan is not None else tuple(variants)
    trial = OutputTrial(
        build, asked, worlds, index, found, tuple(ignore), oracle_ok, tried, seed, budget, progress, named
    )
    readable = [
        *(each for each in named if not each.startswith("env:")),
        *index.files,
        *(file.with_name(f"{file.name}.state") for file in index.files),
    ]
    function = _travelling(build, asked, found.probes, found.masks)
    if not isolated:
        report = trial.run(HereRunner(function, seed=seed))
        tell(report)
        return report
    with Runner(
        function, None, seed=seed, inputs=readable, sandbox=sandbox is not False, expected=trial.expected()
    ) as runner:
        report = trial.run(runner)
    tell(report)
    return report


def _travelling(build: Callable[[Any], Any], query: Query, probes: Sequence[Any], masks: Sequence[Any]) -> Any:
    """Give what the runs call: it travels with the modules of the system's own code."""
    function = functools.partial(ask_all, build, query, probes, masks)
    inner: Any = build
    while isinstance(inner, functools.partial):
        inner = inner.func
    owners = [getattr(each, "__module__", None) for each in (inner, query)]
    own = [name for name in owners if name and name.partition(".")[0] != "sealscrub"]
    function.__module__ = own[0] if own else ask_all.__module__
    return function


def _use_of(index: Index) -> str:
    return USE if USE in index.uses else next(iter(index.uses))


def _check_options(
    kinds: Sequence[str], plant: object, variants: Sequence[str], sandbox: object, k: int, targets: int, random: int
) -> None:
    for name in kinds:
        if name not in KINDS:
            raise ConfigError(f"there is no kind of probes {name!r}", hint=", ".join(KINDS))
    for name in variants:
        if name not in VARIANTS:
            raise ConfigError(f"there is no variant {name!r}", hint=", ".join(VARIANTS))
    if plant not in ("auto", True, False) or sandbox not in ("auto", True, False):
        raise ConfigError("plant and sandbox are 'auto', True or False")
    if k < 1 or targets < 1 or random < 0:
        raise ConfigError("k and targets are at least 1, random at least 0")
    if sandbox is True and not landlock_abi():
        raise ConfigError("this system has no Landlock", hint="sandbox='auto' runs without, and says so in the report.")
