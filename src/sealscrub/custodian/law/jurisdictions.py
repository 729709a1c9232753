"""Which places the engine knows: each is a package that offers one record."""

from __future__ import annotations

import importlib
import traceback
from pathlib import Path
from types import ModuleType

from sealscrub.errors import DOCS, ConfigError, SealscrubError, Spelled

from .declaration_checks import check_declarations
from .jurisdiction_packages import folder_of, places
from .law_codes import LawCode
from .rules import Jurisdiction, Rule

__all__ = ["JURISDICTIONS", "find_rule", "jurisdiction", "parse_law_code"]

#: Their names.
JURISDICTIONS = places()

_LOADED: dict[str, Jurisdiction] = {}


def jurisdiction(name: str) -> Jurisdiction:
    """Give the rules of a place.

    Parameters
    ----------
    name : str

    Returns
    -------
    Jurisdiction

    Raises
    ------
    ConfigError
        When none has that name, or its declarations make no sense.

    Examples
    --------
    >>> jurisdiction("us-ny").regimes[0].regime
    'us-ny/cpl-160.50'
    """
    if name not in _LOADED:
        if name not in places():
            raise ConfigError(f"unknown jurisdiction: {name!r}", hint=f"use one of {', '.join(places())}.")
        found = getattr(_loaded_module(name), "JURISDICTION", None)
        _LOADED[name] = check_declarations(found, name, f"{folder_of(name)}/jurisdiction.py")
    return _LOADED[name]


def _loaded_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(f".{folder_of(name)}.jurisdiction", __package__)
    except SealscrubError:
        raise
    except Exception as error:  # whatever the modules of a folder raise
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            frames.append((error.filename, error.lineno))
        lines = [
            f"{folder_of(name)}/{Path(file).name}, line {line}"
            for file, line in frames
            if Path(file).parent.name == folder_of(name)
        ]
        raise ConfigError(
            f"cannot be loaded ({type(error).__name__})",
            where=lines[-1] if lines else folder_of(name),
            hint=f"import it in Python to see why; see {DOCS}how-to/add-a-state.md.",
        ) from None


def find_rule(rule_id: str) -> tuple[Rule, ...]:
    """Give every dated version of a rule.

    Parameters
    ----------
    rule_id : str
        ``us-ny/cpl-160.50/3b``.

    Returns
    -------
    tuple of Rule

    Raises
    ------
    ConfigError
        When none has that name.

    Examples
    --------
    >>> [(rule.citation, rule.version) for rule in find_rule("us-ny/cpl-160.50/3c")]
    [('CPL 160.50(3)(c)', '1'), ('CPL 160.50(3)(c)', '1-motion')]
    """
    found = tuple(rule for name in places() for rule in jurisdiction(name).rules() if rule.id == rule_id)
    if not found:
        raise ConfigError(
            "unknown rule", hint=Spelled("jurisdiction(name).rules() lists them.", "sealscrub law rules lists them.")
        )
    return found


def parse_law_code(text: str | None, law: str = "us-ny") -> LawCode | None:
    """Read the number of an offence, as a jurisdiction's files write it.

    Parameters
    ----------
    text : str or None
    law : str, default "us-ny"

    Returns
    -------
    LawCode or None
        None for what is neither: an offence that cannot be read is a missing fact.

    Raises
    ------
    ConfigError
        When the jurisdiction is not known.

    Examples
    --------
    >>> parse_law_code("PL 2211500")
    LawCode(law='PL', article='221', section='221.15', subdivision='', attempt=False)
    >>> parse_law_code("LOC000000V") is None
    True
    """
    return jurisdiction(law).read_code(text)
