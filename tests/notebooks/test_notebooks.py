"""Notebooks are in jupytext's percent format, and run from end to end."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..contracts.source_tree import source_folder

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))
FIGURES = {
    "a_new_seal_arrives": 2,
    "auditing_someone_elses_model": 3,
    "from_raw_extract_to_certified_model": 4,
    "how_much_linkage_finds": 2,
    "what_a_language_model_repeats": 2,
}


def cells(text: str) -> list[tuple[str, str]]:
    """Give the cells of a notebook: kind and text."""
    parts = re.split(r"^# %%(?: \[(\w+)\])?(?: mystnb=.*)?\n", text, flags=re.MULTILINE)
    return [(kind or "code", body) for kind, body in zip(parts[1::2], parts[2::2], strict=True)]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_prose_or_code_that_parses(notebook: Path) -> None:
    text = notebook.read_text("utf-8")
    found = cells(text)

    assert text.startswith("# ---\n# jupyter:\n")
    assert found[0][0] == "markdown"
    assert found[0][1].startswith("# # ")
    for kind, body in found:
        if kind == "markdown":
            assert all(line.startswith("#") for line in body.rstrip().splitlines())
        else:
            ast.parse(body)
    assert sum(kind == "markdown" for kind, _ in found) > len(found) / 3


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_is_also_said_in_words(notebook: Path) -> None:
    """The site's generator takes the words from the first line of the cell that draws."""
    drawing = re.findall(r"^# %%(.*)\n(?:(?!# %%).*\n)*?figure, axes =", notebook.read_text("utf-8"), re.MULTILINE)

    assert len(drawing) == FIGURES[notebook.stem]
    assert [said for said in drawing if not re.fullmatch(r' mystnb={"image": {"alt": "[^"]{20,}"}}', said)] == []


WHOLE = {"render", "text", "to_html", "to_json", "to_text"}
"""Methods of a report that give all of it."""


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_prints_an_operators_copy_unasked(notebook: Path) -> None:
    """``show(counts=True)`` says that it is one; ``axes.text(x, y, …)`` is none."""
    calls = [node for node in ast.walk(ast.parse(notebook.read_text("utf-8"))) if isinstance(node, ast.Call)]
    methods = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in WHOLE]

    assert [ast.unparse(call) for call in methods if call.func.attr != "text" or not call.args] == []


def test_the_table_of_notebooks_names_each() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")

    assert (
        {path.stem for path in NOTEBOOKS} == FIGURES.keys() == set(re.findall(r"^\| `(\w+)\.py`", readme, re.MULTILINE))
    )


@pytest.mark.long
@pytest.mark.parametrize("name", FIGURES)
def test_it_runs(name: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("mlflow")
    if name == "how_much_linkage_finds":
        pytest.importorskip("sealscrub.custodian.linkage")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "_MLFLOW_"))}
    environment = {**kept, "PYTHONPATH": str(source_folder().parent), "TMPDIR": str(tmp_path)}
    runner = Path(__file__).with_name("run_notebook.py")
    done = subprocess.run(
        [sys.executable, str(runner), str(FOLDER / f"{name}.py"), str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )

    assert done.returncode == 0, done.stderr
    asked = re.findall(r"^[^#\n]*\.show\(counts=True\)", (FOLDER / f"{name}.py").read_text("utf-8"), re.MULTILINE)
    assert done.stdout.count("Operator's copy.") == len(asked)
    assert len(list(tmp_path.glob("*.png"))) == FIGURES[name]
