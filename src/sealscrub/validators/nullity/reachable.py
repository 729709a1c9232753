"""What a function may read though it is shut in: the interpreter, installed packages, and the project's own code."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

__all__ = ["code_files", "code_roots", "interpreter_paths"]

_CODE = {".py", ".so", ".pyc", ".pyi", ".pyd", ".pth"}
_ABOUT = {"pyproject.toml", "setup.cfg"}
_OURS = Path(__file__).parents[2]
_MOST_FILES = 50_000
_MOST_FOLDERS = 50_000
_SYSTEM = [
    "/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys/devices/system", "/sys/fs/cgroup",
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/tty",
]  # fmt: skip


def interpreter_paths() -> list[Path]:
    """Where the interpreter, installed packages and system libraries are."""
    paths = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), _OURS}
    paths |= {Path(path) for path in sysconfig.get_paths().values()}
    paths |= {Path(path) for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    return [*sorted(paths), *map(Path, _SYSTEM if sys.platform.startswith("linux") else _elsewhere())]


def _elsewhere() -> list[str]:
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
    """The project's own code: files by their suffix, and no others of its folders."""
    found: list[Path] = []
    for root in code_roots():
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
            found += [Path(folder, name) for name in names if Path(name).suffix in _CODE or name in _ABOUT]
            if len(found) > _MOST_FILES:
                return found[:_MOST_FILES]
    return found
