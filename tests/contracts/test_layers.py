"""Imports run upstream only, the custodian's wing stands apart, and no import leads back to where it began."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .source_tree import PACKAGE, Import, imports_of, source_folder

# What stands directly below each room; what stands below that is below it too.
BELOW: dict[str, tuple[str, ...]] = {
    "errors": (),
    "boundary": ("errors",),
    "file_system": ("errors",),
    "atomic_write": ("errors", "file_system"),
    "reports": ("boundary", "atomic_write"),
    "tables": ("boundary", "identifiers", "atomic_write"),
    "identifiers": ("boundary", "atomic_write"),
    "index": ("identifiers",),
    "matching": ("index", "identifiers"),
    "certificates": ("index", "identifiers", "tables", "reports"),
    "extracts": ("certificates", "identifiers", "tables"),
    "transforms": ("matching", "index", "certificates", "tables", "reports"),
    "filters": ("matching", "index", "certificates", "tables"),
    "validators": ("transforms", "filters", "certificates", "matching", "index", "datasets"),
    "lineage": ("validators", "transforms", "certificates", "index"),
    "datasets": ("index", "identifiers"),
    "testing": ("validators",),
    "mlflow": ("filters",),
    "gx": ("validators",),
    "pandera": ("validators",),
    "custodian.sheets": ("boundary", "atomic_write"),
    "custodian.law": ("custodian.sheets", "identifiers", "reports"),
    "custodian.custody": ("custodian.law", "certificates", "identifiers", "index", "reports"),
    "custodian.registry": ("custodian.law", "custodian.custody", "index"),
    "custodian.linkage": ("custodian.registry",),
    "custodian.reviews": ("custodian.sheets", "extracts", "atomic_write"),
    # it counts sealed records, and no other room may lean on that
    "custodian.aggregates": ("filters", "matching", "index", "tables"),
}
EVERYTHING = "cli"
"""Imports any room, and no room imports it."""
USERS_CODE = f"{PACKAGE}.cli.demo_pipeline"
"""What the demo writes out as a user's own file: it comes in as users do."""
WING = "custodian"
CUSTODIAN = {room for room in BELOW if room.startswith(f"{WING}.")}
"""Rooms that no other room imports, not inside a function either; the command line alone does."""
DATA_SCIENTIST = set(BELOW) - CUSTODIAN
FOR_THE_CUSTODIAN = {
    *(
        "boundary",
        "errors",
        "atomic_write",
        "file_system",
        "reports",
        "tables",
        "identifiers",
        "index",
        "matching",
        "certificates",
        "extracts",
        "filters",
    ),
}
"""What the custodian's rooms may import from outside their wing."""


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
    if room == WING:
        return "" if arrow.typing_only and target in CUSTODIAN else "the wing loads a room when it is asked for"
    if room == target:
        return "" if arrow.relative else "inside a room imports are relative"
    if arrow.relative:
        return "between rooms imports are absolute"
    if target == EVERYTHING:
        return "nothing imports cli"
    if room == EVERYTHING:
        return ""
    if room not in BELOW:
        return f"the room {room} has no floor: give it one in this test"
    if room in DATA_SCIENTIST and target in {WING, *CUSTODIAN}:
        return "the data scientist's rooms never import the custodian's"
    return "" if target in below(room) else f"{target} is not below {room}"


def _room(module: str) -> str:
    parts = module.split(".")[1:]
    if parts[:1] == [WING] and ".".join(parts[:2]) in _ROOMS:
        return ".".join(parts[:2])
    return parts[0] if parts and parts[0] in _ROOMS else ""


_ROOMS = {*BELOW, EVERYTHING} | {
    ".".join(entry.relative_to(source_folder()).with_suffix("").parts)
    for entry in (*source_folder().iterdir(), *(source_folder() / WING).iterdir())
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
        ("atomic_write.py", "import sealscrub.index"),
        ("identifiers/scheme.py", "from sealscrub.index import Index"),
        ("identifiers/scheme.py", "from sealscrub import index"),
        ("identifiers/scheme.py", "from ..index import Index"),
        ("identifiers/scheme.py", "from sealscrub.identifiers.known_schemes import get_scheme"),
        ("index/index_lookup.py", "def f():\n    from sealscrub.custodian.registry import Registry"),
        ("index/index_lookup.py", "class C:\n    def f(self):\n        import sealscrub.custodian.law"),
        ("index/index_lookup.py", "import sealscrub.custodian"),
        ("index/index_lookup.py", "if TYPE_CHECKING:\n    from sealscrub.custodian.law import bars"),
        ("index/index_lookup.py", "import importlib\nimportlib.import_module('sealscrub.custodian.registry')"),
        ("matching/matcher.py", "from sealscrub.transforms import scan"),
        ("transforms/plans/__init__.py", "from sealscrub.custodian.registry import Registry"),
        ("transforms/plans/__init__.py", "from sealscrub.filters import guard"),
        ("transforms/verbs.py", "from sealscrub.custodian.aggregates import aggregate"),
        ("filters/ranking_guard.py", "from sealscrub.custodian.aggregates import Rules"),
        ("lineage/taint_query.py", "if TYPE_CHECKING:\n    from sealscrub.custodian.registry import Registry"),
        ("lineage/coverage/evidence_files.py", "def f():\n    from sealscrub.custodian import custody"),
        ("testing.py", "from sealscrub.custodian import law"),
        ("custodian/__init__.py", "from . import registry"),
        ("custodian/__init__.py", "if TYPE_CHECKING:\n    from sealscrub.index import Index"),
        ("custodian/aggregates/report_counts.py", "def f():\n    from sealscrub.custodian.registry import Registry"),
        ("custodian/custody/access_control.py", "from sealscrub.custodian.registry import Registry"),
        ("custodian/law/action_answers.py", "from sealscrub.custodian.custody import AuditLog"),
        ("custodian/law/action_answers.py", "from ..registry import Registry"),
        ("custodian/sheets/sheet_rows.py", "from sealscrub.custodian import law"),
        ("custodian/registry/seal_registry.py", "from sealscrub.matching import Policy"),
        ("custodian/registry/seal_registry.py", "from sealscrub.lineage import taint"),
        ("custodian/registry/linking_registry.py", "from sealscrub.custodian.linkage import LinkModel"),
        ("custodian/registry/seal_registry.py", "from sealscrub.custodian.registry.registry_store import open_store"),
        ("custodian/newcomer/thing.py", "from sealscrub.errors import UsageError"),
        ("transforms/plans/__init__.py", "from ...matching import Policy"),
        ("tables/parquet/parquet_engine.py", "from sealscrub.matching import TableMatcher"),
        ("certificates/annex.py", "from sealscrub.custodian.custody import AuditLog"),
        ("transforms/table_matchers.py", "from sealscrub.custodian.custody import AuditLog"),
        ("datasets/city.py", "from sealscrub.custodian.registry import Registry"),
        ("datasets/city.py", "from sealscrub.cli import main"),
        ("transforms/verbs.py", "from sealscrub import scan"),
        ("newcomer/thing.py", "from sealscrub.errors import UsageError"),
        ("__init__.py", "from .transforms import scan"),
        ("__init__.py", "def f():\n    from .cli import main"),
    ],
)
def test_a_wrong_arrow_is_found(path: str, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "_ROOMS", _ROOMS | {"newcomer", "custodian.newcomer"})

    assert len(wrong_arrows({path: source})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("identifiers/scheme.py", "from sealscrub.errors import SchemeError\nfrom .shape import Shape\nimport re"),
        ("transforms/table_matchers.py", "from .options import Options\nfrom sealscrub.identifiers import Status"),
        ("custodian/__init__.py", "if TYPE_CHECKING:\n    from . import law, registry"),
        (
            "custodian/registry/index_publication.py",
            "from sealscrub.custodian.law import bars\nfrom .store import Store",
        ),
        ("custodian/registry/index_publication.py", "from sealscrub.index import write_index"),
        ("custodian/linkage/seal_links.py", "from sealscrub.custodian.registry import Registry"),
        ("cli/law.py", "from sealscrub.custodian import law"),
        ("cli/publish.py", "from . import registry\nfrom sealscrub.custodian.registry import Registry"),
        ("__init__.py", "if TYPE_CHECKING:\n    from .transforms import scan"),
        ("__main__.py", "from sealscrub.cli import main"),
    ],
)
def test_a_right_arrow_is_none(path: str, source: str) -> None:
    assert wrong_arrows({path: source}) == []


def test_the_wing_imports_from_outside_what_is_listed() -> None:
    assert set().union(*map(below, CUSTODIAN)) - CUSTODIAN <= FOR_THE_CUSTODIAN
    assert {room for room in _ROOMS if room.startswith(f"{WING}.")} == CUSTODIAN


def test_the_data_scientists_side_runs_without_the_custodians() -> None:
    rooms = sorted(DATA_SCIENTIST - {"gx", "mlflow", "pandera"})
    modules = [f"{PACKAGE}.{name}" for name in (*rooms, "transforms.scan_engine")]
    code = (
        f"import sys, {', '.join(modules)}\n"
        f"assert not (found := [m for m in sys.modules if m.startswith(('sqlalchemy', '{PACKAGE}.{WING}'))]), found"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
