"""Nothing that can be seen shows a value of a sealed row.

``canary/watch.py`` says what is planted and where it is looked for, ``canary/world.py`` where it is planted, and the
drives call every public function and every command, as they succeed and as they fail.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import logging
import os
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from types import CodeType

import pytest
import typer

from sealscrub.cli.application import build

from ..lineage.tracking import empty_store
from . import canary
from .canary.driving import Driven, driven_within
from .canary.watch import PAYLOAD, SEALED, found_in, watch
from .canary.world import World
from .source_tree import PACKAGE
from .test_exports import ROOMS

_FIRST = ("identifiers", "registry", "transforms", "plans", "models", "command_line", "nullity")
"""What the drives after them build upon; the others follow by name."""
_BY_OTHERS = {
    *("command_line.audits", "command_line.data_commands", "command_line.plan_commands", "filters_serving.failures"),
    *("icebergs.icebergs", "links.link_commands", "models.fits", "narratives.processes", "nullity.nullity_command"),
    *("plans.failing_plans", "reach.nulled_values", "reach.rows_without_a_key", "transforms.frames"),
}
"""Long drives of names that others drive as well: what runs in them is not noted, which takes a fifth of their time."""


def _drives() -> Iterator[Callable[[World], Iterator[Callable[[], object]]]]:
    found = {module.name.removeprefix("drives_") for module in pkgutil.iter_modules(canary.__path__)}
    found -= {"driving", "watch", "world"}
    for name in (*_FIRST, *sorted(found - set(_FIRST))):
        yield from importlib.import_module(f"{canary.__name__}.drives_{name}").DRIVES


def _is_noted(drive: Callable[..., object]) -> bool:
    return _name_of(drive) not in _BY_OTHERS


def _name_of(drive: Callable[..., object]) -> str:
    return f"{drive.__module__.rpartition('drives_')[2]}.{drive.__name__}"


def test_the_long_drives_are_there() -> None:
    assert {*map(_name_of, _drives())} >= _BY_OTHERS


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    empty_store()  # outside of the folder that is watched
    with driven_within(tmp_path_factory.mktemp("canary"), tuple(_drives()), _is_noted) as driven:
        yield driven


def test_nothing_shows_a_canary(driven: Driven) -> None:
    assert driven.calls > 400
    assert driven.leaks == []


def test_every_error_is_ours(driven: Driven) -> None:
    assert driven.unforeseen == []


def test_no_file_holds_a_canary_but_those_that_must(driven: Driven) -> None:
    assert driven.leaking_files() == []


def test_no_temporary_file_is_left(driven: Driven) -> None:
    assert driven.files_left() == []


def public_code() -> dict[str, CodeType]:
    """Every public function, method, property and command of ours, with its code."""
    found: dict[str, CodeType] = {}
    for room in (*ROOMS, "sealscrub.transforms.sklearn"):
        if room in ("sealscrub.boundary", "sealscrub.tables"):  # for the other rooms alone
            continue
        module = importlib.import_module(room)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value):
                found |= {f"{room}.{name}.{each}": code for each, code in _code_of_class(value)}
            elif inspect.isfunction(value):
                found[f"{room}.{name}"] = inspect.unwrap(value).__code__
    return found | {f"command {name}": function.__code__ for name, function in _commands()}


def _code_of_class(kind: type) -> Iterator[tuple[str, CodeType]]:
    ours_alone = [each for each in kind.__mro__ if each.__module__.startswith(PACKAGE)]
    for name in dict.fromkeys(name for each in ours_alone for name in vars(each)):
        member = inspect.getattr_static(kind, name)
        inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
        ours = inspect.isfunction(inner) and inner.__code__.co_filename.endswith(".py")
        if ours and (not name.startswith("_") or name == "__repr__") and not issubclass(kind, enum.Enum):
            code = inspect.unwrap(inner).__code__
            if code.co_filename.endswith(".py"):  # a dataclass writes its own repr, of the fields that drives show
                yield name, code


def _commands(app: typer.Typer | None = None, prefix: str = "") -> Iterator[tuple[str, Callable[..., object]]]:
    app = build() if app is None else app
    for command in app.registered_commands:
        assert command.callback is not None
        yield f"{prefix}{command.name}", command.callback
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from _commands(group.typer_instance, f"{prefix}{group.name} ")


def test_every_public_name_is_driven(driven: Driven) -> None:
    """A new public function or command joins a drive, or this fails."""
    public = public_code()

    assert len(public) > 100
    missing = sorted(name for name, code in public.items() if code not in driven.ran)
    assert not missing, f"not driven: {', '.join(missing)}"


class _Carrier:
    def __init__(self) -> None:
        self.value = PAYLOAD

    def __repr__(self) -> str:
        return "_Carrier()"


def _raise(error: BaseException, cause: BaseException | None = None) -> None:
    raise error from cause


def _raise_within(error: BaseException) -> None:
    try:
        raise ValueError(PAYLOAD)
    except ValueError:
        raise error  # noqa: B904 - the fault


def _raise_instead(first: BaseException, then: BaseException) -> None:
    try:
        raise first
    except BaseException:
        raise then from None


def _write_beneath() -> None:
    os.write(2, SEALED.encode())


LEAKY: dict[str, Callable[[], object]] = {
    "a message": lambda: _raise(ValueError(f"no number {SEALED.lower()}")),
    "an argument": lambda: _raise(KeyError((PAYLOAD,))),
    "a cause": lambda: _raise(KeyError("x"), ValueError(PAYLOAD)),
    "a context": lambda: _raise_within(KeyError("x")),
    "an attribute": lambda: _raise(_with_attribute()),
    "an object": lambda: _raise(AttributeError("x", obj=PAYLOAD)),
    "a hidden context": lambda: _raise_instead(ValueError(PAYLOAD), KeyError("x")),
    "a frame": lambda: _raise_holding_a_row(),
    "a result": lambda: {"a": [SEALED]},
    "a hyphened result": lambda: "K14-618-033",
    "a pickle": lambda: _Carrier(),
    "a log": lambda: logging.getLogger("made.up").debug("row %s", PAYLOAD),
    "a warning": lambda: warnings.warn(PAYLOAD, UserWarning, stacklevel=1),
    "stdout": lambda: print(SEALED),
    "a write beneath Python": _write_beneath,
}


def _raise_holding_a_row() -> None:
    names = {"__name__": "sealscrub.made_up"}
    exec(f"def fail():\n    row = {PAYLOAD!r}\n    raise ValueError('nothing')", names)  # noqa: S102
    names["fail"]()


def _with_attribute() -> Exception:
    error = ValueError("nothing")
    error.row = PAYLOAD
    return error


@pytest.mark.parametrize("call", LEAKY.values(), ids=LEAKY)
def test_a_leak_is_seen(call: Callable[[], object]) -> None:
    assert watch(call).leaks()


def test_a_leak_is_seen_in_any_spelling() -> None:
    assert found_in("k14 618 033") == ["14618033"]
    assert found_in("k14%20618%20033") == ["14618033"]
    assert found_in(PAYLOAD.encode("utf-16-le")) == ["QUILLFEATHER"]
    assert found_in("nothing of the kind") == []
