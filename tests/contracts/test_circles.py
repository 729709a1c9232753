"""Inside a room, no import leads back to where it began: not inside a function either, nor for type checkers."""

from __future__ import annotations

import pytest

from .source_tree import PACKAGE, imports_of, source_folder
from .test_layers import _room


def circles(sources: dict[str, str]) -> list[set[str]]:
    """Give the largest sets of modules of one room that all import each other, at once or by way of others."""
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in sources}
    leads = {name: _targets(name, sources[path], modules) for name, path in modules.items()}
    reached = {name: _reached(name, leads) for name in modules}
    found: list[set[str]] = []
    for name in sorted(modules):
        if name in reached[name] and not any(name in circle for circle in found):
            found.append({other for other in reached[name] if name in reached[other]})
    return found


def _targets(name: str, source: str, modules: dict[str, str]) -> set[str]:
    found = set()
    for arrow in imports_of(f"{PACKAGE}.{name}", source, is_package=modules[name].endswith("/__init__.py")):
        target = arrow.target.removeprefix(f"{PACKAGE}.")
        while target and target not in modules:
            target = target.rpartition(".")[0]
        if target and _room(f"{PACKAGE}.{target}") == _room(f"{PACKAGE}.{name}"):
            found.add(target)
    return found - {name}


def _reached(name: str, leads: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = set(leads[name])
    while waiting:
        seen |= waiting
        waiting = set().union(*(leads[each] for each in waiting)) - seen
    return seen


def test_no_import_leads_back() -> None:
    root = source_folder()
    paths = [path for path in root.rglob("*.py") if path.parent != root]

    found = circles({path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths})

    assert [sorted(circle) for circle in found] == []


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({"index/a.py": "from .b import x", "index/b.py": "from .c import y", "index/c.py": "z = 1"}, []),
        ({"index/a.py": "from .b import x", "index/b.py": "def f():\n    from .a import y"}, [{"index.a", "index.b"}]),
        (
            {"index/a.py": "from . import b", "index/b.py": "if TYPE_CHECKING:\n    from .a import y"},
            [{"index.a", "index.b"}],
        ),
        (
            {
                "index/__init__.py": "from .a import x",
                "index/a.py": "from .b import y",
                "index/b.py": "from . import x",
            },
            [{"index", "index.a", "index.b"}],
        ),
        (
            {"custodian/law/a.py": "from .sub import x", "custodian/law/sub/__init__.py": "from ..a import y"},
            [{"custodian.law.a", "custodian.law.sub"}],
        ),
    ],
)
def test_a_circle_is_found(sources: dict[str, str], expected: list[set[str]]) -> None:
    assert circles(sources) == expected
