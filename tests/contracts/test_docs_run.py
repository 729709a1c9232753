"""What the README and the docs show runs as written (the convention is in ``docs/writing-pages.md``)."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .page_runner import SAID, Fault, blocks_of, is_shown
from .source_tree import source_folder

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LONG = {
    "how-to/audit-certificate.md",
    "how-to/audit-model.md",
    "how-to/ci.md",
    "how-to/compas.md",
    "how-to/coverage.md",
    "how-to/delta.md",
    "how-to/frames.md",
    "how-to/guard-models.md",
    "how-to/hot-spots.md",
    "how-to/iceberg.md",
    "how-to/lineage.md",
    "how-to/link-records.md",
    "how-to/nullity.md",
    "how-to/output-nullity.md",
    "how-to/own-scheme.md",
    "how-to/plans.md",
    "how-to/refresh.md",
    "how-to/registry.md",
    "how-to/scikit-learn.md",
    "how-to/scrub-files.md",
    "how-to/stops.md",
    "reference/plans.md",
}
RUNNER = Path(__file__).with_name("page_runner.py")
README = (ROOT / "README.md").read_text("utf-8")
CITY = 10_000
NEEDS = {
    "great-expectations": "great_expectations",
    "pandera": "pandera",
    "guard-galleries": "hnswlib",
    "spark": "pyspark",
}
"""Pages about an extra that the tests can do without, and what it brings."""
SPARK = {"how-to/spark.md"}
"""Pages that need Java as well."""
REAL = os.environ.get("SEALSCRUB_REAL_DATA", "")


@dataclass(frozen=True)
class Runner:
    """A process that runs pages, and a folder of folders, one for each setup, which the first page makes."""

    process: subprocess.Popen[str]
    setups: Path


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    setups, shims = tmp_path_factory.mktemp("setups"), tmp_path_factory.mktemp("bin")
    (setups / "empty").mkdir()
    for command, runs in {"python": "", "pytest": "-m pytest", "sealscrub": "-m sealscrub"}.items():
        (shims / command).write_text(f'#!/bin/sh\nexec "{sys.executable}" {runs} "$@"\n')
        (shims / command).chmod(0o700)
    environment = {
        # a store that another test of this process has set is not the page's
        **{name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "_MLFLOW_"))},
        "PATH": f"{shims}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(source_folder().parent),
        "COLUMNS": "100",
    }
    if not any(each.name == "sealscrub" for each in importlib.metadata.entry_points(group="pytest11")):
        environment["PYTEST_PLUGINS"] = "sealscrub.validators.pytest_plugin"  # as an installed sealscrub has it
    process = subprocess.Popen(
        [sys.executable, str(RUNNER), str(setups)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=setups / "empty",
        text=True,
        start_new_session=True,
    )
    with process:
        yield Runner(process, setups)
        os.killpg(process.pid, signal.SIGKILL)  # a page that does not end ends with it


_BEFORE = {"city": "empty", "keys": "city", "index": "keys", "clean": "index", "estate": "index", "real": "empty"}
"""What each setup has as well."""


def _make(setup: str, root: Path) -> None:
    if (root / setup).exists() or setup not in _MAKERS:
        return
    _make(_BEFORE[setup], root)
    shutil.copytree(root / _BEFORE[setup], root / setup)
    _MAKERS[setup](root / setup)


def _city(folder: Path) -> None:
    from sealscrub.datasets import make_city

    tables = make_city(CITY, seed=0).tables
    tables["notices"].write_csv(folder / "notices.csv")
    tables["training"].write_csv(folder / "train.csv")
    tables["training"].write_parquet(folder / "train.parquet")
    for name in ("arrests", "dockets", "charges", "people", "complaints"):
        tables[name].write_parquet(folder / f"{name}.parquet")


def _keys(folder: Path) -> None:
    from sealscrub.identifiers import generate_keys

    generate_keys(folder / "seal.key")


def _index(folder: Path) -> None:
    from sealscrub.custodian.registry import Registry
    from sealscrub.identifiers import load_key, load_publisher

    with Registry.create(folder / "seals.db") as registry:
        registry.add(folder / "notices.csv")
        registry.publish(
            folder / "training.sealindex",
            keys=load_key(folder / "seal.key"),
            publisher=load_publisher(folder / "seal.key.publisher"),
            uses=["training", "output"],
            audience="police",
        )


def _clean(folder: Path) -> None:
    from sealscrub import open_index, scrub

    index = open_index(folder / "training.sealindex", folder / "seal.key", remember=False)
    on = {"arrest_number": "arrest_no"}
    scrub(folder / "train.csv", index, on, output=folder / "clean.csv", quarantine=folder / "quarantine.csv")


def _estate(folder: Path) -> None:
    from sealscrub.datasets import write_estate

    write_estate(folder / "estate", CITY, seed=0)


def _real(folder: Path) -> None:
    stops = ("nypd_stops_2014.parquet", "nypd_stops_2015.parquet")
    for name in ("compas_two_years.csv", "nypd_arrests_2021_queens.csv", *stops):
        if REAL and (Path(REAL) / name).exists():
            shutil.copy(Path(REAL) / name, folder / name)


_MAKERS = {"city": _city, "keys": _keys, "index": _index, "clean": _clean, "estate": _estate, "real": _real}


def _marked(page: Path) -> Any:
    name = page.relative_to(ROOT).as_posix()
    marks = {"long": LONG, "spark": SPARK}
    return pytest.param(
        page,
        id=name,
        marks=[getattr(pytest.mark, mark) for mark, pages in marks.items() if name.removeprefix("docs/") in pages],
    )


def test_the_long_pages_are_there() -> None:
    assert {name for name in LONG if (ROOT / "docs" / name) in PAGES} == LONG


@pytest.mark.parametrize("page", [_marked(page) for page in PAGES])
def test_a_page_runs_as_written(page: Path, runner: Runner, tmp_path: Path) -> None:
    if page.read_text("utf-8").startswith("<!-- setup: real -->") and not REAL:
        pytest.skip("SEALSCRUB_REAL_DATA names no folder of real files")
    package = NEEDS.get(page.stem)
    if package is not None and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    if not runs(page):
        return
    code, said = run_page(page, runner, tmp_path)

    assert code == 0, said


@pytest.mark.long
@pytest.mark.parametrize("reader", ["data-scientist", "auditor"])
def test_the_pages_of_a_path_run_one_after_the_other_in_the_folder_of_the_tutorial(
    reader: str, runner: Runner, tmp_path: Path
) -> None:
    """What a page leaves there is not in the way of the next."""
    docs = ROOT / "docs"
    named = re.findall(r"^\d\. \[[^\]]*\]\(([^)]+)\)", (docs / f"{reader}.md").read_text("utf-8"), re.MULTILINE)
    pages = [(docs / name).read_text("utf-8") for name in dict.fromkeys(["tutorial.md", *named])]
    path = tmp_path / "path.md"
    path.write_text("\n".join(re.sub("<!-- setup: .* -->", "", page) for page in pages), "utf-8")

    code, said = run_page(path, runner, tmp_path)

    assert code == 0, said


def runs(page: Path) -> bool:
    """Whether a block of a page does something; reading it finds what is wrong with the others."""
    return any(not is_shown(block) for block in blocks_of(page.read_text("utf-8")))


def run_page(page: Path, runner: Runner, folder: Path) -> tuple[int, str]:
    """Exit code of a page that is run below a folder, and what it says."""
    for setup in re.findall(r"<!-- setup: ([a-z]+) -->", page.read_text("utf-8")):
        _make(setup, runner.setups)
    (folder / "work").mkdir()
    assert runner.process.stdin is not None
    assert runner.process.stdout is not None
    runner.process.stdin.write(json.dumps([str(page), str(folder)]) + "\n")
    runner.process.stdin.flush()
    return int(runner.process.stdout.readline()), (folder / SAID).read_text("utf-8")


BAD_PAGES = {
    "a wrong exit code": "```console\n$ sealscrub inspect missing.sealindex\n```\n",
    "another exit code than said": "<!-- exit: 1 -->\n```console\n$ sealscrub --version\n```\n",
    "other output": "```console\n$ sealscrub --version\nsealscrub 0\n```\n",
    "a Python error": "```python\nimport sealscrub\nsealscrub.unscrub\n```\n",
    "no error where one is said": "<!-- raises: IndexRefused -->\n```python\nimport sealscrub\n```\n",
    "a wrong example": "```python\n>>> 1 + 1\n3\n```\n",
    "names of before a setup": "```python\na = 1\n```\n<!-- setup: empty -->\n```python\na\n```\n",
    "an unknown setup": "<!-- setup: town -->\n",
    "an unknown comment": "<!-- exits: 1 -->\n",
    "no reason": "<!-- no-run -->\n```console\n$ false\n```\n",
    "a failing command of the shell": "```console\n$ cat missing.txt\n```\n",
    "a failing script": "```sh\ncat missing.txt\ntrue\n```\n",
    "a block that nothing reads": "```toml\na = 1\n```\n",
    "a block of another language": "```sql\nselect 1\n```\n",
    "a part of a file that says otherwise": "<!-- file: a.toml -->\n```toml\n[a]\nb = 1\n```\n"
    "<!-- part-of: a.toml -->\n```toml\n[a]\nb = 2\n```\n",
}


@pytest.mark.parametrize("text", BAD_PAGES.values(), ids=BAD_PAGES)
def test_a_page_that_does_not_hold_fails(text: str, runner: Runner, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)

    with contextlib.suppress(Fault):
        assert runs(page)
    assert run_page(page, runner, tmp_path)[0] == 1


GOOD_PAGE = """<!-- setup: city -->
<!-- file: ours.toml -->
```toml
[schemes.booking]
level = "arrest"
spellings = [{ pattern = '(?P<n>\\\\d{6})', form = "{n}" }]
```
```python
import pathlib
assert pathlib.Path("notices.csv").exists()
```
<!-- part-of: ours.toml -->
```toml
schemes.booking.level = "arrest"
```
```sh
test -f notices.csv
```
- in a list

  ```console
  $ sealscrub schemes \\
    --schemes ours.toml | grep booking   # found
  booking ...
  $ sealscrub --version
  sealscrub ...
  ```
<!-- no-run: would fail -->
```console
$ false
```
<!-- exit: 2 -->
```console
$ export THERE=nothing
$ sealscrub inspect $THERE
error: ...
```
<!-- raises: NameError -->
```python
nothing
```
"""


def test_a_page_that_holds_passes(runner: Runner, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(GOOD_PAGE)

    code, said = run_page(page, runner, tmp_path)

    assert code == 0, said


DATED_PAGE = """<!-- today: 2020-01-01 -->
```python
import datetime as dt
today, later = dt.date.fromisoformat("2020-01-01"), dt.date.fromisoformat("2020-01-31")
assert abs((dt.date.today() - today).days) <= 1
assert (later - today).days == 30
```
"""


def test_a_page_that_says_its_day_is_read_on_that_day(runner: Runner, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(DATED_PAGE)

    code, said = run_page(page, runner, tmp_path)

    assert code == 0, said


def test_every_command_of_linkage_is_run_on_a_page() -> None:
    pages = [ROOT / "docs" / "how-to" / f"{name}.md" for name in ("link-records", "extract-for-linkage")]
    run = [each.text for page in pages for each in blocks_of(page.read_text("utf-8")) if "no-run" not in each.about]
    shown = set(re.findall(r"^\$ sealscrub link ([a-z]+)", "".join(run), re.MULTILINE))

    assert shown == {"extract", "train", "run", "decide", "bound", "drill", "status"}


def test_an_open_block_is_a_fault() -> None:
    with pytest.raises(Fault):
        list(blocks_of("```python\n1\n"))


def test_the_readme_comes_to_the_point_by_line_50() -> None:
    top = "\n".join(README.splitlines()[:50])
    blocks = [block for block in blocks_of(README) if block.line < 50]
    shell, python = ("".join(each.text for each in blocks if each.language == name) for name in ("console", "python"))

    assert "not legal advice" in top
    assert "cannot find" in top
    assert "pip install" in top
    assert len([line for line in python.splitlines() if line]) <= 6
    assert re.findall(r"^\$ sealscrub (\w+)", shell, re.MULTILINE) == ["demo", "scan", "scrub"]
    assert top.count("```") % 2 == 0, "line 50 is inside a block"
    assert README.index("| exit code |") < README.index("python3 -m venv")


def test_the_readme_has_the_two_lines_for_a_bare_machine() -> None:
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv .venv")]

    assert len(lines) == 2
    assert lines[0].endswith("sealscrub demo")
    assert re.fullmatch(r"python3 -m venv .venv.*'\.\[test\]'.*pytest.*", lines[1])
    assert [line for line in lines if " uv " in line or "make " in line] == []
