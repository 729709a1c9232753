"""Options and fixtures that every room's tests share."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_SHARE = 0.25
_LEAST = 5

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
