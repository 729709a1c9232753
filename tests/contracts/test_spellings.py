"""A message speaks Python to a caller in Python, and names options to a shell alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscrub.errors import ConfigError, Spelled

from .source_tree import source_folder

OPTION = re.compile(r"(?<!var\()(?<![\w-])--[a-z][a-z-]+(?![\w-]*:)")
COMMAND_LINE = ("cli/", "validators/pytest_plugin.py")
"""Where options are at home: our command line, and pytest's."""


def style_variables() -> set[str]:
    """Names of the pages' CSS, which look like options."""
    return {name for path in source_folder().rglob("*.css") for name in re.findall(r"(--[a-z-]+):", path.read_text())}


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Give the texts of a module, with their lines: no docstrings, and no spelling for a shell."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            parents = list(_parents(node))
            if not isinstance(parents[0], ast.Expr) and not _is_for_a_shell(node, parents):
                yield node.lineno, node.value


def _parents(node: ast.AST) -> Iterator[ast.AST]:
    while (node := getattr(node, "parent", None)) is not None:  # type: ignore[assignment]
        yield node


def _is_for_a_shell(node: ast.AST, parents: list[ast.AST]) -> bool:
    for below, parent in zip([node, *parents], parents, strict=False):
        if isinstance(parent, ast.keyword) and parent.arg == "shell":
            return True
        if isinstance(parent, ast.Call) and ast.unparse(parent.func) == "Spelled" and below in parent.args[1:]:
            return True
    return False


def options_in(source: str, known_otherwise: set[str]) -> list[str]:
    return [
        f"{line}: {found}"
        for line, text in texts(source)
        for found in OPTION.findall(text)
        if found not in known_otherwise and "{" not in text.split(found)[1][:2]
    ]


SOURCES = sorted(
    path.relative_to(source_folder()).as_posix()
    for path in source_folder().rglob("*.py")
    if not path.relative_to(source_folder()).as_posix().startswith(COMMAND_LINE)
)


def test_no_text_outside_the_command_line_names_an_option() -> None:
    styles = style_variables()
    found = {name: options_in((source_folder() / name).read_text("utf-8"), styles) for name in SOURCES}

    assert len(SOURCES) > 400
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "source",
    [
        'raise ConfigError("x", hint="say --replace as well.")',
        'raise ConfigError(f"{x} and --min-coverage is low")',
        'HINT = "--on"',
        'Spelled("--on", "--on")',
    ],
)
def test_an_option_is_found(source: str) -> None:
    assert len(options_in(source, set())) == 1


@pytest.mark.parametrize(
    "source",
    [
        'raise ConfigError("x", hint=Spelled("replace=True", "say --replace as well."))',
        'Spelled("x", shell=f"--on {name}")',
        'def f():\n    """Name it with --on."""',
        '"fill:var(--ink)"',
        '"a -- b"',
    ],
)
def test_what_is_no_option_for_a_caller_is_none(source: str) -> None:
    assert options_in(source, set()) == []


def test_an_error_is_said_in_both_spellings() -> None:
    hint = Spelled("Policy(quarantine=True) sets them aside.", "--quarantine FILE sets them aside.")
    error = ConfigError("two keys are near", where="a.csv", hint=hint)

    assert str(error) == "a.csv: two keys are near\n\nHint: Policy(quarantine=True) sets them aside."
    assert error.in_shell() == "a.csv: two keys are near\n\nHint: --quarantine FILE sets them aside."
    assert error.hint == "Policy(quarantine=True) sets them aside."


def test_a_message_without_two_spellings_is_the_same_in_both() -> None:
    error = ConfigError("no", hint="say yes.")

    assert error.in_shell() == str(error)


def test_both_spellings_survive_a_pickle(tmp_path: Path) -> None:
    import pickle

    error = pickle.loads(pickle.dumps(ConfigError(Spelled("a=", "--a"), hint=Spelled("b=", "--b"))))

    assert (str(error), error.in_shell()) == ("a=\n\nHint: b=", "--a\n\nHint: --b")
