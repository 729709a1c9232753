"""Options and fixtures that every room's tests share."""

from __future__ import annotations

import ctypes
import gc
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from sealscrub.identifiers import Scheme, known_schemes

from .examples import fewer
from .spark_sessions import connected, spark, spark_log  # noqa: F401 - fixtures
from .thinning import thin

_THRESHOLDS = 10_000, 20, 50
_CAPABILITY_VERSION = 0x20080522
_OVERRIDING = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: capabilities(7)
_FOLDERS = itertools.count()
_SCHEMES = pytest.StashKey[tuple[dict[str, Scheme], dict[str, str]]]()

# The same examples for everyone, whatever the machine and its speed, whether or not CI is set.
settings.register_profile(
    "gate", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("wide", settings.get_profile("gate"), derandomize=False)
settings.load_profile("gate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite the golden files, then look at the diff")
    parser.addoption(
        "--whole-searches",
        action="store_true",
        help="as many examples of each property as it names, drawn at random or by --hypothesis-seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Draw other examples each time in a whole search; a derandomized profile would override the seed."""
    if config.getoption("--whole-searches"):
        settings.load_profile("wide")
    # Pytest would rewrite the assertions of each package that brings a plugin: a thousand modules, in each worker.
    getattr(config.pluginmanager.rewrite_hook, "_must_rewrite", set()).clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Thin matrices, mark property tests as searches, and try fewer examples where no whole search is asked for."""
    _thin(items)
    seen = set()
    for item in items:
        if item.get_closest_marker("long") or item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(0))
        run = getattr(item, "obj", None)
        if not getattr(run, "is_hypothesis_test", False):
            continue
        item.add_marker("search")
        if item.get_closest_marker("long") is None and not config.getoption("--whole-searches") and run not in seen:
            seen.add(run)
            named = run._hypothesis_internal_use_settings  # where Hypothesis' own plugin changes them too
            count = fewer(named.max_examples)
            run._hypothesis_internal_use_settings = settings(named, max_examples=count)


def _thin(items: list[pytest.Item]) -> None:
    """Mark as long the cases of a thinned matrix that the gate can do without.

    Parts of an id (``between="-"``) are parameters by their place: no value of such a matrix may hold the sign.
    """
    matrices: dict[tuple[str, int, str], dict[str, Sequence[str]]] = {}
    for item in items:
        if marker := item.get_closest_marker("thinned"):
            matrix = item.nodeid.partition("[")[0], marker.kwargs["together"], marker.kwargs.get("between", "")
            ids = item.callspec._idlist  # type: ignore[attr-defined]  # pytest 9's public `indices` number the cases
            if between := matrix[2]:
                ids = [part for each in ids for part in each.split(between)]
            matrices.setdefault(matrix, {})[item.nodeid] = ids
    chosen = {each for (_, together, _), cases in matrices.items() for each in thin(cases, together)}
    for item in items:
        if item.get_closest_marker("thinned") and item.nodeid not in chosen:
            item.add_marker("long")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Look for no garbage while tests are collected: nearly all of it stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep what was collected, which lives to the end, out of every later search for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give each file to one worker, in the order of the run: what a module builds for its tests is built once."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Keep the schemes that a module registers when it is imported away from the tests of other modules."""
    before = dict(known_schemes._known), dict(known_schemes._aliases)
    report = yield
    if isinstance(collector, pytest.Module):
        collector.stash[_SCHEMES] = dict(known_schemes._known), dict(known_schemes._aliases)
        _set_schemes(*before)
    return report


@pytest.fixture(autouse=True, scope="module")
def schemes_of_one_module(request: pytest.FixtureRequest) -> Iterator[None]:
    """The schemes that the module registered, and after it those of before."""
    before = dict(known_schemes._known), dict(known_schemes._aliases)
    _set_schemes(*request.node.stash.get(_SCHEMES, before))
    yield
    _set_schemes(*before)


def _set_schemes(schemes: dict[str, Scheme], aliases: dict[str, str]) -> None:
    known_schemes._known.clear()
    known_schemes._known.update(schemes)
    known_schemes._aliases.clear()
    known_schemes._aliases.update(aliases)


@pytest.fixture(autouse=True, scope="module")
def mlflow_of_one_module() -> Iterator[None]:
    """The stores that the module gave to MLflow, which keeps them for the process and its children."""
    before = {name: os.environ.get(name) for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")}
    yield
    mlflow = sys.modules.get("mlflow")
    if mlflow is not None:
        mlflow.set_tracking_uri(None)
        mlflow.set_registry_uri(None)
    for name, uri in before.items():
        os.environ.pop(name, None)
        if uri is not None:
            os.environ[name] = uri


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own; pytest's would look through those of all tests before to number it."""
    name = re.sub(r"\W", "_", request.node.name)[:25]
    return tmp_path_factory.mktemp(f"{name}{next(_FOLDERS):05d}", numbered=False)


@pytest.fixture
def permissions_bind() -> Iterator[None]:
    """Root without the capabilities by which it reads and writes what a file's mode forbids."""
    if os.geteuid():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    before = sets[0]
    sets[0] = before & ~_OVERRIDING  # of this thread alone
    assert libc.capset(header, sets) == 0
    yield
    sets[0] = before
    assert libc.capset(header, sets) == 0


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in ``goldens/`` beside the test."""
    folder = Path(request.path).parent / "goldens"

    def compare(name: str, text: str) -> None:
        file = folder / name
        if request.config.getoption("--update-goldens"):
            folder.mkdir(exist_ok=True)
            file.write_bytes(text.encode("utf-8"))
        assert file.is_file(), f"no golden file {name}: run with --update-goldens and look at it"
        assert text == file.read_bytes().decode("utf-8")

    return compare
