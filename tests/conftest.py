"""Options and fixtures that every room's tests share."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

_SHARE = 0.25
_LEAST = 5
_BEGUN = time.monotonic()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite the golden files, then look at the diff")
    parser.addoption("--budget", type=float, metavar="SECONDS", help="after that, what has not begun is skipped")
    parser.addoption("--whole-searches", action="store_true", help="as many examples of each property as it names")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark property tests as searches, and try fewer examples than they name where no whole search is asked for."""
    seen = set()
    for item in items:
        run = getattr(item, "obj", None)
        if not getattr(run, "is_hypothesis_test", False):
            continue
        item.add_marker("search")
        if item.get_closest_marker("long") is None and not config.getoption("--whole-searches") and run not in seen:
            seen.add(run)
            named = run._hypothesis_internal_use_settings  # where Hypothesis' own plugin changes them too
            fewer = max(min(_LEAST, named.max_examples), round(_SHARE * named.max_examples))
            run._hypothesis_internal_use_settings = settings(named, max_examples=fewer)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin nothing more once the budget of the run is spent; the summary says how much was left out."""
    budget = item.config.getoption("--budget")
    if budget is not None and time.monotonic() - _BEGUN > budget:
        pytest.skip("the budget of this run is spent")


@pytest.fixture
def nothing_to_collect() -> Iterator[None]:
    """A finalizer that the collector runs while the stack is full fails for that alone, and so would the test."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


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
