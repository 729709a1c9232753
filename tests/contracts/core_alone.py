"""A process in which only the core dependencies can be imported, as where the library is installed without extras."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]

PYTHON = os.environ.get("SEALSCRUB_BARE_PYTHON", sys.executable)
"""By which it runs: this Python, in which the rest is blocked, or that of an environment that has only the core."""

_BLOCKING = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec
blocked = frozenset({blocked!r})
PathFinder.find_spec = staticmethod(
    lambda name, path=None, target=None: None if name.partition(".")[0] in blocked else find(name, path, target)
)
"""


def core_packages() -> set[str]:
    """Distributions that ``pip install sealscrub`` brings, those that they need included."""
    found: set[str] = set()
    left = [Requirement(each) for each in PROJECT["dependencies"]]
    while left:
        name = canonicalize_name(left.pop().name)
        if name in found:
            continue
        found.add(name)
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # for another system, or another Python
            continue
        for each in map(Requirement, needed):
            if each.marker is None or each.marker.evaluate({"extra": ""}):
                left.append(each)
    return found


@cache
def blocked_modules() -> set[str]:
    """Top-level modules that are installed here, and are not in an environment of the core alone."""
    core = {*core_packages(), canonicalize_name(PROJECT["name"])}
    return {
        module
        for module, brought_by in metadata.packages_distributions().items()
        if not core & {canonicalize_name(name) for name in brought_by}
    }


def core_environment(folder: Path) -> dict[str, str]:
    """Give the environment of such a process; what blocks the rest is written into a folder."""
    (folder / "sitecustomize.py").write_text(_BLOCKING.format(blocked=sorted(blocked_modules())))
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


def run(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in it."""
    return subprocess.run([PYTHON, *arguments], env=environment, capture_output=True, text=True, check=False)
