"""What every command's options have in common: one name is one thing, and what does not apply is refused."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from typer.models import OptionInfo

from sealscrub.cli.application import build, listing
from sealscrub.cli.declarations import Condition, addresses_of, conditions_of

from .conftest import Ended
from .reference import COMMANDS, MAKER

Run = Callable[..., Ended]
FUNCTIONS = dict(MAKER.commands())
PROGRAM: Any = typer.main.get_command(build())

DIFFER = {
    "--output": "what is written differs, and so does where it goes by default",
    "--data": "what the data is for differs; where a function takes several tables, there are several",
    "--index": "key rotate publishes several again",
    "--on": "check-nullity names tables beside columns, and guard places in JSON",
    "--plan": "refresh-report names several, to be listed",
    "--use": "publish makes an index for several uses",
    "--accept": "a model has no rows and no key columns: near values are all that can be accepted in it",
    "--annex-key": "linkage opens extracts by it, for which linking is purpose enough",
    "--seed": "what linkage draws and trains starts from 1",
    "--sample": "audit report draws acts, and link bound seals",
    "--min-recall": "audit-model has no other option of the panel of strictness",
    "--recall-alpha": "as --min-recall",
    "--as-of": "registry derive needs the day that is asked about",
}
"""Options that two commands take in another way, and why."""
MAY_BE_ADDRESSES = {
    ("sealscrub aggregate", "events"),
    ("sealscrub audit-model", "rows"),
    ("sealscrub expectations run", "data"),
    ("sealscrub guard", "known"),
    ("sealscrub guard-check", "data"),
    ("sealscrub init", "data"),
    ("sealscrub key rotate", "data"),
    ("sealscrub link bound", "frame"),
    ("sealscrub link bound", "groups"),
    ("sealscrub plan init", "folder"),
    ("sealscrub scrub", "output"),
}
"""What may also be a table's, or where the command says itself that it reads files alone."""
TYPED_IN_IT = "correct-horse"
ADDRESSES = (
    *("delta:made.parquet", "iceberg:made.html", "sqlite:made.csv", "duckdb:made.json", "made.sqlite#made"),
    *(f"postgresql://clerk:{TYPED_IN_IT}@host/made.csv", "postgres://host/made", "postgresql+psycopg://host/made"),
)


def _declared() -> Iterator[tuple[str, str, Any, OptionInfo, object]]:
    for command in COMMANDS:
        for names, kind, info, default in MAKER.parameters(FUNCTIONS[command]):
            if isinstance(info, OptionInfo):
                yield command, names[0], kind, info, default


def _plain_help(command: str, info: OptionInfo) -> str:
    """The help, without when it applies, which follows from the command's declarations."""
    said = info.help or ""
    for conditions in conditions_of(FUNCTIONS[command]).values():
        for each in conditions:
            said = said.replace(each.said, "")
    return said.strip()


@pytest.mark.parametrize("option", sorted({name for _, name, *_ in _declared()} - set(DIFFER)))
def test_what_two_commands_call_by_one_name_is_one_thing(option: str) -> None:
    found = {
        (
            str({part for part in get_args(kind) or (kind,) if part is not type(None)}),
            info.metavar,
            _plain_help(command, info),
            info.envvar,
            info.rich_help_panel,
        )
        for command, name, kind, info, _ in _declared()
        if name == option
    }
    defaults = {
        default for _, name, _, _, default in _declared() if name == option and default is not MAKER.inspect._empty
    }

    assert len(found) == 1, found
    assert len(defaults) <= 1


def test_every_reason_is_needed() -> None:
    assert {name for _, name, *_ in _declared()} >= set(DIFFER)


def _misuses() -> Iterator[tuple[str, str, str | None]]:
    """Each command with each option that has a condition, and an option with which it does not apply."""
    for command in COMMANDS:
        spelled = _spelled(command)
        for name, conditions in conditions_of(FUNCTIONS[command]).items():
            for each in conditions:
                for other in (None,) if each.wanted else each.others:
                    yield command, spelled[name], other


def _spelled(command: str) -> dict[str, str]:
    return {each.name: each.opts[0] for each in _command(command).params if each.name}


def _command(name: str) -> Any:
    found = PROGRAM
    for word in name.split()[1:]:
        found = found.commands[word]
    return found


def _words(parameter: Any) -> list[str]:
    """A parameter with a value that its type takes."""
    described = getattr(parameter, "type_descriptor", None)  # before typer 0.27 a type of click's
    kind = str(described.annotation) if described is not None else parameter.type.name
    if getattr(parameter, "is_flag", False):
        return [parameter.opts[0]]
    values = {"int": "3", "float": "0.5", "datetime": "2026-01-01", "ReportFormat": "json"}
    value = next((value for part, value in values.items() if part in kind), "absent")
    if "Literal" in kind:
        value = kind.split("'")[-2]
    if kind == "choice":
        value = str(getattr(parameter.type.choices[0], "value", parameter.type.choices[0]))
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]


def _needed(command: Any, but: set[str]) -> list[str]:
    required = [each for each in command.params if each.required and each.opts[0] not in but]
    asked = [each for each in command.params if getattr(each, "prompt", None)]
    return [word for each in (*required, *asked) for word in _words(each)]


@pytest.mark.parametrize(("command", "option", "other"), [*_misuses()])
def test_an_option_that_does_not_apply_is_an_error_with_a_hint(
    sealscrub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, option: str, other: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SEALSCRUB_INDEX", "SEALSCRUB_KEY_FILE", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    made = _command(command)
    by_name = {name: each for each in made.params for name in (*each.opts, *each.secondary_opts)}
    words = _needed(made, {option, *([other] if other else [])})
    words += _words(by_name[option])
    if other is not None:
        words += [other] if getattr(by_name[other], "is_flag", False) else _words(by_name[other])

    ended = sealscrub(*command.split()[1:], *words)

    assert ended.code == 2
    assert " applies only with " in ended.err or " does not apply with " in ended.err
    assert "Hint: " in ended.err
    assert list(tmp_path.iterdir()) == []


def _paths() -> Iterator[tuple[str, str]]:
    """Each command with each option and argument that is a path."""
    for command in COMMANDS:
        for each in MAKER.inspect.signature(FUNCTIONS[command]).parameters.values():
            if "pathlib.Path" in str(get_args(each.annotation)[:1]) and each.name:
                yield command, each.name


def test_what_may_be_the_address_of_a_table_is_listed() -> None:
    assert {(command, name) for command in COMMANDS for name in addresses_of(FUNCTIONS[command])} == MAY_BE_ADDRESSES


@pytest.mark.parametrize(("command", "name"), sorted({*_paths()} - MAY_BE_ADDRESSES))
def test_the_address_of_a_table_is_not_taken_for_a_file(
    sealscrub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, name: str
) -> None:
    """Before anything is read or written, and what is said shows no password of it."""
    monkeypatch.chdir(tmp_path)
    made = _command(command)
    (asked,) = (each for each in made.params if each.name == name)
    for address in ADDRESSES:
        words = {each.name: _words(each) for each in made.params if each.required or each is asked}
        words[name][-1] = address

        ended = sealscrub(*command.split()[1:], *(word for each in words.values() for word in each))

        assert ended.code == 2
        assert "is the address of a table or of a database" in ended.err
        assert "Hint: name a file or a folder" in ended.err
        assert TYPED_IN_IT not in ended.err
        assert list(tmp_path.iterdir()) == []


def test_the_index_and_its_key_may_be_named_by_the_environment(
    world: Path, sealscrub: Run, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed counts first."""
    named = dict(zip(options[::2], options[1::2], strict=True))
    on = ["found.csv", "--on", named["--on"]]
    typed = sealscrub("scan", "found.csv", *options)
    monkeypatch.setenv("SEALSCRUB_INDEX", named["--index"])
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", named["--key-file"])

    by_environment = sealscrub("scan", *on)
    typed_first = sealscrub("scan", *on, "--index", "absent")

    assert by_environment == typed
    assert typed_first.code == 2
    assert "absent" in typed_first.err


def test_every_index_and_key_that_is_read_has_its_variable() -> None:
    variables = {"--index": "SEALSCRUB_INDEX", "--key-file": "SEALSCRUB_KEY_FILE"}
    found = {(command, name): info.envvar for command, name, _, info, _ in _declared() if name in variables}

    # rotation publishes several indexes again, with a key of its own
    assert {key for key, variable in found.items() if variable != variables[key[1]]} == {
        ("sealscrub key rotate", "--index")
    }


FORMER = [
    (command, old, new) for command in COMMANDS for old, new in getattr(FUNCTIONS[command], "__former__", {}).items()
]


@pytest.mark.parametrize(("command", "old", "new"), FORMER)
@pytest.mark.parametrize("typed", ["{}", "{}=x"])
def test_an_earlier_name_of_an_option_is_refused_with_the_new_one(
    sealscrub: Run, command: str, old: str, new: str, typed: str
) -> None:
    ended = sealscrub(*command.split()[1:], typed.format(old))

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: {old} is called {new} now\nHint: write {new}.\n"


def test_an_earlier_name_is_no_option_of_its_command_and_the_new_one_is() -> None:
    for command, old, new in FORMER:
        known = {name for each in _command(command).params for name in (*each.opts, *each.secondary_opts)}
        assert (old in known, new in known) == (False, True), command
    assert {old for _, old, _ in FORMER} >= {"--to", "--page", "--against", "--nullity", "--key-file", "--vocabulary"}


def test_what_lists_the_commands_lists_all_in_order_and_says_what_they_do(sealscrub: Run) -> None:
    listed: Any = typer.main.get_command(listing())

    assert {*listed.commands} == {*PROGRAM.commands}
    for name, each in listed.commands.items():
        assert each.get_short_help_str(200) == PROGRAM.commands[name].get_short_help_str(200)
    assert sealscrub("--help").out.rstrip() == sealscrub().out.rstrip()


def test_every_condition_names_options_of_its_command() -> None:
    for command in COMMANDS:
        known = {name for each in _command(command).params for name in (*each.opts, *each.secondary_opts)}
        for conditions in conditions_of(FUNCTIONS[command]).values():
            for each in conditions:
                assert isinstance(each, Condition)
                assert set(each.others) <= known, command


def test_a_number_has_a_lower_bound() -> None:
    numbers = [
        (command, names[0], info.min)
        for command in COMMANDS
        for names, kind, info, _ in MAKER.parameters(FUNCTIONS[command])
        if {int, float} & {kind, *get_args(kind)}
    ]

    assert len(numbers) > 30
    assert [each for each in numbers if each[2] is None] == []


@pytest.mark.parametrize(
    "words", ["scan found.csv --min-epoch -1", "registry changes seals.db -- -1", "guard-check --k 0"]
)
def test_a_number_below_its_bound_is_refused(sealscrub: Run, words: str) -> None:
    ended = sealscrub(*words.split())

    assert (ended.code, "Invalid value for" in ended.err) == (2, True), ended


WRONG = {
    "--min-recall": "7", "--recall-alpha": "7",
    "--min-epoch": "99999", "--allow": "bogus", "--accept": "bogus", "--min-coverage": "7", "--max-unparsable": "7",
    "--quoting": "bogus", "--input-format": "bogus", "--delimiter": "ab", "--encoding": "bogus", "--format": "bogus",
    "--report": "report.docx", "--use": "bogus", "--null-columns": "absent", "--set": "bogus",
    "--on": "bogus=arrest_no", "--index": "absent", "--key-file": "absent", "--root": "absent", "--since": "absent",
    "--jobs": "0", "--quarantine": "absent/aside.csv", "--audit-log": "absent", "--schemes": "absent",
    "--plan": "absent", "--keep-levels": "absent",
    "--leave": "absent=none", "--accept-marks": "absent", "--output": "absent/deep/out",
    "--narrative": "absent", "--null-elsewhere": "absent", "--names": "absent", "--rewrite": "bogus",
    "--orphans-older-than": "bogus", "--engine": "bogus", "--master": "bogus",
}  # fmt: skip
"""A value of each option with which nothing can be done."""
SHOWS_LATER = {"--allow-python", "--allow-database", "--keep-metadata"}
"""What counts only for a plan or a file that needs it."""
PLAN = """\
version = 1
index = "example.sealindex"
key_file = "example.key"

[tables.arrests]
source = "found.csv"
keys = { arrest_number = "arrest_no" }
independent = "the arrest"
"""


def _valued(command: str) -> list[str]:
    found = _command(f"sealscrub {command}").params
    return [each.opts[0] for each in found if each.param_type_name == "option" and not each.is_flag]


@pytest.mark.parametrize("by_plan", [False, True], ids=["files", "a plan"])
@pytest.mark.parametrize(
    ("command", "option"),
    [(command, option) for command in ("scan", "scrub") for option in _valued(command) if option not in SHOWS_LATER],
)
def test_no_option_is_ignored(
    world: Path, sealscrub: Run, options: list[str], command: str, option: str, by_plan: bool
) -> None:
    (world / "sealscrub.toml").write_text(PLAN)
    words = ["--plan", "sealscrub.toml"] if by_plan else ["found.csv", *options]
    words += ["--output", "out" if by_plan else "out.csv"] if command == "scrub" else []
    usual = sealscrub(command, *words)
    at = words.index(option) if option in words else None
    if at is not None:
        del words[at : at + 2]

    ended = sealscrub(command, *words, option, WRONG[option])

    assert ended.code in (2, 3)
    assert "error: " in ended.err or "Error: " in ended.err
    assert ended.err != usual.err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sealscrub sc", {"scan", "scrub", "schemes"}),
        ("sealscrub registry h", {"history"}),
        ("sealscrub scan --quo", {"--quoting"}),
        ("sealscrub scan --quoting ", {"minimal", "none"}),
        ("sealscrub taint --format j", {"json", "junit"}),
        ("sealscrub publish --audience p", {"police", "prosecutor"}),
    ],
)
def test_a_shell_completes_commands_options_and_values(typed: str, offered: set[str]) -> None:
    at = len(typed.split()) - (not typed.endswith(" "))
    asked = {"_SEALSCRUB_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(at)}

    ended = subprocess.run(
        [sys.executable, "-m", "sealscrub"], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0
    assert set(ended.stdout.split()) == offered


def _on_a_terminal(words: list[str], **environment: str) -> str:
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    run = subprocess.run(
        [sys.executable, "-m", "sealscrub", *words], env={**plain, **environment}, stdout=theirs, check=False
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", closefd=True) as read:
        said = read.read1(65536).decode()
    assert run.returncode in (0, 1)
    return said


@pytest.mark.parametrize(("file", "colour"), [("clean.csv", "\x1b[1;32m"), ("found.csv", "\x1b[1;31m")])
def test_a_verdict_has_colour_on_a_terminal_alone(
    world: Path, sealscrub: Run, options: list[str], file: str, colour: str
) -> None:
    words = ["scan", file, *options]

    assert _on_a_terminal(words).startswith(colour)
    assert "\x1b" not in sealscrub(*words).out


def test_a_verdict_has_no_colour_where_none_is_wanted(world: Path, options: list[str]) -> None:
    assert "\x1b" not in _on_a_terminal(["scan", "found.csv", *options], NO_COLOR="1")


@pytest.mark.parametrize(
    ("command", "headings"),
    [
        ("scan", {"Plans", "Strictness", "Text files", "Report"}),
        ("scrub", {"Plans", "Strictness", "Text files", "Report", "Custody"}),
        ("registry seals", {"Custody", "Report"}),
    ],
)
def test_options_stand_under_the_heading_of_whom_they_are_for(sealscrub: Run, command: str, headings: set[str]) -> None:
    shown = sealscrub(*command.split(), "--help").out

    assert {line.split()[1] for line in shown.splitlines() if line.startswith("╭")} >= {
        heading.split()[0] for heading in headings
    }
