"""Arguments of a wrong type, said in a sentence: a path where an open index is meant, a number where a name is."""

from __future__ import annotations

import collections.abc
import inspect
import itertools
import numbers
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from sealscrub.errors import UsageError

__all__ = ["Arguments"]

_OURS = "sealscrub."
_MAKE = {
    "AnnexKey": "read the key file first: sealscrub.identifiers.load_annex(path).",
    "AudienceKey": "read the key file first: sealscrub.identifiers.load_key(path).",
    "Certificate": "open the file first: sealscrub.certificates.open_certificate(path, public_key).",
    "Index": "open the file first: sealscrub.open_index(path, key=key_file).",
    "MatchingKey": "read the key file first: sealscrub.identifiers.load_key(path).",
    "Plan": "read the file first: sealscrub.Plan.from_toml(path).",
    "Policy": "for instance: sealscrub.Policy(accept={'near'}).",
    "Publisher": "read the key file first: sealscrub.identifiers.load_publisher(path).",
    "Receipts": "read the file first: sealscrub.certificates.Receipts.from_file(path).",
    "Registry": "open it first: sealscrub.custodian.registry.Registry.open(path).",
    "SealHistory": "open the custodian's: sealscrub.custodian.registry.Registry.open(path).",
    "Signer": "read the key file first: sealscrub.certificates.load_signer(path).",
    "TextIndex": "open the file first: sealscrub.index.open_text_index(path, key=key_file).",
}
"""How to come by an object of a class of ours."""


class Arguments:
    """What a function's annotations say about its arguments. They are read when that is first asked.

    Parameters
    ----------
    function : callable
        The function, or a method as its class holds it.

    Attributes
    ----------
    asked : list of (int, str, tuple of type, object)
        Place, name, classes and default of the arguments that are objects of the library's own. It is read at the
        first call; until then it holds one entry, so it is not empty.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._read = False
        self.asked: list[tuple[int, str, tuple[type, ...], object]] = [(0, "", (), None)]

    def check_own(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """Refuse what is given where an object of the library's own is meant. This is asked at every call.

        Raises
        ------
        UsageError
            Which argument it is, its type, and what it has to be.
        """
        if not self._read:
            self.asked[:] = self._find_own()
            self._read = True
        for at, name, kinds, default in self.asked:
            if at < len(given):
                value = given[at]
            elif name in named:
                value = named[name]
            else:
                continue
            if value is default:  # of a dataclass it may be what makes the value
                continue
            if not isinstance(value, (*kinds, int) if float in kinds else kinds):  # PEP 484's numeric tower
                raise self._wrong(name, value, typing.Union[kinds])  # noqa: UP007 - of types that are known here only

    def wrong(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> UsageError | None:
        """Name the first argument whose type is not what its annotation says, once a call has failed."""
        try:
            bound = inspect.signature(self._function).bind(*given, **named).arguments
        except (TypeError, ValueError):  # Python has said what is missing or too much
            return None
        for parameter, hint in self._hints():
            value = bound.get(parameter.name, parameter.default)
            if value is parameter.default:
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                values = value
            elif parameter.kind is parameter.VAR_KEYWORD:
                values = value.values()
            else:
                values = (value,)
            for each in values:
                if not _matches_hint(each, hint):
                    return self._wrong(parameter.name, each, hint)
        return None

    def _find_own(self) -> Iterator[tuple[int, str, tuple[type, ...], object]]:
        for at, (parameter, hint) in enumerate(self._hints()):
            kinds = tuple(typing.get_args(hint) if _is_union(hint) else (hint,))
            plain = all(isinstance(kind, type) and not isinstance(kind, types.GenericAlias) for kind in kinds)
            if plain and any(_is_own(kind) for kind in kinds) and parameter.kind in _SINGLE:
                place = at if parameter.kind is not parameter.KEYWORD_ONLY else sys.maxsize
                yield place, parameter.name, kinds, parameter.default

    def _hints(self) -> Iterator[tuple[inspect.Parameter, Any]]:
        names = _Names(getattr(self._function, "__globals__", {}))
        for parameter in inspect.signature(self._function).parameters.values():
            hint = parameter.annotation
            yield parameter, (Any if hint is parameter.empty else _read(hint, names))

    def _wrong(self, name: str, value: Any, hint: Any) -> UsageError:
        wanted = list(dict.fromkeys(_names(hint)))
        called = self._function.__qualname__.removesuffix(".__init__").removesuffix(".__new__")
        make = next((_MAKE[each] for each in wanted if each in _MAKE), f"see help({called}).")
        given, holds = type(value).__name__, _matches_hint(value, _outermost(hint))
        said = (
            f"holds something that is not {' or '.join(wanted)}"
            if holds
            else f"has to be {' or '.join(wanted)}, not {given}"
        )
        return UsageError(f"{name} {said}", where=called, hint=make)


_SAMPLE = 1000
"""Elements that are looked at, in a collection of any length."""
_SINGLE = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


def _read(hint: Any, names: _Names) -> Any:
    """Evaluate an annotation that is a text; what cannot be read says nothing."""
    if not isinstance(hint, str):
        return hint
    try:
        return eval(hint, {}, names)  # noqa: S307 - an annotation of our own source
    except (TypeError, NameError, SyntaxError, AttributeError):
        return Any


class _Unloaded(type):
    """A class that only type checkers import, known by its name."""

    def __instancecheck__(cls, value: object) -> bool:
        return any(kind.__name__ == cls.__name__ for kind in type(value).__mro__)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unloaded(name, (), {})

    def __getitem__(cls, arguments: object) -> Any:
        return cls


class _Names(dict[str, Any]):
    """Names of a module, and those that it imports for type checkers only."""

    def __missing__(self, name: str) -> Any:
        for module in (typing, collections.abc, __builtins__):
            found = module.get(name) if isinstance(module, dict) else getattr(module, name, None)
            if found is not None:
                return found
        return _Unloaded(name, (), {})


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _is_own(kind: Any) -> bool:
    own = isinstance(kind, type) and not isinstance(kind, _Unloaded) and kind.__module__.startswith(_OURS)
    return own and not issubclass(kind, Enum) and not getattr(kind, "_is_protocol", False)


def _outermost(hint: Any) -> Any:
    """A hint without what it says about elements."""
    if _is_union(hint):
        return typing.Union[tuple(_outermost(part) for part in typing.get_args(hint))]  # noqa: UP007
    origin = typing.get_origin(hint)
    return origin if isinstance(origin, type) else hint


def _matches_hint(value: Any, hint: Any) -> bool:
    """Whether a value may be of the type that a hint says; whatever is not known here may."""
    hint = _read(hint, _Names())
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if _is_union(hint):
        named = [part for part in parts if typing.get_origin(part) is collections.abc.Mapping]
        return any(_matches_hint(value, part) for part in (named if named and isinstance(value, dict) else parts))
    if origin is typing.Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if origin is typing.Annotated:
        return _matches_hint(value, parts[0])
    if hint is None:
        return value is None
    kind = origin or hint
    if not isinstance(kind, type) or _says_nothing(kind):
        return True
    return _is_of(value, kind) and _elements_fit(value, parts)


def _says_nothing(kind: type) -> bool:
    """Whether a class is a protocol of which an object's type does not show whether it fits."""
    return getattr(kind, "_is_protocol", False) and not getattr(kind, "_is_runtime_protocol", False)


def _is_of(value: Any, kind: type) -> bool:
    if issubclass(kind, Enum) and isinstance(value, str):
        return value in {each.value for each in kind}
    wider = {float: numbers.Real, int: numbers.Integral}.get(kind, kind)
    try:
        return isinstance(value, wider)
    except TypeError:  # a typed dictionary
        return True


def _elements_fit(value: Any, parts: tuple[Any, ...]) -> bool:
    if isinstance(value, tuple) and len(parts) > 1 and parts[-1] is not ...:
        return len(parts) < len(value) or all(
            _matches_hint(each, kind) for each, kind in zip(value, parts, strict=False)
        )
    if isinstance(value, dict) and len(parts) == 2:
        return all(_matches_hint(key, parts[0]) and _matches_hint(each, parts[1]) for key, each in value.items())
    if parts and isinstance(value, collections.abc.Collection):
        return all(_matches_hint(each, parts[0]) for each in itertools.islice(value, _SAMPLE))
    return True


def _names(hint: Any) -> Iterator[str]:
    """What a hint asks for, in the words of a sentence."""
    origin = typing.get_origin(hint)
    if _is_union(hint):
        for part in typing.get_args(hint):
            yield from _names(part)
    elif origin is typing.Literal:
        yield from (repr(each) for each in typing.get_args(hint))
    elif origin is typing.Annotated:
        yield from _names(typing.get_args(hint)[0])
    elif isinstance(hint, str):
        yield from _names(_read(hint, _Names()))
    elif hint is None or hint is type(None):
        yield "None"
    else:
        kind = origin or hint
        yield "a callable" if kind is collections.abc.Callable else getattr(kind, "__name__", "another type")
