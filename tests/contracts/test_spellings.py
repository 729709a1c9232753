"""A message speaks Python to a caller in Python, and names options to a shell alone."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscrub import errors
from sealscrub.cli.application import listing
from sealscrub.errors import ConfigError, Spelled
from sealscrub.identifiers import scheme_names

from .source_tree import source_folder, tree_of

OPTION = re.compile(r"(?<!var\()(?<![\w-])--[a-z][a-z-]+(?![\w-]*:)")
COMMAND_LINE = ("cli/", "validators/pytest_plugin.py")
"""Where options are at home: our command line, and pytest's."""
PYTHON = re.compile(r"(?<![\w$.{])([a-z_]+)=(?!=)|\b(?:[A-Z][a-z]+){1,4}\(")
"""What is written in Python alone: an argument with its name, and a call of a class."""
COMMAND = re.compile(r"(?<!\b[Aa] )\bsealscrub ([a-z][a-z-]+)")
"""Our name and a word after it, which may be a command's; "a sealscrub receipt" is a thing."""
NEVER_CALLED = (
    "boundary/",
    "filters/row_answers.py",
    "filters/certificate_requirement.py",
    "filters/forecasts.py",
    "filters/gallery/",
    "filters/graphs/",
    "filters/counts/",
    "filters/guarded_model.py",
    "filters/field_masks.py",
    "filters/model_explanations.py",
    "filters/serving/",
    "filters/text/",
    "gx.py",
    "lineage/clean_data.py",
    "lineage/count_models.py",
    "lineage/data_logging.py",
    "lineage/retraining.py",
    "lineage/tracked_run.py",
    "mlflow.py",
    "pandera.py",
    "tables/key_sources.py",
    "transforms/sklearn/",
    "validators/great_expectations/",
    "validators/pandera/",
    *COMMAND_LINE,
)
"""What no command calls, or not with what its hints are about: a caller of these is in Python."""


@pytest.fixture(scope="module", autouse=True)
def trees_are_let_go() -> Iterator[None]:
    """After these tests; each collection of garbage would traverse them."""
    yield
    _texts.cache_clear()
    _called.cache_clear()


def style_variables() -> set[str]:
    """Names of the pages' CSS, which look like options."""
    return {name for path in source_folder().rglob("*.css") for name in re.findall(r"(--[a-z-]+):", path.read_text())}


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Give the texts of a module, with their lines: no docstrings, and no spelling for a shell."""
    for line, text, parents in _texts(source):
        if not _is_for_a_shell(parents):
            yield line, text


@functools.cache
def _texts(source: str) -> tuple[tuple[int, str, list[ast.AST]], ...]:
    return tuple(_texts_of(source))


def _texts_of(source: str) -> list[tuple[int, str, list[ast.AST]]]:
    found: list[tuple[int, str, list[ast.AST]]] = []

    def look_within(node: ast.AST, *around: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.Constant):
                look_within(child, node, *around)
            elif isinstance(child.value, str) and not isinstance(node, ast.Expr):
                found.append((child.lineno, child.value, [child, node, *around]))

    look_within(tree_of(source))
    return found


def _is_for_a_shell(parents: list[ast.AST]) -> bool:
    for below, parent in itertools.pairwise(parents):
        if isinstance(parent, ast.keyword) and parent.arg == "shell":
            return True
        if isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "Spelled" and below in parent.args[1:]:
            return True
    return False


def hints(source: str) -> Iterator[tuple[int, str]]:
    """Give the texts that stand in an error or its hint, or in a constant of a module, and have one spelling."""
    for line, text, parents in _texts(source):
        if "Spelled" not in _calls(parents) and _is_a_hint(parents):
            yield line, text


def _is_a_hint(parents: list[ast.AST]) -> bool:
    calls = _calls(parents)
    is_hint = any(
        (isinstance(each, ast.keyword) and each.arg == "hint")
        or (isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "hint")
        for each in parents
    )
    is_constant = isinstance(parents[-2], ast.Assign) and not calls
    return is_hint or is_constant or bool(calls & set(errors.__all__))


def _calls(parents: list[ast.AST]) -> set[str]:
    return {_called(each) for each in parents if isinstance(each, ast.Call)}


@functools.cache
def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).partition(".")[0]


@functools.cache
def command_names() -> frozenset[str]:
    return frozenset(str(each.name) for each in listing().registered_commands)


def commands_in(source: str) -> list[str]:
    """Find the commands that a message names to a caller in Python."""
    return [
        f"{line}: {found[0]}"
        for line, text, parents in _texts(source)
        if _is_a_hint(parents) and not _is_for_a_shell(parents)
        for found in COMMAND.finditer(text)
        if found[1] in command_names()
    ]


def python_in(source: str) -> list[str]:
    own = set(scheme_names())
    return [
        f"{line}: {found[0]}"
        for line, text in hints(source)
        for found in PYTHON.finditer(text)
        if found[1] not in own and "<" not in text and "(?:" not in text  # neither a page nor a pattern
    ]


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


def test_no_hint_that_reaches_a_shell_speaks_python_alone() -> None:
    reached = [name for name in SOURCES if not name.startswith(NEVER_CALLED)]
    found = {name: python_in((source_folder() / name).read_text("utf-8")) for name in reached}

    assert len(reached) > 350
    assert {name: each for name, each in found.items() if each} == {}
    assert [each for each in NEVER_CALLED if not (source_folder() / each).exists()] == []


def test_no_hint_sends_a_caller_in_python_to_a_shell() -> None:
    found = {name: commands_in((source_folder() / name).read_text("utf-8")) for name in SOURCES}

    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused("x", hint="sealscrub audit verify says where.")',
        'raise ConfigError(f"{x}: run `sealscrub taint`")',
        'HINT = Spelled("sealscrub roster show lists them.", "sealscrub roster show lists them.")',
        'def f():\n    hint = "fix them: sealscrub registry history."',
    ],
)
def test_a_command_is_found(source: str) -> None:
    assert len(commands_in(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused("x", hint=Spelled("verify_log says where.", "sealscrub audit verify says where."))',
        'raise Refused("this is not a sealscrub receipt")',
        'raise Refused("this sealscrub reads 3")',
    ],
)
def test_what_names_no_command_to_a_caller_is_none(source: str) -> None:
    assert commands_in(source) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused("x", hint="Policy(quarantine=True) leaves it out.")',
        'raise LowCoverage(f"{x} in on=")',
        "HINT = \"say partitioning='hive'\"",
        'STEPS = {"ORACLE": "guard(…, known=ids)"}',
        'error = ConfigError.of("x", hint=f"derived={{{name}}}")',
    ],
)
def test_python_is_found(source: str) -> None:
    assert python_in(source) != []


@pytest.mark.parametrize(
    "source",
    [
        'raise Refused("x", hint=Spelled("Policy(quarantine=True)", "--quarantine FILE"))',
        'raise SchemeError("x", hint="use person_arrest=NYSID+ARREST_DATE")',
        'raise Refused(f"{x} (of {y})", hint="a column (of texts).")',
        'PATTERN = re.compile("tz=")',
        'def f():\n    """As with on=."""\n    return "a=b"',
    ],
)
def test_what_is_not_python_alone_is_none(source: str) -> None:
    assert python_in(source) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise ConfigError("x", hint="add --replace.")',
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
        'raise ConfigError("x", hint=Spelled("replace=True", "add --replace."))',
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
