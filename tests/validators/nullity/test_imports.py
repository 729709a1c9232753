"""What a module reads when it is imported is named as that; a plan and schemes that a test is given may be read."""

from __future__ import annotations

import importlib
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.identifiers import load_schemes
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict
from sealscrub.transforms.plans import Plan

from .conftest import ON

Checked = Callable[..., NullityReport]
BODY = """
import socket
from pathlib import Path
import polars as pl
{line}
def build(arrests):
    return [arrests.height, str(READ)]
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Make a module that does something when it is imported, and import it."""
    monkeypatch.syspath_prepend(tmp_path / "code")
    (tmp_path / "code").mkdir()

    def made(name: str, line: str) -> ModuleType:
        (tmp_path / "code" / f"{name}.py").write_text(BODY.format(line=line))
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return made


@pytest.mark.parametrize(
    "line",
    [
        "READ = Path({place!r}).read_text()",
        pytest.param("READ = pl.read_csv({place!r}).height", marks=pytest.mark.long),
        pytest.param("READ = Path({place!r}).read_bytes()", marks=pytest.mark.long),
    ],
    ids=["text", "table", "bytes"],
)
def test_a_file_that_a_module_reads_is_named_so(
    line: str, module: Callable[[str, str], ModuleType], checked: Checked, tmp_path: Path
) -> None:
    store = tmp_path / "store.csv"
    store.write_text("person,priors\n1,4\n")

    report = checked(module("reads_on_import", line.format(place=str(store))).build)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert report.denied == (str(store),)
    assert report.reason == f"The module reads_on_import reads {store} when it is imported."


@pytest.mark.long
def test_a_socket_that_a_module_asks_is_named_so(module: Callable[[str, str], ModuleType], checked: Checked) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        line = f"READ = socket.create_connection(('127.0.0.1', {port}), 5).close()"

        report = checked(module("asks_on_import", line).build)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert report.reason == f"The module asks_on_import reads 127.0.0.1:{port} when it is imported."


def test_a_module_that_hides_the_refusal_is_named_too(
    module: Callable[[str, str], ModuleType], checked: Checked, tmp_path: Path
) -> None:
    store = tmp_path / "store.csv"
    store.write_text("4")
    line = f"try:\n    READ = Path({str(store)!r}).read_text()\nexcept OSError:\n    READ = ''"

    report = checked(module("hides_on_import", line).build)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert f"{store}, which its module reads when it is imported" in report.reason


PLAN = """
version = 1
[tables.arrests]
source = "arrests.parquet"
keys = {arrest_number = "arrest_no"}
"""
SCHEME = r"""
[schemes.booking_of_the_test]
level = "arrest"
spellings = [{pattern = '(?P<serial>\d{8})', form = "{serial}"}]
"""


def test_the_plan_and_a_file_of_schemes_may_be_read(checked: Checked, index: Index, tmp_path: Path) -> None:
    plan, schemes = tmp_path / "sealscrub.toml", tmp_path / "schemes.toml"
    plan.write_text(PLAN)
    schemes.write_text(SCHEME)
    load_schemes(schemes)

    def planned(tables: dict[str, pl.DataFrame]) -> Any:
        load_schemes(schemes)
        return Plan.from_toml(plan).scrub(tables, index)["arrests"].drop("arrest_no")

    arrests = pl.DataFrame({"arrest_no": [f"K14{at:06d}" for at in range(1, 41)], "age": list(range(40))})
    report = checked(planned, data={"arrests": arrests}, on=None, plan=Plan.from_toml(plan))

    assert report.verdict is NullityVerdict.PASS, report.to_text()


def test_another_plan_may_not(checked: Checked, index: Index, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(PLAN)

    def planned(arrests: pl.DataFrame) -> Any:
        return [ss.scrub(arrests, index, on=ON).height, other.read_text()]

    assert checked(planned).denied == (str(other),)
