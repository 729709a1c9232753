"""The library's source: which modules there are, and which imports they hold."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = "sealscrub"


def source_folder() -> Path:
    """Where the package's files are, without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def tree_of(source: str) -> ast.Module:
    """Parse a source; kept trees would be traversed by each collection of garbage of the process's other tests."""
    return ast.parse(source)


WITH_AN_EXTRA = {
    "gx": "great_expectations",
    "pandera": "pandera",
    "validators.great_expectations": "great_expectations",
    "validators.pandera": "pandera",
}
"""Modules that can be imported only where an extra is installed, and what it brings."""


@cache
def module_files() -> dict[str, Path]:
    """Every module of the library, sorted, with its file; none is imported.

    ``__main__`` is left out, since importing it runs the command line, and so are modules of missing extras.
    """
    folder = source_folder()
    files = {_module_of(file.relative_to(folder.parent)): file for file in folder.rglob("*.py")}
    return {name: files[name] for name in sorted(files) if name != f"{PACKAGE}.__main__" and not _is_missing(name)}


def module_names() -> tuple[str, ...]:
    """The names of :func:`module_files`."""
    return tuple(module_files())


def _module_of(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def _is_missing(name: str) -> bool:
    return any(
        f"{name}.".startswith(f"{PACKAGE}.{module}.") and importlib.util.find_spec(package) is None
        for module, package in WITH_AN_EXTRA.items()
    )


@dataclass(frozen=True)
class Import:
    """One import of one of our modules by another."""

    module: str
    line: int
    target: str
    relative: bool
    typing_only: bool
    in_function: bool


@cache
def imports_of(module: str, source: str, *, is_package: bool) -> tuple[Import, ...]:
    """Give every import of our own modules in a source, those inside functions and for type checkers too."""
    return tuple(
        Import(module, node.lineno, target, relative, typing_only, in_function)
        for node, typing_only, in_function in _walk(
            tree_of(source),
            called="import_module" in source or "__import__" in source,
            typing_only=False,
            in_function=False,
        )
        for target, relative in _targets(node, module, is_package=is_package)
        if target.split(".")[0] == PACKAGE
    )


def _walk(
    node: ast.AST, *, called: bool, typing_only: bool, in_function: bool
) -> Iterator[tuple[ast.stmt | ast.Call, bool, bool]]:
    """Give the statements that import, and the calls if any of them may; an expression holds no statement."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not called:
            continue
        if isinstance(child, ast.Import | ast.ImportFrom | ast.Call):
            yield child, typing_only, in_function
        inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.If) and any(_last_name(each) == "TYPE_CHECKING" for each in ast.walk(child.test)):
            for part, typed in ((child.body, True), (child.orelse, typing_only)):
                holder = ast.Module(body=part, type_ignores=[])
                yield from _walk(holder, called=called, typing_only=typed, in_function=inside)
        else:
            yield from _walk(child, called=called, typing_only=typing_only, in_function=inside)


def _targets(node: ast.stmt | ast.Call, module: str, *, is_package: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, False) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = module.split(".")
            home = parts[: len(parts) - node.level + is_package]
            base = ".".join([*home, *([node.module] if node.module else [])])
        # ``from sealscrub import law`` names a room in its names
        yield from ((f"{base}.{alias.name}", bool(node.level)) for alias in node.names)
    elif isinstance(node, ast.Call) and _last_name(node.func).endswith(("import_module", "__import__")):
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value, False


def _last_name(named: ast.AST) -> str:
    return named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
