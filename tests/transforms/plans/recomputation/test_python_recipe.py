"""A plan may name a Python function, and runs it only where the person allowed its module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscrub.errors import ConfigError
from sealscrub.transforms.plans.recomputation.python_recipe import load_recipe

WHERE = "tables.features.derived.risk"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of recipes that leaves a mark wherever it is imported."""
    package = tmp_path / "recipes_of_a_plan"
    package.mkdir()
    mark = tmp_path / "ran"
    ran = f"open({str(mark)!r}, 'a').close()\n"
    (package / "__init__.py").write_text(ran)
    (package / "risk.py").write_text(ran + "value = 3\ndef build(frames): return frames\n")
    (package / "broken.py").write_text("raise RuntimeError('KANARIENVOGEL')\n")
    (package / "needy.py").write_text("import not_installed_at_all\n")
    (package / "syntax.py").write_text("def KANARIENVOGEL(:\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield mark
    for name in [name for name in sys.modules if name.startswith("recipes_of_a_plan")]:
        del sys.modules[name]


@pytest.mark.parametrize("allowed", [["recipes_of_a_plan.risk"], ["recipes_of_a_plan"], ["other", "recipes_of_a_plan"]])
def test_an_allowed_function_is_loaded(module: Path, allowed: list[str]) -> None:
    assert load_recipe("recipes_of_a_plan.risk:build", allowed, WHERE)("frames") == "frames"


@pytest.mark.parametrize(
    "allowed", [[], ["recipes"], ["recipes_of_a_plan.ris"], ["recipes_of_a_plan.risk.more"], ["risk"], ["*"], [""]]
)
def test_nothing_is_imported_unless_it_is_allowed(module: Path, allowed: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"recipes_of_a_plan\.risk is not allowed") as refused:
        load_recipe("recipes_of_a_plan.risk:build", allowed, WHERE)

    assert "allow_python=['recipes_of_a_plan.risk']" in refused.value.hint
    assert refused.value.where == WHERE
    assert not module.exists()


@pytest.mark.parametrize(
    "reference",
    [
        "",
        ":",
        "recipes_of_a_plan",
        "recipes_of_a_plan.risk",
        "recipes_of_a_plan.risk:",
        ":build",
        "recipes_of_a_plan.risk:build()",
        "recipes_of_a_plan.risk:build.more",
        "recipes_of_a_plan.risk:build:more",
        "recipes_of_a_plan..risk:build",
        ".risk:build",
        "recipes_of_a_plan/risk:build",
        "recipes_of_a_plan.risk :build",
    ],
)
def test_a_reference_is_a_module_and_a_function(module: Path, reference: str) -> None:
    with pytest.raises(ConfigError, match="not the name of a Python function"):
        load_recipe(reference, ["recipes_of_a_plan"], WHERE)

    assert not module.exists()


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("recipes_of_a_plan.risk:nowhere", "has no function nowhere"),
        ("recipes_of_a_plan.risk:value", "has no function value"),
        ("recipes_of_a_plan.nowhere:build", "does not exist"),
        ("recipes_of_a_plan.needy:build", "needs a module that is not installed"),
        ("recipes_of_a_plan.broken:build", r"cannot be imported \(RuntimeError\)"),
        ("recipes_of_a_plan.syntax:build", r"cannot be imported \(SyntaxError\)"),
    ],
)
def test_a_function_that_cannot_be_had_is_an_error(module: Path, reference: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        load_recipe(reference, ["recipes_of_a_plan"], WHERE)

    assert "KANARIENVOGEL" not in str(refused.value)
    assert refused.value.where == WHERE
