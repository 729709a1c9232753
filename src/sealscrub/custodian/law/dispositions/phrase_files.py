"""Files of phrases: which tables they may have, what each may hold, and where one is wrong."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from sealscrub.errors import ConfigError
from sealscrub.file_system import parsed_toml

__all__ = ["OWN", "STATE", "PhraseFile", "parsed_file"]

PhraseFile = Mapping[str, Any]


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _expressions(value: object) -> bool:
    return isinstance(value, list) and all(map(_expression, value))


def _expression(value: object) -> bool:
    try:
        return isinstance(value, str) and re.compile(value) is not None
    except re.error:
        return False


def _each(shape: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(shape, value.values()))


def _rules(value: object) -> bool:
    shape = {"disposition": _text, "phrases": _texts}
    return isinstance(value, list) and all(
        isinstance(rule, dict) and rule.keys() == shape.keys() and all(shape[name](rule[name]) for name in shape)
        for rule in value
    )


_PAIRS = 'lines of the form "TEXT" = "TEXT"'
#: What each table of a custodian's own file is, and how it is said.
OWN: dict[str, tuple[Callable[[object], bool], str]] = {
    "version": (_text, 'a text: version = "us-xx/dispositions-1"'),
    "texts": (_each(_text), 'lines of the form "TEXT" = "DISPOSITION"'),
    "rule": (_rules, 'tables [[rule]], each with disposition = "…" and phrases = ["…", "…"]'),
    "slots": (_each(_texts), 'lines of the form name = ["PHRASE", "PHRASE"]'),
}
#: Of a state's file; only ``version`` is needed.
STATE = OWN | {
    "words": (_each(_text), _PAIRS),
    "patterns": (_each(_expression), "lines of the form name = 'REGULAR EXPRESSION'"),
    "notes": (_expressions, "a list of regular expressions"),
    "asides": (_expressions, "a list of regular expressions"),
    "turning": (_texts, "a list of texts"),
    "announcing": (_expressions, "a list of regular expressions"),
    "either": (_expressions, "a list of regular expressions"),
    "laws": (_texts, "a list of texts"),
    "juvenile_court": (_texts, "a list of texts"),
    "fallen": (_texts, "a list of phrases"),
    "count_dismissed": (_text, "a text"),
    "appeals": (_each(_texts), 'lines of the form name = ["WORDS", "WORDS"]'),
    "offences": (_each(_text), _PAIRS),
    "severities": (_each(_text), _PAIRS),
    "repeated": (_each(_text), _PAIRS),
    "adjourned": (_each(_text), _PAIRS),
    "referred": (_each(_text), _PAIRS),
    "grades": (_each(_text), _PAIRS),
    "unnamed": (_each(_each(_text)), f"tables [unnamed.DISPOSITION] with {_PAIRS}"),
}


def parsed_file(
    path: Path, tables: Mapping[str, tuple[Callable[[object], bool], str]], page: str
) -> tuple[PhraseFile, str]:
    r"""Read a file of phrases, and digest it.

    Parameters
    ----------
    path : Path
    tables : mapping
        :data:`OWN` or :data:`STATE`.
    page : str
        The page of the docs that says what such a file is.

    Returns
    -------
    given : mapping
        Its tables.
    digest : str
        SHA-256.

    Raises
    ------
    ConfigError
        When it cannot be read; the error names the line or the table, and no text of it.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "dispositions.toml"
    >>> _ = place.write_text('version = "1"\n[texts]\nDISM = 3\n')
    >>> parsed_file(place, OWN, "the page")
    Traceback (most recent call last):
    ...
    sealscrub.errors.ConfigError: dispositions.toml, [texts]: is not what this table holds...
    """
    where = path.name if tables is OWN else f"{path.parent.name}/{path.name}"
    try:
        content = path.read_bytes()
        text = content.decode()
    except (OSError, UnicodeDecodeError):
        raise ConfigError("cannot be read", where=where, hint="give a text file in TOML.") from None
    given = parsed_toml(text, where, f"see {page}.")
    if not given.get("version"):
        raise ConfigError(
            "has no version", where=where, hint='add version = "…" as the first line; decisions record it.'
        )
    for name, value in given.items():
        if name not in tables:
            _refuse_table(name, tables, where, page)
        shape, said = tables[name]
        if not shape(value):
            raise ConfigError(
                "is not what this table holds", where=f"{where}, [{name}]", hint=f"write {said}; see {page}."
            )
    return given, hashlib.sha256(content).hexdigest()


def _refuse_table(name: str, tables: Mapping[str, object], where: str, page: str) -> NoReturn:
    nearest = difflib.get_close_matches(name, list(tables), n=1)
    hint = f"did you mean [{nearest[0]}]? See {page}." if nearest else f"use {', '.join(tables)}; see {page}."
    raise ConfigError("has a table that no file of phrases has", where=where, hint=hint)
