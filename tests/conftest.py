"""Options and fixtures that every room's tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite the golden files, then look at the diff")


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
