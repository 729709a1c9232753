"""Make the calls of drives, with what they give to be seen and which code ran."""

from __future__ import annotations

import cProfile
import gc
import os
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
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
def driven_within(root: Path, drives: Sequence[Drive], wanted: Collection[CodeType] = ()) -> Iterator[Driven]:
    """Make every call of some drives in a folder, which is the working folder until the tests have looked at it.

    Which code ran is noted until all that is wanted did: noting it takes a fifth of the time.
    """
    kept_folder, kept_place, kept_name = tempfile.tempdir, Path.cwd(), os.environ.get("TMPDIR")
    world = World(root)
    tempfile.tempdir = os.environ["TMPDIR"] = str(root / "tmp")
    os.chdir(root / "made")
    try:
        yield _drive(world, drives, set(wanted))
    finally:
        os.chdir(kept_place)
        tempfile.tempdir = kept_folder
        os.environ.pop("TMPDIR") if kept_name is None else os.environ.update(TMPDIR=kept_name)


def _drive(world: World, drives: Sequence[Drive], wanted: set[CodeType]) -> Driven:
    done = Driven(world)
    noting = _Noting(done.ran, wanted)
    try:
        for drive in drives:
            noting.go_on()
            for number, call in enumerate(drive(world)):
                seen = watch(call)
                done.calls += 1
                done.leaks += [f"{drive.__name__} {number}: {leak}" for leak in seen.leaks()]
                if seen.error is not None and not _foreseen(seen.error):
                    done.unforeseen.append(f"{drive.__name__} {number}: {seen.error!r}")
    finally:
        noting.pause()
    return done


class _Noting:
    """Notes which functions of Python run, until all that are wanted did.

    Parameters
    ----------
    ran : set of code
        To which is added what ran.
    wanted : set of code
    """

    def __init__(self, ran: set[CodeType], wanted: set[CodeType]) -> None:
        self._ran, self._wanted = ran, wanted
        # for this thread, which `note` would slow down
        self._profile = cProfile.Profile(subcalls=False, builtins=False)

    def go_on(self) -> None:
        """Note what runs from here on, if it is not all known."""
        self.pause()
        if not self._wanted <= self._ran:
            threading.settrace(self._note)
            self._profile.enable()

    def pause(self) -> None:
        """Note nothing for now."""
        self._profile.disable()
        threading.settrace(None)
        self._ran |= {entry.code for entry in self._profile.getstats() if isinstance(entry.code, CodeType)}
        self._profile.clear()

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            self._ran.add(frame.f_code)


def _foreseen(error: BaseException) -> bool:
    return type(error).__module__.startswith(PACKAGE) or any(text in repr(error) for text in FORESEEN)
