"""Wrapping public functions, methods and whole rooms."""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import weakref
from enum import Enum
from types import FunctionType
from typing import Any, TypeVar

from sealscrub.errors import SealscrubError

from .call_template import boundary_of
from .edge import Asked
from .error_tracebacks import is_edge

__all__ = ["bound", "bound_room"]

_Bound = TypeVar("_Bound")
_OURS = "sealscrub"
_SPECIAL_METHODS = frozenset(
    f"__{name}__"
    for name in (
        *("aenter", "aexit", "aiter", "anext", "call", "contains", "delitem", "enter", "exit", "getattr", "getitem"),
        *("init", "iter", "next", "reduce", "setitem", "setstate"),
    )
)
"""Methods that Python calls for a caller's syntax, and that may read rows."""
_Cached = functools._lru_cache_wrapper
_BOUND_CLASSES: weakref.WeakSet[type] = weakref.WeakSet()


def bound(made: _Bound) -> _Bound:
    """Let no error that leaves a function, or a method of a class, hold a variable of the library's.

    Parameters
    ----------
    made : function or class
        A function, generator function, coroutine function, or a class, whose public methods and those of its bases
        in the library are wrapped in place.

    Returns
    -------
    function or class
        The class, or a function that does the same.

    Notes
    -----
    An import that failed for want of an extra leaves as :class:`~sealscrub.errors.MissingExtra`, and what failed over
    an argument of a wrong type as :class:`~sealscrub.errors.UsageError`.

    Examples
    --------
    >>> @bound
    ... def halve(rows):
    ...     return rows["n"] / 2
    >>> try:
    ...     halve({"who": "K14612345"})
    ... except KeyError as error:
    ...     [entry.tb_frame.f_locals for entry in [error.__traceback__.tb_next.tb_next]]
    [{}]
    """
    if isinstance(made, type):
        for kind in made.__mro__:
            if kind.__module__.split(".")[0] == _OURS:
                _bound_class(kind)
        return made
    return _bound_function(made) if isinstance(made, FunctionType | _Cached) else made


def bound_room(name: str) -> None:
    """Wrap every function and class that a module lists in ``__all__`` and has loaded.

    A function is replaced in the module that defines it too, so its pickles find it.

    Parameters
    ----------
    name : str
        The module's, once it holds all its names: ``bound_room(__name__)``.

    Examples
    --------
    >>> import sys, types
    >>> room = types.ModuleType("made_up_room")
    >>> room.__all__ = ["LIMIT"]
    >>> room.LIMIT = 3
    >>> sys.modules["made_up_room"] = room
    >>> bound_room("made_up_room")
    >>> room.LIMIT, sys.modules.pop("made_up_room").__name__
    (3, 'made_up_room')
    """
    room = vars(sys.modules[name])
    for each in room["__all__"]:
        made = room.get(each)
        if getattr(made, "__module__", "").split(".")[0] != _OURS:
            continue
        if isinstance(made, type):
            bound(made)
        elif isinstance(made, FunctionType | _Cached):
            room[each] = _bound_at_home(made)


def _bound_at_home(function: Any) -> Any:
    """Wrap a function where it is defined, once, whichever rooms offer it."""
    home = vars(sys.modules[function.__module__])
    known = home.get(function.__name__)
    if isinstance(known, FunctionType | _Cached) and inspect.unwrap(known) is inspect.unwrap(function):
        home[function.__name__] = _bound_function(known)
        return home[function.__name__]
    return _bound_function(function)


def _bound_class(kind: type) -> None:
    if kind in _BOUND_CLASSES or issubclass(kind, Enum | SealscrubError) or getattr(kind, "_is_protocol", False):
        return
    _BOUND_CLASSES.add(kind)
    for name, member in list(vars(kind).items()):
        if name in _SPECIAL_METHODS or not name.startswith("_"):
            wrapped = _bound_member(member, kind)
            if wrapped is not member:
                setattr(kind, name, wrapped)


def _bound_member(member: Any, kind: type) -> Any:
    if isinstance(member, FunctionType):
        by_dataclass = not member.__code__.co_filename.endswith(".py")
        if by_dataclass and not hasattr(kind, "__post_init__"):
            return member
        # what a constructor keeps fails long after, what a method gets fails in it; an estimator looks at its fit
        keeps = member.__name__ == "__init__" and not hasattr(kind, "set_params")
        return _bound_function(member, Asked.BEFORE if keeps else Asked.AFTER)
    if isinstance(member, classmethod | staticmethod) and isinstance(member.__func__, FunctionType):
        return type(member)(_bound_function(member.__func__))
    if type(member) is property:
        get, put, delete = (
            each and _bound_function(each, Asked.AFTER) for each in (member.fget, member.fset, member.fdel)
        )
        return property(get, put, delete, member.__doc__)
    if isinstance(member, functools.cached_property):
        member.func = _bound_function(member.func, Asked.AFTER)
    return member


def _bound_function(function: Any, asked: Asked = Asked.BEFORE) -> Any:
    if isinstance(function, _Cached):  # in compiled code, which has no frame: what it calls is wrapped
        return functools.lru_cache(**function.cache_parameters())(_bound_function(function.__wrapped__, asked))
    if is_edge(function.__code__):
        return function
    if function.__code__ in _MANAGERS:
        return _MANAGERS[function.__code__](_bound_function(inspect.unwrap(function), asked))
    return boundary_of(function, asked)


_MAKERS: tuple[Any, ...] = (contextlib.contextmanager, contextlib.asynccontextmanager)
_MANAGERS = {make(lambda: None).__code__: make for make in _MAKERS}
"""What a context manager that is written as a generator is made by."""
