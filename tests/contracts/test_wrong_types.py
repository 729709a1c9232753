"""An argument of a wrong type ends in a sentence that names it, whichever public function it is given to."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import enum
import importlib
import inspect
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.boundary.arguments import Arguments, _matches_hint
from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError, UsageError

from .source_tree import PACKAGE, source_folder

PATH = "training.sealindex"
FOR_ROOMS = {"boundary", "cli", "errors", "gx", "page", "atomic_write", "file_system", "tables", "__main__"}
"""Rooms for other rooms alone, the command line, and what Great Expectations looks at by itself."""
NEVER = {
    *("make_city", "make_estate", "make_notices", "make_training", "write_city", "write_estate"),  # long, for a number
    *("check_guard", "run_drill", "example_names"),
    *("assert_nullity", "assert_output_nullity", "check_nullity", "check_output_nullity", "planted_nullity"),
    *("log_guarded_model", "save_guarded_model", "refresh", "DatabaseStore", "components"),
}
"""What is asked below about an index alone: it takes long, or calls what it was given."""
WRONG: dict[str, Any] = {
    "a path": PATH,
    "a number": 5,
    "an object": object(),
    "bytes": b"x",
    "a mixed list": ["a", 5],
    "a mapping": {"a": 1},
    "a frame": pl.DataFrame({"arrest_no": ["M14000017"]}),
}


class Good:
    """Arguments that are of the right type, by the name of the parameter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = example_index(["K14612345"], folder=folder)
        key = ss.identifiers.load_key(folder / "example.key")
        ss.identifiers.generate_certifier(folder / "team.key")
        rows = pl.DataFrame({"arrest_no": ["M14000017"] * 20 + ["K14612345"], "n": list(range(21))})
        self.named: dict[str, Any] = {
            "data": rows,
            "index": self.index,
            "key": key,
            "keys": key,
            "known": ["M14000017"],
            "model": len,
            "on": {"arrest_number": "arrest_no"},
            "oracle_ok": True,
            "scheme": "arrest_number",
            "signer": ss.certificates.load_signer(folder / "team.key"),
            "text": "no K14612345",
        }
        self.rows = rows

    def of(self, parameter: inspect.Parameter) -> Any:
        """Give one."""
        if parameter.name in self.named:
            return self.named[parameter.name]
        hint = str(parameter.annotation)
        kinds = {"int": 3, "str": "x", "dt.date": dt.date(2020, 1, 1), "Policy": ss.Policy(), "Mapping": {"a": "b"}}
        if "Path" in hint:
            return str(self.folder / "nothing.csv")
        given = next((value for kind, value in kinds.items() if hint.startswith(kind)), None)
        return given if given is not None else ["x"] if "[str]" in hint else self.rows


def rooms() -> Iterator[str]:
    for path in sorted(source_folder().rglob("*.py")):
        parts = [PACKAGE, *path.relative_to(source_folder()).with_suffix("").parts]
        if parts[1] in FOR_ROOMS or "great_expectations" in parts:
            continue
        if parts[-1] == "__init__" or len(parts) == 2:
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def callables() -> dict[str, Callable[..., Any]]:
    """Public functions, constructors and class methods; not those of values that the library makes and gives."""
    found: dict[str, Callable[..., Any]] = {}
    seen: set[int] = set()
    for room in rooms():
        try:
            module = importlib.import_module(room)
        except ImportError:
            continue
        for name in module.__all__:
            made = getattr(module, name)
            if not (inspect.isfunction(made) or inspect.isclass(made)) or id(made) in seen:
                continue
            seen.add(id(made))
            found |= {f"{room}.{each}": function for each, function in _of(name, made)}
    return found


def _of(name: str, made: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    if inspect.isfunction(made):
        yield name, made
    elif not issubclass(made, enum.Enum | BaseException | int):
        value = dataclasses.is_dataclass(made) or hasattr(made, "model_fields") or hasattr(made, "_fields")
        if not value and not getattr(made, "_is_protocol", False):
            yield name, made
        for each, member in vars(made).items():
            if isinstance(member, classmethod | staticmethod) and not each.startswith("_") and not value:
                yield f"{name}.{each}", getattr(made, each)


CALLABLES = callables()
_SINGLE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Good]:
    before = Path.cwd()
    made = Good(tmp_path_factory.mktemp("good"))
    os.chdir(made.folder)
    yield made
    os.chdir(before)


def call(function: Callable[..., Any], good: Good, **changed: Any) -> None:
    parameters = [each for each in inspect.signature(function).parameters.values() if each.kind in _SINGLE]
    given = {
        each.name: good.of(each) for each in parameters if each.default is each.empty or each.name in ("index", "on")
    }
    given |= changed
    placed = [given.pop(each.name) for each in parameters if each.kind is each.POSITIONAL_ONLY and each.name in given]
    result = function(*placed, **given)
    if inspect.iscoroutine(result):
        asyncio.run(result)
    elif inspect.isgenerator(result):
        list(itertools.islice(result, 3))
    elif isinstance(result, contextlib.AbstractContextManager) and inspect.isfunction(function):
        with result:
            pass


def asked(parameter: inspect.Parameter, function: Callable[..., Any]) -> dict[str, Any]:
    """Give the values that are of a wrong type there, or may be."""
    hint = next(
        (hint for each, hint in Arguments(inspect.unwrap(function))._hints() if each.name == parameter.name), Any
    )
    return {what: value for what, value in WRONG.items() if hint is Any or not _matches_hint(value, hint)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in CALLABLES if not NEVER & set(name.split("."))])
def test_a_wrong_type_is_no_foreign_error(name: str, good: Good) -> None:
    function = CALLABLES[name]
    target = function.__init__ if inspect.isclass(function) else function
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in _SINGLE:
            continue
        for what, value in asked(parameter, target).items():
            try:
                call(function, good, **{parameter.name: value})
            except SealscrubError:
                continue
            except Exception as error:
                if type(error).__module__.split(".")[0] != PACKAGE:
                    pytest.fail(f"{parameter.name} as {what}: {error!r}")


TAKE_AN_INDEX = [
    name
    for name, function in CALLABLES.items()
    if "Index" in str(getattr(inspect.signature(function).parameters.get("index"), "annotation", "")).split()[:1]
    and not hasattr(function, "set_params")
    and not {"Judgement", "find_copies", "survey", "verify"} & set(name.split("."))  # something else is amiss before
]


@pytest.mark.parametrize("name", TAKE_AN_INDEX)
@pytest.mark.parametrize("given", [PATH, Path(PATH), 5, None, b"x", object()], ids=lambda given: type(given).__name__)
def test_a_path_where_an_index_is_meant_is_a_sentence(name: str, given: Any, good: Good) -> None:
    if given is None and "None" in str(inspect.signature(CALLABLES[name]).parameters["index"].annotation):
        pytest.skip("it takes no index, too")

    with pytest.raises(UsageError) as caught:
        call(CALLABLES[name], good, index=given)

    assert "index has to be Index" in caught.value.message
    assert type(given).__name__ in caught.value.message
    assert "sealscrub.open_index(" in caught.value.hint
    assert PATH not in str(caught.value)


def test_many_take_an_index() -> None:
    assert len(TAKE_AN_INDEX) > 15


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"on": 5}, "a key column must be given as SCHEME=COLUMN"),
        ({"on": {"arrest_number": 5}}, "a key column must be given as SCHEME=COLUMN"),
        ({"policy": {"accept": ["near"]}}, "policy has to be Policy or None, not dict"),
        ({"index": "x.sealindex"}, "index has to be Index, not str"),
    ],
)
def test_an_argument_is_named(changed: dict[str, Any], said: str, good: Good) -> None:
    with pytest.raises(UsageError) as caught:
        call(ss.scrub, good, **changed)

    assert said in str(caught.value)


def test_what_a_constructor_keeps_is_looked_at_when_it_is_made(good: Good) -> None:
    with pytest.raises(UsageError, match="index has to be Index"):
        ss.filters.guard(len, PATH, {"arrest_number": "a"}, oracle_ok=True)


def test_what_python_says_of_a_call_stays() -> None:
    with pytest.raises(TypeError, match=r"scrub\(\) missing 3 required positional arguments"):
        ss.scrub()
    with pytest.raises(TypeError, match="unexpected keyword argument 'indx'"):
        ss.scrub(1, 2, 3, indx=3)
