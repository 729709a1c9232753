"""A number that a command cannot use is refused by the parser, which names the option."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from typer.models import ArgumentInfo

from .conftest import Ended
from .reference import COMMANDS, MAKER
from .test_options import _command, _needed

Run = Callable[..., Ended]
FUNCTIONS = dict(MAKER.commands())


def numbers() -> Iterator[tuple[str, str, Any]]:
    """Every option and argument of every command that takes a number, with its declaration."""
    for command in COMMANDS:
        for names, kind, info, _ in MAKER.parameters(FUNCTIONS[command]):
            if {int, float} & {kind, *get_args(kind)}:
                yield command, names[0], info


OUTSIDE = [
    (command, name, outside)
    for command, name, info in numbers()
    for outside in (
        *(() if info.min is None else (info.min - 1,)),
        *(() if info.max is None else (info.max + 1,)),
    )
]


def test_every_number_has_a_bound() -> None:
    assert [(command, name) for command, name, info in numbers() if info.min is None] == []
    assert len(OUTSIDE) > 50


@pytest.mark.parametrize(("command", "name", "outside"), OUTSIDE)
def test_a_number_outside_its_bound_is_refused_by_its_name(
    sealscrub: Run, command: str, name: str, outside: float
) -> None:
    if name.startswith("-"):
        words = [name, str(outside), *_needed(_command(command), {name})]
    else:
        arguments = [part for part in MAKER.parameters(FUNCTIONS[command]) if isinstance(part[2], ArgumentInfo)]
        at = [names[0] for names, *_ in arguments].index(name)
        words = ["--", *("1" if int in (part[1], *get_args(part[1])) else "absent" for part in arguments[:at])]
        words.append(str(outside))

    ended = sealscrub(*command.split()[1:], *words)

    assert (ended.code, ended.out) == (2, "")
    said = ended.err.lower()
    assert any(f"invalid value for '{given}'" in said for given in (name.lower(), f"[{name.lower()}]"))
