"""How a command declares its options: groups of shared ones, and when an option applies.

A parameter whose type is a dataclass of options means all of them. What an option needs or excludes is written
next to it (:func:`needs`, :func:`unless`): from that follow the refusal of an option that does not apply, what
``--help`` says about it, and the reference. A path is of a file or a folder unless it may be the address of a
table (:data:`OR_ADDRESS`).
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo, ParameterInfo

from sealscrub.errors import ConfigError

__all__ = [
    "OR_ADDRESS",
    "Commands",
    "Condition",
    "Former",
    "addresses_of",
    "conditions_of",
    "formerly",
    "named_files",
    "needs",
    "option",
    "renamed",
    "unless",
]

_CONTEXT = "typer_context"
_CONDITIONS, _FORMER, _ADDRESSES = "__conditions__", "__former__", "__addresses__"
_NAMED: ContextVar[tuple[tuple[Path, bool], ...]] = ContextVar("_NAMED", default=())
_WRITTEN = ("output", "quarantine")
OR_ADDRESS = object()
"""Stands next to a path that may also be the address of a table, or where the command itself says that it may not."""


@dataclass(frozen=True)
class Condition:
    """When an option applies: with one of some others, or with none of them.

    Parameters
    ----------
    others : tuple of str
        Options, or the names of arguments.
    wanted : bool
        Whether one of them has to be given; otherwise none may be.
    hint : str
        What to do.
    of : tuple of str
        Of a group: the options that it is about, by their names in Python; by default all.
    """

    others: tuple[str, ...]
    wanted: bool
    hint: str = ""
    of: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The sentence for ``--help``."""
        return f"{'Only' if self.wanted else 'Not'} with {' or '.join(self.others)}."


@dataclass(frozen=True)
class Former:
    """Earlier names of an option, which are refused.

    Parameters
    ----------
    names : tuple of str
    of : str
        Of a group: the option that it is about, by its name in Python.
    """

    names: tuple[str, ...]
    of: str = ""


def option(help: str, *names: str, **settings: Any) -> Any:
    """Declare an option: a path is a FILE, a number is 0 or more, a day is written YYYY-MM-DD."""
    return typer.Option(*names, help=help, **settings)


def needs(*others: str, hint: str = "", of: tuple[str, ...] = ()) -> Condition:
    """Let an option apply only if one of `others` is given."""
    return Condition(others, True, hint, of)


def unless(*others: str, hint: str = "", of: tuple[str, ...] = ()) -> Condition:
    """Let an option apply only if none of `others` is given."""
    return Condition(others, False, hint, of)


def formerly(*names: str, of: str = "") -> Former:
    """Let an option say its name to those who type an earlier one."""
    return Former(names, of)


def named_files() -> tuple[tuple[Path, bool], ...]:
    """Give the files and folders that options and arguments name, but for reports, and whether they are an output."""
    return _NAMED.get()


class Commands(typer.Typer):
    """Commands that declare groups of options, and when they apply."""

    def expand(self) -> Commands:
        """Make of all commands what typer takes: not before one of them is asked for, since it takes long."""
        for each in self.registered_commands:
            if each.callback is not None and not hasattr(each.callback, _CONDITIONS):
                each.callback = _with_single_options(each.callback)
        for group in self.registered_groups:
            if isinstance(group.typer_instance, Commands):
                group.typer_instance.expand()
        return self


@dataclass(frozen=True)
class _Parameter:
    """A parameter of a command as typer takes it, and when it applies."""

    parameter: inspect.Parameter
    conditions: tuple[Condition, ...]
    former: dict[str, str]
    or_address: bool


def conditions_of(command: Callable[..., Any]) -> dict[str, tuple[Condition, ...]]:
    """Give the conditions of each parameter of a registered command, by its name in Python."""
    found: dict[str, tuple[Condition, ...]] = getattr(command, _CONDITIONS, {})
    return found


def addresses_of(command: Callable[..., Any]) -> frozenset[str]:
    """Give the parameters of a registered command whose path may be the address of a table, by their names."""
    found: frozenset[str] = getattr(command, _ADDRESSES, frozenset())
    return found


def renamed(error: BaseException) -> ConfigError | None:
    """Say the new name of an option, where an error of the parser is that its earlier one was typed."""
    typed = getattr(error, "option_name", "")
    command = getattr(getattr(error, "ctx", None), "command", None)
    name = getattr(getattr(command, "callback", None), _FORMER, {}).get(typed)
    return ConfigError(f"{typed} is called {name} now", hint=f"write {name}.") if name else None


def _with_single_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of single options of one that takes groups of them."""
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, type[Any]] = {}
    declared: list[_Parameter] = []
    for name, parameter in inspect.signature(function).parameters.items():
        kind, extras = _split(hints[name])
        if isinstance(kind, type) and is_dataclass(kind):
            groups[name] = kind
            declared += _fields_of(kind, extras)
        else:
            declared.append(_option(name, parameter.default, kind, extras, panel=""))
    conditions = {each.parameter.name: each.conditions for each in declared if each.conditions}
    addresses = frozenset(each.parameter.name for each in declared if each.or_address)

    @functools.wraps(function)
    def called(**values: Any) -> Any:
        context = values.pop(_CONTEXT)
        _refuse_addresses(context, {name: value for name, value in values.items() if name not in addresses})
        _refuse_inapplicable(context, conditions)
        _NAMED.set(tuple(_paths_of(values)))
        for name, kind in groups.items():
            values[name] = kind(**{field.name: values.pop(field.name) for field in fields(kind)})
        return function(**values)

    context = inspect.Parameter(_CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [context, *(each.parameter for each in declared)]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    setattr(called, _CONDITIONS, conditions)
    setattr(called, _ADDRESSES, addresses)
    setattr(called, _FORMER, {old: new for each in declared for old, new in each.former.items()})
    del called.__wrapped__
    return called


def _paths_of(values: Mapping[str, object]) -> Iterator[tuple[Path, bool]]:
    for name, value in values.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            # a plan's root, and what a function may read, are folders to work in
            if isinstance(each, Path) and name != "report" and not (name in ("root", "inputs") and each.is_dir()):
                yield each, name in _WRITTEN


def _fields_of(kind: type[Any], extras: tuple[Any, ...]) -> Iterator[_Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        own, more = _split(hints[field.name])
        about = [each for each in extras if not each.of or field.name in _named(each)]
        yield _option(field.name, field.default, own, (*more, *about), panel=getattr(kind, "panel", ""))


def _named(about: Condition | Former) -> tuple[str, ...]:
    return (about.of,) if isinstance(about, Former) else about.of


def _split(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is not Annotated:
        return hint, ()
    kind, *extras = get_args(hint)
    return kind, tuple(extras)


def _option(name: str, default: object, kind: Any, extras: tuple[Any, ...], *, panel: str) -> _Parameter:
    (declared,) = (each for each in extras if isinstance(each, ParameterInfo))
    conditions = tuple(each for each in extras if isinstance(each, Condition))
    info = copy.copy(declared)
    info.help = " ".join([info.help or "", *(each.said for each in conditions)]).strip()
    kinds = {kind, *get_args(kind), *(part for each in get_args(kind) for part in get_args(each))}
    if kinds & {int, float} and info.min is None:
        info.min = 0
    if isinstance(info, OptionInfo):
        info.rich_help_panel = info.rich_help_panel or panel or None
        if Path in kinds:
            info.metavar = info.metavar or "FILE"
        if dt.datetime in kinds:
            info.formats = ["%Y-%m-%d"]
    parameter = inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )
    names = [str(each) for each in (info.default, *(info.param_decls or ())) if str(each).startswith("--")]
    shown = names[0] if names else f"--{name.replace('_', '-')}"
    former = {old: shown for each in extras if isinstance(each, Former) for old in each.names}
    return _Parameter(parameter, conditions, former, any(each is OR_ADDRESS for each in extras))


def _refuse_inapplicable(context: typer.Context, conditions: dict[str, tuple[Condition, ...]]) -> None:
    """Refuse an option that was typed and does not apply; what the environment says may be for another command."""
    given = {
        spelled
        for each in context.command.params
        if each.name is not None and _source(context, each.name) in ("COMMANDLINE", "ENVIRONMENT")
        for spelled in (*each.opts, *each.secondary_opts)
    }
    for each in context.command.params:
        if each.name is None or _source(context, each.name) != "COMMANDLINE":
            continue
        for condition in conditions.get(each.name, ()):
            found = [other for other in condition.others if other in given]
            if bool(found) is condition.wanted:
                continue
            shown = _shown(each)
            others = " or ".join(condition.others if condition.wanted else found)
            raise ConfigError(
                f"{shown} applies only with {others}" if condition.wanted else f"{shown} does not apply with {others}",
                hint=condition.hint
                or (f"add {others}, or leave {shown} out." if condition.wanted else "leave one out."),
            )


def _refuse_addresses(context: typer.Context, values: Mapping[str, object]) -> None:
    """Refuse the address of a table where a file or a folder is meant, before anything is done."""
    from sealscrub.atomic_write import refuse_address

    for each in context.command.params:
        value = values.get(each.name or "")
        for path in value if isinstance(value, list | tuple) else [value]:
            if isinstance(path, Path):
                refuse_address(path, where=_shown(each))


def _shown(parameter: Any) -> str:
    """The name of an option or an argument, as it is typed or as ``--help`` shows it."""
    name: str = next((each for each in parameter.opts if each.startswith("--")), parameter.opts[0])
    return name if name.startswith("-") else str(parameter.metavar or parameter.name).upper()


def _source(context: typer.Context, name: str) -> str:
    source = context.get_parameter_source(name)
    # with typer 0.26, an argument that was left out counts as typed
    empty = context.params.get(name, name) in (None, [], ())
    return "" if source is None or empty else source.name
