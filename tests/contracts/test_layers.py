"""Imports run upstream only (design.md §4)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .source_tree import PACKAGE, Import, imports_of, source_folder

# What stands directly below each room; what stands below that is below it too.
BELOW: dict[str, tuple[str, ...]] = {
    "errors": (),
    "page": ("errors",),
    "placing": ("errors",),
    "frames": ("errors",),
    "identifiers": ("placing",),
    "sheets": ("placing",),
    "index": ("identifiers",),
    "law": ("identifiers", "sheets"),
    "custody": ("certificates", "identifiers", "index", "page"),
    "registry": ("law", "index", "custody"),
    "matching": ("index", "identifiers"),
    "certificates": ("index", "identifiers", "frames", "page"),
    "transforms": ("matching", "index", "certificates", "frames", "page"),
    "filters": ("matching", "index", "certificates", "frames"),
    # beside transforms and never below filters: it counts sealed records, and no scrub, guard or check may lean on that
    "aggregates": ("filters", "matching", "index", "frames"),
    "validators": ("transforms", "filters", "certificates", "matching", "index", "datasets"),
    "lineage": ("validators", "transforms", "certificates", "index", "registry"),
    "datasets": ("index", "identifiers"),
    "testing": ("validators",),
    "mlflow": ("filters",),
    "gx": ("validators",),
    "pandera": ("validators",),
}
EVERYTHING = "cli"
"""Imports any room, and no room imports it."""
USERS_CODE = f"{PACKAGE}.cli.demo_pipeline"
"""What the demo writes out as a user's own file: it comes in as users do."""
CUSTODIAN = {"custody", "law", "registry"}
DATA_SCIENTIST = {"frames", "identifiers", "index", "matching", "transforms", "filters", "aggregates"}
"""Rooms whose modules never name the custodian's, not inside a function either."""


def below(room: str) -> set[str]:
    direct = BELOW[room]
    return set(direct).union(*map(below, direct))


def wrong_arrows(tree: dict[str, str]) -> list[str]:
    """Say what is wrong with the imports of a tree of ``{"room/file.py": source}``."""
    found = []
    for path, source in sorted(tree.items()):
        parts = [PACKAGE, *Path(path).with_suffix("").parts]
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        for arrow in imports_of(module, source, is_package=is_package):
            if (why := _wrong(arrow)) and (not found or not found[-1].startswith(f"{path}:{arrow.line} ")):
                found.append(f"{path}:{arrow.line} imports {arrow.target}: {why}")
    return found


def _wrong(arrow: Import) -> str:
    """Why an import is wrong, or nothing."""
    room, target = _room(arrow.module), _room(arrow.target)
    if not target:  # the front door itself
        if arrow.module == USERS_CODE:
            return ""
        return "" if arrow.target.endswith(".__version__") else "nothing of ours goes through the front door"
    if not room:
        if target == EVERYTHING:
            return "" if arrow.module == f"{PACKAGE}.__main__" else "nothing imports cli"
        return "" if arrow.typing_only else "the front door loads a room when it is asked for"
    if room == target:
        return "" if arrow.relative else "inside a room imports are relative"
    if arrow.relative:
        return "between rooms imports are absolute"
    if target == EVERYTHING:
        return "nothing imports cli"
    if room == EVERYTHING:
        return ""
    if room not in BELOW:
        return f"the room {room} has no floor: give it one in this test and in design.md"
    if room in DATA_SCIENTIST and target in CUSTODIAN:
        return "the data scientist's side never imports the custodian's"
    return "" if target in below(room) else f"{target} is not below {room}"


def _room(module: str) -> str:
    parts = module.split(".")[1:]
    return parts[0] if parts and parts[0] in _ROOMS else ""


_ROOMS = {*BELOW, EVERYTHING, "lineage", "testing", "mlflow", "pandera"} | {
    entry.stem
    for entry in source_folder().iterdir()
    if not entry.name.startswith("__") and (entry.is_dir() or entry.suffix == ".py")
}


def test_the_library_imports_upstream_only() -> None:
    root = source_folder()
    tree = {str(path.relative_to(root)): path.read_text("utf-8") for path in root.rglob("*.py")}

    assert len(tree) > 50
    assert wrong_arrows(tree) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("errors.py", "from sealscrub.identifiers import Scheme"),
        ("placing.py", "import sealscrub.index"),
        ("identifiers/scheme.py", "from sealscrub.index import Index"),
        ("identifiers/scheme.py", "from sealscrub import index"),
        ("identifiers/scheme.py", "from ..index import Index"),
        ("identifiers/scheme.py", "from sealscrub.identifiers.known import get_scheme"),
        ("index/reading.py", "def f():\n    from sealscrub.registry import Registry"),
        ("index/reading.py", "class C:\n    def f(self):\n        if self:\n            import sealscrub.law"),
        ("index/reading.py", "if TYPE_CHECKING:\n    from sealscrub.law import bars"),
        ("index/reading.py", "import importlib\nimportlib.import_module('sealscrub.registry')"),
        ("matching/matcher.py", "from sealscrub.transforms import scan"),
        ("transforms/plans/__init__.py", "from sealscrub.registry import Registry"),
        ("transforms/plans/__init__.py", "from sealscrub.filters import guard"),
        ("transforms/verbs.py", "from sealscrub.aggregates import aggregate"),
        ("filters/ranking.py", "from sealscrub.aggregates import Rules"),
        ("aggregates/counting.py", "def f():\n    from sealscrub.registry import Registry"),
        ("transforms/plans/__init__.py", "from ...matching import Policy"),
        ("registry/registry.py", "from sealscrub.matching import Policy"),
        ("custody/door.py", "from sealscrub.registry import Registry"),
        ("certificates/annex.py", "from sealscrub.custody import AuditLog"),
        ("transforms/files/tables.py", "from sealscrub.custody import AuditLog"),
        ("datasets/city.py", "from sealscrub.registry import Registry"),
        ("datasets/city.py", "from sealscrub.cli import main"),
        ("transforms/verbs.py", "from sealscrub import scan"),
        ("newcomer/thing.py", "from sealscrub.errors import UsageError"),
        ("__init__.py", "from .transforms import scan"),
        ("__init__.py", "def f():\n    from .cli import main"),
    ],
)
def test_a_wrong_arrow_is_found(path: str, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "_ROOMS", _ROOMS | {"newcomer"})

    assert len(wrong_arrows({path: source})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("identifiers/scheme.py", "from sealscrub.errors import SchemeError\nfrom .shape import Shape\nimport re"),
        ("transforms/files/tables.py", "from ..options import Options\nfrom sealscrub.identifiers import Status"),
        ("registry/publishing.py", "from sealscrub.law import bars\nfrom sealscrub.index import write_index"),
        ("cli/publish.py", "from . import registry\nfrom sealscrub.registry import Registry"),
        ("__init__.py", "if TYPE_CHECKING:\n    from .transforms import scan"),
        ("__main__.py", "from sealscrub.cli import main"),
    ],
)
def test_a_right_arrow_is_none(path: str, source: str) -> None:
    assert wrong_arrows({path: source}) == []


def test_the_data_scientists_side_runs_without_the_custodians() -> None:
    modules = [f"{PACKAGE}.{name}" for name in ("datasets", "transforms", "transforms.scanning")]
    loaded = f"[m for m in sys.modules if m.split('.')[0] == 'sqlalchemy' or m.split('.')[1:2] in {_CUSTODIANS}]"
    code = f"import sys, {', '.join(modules)}\nassert not (found := {loaded}), found"
    subprocess.run([sys.executable, "-c", code], check=True)


_CUSTODIANS = [[room] for room in sorted(CUSTODIAN)]
