"""What the arguments of a public function are called does not change what it does."""

from __future__ import annotations

import asyncio
import builtins
import inspect
import keyword
from collections.abc import Callable
from typing import Any

import pytest

from sealscrub.boundary import bound


def template_names() -> set[str]:
    """Names that the function uses which stands for a bound one."""

    def some(a: int, *more: int, b: int, **named: int) -> None: ...

    code = bound(some).__code__
    return {*code.co_varnames, *code.co_freevars, *code.co_names}


OWN = {"_0", "_1", "_2", "_more", "_more_named", "_local", "_item", "call", "make", "self", "cls"}
NAMES = sorted(
    name for name in {*dir(builtins), *template_names(), *OWN} if not keyword.iskeyword(name) and name != "__debug__"
)
SHAPES = {
    "by place": ("({0}, other=2): return [{0}, other]", [1], {}),
    "by place alone": ("({0}, /, other=2): return [{0}, other]", [1], {}),
    "by place, as named": ("({0}, other=2): return [{0}, other]", [], {"{0}": 1}),
    "by name": ("(*, {0}, other=2): return [{0}, other]", [], {"{0}": 1}),
    "by default": ("(*, {0}=1, other=2): return [{0}, other]", [], {}),
    "by name, of more": (
        "(*rest_, {0}, **named_): return [{0}, *rest_, *named_.values()]",
        [3, 4],
        {"{0}": 1, "five": 5},
    ),
    "more": ("(*{0}, other=2): return [*{0}, other]", [3, 4], {}),
    "more by name": ("(first, **{0}): return [first, *{0}.values()]", [1], {"four": 4}),
}
KINDS = {
    "plain": lambda text: f"def f{text}",
    "coroutine": lambda text: f"async def f{text}",
    "generator": lambda text: f"def f{text}".replace("return ", "yield "),
    "stream": lambda text: f"async def f{text}".replace("return ", "yield "),
}


def made(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(source, names)  # noqa: S102
    return names["f"]


def outcome(result: Any) -> Any:
    async def awaited() -> Any:
        return [each async for each in result] if inspect.isasyncgen(result) else await result

    if inspect.isasyncgen(result) or inspect.iscoroutine(result):
        return asyncio.run(awaited())
    return list(result)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_any_name_of_an_argument_does(shape: str, kind: str) -> None:
    text, given, named = SHAPES[shape]
    for name in NAMES:
        function = made(KINDS[kind](text.replace("{0}", name)))
        told = {word.replace("{0}", name): value for word, value in named.items()}

        assert outcome(bound(function)(*given, **told)) == outcome(function(*given, **told)), name
        assert inspect.signature(bound(function)) == inspect.signature(function)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_error_leaves_whatever_the_argument_is_called(shape: str) -> None:
    text, given, named = SHAPES[shape]
    for name in NAMES:
        function = made(KINDS["plain"](text.partition("return")[0].replace("{0}", name) + "return 1 / 0"))
        told = {word.replace("{0}", name): value for word, value in named.items()}

        with pytest.raises(ZeroDivisionError):
            bound(function)(*given, **told)
