"""Make the calls of drives, with what they give to be seen and which code ran."""

from __future__ import annotations

import cProfile
import gc
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

from ..source_tree import PACKAGE
from .watch import KNOWN, SEALED_ONLY, found_in_file, watch
from .world import World

Drive = Callable[[World], Iterator[Callable[[], object]]]

FORESEEN = ("cannot be pickled: pass the path of its file instead", "Invalid key size", "SystemExit(0)")
"""Errors of other kinds that a call rightly ends with: a secret's pickle, a key of no key's length, a program's end."""


@dataclass
class Driven:
    """What drives gave to be seen, and which code ran."""

    world: World
    leaks: list[str] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)
    ran: set[CodeType] = field(default_factory=set)
    calls: int = 0

    def leaking_files(self) -> list[str]:
        """Files that hold a canary and are not among those that must."""
        world = self.world
        exempt = (world.inputs, world.custody, world.aside)
        leaks = []
        for path in sorted(world.root.rglob("*")):
            if path.is_file() and not any(folder in path.parents for folder in exempt):
                found = found_in_file(path, SEALED_ONLY if world.out in path.parents else KNOWN)
                leaks += [f"{path.relative_to(world.root)}: {found}"] if found else []
        return leaks

    def files_left(self) -> list[str]:
        """Temporary files that were not removed; some go with an object, when it is collected."""
        gc.collect()
        left = [path for path in self.world.root.rglob("*") if path.is_file() and path.name.endswith(".part")]
        left += [path for path in (self.world.root / "tmp").rglob("*") if path.is_file()]
        return [str(path.relative_to(self.world.root)) for path in left]


@contextmanager
def driven_within(
    root: Path, drives: Sequence[Drive], is_noted: Callable[[Drive], bool] = lambda drive: False
) -> Iterator[Driven]:
    """Make every call of some drives in a folder, which is the working folder until the tests have looked at it.

    Which code runs is noted for those that are said.
    """
    kept_folder, kept_place, kept_name = tempfile.tempdir, Path.cwd(), os.environ.get("TMPDIR")
    world = World(root)
    tempfile.tempdir = os.environ["TMPDIR"] = str(root / "tmp")
    os.chdir(root / "made")
    try:
        yield _drive(world, drives, is_noted)
    finally:
        os.chdir(kept_place)
        tempfile.tempdir = kept_folder
        os.environ.pop("TMPDIR") if kept_name is None else os.environ.update(TMPDIR=kept_name)


def _drive(world: World, drives: Sequence[Drive], is_noted: Callable[[Drive], bool]) -> Driven:
    done = Driven(world)
    for drive in drives:
        with _noting(done.ran) if is_noted(drive) else nullcontext():
            for number, call in enumerate(drive(world)):
                seen = watch(call)
                done.calls += 1
                done.leaks += [f"{drive.__name__} {number}: {leak}" for leak in seen.leaks()]
                if seen.error is not None and not _foreseen(seen.error):
                    done.unforeseen.append(f"{drive.__name__} {number}: {seen.error!r}")
    return done


@contextmanager
def _noting(ran: set[CodeType]) -> Iterator[None]:
    """Add to a set which functions of Python run."""

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            ran.add(frame.f_code)

    # notes which functions of Python run in this thread, which `note` would slow down
    profile = cProfile.Profile(subcalls=False, builtins=False)
    threading.settrace(note)
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        threading.settrace(None)
        ran |= {entry.code for entry in profile.getstats() if isinstance(entry.code, CodeType)}


def _foreseen(error: BaseException) -> bool:
    return type(error).__module__.startswith(PACKAGE) or any(text in repr(error) for text in FORESEEN)
