"""What a route is given, read where the route is made: a wrong word is an error there, and not at each request."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sealscrub.errors import ConfigError
from sealscrub.index import TextIndex
from sealscrub.matching import Policy, parse_on
from sealscrub.matching.texts.text_policies import TextPolicy

from ..json_answers.answer_shape import JsonOn, read_shape
from ..json_answers.json_text import Limits
from ..json_answers.undeclared_strings import Undeclared
from ..live_index import LiveIndex
from ..text.guarded_text import refuse_old_name

__all__ = [
    "SHAPES",
    "declared",
    "declared_columns",
    "declared_header",
    "declared_header_value",
    "declared_json",
    "declared_names",
    "declared_text_options",
    "split_independent",
]

SHAPES = frozenset(inspect.signature(read_shape).parameters) - {"on"}
"""Options that say something of an answer's form."""
_JSON: Mapping[str, Callable[[Any], bool] | None] = {
    **dict.fromkeys(SHAPES),
    "undeclared": lambda value: isinstance(value, str),
    "policy": lambda value: isinstance(value, Policy),
    "limits": lambda value: isinstance(value, Limits),
    "allow_absent": lambda value: isinstance(value, bool),
}
_WITHOUT_JSON = frozenset({"complete", "limits", "policy", "allow_absent"})
"""Those that say something of tables and streams too."""
_TEXT: Mapping[str, Callable[[Any], bool]] = {
    "names": lambda value: value is None or isinstance(value, LiveIndex | TextIndex),
    "on_match": lambda value: isinstance(value, str),
    "possible": lambda value: value in ("remove", "keep"),
    "ocr": lambda value: isinstance(value, bool),
    "known": lambda value: True,
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


def declared(name: str, value: Any, kind: type, *, none: bool = False) -> Any:
    """Require something to be of a kind.

    Raises
    ------
    ConfigError
    """
    if not isinstance(value, kind) and not (none and value is None):
        raise ConfigError(f"{name}= takes a {kind.__name__}", hint=f"this is {type(value).__name__}.")
    return value


def declared_json(on: JsonOn | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Read the options of :class:`JsonGuard`.

    Raises
    ------
    ConfigError, SchemeError
        When one is not understood, or says something of JSON if no JSON passes.
    """
    _require_known("a guarded route", options, _JSON)
    if on is None and (strange := sorted(set(options) - _WITHOUT_JSON)):
        raise ConfigError(f"{strange[0]}= needs responses in JSON", hint="declare where they name records in on=.")
    Undeclared.of(options.get("undeclared", "pass"))
    wrong = False
    if on is not None:
        try:
            read_shape(on, **{name: options[name] for name in SHAPES if name in options})
        except (AttributeError, TypeError):
            wrong = True
    if wrong:
        raise ConfigError("JsonGuard does not take an option of the route in this type")
    return dict(options)


def declared_text_options(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Read the options of :func:`guard_text`.

    Raises
    ------
    ConfigError
    """
    found = dict(declared("text_options", options or {}, Mapping))
    refuse_old_name(found.get("policy"))
    _require_known("guard_text", found, _TEXT)
    TextPolicy.of(found.get("on_match", "sentence"))
    return found


def _require_known(what: str, options: Mapping[str, Any], known: Mapping[str, Callable[[Any], bool] | None]) -> None:
    for name, value in options.items():
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            raise ConfigError(
                f"{what} has no option {name!r}",
                hint=f"{near[0]}=?" if near else f"use one of {', '.join(sorted(known))}.",
            )
        fits = known[name]
        if fits is not None and not fits(value):
            raise ConfigError(f"{name}= has the wrong type", hint=f"this is {type(value).__name__}.")


def declared_columns(columns: Mapping[str, str | Sequence[str]] | None) -> dict[str, Any]:
    """Read key columns of tables.

    Raises
    ------
    ConfigError, SchemeError
    """
    found = dict(declared("columns", columns or {}, Mapping))
    if columns is not None:
        parse_on(found)
    return found


def split_independent(options: Mapping[str, Any]) -> tuple[frozenset[str], dict[str, Any]]:
    """Columns of tables that `independent` names, and the options with the locations in JSON that only it names."""
    given = options["independent"]
    named = declared_names("independent", [given] if isinstance(given, str) else given)
    locations = [each for each in named if each.startswith("$")]
    left = {name: value for name, value in options.items() if name != "independent"}
    return frozenset(named) - set(locations), left | ({"independent": locations} if locations else {})


def declared_names(name: str, named: Iterable[str]) -> list[str]:
    """Read a list of texts, and take no text for a list of its letters.

    Raises
    ------
    ConfigError
    """
    found = list(named) if isinstance(named, Iterable) and not isinstance(named, str | bytes) else [None]
    if not all(isinstance(each, str) for each in found):
        raise ConfigError(f"{name}= must be a list of strings", hint=f'{name}=["…"]')
    return [str(each) for each in found]


def declared_header(name: str) -> str:
    """Read the name of a header.

    Raises
    ------
    ConfigError
    """
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise ConfigError(f"{name!r} is not the name of a header", hint='headers=["x-model"]')
    return name.lower()


def declared_header_value(name: str, value: str) -> str:
    """Read what a header says.

    Raises
    ------
    ConfigError
    """
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise ConfigError(f"{name}= cannot be sent in a header", hint="printable ASCII.")
    return value
