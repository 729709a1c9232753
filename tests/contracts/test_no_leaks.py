"""Nothing that can be seen shows a value of a sealed row (design.md §6, Messages).

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
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import pytest

from sealscrub.cli import build

from . import canary
from .canary.watch import KNOWN, PAYLOAD, SEALED, SEALED_ONLY, found_in, found_in_file, watch
from .canary.world import World
from .source_tree import PACKAGE
from .test_exports import ROOMS

_FIRST = ("identifiers", "registry", "transforms", "plans", "models", "command_line", "nullity")
"""What the drives after them build upon; the others follow by name."""


def _drives() -> Iterator[Callable[[World], Iterator[Callable[[], object]]]]:
    found = {module.name.removeprefix("drives_") for module in pkgutil.iter_modules(canary.__path__)}
    found -= {"watch", "world"}
    for name in (*_FIRST, *sorted(found - set(_FIRST))):
        yield from importlib.import_module(f"{canary.__name__}.drives_{name}").DRIVES


DRIVES = tuple(_drives())


@dataclass
class Driven:
    """What all the drives gave to be seen, and which code ran."""

    world: World
    leaks: list[str] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)
    ran: set[CodeType] = field(default_factory=set)
    calls: int = 0


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    root = tmp_path_factory.mktemp("canary")
    kept_folder, kept_place, kept_name = tempfile.tempdir, Path.cwd(), os.environ.get("TMPDIR")
    world = World(root)
    tempfile.tempdir = os.environ["TMPDIR"] = str(root / "tmp")
    os.chdir(root / "made")
    try:
        yield _drive(world)
    finally:
        os.chdir(kept_place)
        tempfile.tempdir = kept_folder
        os.environ.pop("TMPDIR") if kept_name is None else os.environ.update(TMPDIR=kept_name)


def _drive(world: World) -> Driven:
    done = Driven(world)

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            done.ran.add(frame.f_code)

    threading.settrace(note)
    sys.settrace(note)
    try:
        for drive in DRIVES:
            for number, call in enumerate(drive(world)):
                seen = watch(call)
                done.calls += 1
                done.leaks += [f"{drive.__name__} {number}: {leak}" for leak in seen.leaks()]
                if seen.error is not None and not type(seen.error).__module__.startswith(PACKAGE):
                    done.unforeseen.append(f"{drive.__name__} {number}: {seen.error!r}")
    finally:
        sys.settrace(None)
        threading.settrace(None)
    return done


def test_nothing_shows_a_canary(driven: Driven) -> None:
    assert driven.calls > 400
    assert driven.leaks == []


FORESEEN = ("cannot be pickled: pass the path of its file instead", "Invalid key size", "SystemExit(0)")
"""Errors of other kinds that a call rightly ends with: a secret's pickle, a key of no key's length, a program's end."""


def test_every_error_is_ours(driven: Driven) -> None:
    assert [error for error in driven.unforeseen if not any(text in error for text in FORESEEN)] == []


def test_no_file_holds_a_canary_but_those_that_must(driven: Driven) -> None:
    world = driven.world
    exempt = (world.inputs, world.custody, world.aside)
    leaks = []
    for path in sorted(world.root.rglob("*")):
        if path.is_file() and not any(folder in path.parents for folder in exempt):
            found = found_in_file(path, SEALED_ONLY if world.out in path.parents else KNOWN)
            leaks += [f"{path.relative_to(world.root)}: {found}"] if found else []

    assert leaks == []


def test_no_temporary_file_is_left(driven: Driven) -> None:
    left = [path for path in driven.world.root.rglob("*") if path.is_file() and path.name.endswith(".part")]
    left += [path for path in (driven.world.root / "tmp").rglob("*") if path.is_file()]

    assert [str(path.relative_to(driven.world.root)) for path in left] == []


def public_code() -> dict[str, CodeType]:
    """Every public function, method, property and command of ours, with its code."""
    found: dict[str, CodeType] = {}
    for room in (*ROOMS, "sealscrub.transforms.sklearn"):
        if room == "sealscrub.frames":  # for the other rooms alone: the drives reach it through them
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
            yield name, inner.__code__


def _commands() -> Iterator[tuple[str, Callable[..., object]]]:
    app = build()
    groups = [("", app), *((f"{group.name} ", group.typer_instance) for group in app.registered_groups)]
    for prefix, group in groups:
        assert group is not None
        for command in group.registered_commands:
            assert command.callback is not None
            yield f"{prefix}{command.name}", command.callback


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


def _write_beneath() -> None:
    os.write(2, SEALED.encode())


LEAKY: dict[str, Callable[[], object]] = {
    "a message": lambda: _raise(ValueError(f"no number {SEALED.lower()}")),
    "an argument": lambda: _raise(KeyError((PAYLOAD,))),
    "a cause": lambda: _raise(KeyError("x"), ValueError(PAYLOAD)),
    "a context": lambda: _raise_within(KeyError("x")),
    "an attribute": lambda: _raise(_with_attribute()),
    "a result": lambda: {"a": [SEALED]},
    "a hyphened result": lambda: "K14-618-033",
    "a pickle": lambda: _Carrier(),
    "a log": lambda: logging.getLogger("made.up").debug("row %s", PAYLOAD),
    "a warning": lambda: warnings.warn(PAYLOAD, UserWarning, stacklevel=1),
    "stdout": lambda: print(SEALED),
    "a write beneath Python": _write_beneath,
}


def _with_attribute() -> Exception:
    error = ValueError("nothing")
    error.row = PAYLOAD
    return error


@pytest.mark.parametrize("call", LEAKY.values(), ids=LEAKY)
def test_a_leak_is_seen(call: Callable[[], object]) -> None:
    assert watch(call).leaks()


def test_a_leak_is_seen_in_any_spelling() -> None:
    assert found_in("k14 618 033") == ["14618033"]
    assert found_in(PAYLOAD.encode("utf-16-le")) == ["QUILLFEATHER"]
    assert found_in("nothing of the kind") == []
