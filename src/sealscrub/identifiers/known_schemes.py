"""Which schemes there are: New York's, those that a user registers, and ``opaque:NAMESPACE`` for every system's id."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, SchemeError
from sealscrub.file_system import parsed_toml

from .newyork import NEW_YORK
from .scheme import Level, Scheme, Spelling, named_by

__all__ = [
    "get_scheme",
    "load_schemes",
    "own_schemes",
    "own_schemes_of",
    "register_scheme",
    "scheme_files",
    "scheme_names",
]

_OPAQUE = "opaque:"
_STATES = Path(__file__).parents[1] / "custodian" / "law"  # only their files: no room of the custodian is loaded
_lock = threading.RLock()
_known: dict[str, Scheme] = {}
_aliases: dict[str, str] = {}
_files: dict[Path, None] = {}
_plugins_read = False


def register_scheme(scheme: Scheme) -> Scheme:
    r"""Make a scheme known under its name and aliases.

    Parameters
    ----------
    scheme : Scheme
        The definition. The same one may be registered again.

    Returns
    -------
    Scheme
        The scheme, so the call can be in an assignment.

    Raises
    ------
    SchemeError
        When another scheme has the name or one of the aliases, or its parts cannot make one value.

    Examples
    --------
    Another city's booking number, seven or eight digits with zeros in front:

    >>> from sealscrub.identifiers import Level, Scheme, Spelling
    >>> booking = register_scheme(Scheme(
    ...     name="booking_number",
    ...     level=Level.ARREST,
    ...     spellings=[Spelling(r"(?P<serial>\d{7,8})", "{serial:0>8}")],
    ...     labels=["BK", "BOOKING"],
    ... ))
    >>> import polars as pl
    >>> from sealscrub.identifiers import canonicalise
    >>> canonicalise(pl.Series(["BK 1234567"]), "booking_number").values.to_list()
    ['01234567']
    """
    with _lock:
        _check_name(scheme)
        _known[scheme.name] = scheme
        _aliases.update(dict.fromkeys(scheme.aliases, scheme.name))
    return scheme


def _check_name(scheme: Scheme) -> None:
    if ":" in scheme.name:
        raise SchemeError(
            f"the name {scheme.name!r} is reserved for the ids of one system", hint="leave the colon out."
        )
    for name in (scheme.name, *scheme.aliases):
        taken = _known.get(_aliases.get(name, name))
        if taken is not None and taken != scheme:
            raise SchemeError(f"the name {name!r} is taken by another scheme", hint="choose another name.")
    for part in scheme.parts:
        if part != "date" and (part == scheme.name or get_scheme(part).parts):
            raise SchemeError(f"scheme {scheme.name}: its part {part!r} is made of several columns itself")


def get_scheme(name: str) -> Scheme:
    """Look a scheme up by its name or one of its aliases.

    Parameters
    ----------
    name : str
        ``arrest_number``, ``obts_number``, ``opaque:compas``, …

    Raises
    ------
    SchemeError
        When none has this name; the hint names the nearest.

    Examples
    --------
    >>> get_scheme("obts_number").name
    'cjtn'
    >>> get_scheme("opaque:compas").level
    <Level.ARREST: 'arrest'>
    """
    folded = name.strip().lower()
    scheme = _known.get(_aliases.get(folded, folded))
    if scheme is not None:
        return scheme
    if folded.startswith(_OPAQUE) and len(folded) > len(_OPAQUE):
        return _of_one_system(folded)
    _read_plugins()
    scheme = _known.get(_aliases.get(folded, folded))
    if scheme is None and folded in _of_states():
        return register_scheme(_of_states()[folded])
    if scheme is None:
        raise SchemeError.unknown(name, [*_known, "opaque:NAMESPACE"])
    return scheme


@lru_cache(maxsize=256)
def _of_one_system(name: str) -> Scheme:
    return Scheme(name=name, level=Level.ARREST, title=f"id of the system {name.removeprefix(_OPAQUE)}")


def scheme_names() -> list[str]:
    """Names of the schemes that are known, aliases left out, sorted.

    Examples
    --------
    >>> "docket" in scheme_names()
    True
    """
    _read_plugins()
    return sorted(_known)


def load_schemes(path: str | Path) -> list[Scheme]:
    """Register the schemes of a TOML file.

    Parameters
    ----------
    path : str or Path
        A file with a table ``[schemes.NAME]`` for each: ``level``, ``spellings`` (a list of tables with ``pattern``
        and ``form``), and what else :class:`Scheme` takes.

    Returns
    -------
    list of Scheme

    Raises
    ------
    ConfigError
        When the file does not exist, is not valid TOML or says something that a scheme does not have.
    SchemeError
        When a definition contradicts itself or takes a name that is taken.

    Examples
    --------
    >>> load_schemes("absent.toml")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: ...cannot be read (No such file or directory)
    """
    path = Path(path)
    schemes = _defined_in(path)
    with _lock:  # all of them or none
        known, aliases = dict(_known), dict(_aliases)
        try:
            done = [register_scheme(scheme) for scheme in schemes]
            _files[path.absolute()] = None
            return done
        except SchemeError:
            _known.clear()
            _known.update(known)
            _aliases.clear()
            _aliases.update(aliases)
            raise


def scheme_files() -> list[Path]:
    """Files from which schemes were registered in this process.

    Examples
    --------
    >>> all(file.is_absolute() for file in scheme_files())
    True
    """
    return list(_files)


def own_schemes() -> list[Scheme]:
    """Schemes that were registered beside New York's, in their order: another process registers them in it.

    Examples
    --------
    >>> get_scheme("docket") in own_schemes()
    False
    """
    return [scheme for scheme in _known.values() if scheme not in NEW_YORK]


def own_schemes_of(names: Iterable[str]) -> tuple[Scheme, ...]:
    """Those of some schemes that were registered beside New York's, with their parts before them.

    Examples
    --------
    >>> own_schemes_of(["docket", "opaque:compas"])
    ()
    """
    own = {scheme.name: scheme for scheme in own_schemes()}
    wanted = {name for each in names if each in own for name in (each, *own[each].parts)}
    return tuple(scheme for name, scheme in own.items() if name in wanted)


def _defined_in(path: Path) -> list[Scheme]:
    """Schemes that a file defines."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", where=str(path), hint="save it as text in UTF-8.") from None
    tables = parsed_toml(text, str(path)).get("schemes", {})
    if not tables or not isinstance(tables, dict):
        raise ConfigError("defines no scheme", where=str(path), hint="write a table [schemes.NAME] for each.")
    return [_from_table(name, table, path) for name, table in tables.items()]


def _from_table(name: str, table: Any, path: Path) -> Scheme:
    where = f"{path}: schemes.{name}"
    if not isinstance(table, dict):
        raise ConfigError("is not a table", where=where, hint="write a table [schemes.NAME] for each.")
    allowed = set(Scheme.__dataclass_fields__) - {"name"}
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise ConfigError(f"a scheme has no {unknown[0]!r}", where=where, hint=f"it has {', '.join(sorted(allowed))}.")
    try:
        spellings = tuple(Spelling(**spelling) for spelling in table.get("spellings", ()))
        return Scheme(name=name, **{**table, "spellings": spellings})
    except TypeError:
        raise ConfigError(
            "is incomplete: a scheme needs level, a spelling needs pattern and form", where=where
        ) from None


@cache
def _of_states() -> dict[str, Scheme]:
    """Schemes of the states that have rules, by their names and aliases; one is registered when it is asked for."""
    found: dict[str, Scheme] = {}
    for file in sorted(_STATES.glob("*/schemes.toml")):
        for scheme in _defined_in(file):
            for name in (scheme.name, *scheme.aliases):
                if name in found:
                    raise SchemeError(
                        f"the name {name!r} is taken by another scheme", hint=f"choose another in {file}."
                    )
                found[name] = scheme
    return found


def _read_plugins() -> None:
    """Register what installed packages offer under the entry point group ``sealscrub.schemes``."""
    global _plugins_read
    with _lock:
        if _plugins_read:
            return
        for entry in entry_points(group="sealscrub.schemes"):
            try:
                offered = entry.load()
                schemes = [offered] if isinstance(offered, Scheme) else list(offered)
            except Exception as error:  # whatever another package's import raises
                raise ConfigError(
                    f"cannot be loaded ({type(error).__name__})",
                    where=f"entry point {entry.value} in sealscrub.schemes",
                    hint="fix or uninstall the package that brings it.",
                ) from None
            for scheme in schemes:
                register_scheme(scheme)
        _plugins_read = True


named_by(get_scheme)
for _scheme in NEW_YORK:
    register_scheme(_scheme)
