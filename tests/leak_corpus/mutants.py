"""Mutants of the clean twins: the scrub is taken from its place, and put behind a later step."""

from __future__ import annotations

import ast
import inspect
import pickle
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import polars as pl

from .case import Case, ScrubAfter, ScrubBefore
from .data import scrubbed
from .inside import outcome, worlds_of

__all__ = ["Mutant", "mutants_of", "really_leaks"]


@dataclass(frozen=True)
class Mutant:
    """A twin with a misplaced scrub."""

    case: Case
    place: str
    function: Callable[[Any], Any]


def mutants_of(case: Case) -> Iterator[Mutant]:
    """Make a mutant for each step behind which the scrub can be put: those that give a name a value, and the last."""
    if isinstance(case.clean, ScrubBefore):
        step: Any = case.clean.step
        yield Mutant(case, "behind all steps", ScrubAfter(step))
    else:
        step = case.clean
    tree = ast.parse(textwrap.dedent(inspect.getsource(step)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    original = definition.body
    body = [_bare(each) for each in original]
    for at, statement in enumerate(original):
        name = _given(statement)
        if name and not _is_scrub(statement):
            definition.body = [*body[: at + 1], _scrub_of(name), *body[at + 1 :]]
            yield Mutant(case, f"behind step {at + 1}, of {name}", _compiled(tree, step))


def _is_scrub(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id == "scrubbed"
    )


def _bare(statement: ast.stmt) -> ast.stmt:
    """The statement without its scrub: the name stands for the data as it is."""
    if not _is_scrub(statement):
        return statement
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Call)
    return ast.Assign(statement.targets, statement.value.args[0])


def _given(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def _scrub_of(name: str) -> ast.stmt:
    return ast.parse(f"{name} = filtered({name})").body[0]


def _compiled(tree: ast.Module, step: Any) -> Callable[[Any], Any]:
    names = dict(vars(sys.modules[step.__module__])) | {"filtered": filtered}
    exec(compile(ast.fix_missing_locations(tree), "mutant", "exec"), names)  # noqa: S102 - our own source
    function: Callable[[Any], Any] = names[step.__name__]
    return function


def filtered(value: Any) -> Any:
    """Scrub what still has the key column; a scrub in a wrong place may meet anything."""
    has_key = isinstance(value, pd.DataFrame | pl.DataFrame) and "arrest_no" in value.columns
    return scrubbed(value) if has_key else value


def really_leaks(mutant: Mutant, seed: int = 160) -> bool:
    """Whether outcomes with and without the sealed records differ, told by other means than the nullity test's."""
    worlds = worlds_of(mutant.case, seed)
    return _shown(outcome(mutant.function, worlds.without())) != _shown(outcome(mutant.function, worlds.as_is))


def _shown(value: Any) -> Any:
    if isinstance(value, pd.DataFrame | pd.Series):
        return repr(value.to_dict("list") if isinstance(value, pd.DataFrame) else value.tolist()), repr(value.index)
    if isinstance(value, pl.DataFrame):
        return repr(value.to_dict(as_series=False))
    if isinstance(value, dict):
        return {name: _shown(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_shown(part) for part in value]
    return pickle.dumps(value)
