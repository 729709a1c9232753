"""Functions that wrap others: they take the same arguments, call them, and look at what leaves."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, update_wrapper
from types import AsyncGeneratorType, CodeType, CoroutineType, FunctionType, GeneratorType
from typing import Any

from .edge import Asked, Edge
from .error_tracebacks import PLACE, is_edge

__all__ = ["boundary_of"]

# Python compares arguments with the signature before it runs anything, and this has to: a server asks in this way
# whether it was given an application. A call costs about 0.1 µs more; one through *args and **kwargs three times that.
_TEMPLATE = """
def make(_function, _asked, _check, _leaving, _later):
    {kind}def call({parameters}):
        {local} = None
        try:
            if _asked:
                _check({given}, {named})
            {body}
        except BaseException as _error:
            __tracebackhide__ = True
            _instead = _leaving(_error, {given}, {named})
            {every} = {local} = None
            if _instead is None:
                raise
        raise _instead
    return call
"""
_FUNCTION = """_local = _function({call})
            return _later[type(_local)](_local) if type(_local) in _later else _local"""
_COROUTINE = "return await _function({call})"
_GENERATOR = "return (yield from _function({call}))"
_STREAM = """_local = _function({call})
            try:
                async for _item in _local:
                    yield _item
            finally:
                await _local.aclose()
            return"""


def boundary_of(function: Any, asked: Asked) -> Any:
    """Give a function that does what another does, takes the same arguments and is of the same kind.

    Parameters
    ----------
    function : function
        A plain function, a generator function, a coroutine function or an asynchronous generator function.
    asked : Asked
        When the types of its arguments are looked at.

    Returns
    -------
    function
    """
    edge = Edge(function, asked)
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    names = code.co_varnames[: count + bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & _VAR_NAMED)]
    kind = code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR)
    by_name = names[code.co_argcount : count]
    shape = (code.co_argcount, code.co_posonlyargcount, by_name, *_takes_varargs(code))
    call = _maker(kind, *shape)(edge.function, edge.asked, edge.check, edge.leaving, _CHECKED_LATER)
    call.__code__ = call.__code__.replace(co_varnames=names + call.__code__.co_varnames[len(names) :])
    call.__defaults__, call.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return update_wrapper(call, function)


_VAR_NAMED = inspect.CO_VARKEYWORDS


def _takes_varargs(code: CodeType) -> tuple[bool, bool]:
    return bool(code.co_flags & inspect.CO_VARARGS), bool(code.co_flags & _VAR_NAMED)


@cache
def _maker(kind: int, count: int, unnamed: int, by_name: tuple[str, ...], more: bool, more_named: bool) -> Any:
    """Compile what makes boundaries of one shape; names of arguments are put in later, so they hide none."""
    placed = [f"_{at}" for at in range(count)]
    said = {name: f"_{count + at}" for at, name in enumerate(by_name)}
    parameters = [*placed[:unnamed], *(["/"] if unnamed else []), *placed[unnamed:]]
    parameters += ["*_more"] if more else ["*"] if by_name else []
    parameters += [*said.values(), *(["**_more_named"] if more_named else [])]
    given = [*placed, *(["*_more"] if more else [])]
    named = [*(f"{name}={place}" for name, place in said.items()), *(["**_more_named"] if more_named else [])]
    every = [*placed, *said.values(), *(["_more"] if more else []), *(["_more_named"] if more_named else [])]
    body = {inspect.CO_COROUTINE: _COROUTINE, inspect.CO_GENERATOR: _GENERATOR, inspect.CO_ASYNC_GENERATOR: _STREAM}
    source = _TEMPLATE.format(
        kind="async " if kind & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR) else "",
        parameters=", ".join(parameters),
        local="_local = _item" if kind == inspect.CO_ASYNC_GENERATOR else "_local",
        given=f"({', '.join(given)}{',' if given else ''})",
        named=f"dict({', '.join(named)})" if named else "{}",
        every=" = ".join(every) or "_local",
        body=body.get(kind, _FUNCTION).format(call=", ".join([*given, *named])),
    )
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(source, PLACE, "exec"), names)  # noqa: S102 - the template above
    return names["make"]


def _closure(function: FunctionType) -> Any:
    ours = str(function.__globals__.get("__name__")).split(".")[0] == "sealscrub"
    return boundary_of(function, Asked.NEVER) if ours and not is_edge(function.__code__) else function


def _generator(result: Any) -> Any:
    def run() -> Any:
        return (yield from result)

    return result if is_edge(result.gi_code) else boundary_of(run, Asked.NEVER)()


def _coroutine(result: Any) -> Any:
    async def run() -> Any:
        return await result

    return result if is_edge(result.cr_code) else boundary_of(run, Asked.NEVER)()


def _stream(result: Any) -> Any:
    async def run() -> Any:
        try:
            async for item in result:
                yield item
        finally:
            await result.aclose()

    return result if is_edge(result.ag_code) else boundary_of(run, Asked.NEVER)()


_CHECKED_LATER: dict[type, Callable[[Any], Any]] = {
    FunctionType: _closure,
    GeneratorType: _generator,
    CoroutineType: _coroutine,
    AsyncGeneratorType: _stream,
}
"""Results that run after the call has ended, and fail then."""
