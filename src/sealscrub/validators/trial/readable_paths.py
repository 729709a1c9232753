"""What a function may read though it is sandboxed: the interpreter, installed packages, and the project's own code."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealscrub.identifiers.known_schemes import scheme_files

if TYPE_CHECKING:
    from sealscrub.index import Index

__all__ = ["code_files", "code_roots", "declared_files", "interpreter_paths"]

_CODE = {".py", ".so", ".pyc", ".pyi", ".pyd", ".pth"}
_PROJECT_FILES = {"pyproject.toml", "setup.cfg"}
_OURS = Path(__file__).parents[2]
_MOST_FILES = 50_000
_MOST_ENTRIES = 500_000
"""Of the project's folders, read or not: a script may be in a folder of data, or at the root of a disk."""
_SYSTEM = [
    "/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys/devices/system", "/sys/fs/cgroup",
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/tty",
]  # fmt: skip


def interpreter_paths() -> list[Path]:
    """Where the interpreter, installed packages and system libraries are."""
    paths = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), _OURS}
    paths |= {Path(path) for path in sysconfig.get_paths().values()}
    paths |= {Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    return [*sorted(paths), *map(Path, _SYSTEM if sys.platform.startswith("linux") else _system_folders())]


def declared_files(inputs: Iterable[str], index: Index, plan: Any) -> list[Path]:
    """What a test was given, other than the data: declared files, those of the index, of the plan and of schemes.

    Parameters
    ----------
    inputs : iterable of str
        As the test got them; environment variables among them are left out.
    index : Index
    plan : Plan or None
    """
    named = [Path(each) for each in inputs if not each.startswith("env:")]
    states = [file.with_name(f"{file.name}.state") for file in index.files]
    of_plan = getattr(plan, "path", None)
    return [*named, *index.files, *states, *([of_plan] if of_plan is not None else []), *scheme_files()]


def _system_folders() -> list[str]:
    """Where other systems keep theirs."""
    if sys.platform == "win32":
        return [os.environ.get("SYSTEMROOT", "C:\\Windows"), os.devnull]
    return ["/usr", "/bin", "/sbin", "/etc", "/dev", "/System", "/Library", "/opt", "/private/etc", "/var/db/timezone"]


def code_roots() -> list[Path]:
    """Folders on the path that are neither the interpreter's nor installed packages: the project's own."""
    known = [path.resolve() for path in interpreter_paths()]
    roots = []
    for path in dict.fromkeys(path or os.getcwd() for path in sys.path):
        place = Path(path).resolve()
        if place.is_dir() and not any(place.is_relative_to(other) for other in known):
            roots.append(place)
    return roots


def code_files() -> list[Path]:
    """The project's own code: files by their suffix, folders below a root that hold no other file, and nothing else.

    Folders are read from the top down until so much was seen that they can be no project: what is nearest to a script
    is found, whatever is below. What is not found cannot be read, and a report names it.
    """
    roots = list(map(str, code_roots()))
    files: dict[str, list[str]] = {}
    whole: dict[str, bool] = {}
    waiting, most, seen = deque(roots), _MOST_FILES, 0
    while waiting and seen <= _MOST_ENTRIES and most > 0:
        folder = waiting.popleft()
        if folder in files:
            continue
        files[folder], whole[folder] = [], False
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            nothing_else = True
            for entry in entries:
                seen += 1
                if seen > _MOST_ENTRIES or most == 0:
                    nothing_else = False
                    break
                if entry.is_dir() and not _passed_over(entry):
                    waiting.append(entry.path)
                elif _is_code(entry):
                    files[folder].append(entry.path)
                    most -= 1
                    nothing_else = nothing_else and not entry.is_symlink()
                else:
                    nothing_else = False
            whole[folder] = nothing_else and folder not in roots
    return _largest(files, whole, waiting)


def _passed_over(folder: os.DirEntry[str]) -> bool:
    return folder.is_symlink() or folder.name.startswith(".") or folder.name == "node_modules"


def _is_code(entry: os.DirEntry[str]) -> bool:
    named = os.path.splitext(entry.name)[1] in _CODE or entry.name in _PROJECT_FILES
    return named and not entry.is_dir()


def _largest(files: dict[str, list[str]], whole: dict[str, bool], unread: Iterable[str]) -> list[Path]:
    """Give a folder in place of all that is in it: a sandbox has a rule for each path, and a project many files."""
    used = {folder: len(own) > 0 for folder, own in files.items()}
    for folder in unread:
        whole[os.path.dirname(folder)] = False
    for folder in reversed(files):  # what is in a folder was read after it
        above = os.path.dirname(folder)
        used[above] = used.get(above, False) or used[folder]
        whole[folder] = whole[folder] and used[folder]
        whole[above] = whole.get(above, False) and whole[folder]
    found: list[str] = []
    for folder, own in files.items():
        if not whole[folder]:
            found += own
        elif not whole.get(os.path.dirname(folder), False):
            found.append(folder)
    return [Path(path) for path in found]
