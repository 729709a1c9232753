"""The reference of the command line is what ``--help`` says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest
import typer

from sealscrub.cli.application import build

from .conftest import Ended
from .reference import COMMANDS, FOLDER, MAKER, options_of

Run = Callable[..., Ended]
PAGE = (FOLDER / "command-line.md").read_text("utf-8")


def test_the_page_is_up_to_date(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-goldens"):
        (FOLDER / "command-line.md").write_text(MAKER.page(), "utf-8")
        return

    assert MAKER.page() == PAGE, "run: python docs/reference/make_command_line.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_help_is_documented(sealscrub: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    section = PAGE.split(f"\n## {command}\n")[1].split("\n## ")[0]
    listed = sealscrub(*command.split()[1:], "--help").out
    shown = set(re.findall(r"^[│|* ]*(--[a-z-]+)", listed, flags=re.MULTILINE)) - {"--help"}

    assert shown <= set(options_of(command))
    assert [option for option in shown if f"`{option}`" not in section] == []


def test_every_command_of_help_is_documented(sealscrub: Run) -> None:
    groups = {name.split()[1] for name in COMMANDS}
    names = _listed(sealscrub("--help").out)

    assert names == groups
    assert {f"sealscrub registry {name}" for name in _listed(sealscrub("registry", "--help").out)} == {
        name for name in COMMANDS if name.startswith("sealscrub registry")
    }


def _examples() -> list[str]:
    text = re.sub(r"\\\n\s*", " ", PAGE)
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ sealscrub ")]


def test_every_command_has_an_example() -> None:
    sections = {name for name in COMMANDS if f"$ {name} " in f"{PAGE} " or f"$ {name}\n" in PAGE}

    assert sections == set(COMMANDS)


@pytest.fixture(scope="module")
def root() -> Any:
    return typer.main.get_command(build())


@pytest.mark.parametrize("example", _examples())
def test_an_example_is_read_as_its_command_reads_options(example: str, root: Any) -> None:
    command, words = root, shlex.split(re.split(r" [|>] ", example)[0])[1:]
    context = typer.Context(command, info_name="sealscrub")
    while groups := getattr(command, "commands", None):
        command = groups[words.pop(0)]
        context = typer.Context(command, parent=context)

    asked_for = [option.opts[0] for option in command.params if getattr(option, "prompt", None)]
    words += [word for option in asked_for for word in (option, "K14612345")]

    try:
        command.parse_args(context, words)
    except typer.BadParameter as error:
        if "does not exist" not in error.message:  # its files are nobody's
            raise


def _listed(text: str) -> set[str]:
    commands = text.split("Commands", 1)[1]
    return set(re.findall(r"^[│|] ([a-z-]+) ", commands, flags=re.MULTILINE))
