"""Write ``command-line.md`` from the commands themselves: ``python docs/reference/make_command_line.py``."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import types
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo, ParameterInfo

from sealscrub.cli.application import build

_HEAD = """# Command line

<!-- written by docs/reference/make_command_line.py: change the commands, and run it -->

`sealscrub COMMAND --help` says the same. What a command makes goes to files and standard output; what it has to say
goes to standard error. `sealscrub --version` prints the version.

| exit code | means |
|---|---|
| 0 | clean and complete; `scrub`: the target is written, whatever was removed; `check-nullity`, `guard-check`: PASS |
| 1 | `scan` found sealed or withheld records, complete or not; `check-nullity`, `guard-check`: they show |
| 2 | wrong use or configuration: an option, a key file, an index that is expired, wrongly keyed or not for this |
| 3 | could not finish or could not check: unreadable input, near or unparsable keys, too little coverage, a full disk |
| 130 | interrupted with Ctrl-C; the target is as it was |
"""

_SHARED = """## Shared options

They mean the same in every command that names them. A number is 0 or more, here and in every command, if nothing
else is said.
"""
_SHARED_BY = 4
"""Commands that have an option with the same words, from which on these stand once."""
_EXAMPLE = "<!-- no-run: names files that do not exist; a test reads its options as the command does -->"


def page() -> str:
    """Give the page's text."""
    rows = {name: [_row(*parameter) for parameter in parameters(function)] for name, function in commands()}
    times = Counter(row for each in rows.values() for row in each)
    often = [row for row, count in times.most_common() if count >= _SHARED_BY and _is_option(row)]
    shared = {_named(row): row for row in reversed(often)}  # of two that have one name the more frequent one
    parts = [_HEAD, "\n".join([_SHARED, *_table("option", sorted(shared.values()))])]
    for name, function in commands():
        parts.append(_section(name, function, rows[name], set(shared.values())))
    return "\n".join(parts)


def _is_option(row: str) -> bool:
    return row.startswith("| `--")


def _named(row: str) -> str:
    return row.split(" | ")[0].removeprefix("| ")


def _table(title: str, rows: list[str]) -> list[str]:
    return [f"| {title} | value | default | |", "|---|---|---|---|", *rows, ""] if rows else []


def commands(app: typer.Typer | None = None, prefix: str = "sealscrub") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give every command with its whole name and the function behind it, in the order of ``--help``."""
    app = app or build()
    for command in app.registered_commands:
        if command.callback is not None:
            yield f"{prefix} {command.name}", command.callback
    for group in app.registered_groups:
        if group.typer_instance is not None:
            yield from commands(group.typer_instance, f"{prefix} {group.name}")


def _section(name: str, function: Callable[..., Any], rows: list[str], shared: set[str]) -> str:
    paragraphs = [" ".join(part.split()) for part in (inspect.getdoc(function) or "").split("\n\n")]
    prose = [part for part in paragraphs if not part.startswith("Example")]
    examples = [line for part in paragraphs if part.startswith("Example") for line in _examples(part)]
    arguments, options = ([row for row in rows if _is_option(row) is flag] for flag in (False, True))
    own = [row for row in options if row not in shared]
    also = ", ".join(_named(row) for row in options if row in shared)
    lines = [f"## {name}", ""]
    lines += [line for part in prose for line in (part, "")]
    lines += [_EXAMPLE, "```console", *(f"$ {example}" for example in examples), "```", ""] if examples else []
    lines += [*_table("argument", arguments), *_table("option", own)]
    lines += [f"[Shared](#shared-options): {also}.", ""] if also else []
    return "\n".join(lines)


def _examples(paragraph: str) -> list[str]:
    return re.sub(r"^Examples?: ", "", paragraph).split(" · ")


def parameters(function: Callable[..., Any]) -> Iterator[tuple[list[str], Any, ParameterInfo, object]]:
    """Give the names, the type, the declaration and the default of every parameter of a command."""
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        if hints[name] is typer.Context:
            continue
        kind, *declared = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (hints[name],)
        (info,) = [each for each in declared if isinstance(each, ArgumentInfo | OptionInfo)]
        yield _names(name, info), kind, info, parameter.default


def _names(name: str, info: ParameterInfo) -> list[str]:
    if isinstance(info, ArgumentInfo):
        return [(info.metavar or name).upper()]
    # typer reads the first name of an annotated option as its default, until it builds the command
    declared = [each for each in (info.default, *(info.param_decls or ())) if str(each).startswith("-")]
    declared = [each for part in declared for each in str(part).split("/")]
    return sorted(declared, key=len, reverse=True) or [f"--{name.replace('_', '-')}"]


def _row(names: list[str], kind: Any, info: ParameterInfo, default: object) -> str:
    shown = ", ".join(f"`{name}`" for name in names)
    return f"| {shown} | {_cell(_value(kind, info))} | {_cell(_default(default))} | {_cell(_meaning(info))} |"


def _value(kind: Any, info: ParameterInfo) -> str:
    if kind is bool or bool in get_args(kind):
        return ""
    if info.metavar and isinstance(info, OptionInfo):
        return info.metavar
    several = get_origin(kind) is list or any(get_origin(part) is list for part in get_args(kind))
    return _type_name(kind) + _bound(info) + (" …" if several else "")


def _bound(info: ParameterInfo) -> str:
    """Say in which range a number is, if another than the usual: 0 or more."""
    least = f", {info.min} or more" if info.min else ""
    return least + (f", at most {info.max}" if info.max is not None else "")


def _type_name(kind: Any) -> str:
    if get_origin(kind) in (list, types.UnionType, typing.Union):
        return _type_name(next(part for part in get_args(kind) if part is not type(None)))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(kind)
    if get_origin(kind) is Literal:
        return " or ".join(get_args(kind))
    return {Path: "file", int: "number", float: "number", str: "text", dt.datetime: "YYYY-MM-DD"}[kind]


def _default(default: object) -> str:
    if default is inspect.Parameter.empty:
        return "required"
    return "" if default is None or default is False else f"`{default}`"


def _meaning(info: ParameterInfo) -> str:
    more = f" Or the environment variable `{info.envvar}`." if info.envvar else ""
    return (info.help or "") + more


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(__file__).with_name("command-line.md").write_text(page(), "utf-8")
