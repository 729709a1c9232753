"""What ``check-nullity`` tests, and with what: the user's function, and the data in the kind that it takes."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sealscrub.errors import ColumnError, ConfigError
from sealscrub.tables.opener import read_frame, read_pandas, refuse_lake

__all__ = ["KINDS", "checked_kind", "keys_by_table", "load_data", "load_function", "named_files", "read_file", "spread"]

KINDS = ("auto", "pandas", "polars", "pyarrow", "path")


def load_function(name: str) -> Callable[..., Any]:
    """Import ``module:function`` from the current folder or the installed packages.

    Raises
    ------
    ConfigError
        When it cannot be imported, has no such function, or it cannot be called. The text of an exception of the
        module is not shown: it may hold values.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ConfigError("a function must be given as module:function", hint="such as features:build.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        said = "is not found" if module.startswith(missing) else f"needs {missing!r}, which is not found"
        raise ConfigError(
            f"the module {module!r} {said}", hint="run it in the folder of your code, with its requirements installed."
        ) from None
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        raise ConfigError(
            f"importing {module!r} fails with {type(error).__name__} at {Path(at.filename).name}:{at.lineno}",
            hint=f"see that python -c 'import {module}' works here.",
        ) from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ConfigError(f"{module!r} has no {attribute!r}", hint="give a function of the module.")
        found = getattr(found, part)
    if not callable(found):
        raise ConfigError(f"{name!r} cannot be called", hint="give a function that takes the data.")
    return found  # type: ignore[no-any-return]  # a loaded name


def named_files(given: Sequence[str]) -> dict[str, Path]:
    """Read ``--data``: ``FILE`` or ``NAME=FILE``; one file without a name is the function's argument itself.

    Raises
    ------
    ConfigError
        When a name is given twice, or a file does not exist.
    """
    found: dict[str, Path] = {}
    for text in given:
        name, equals, file = text.partition("=")
        if not equals or Path(text).exists() or "#" in name:
            name, file = "", text
        path = Path(file)
        refuse_lake(file)
        whole, _, part = path.name.partition("#")
        if not path.exists() and not path.with_name(whole).exists():
            raise ConfigError("this file does not exist", where=str(path), hint="--data FILE, or --data NAME=FILE.")
        name = name or ("" if len(given) == 1 else part or whole.partition(".")[0])
        if name in found:
            raise ConfigError(f"two files are called {name!r}", hint="--data NAME=FILE gives a file another name.")
        found[name] = path
    return found


def keys_by_table(on: Sequence[str], tables: Sequence[str]) -> Any:
    """Read ``--on``: ``SCHEME=COLUMN`` for every table that has the column, ``TABLE.SCHEME=COLUMN`` for one.

    Returns
    -------
    list of str, or dict of str to list of str
        For one frame, or by table; a key of every table is under the name ``""``.
    """
    if list(tables) == [""]:
        return list(on)
    found: dict[str, list[str]] = {}
    for text in on:
        table, dot, rest = text.partition(".")
        named = bool(dot) and table in tables
        found.setdefault(table if named else "", []).append(rest if named else text)
    return found


def load_data(
    files: Mapping[str, Path],
    on: Any,
    kind: str,
    function: Callable[..., Any],
    texts: Mapping[str, Collection[str]] | None = None,
) -> tuple[Any, Any]:
    """Read the data in the kind that the function takes.

    Parameters
    ----------
    files : mapping of str to Path
    on : list of str, or dict of str to list of str
        Key columns, from :func:`keys_by_table`.
    kind : str
    function : callable
    texts : mapping of str to collection of str, optional
        More columns that are read as text, by table.

    Returns
    -------
    (data, on)
        A frame or path, or a mapping of frames; and which columns of it are keys.

    Raises
    ------
    ConfigError, ColumnError
        When the kind does not exist, or no table has a key's column.
    UnreadableInput
        When a file cannot be read.
    """
    kind = checked_kind(kind, function)
    if kind == "path":
        if list(files) != [""]:
            raise ConfigError("a function that takes a path needs one file or folder", hint="--data FILE.")
        return files[""], on
    keys = _columns_of(on)
    frames = {name: read_file(path, kind, [*keys, *(texts or {}).get(name, ())]) for name, path in files.items()}
    if list(frames) == [""]:
        return frames[""], on
    return frames, spread(on, frames)


def checked_kind(kind: str, function: Callable[..., Any]) -> str:
    """Give the kind in which a function gets its data.

    Raises
    ------
    ConfigError
        When the kind does not exist.
    """
    if kind not in KINDS:
        raise ConfigError(f"--as: unknown kind {kind!r}", hint=", ".join(KINDS))
    return _asked_by(function) if kind == "auto" else kind


def _asked_by(function: Callable[..., Any]) -> str:
    """Return the kind by the annotation of the first argument; else pandas if it is installed, else polars."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    said = str(parameters[0].annotation) if parameters else ""
    for sign, kind in (("polars", "polars"), ("pl.", "polars"), ("pyarrow", "pyarrow"), ("pa.", "pyarrow")):
        if sign in said:
            return kind
    if "Path" in said and "pandas" not in said:
        return "path"
    return "pandas" if importlib.util.find_spec("pandas") is not None else "polars"


def _columns_of(on: Any) -> list[str]:
    """Columns of keys, which are read as text: a number of a CSV file would lose its leading zeros."""
    texts = [text for part in on.values() for text in part] if isinstance(on, dict) else on
    return [column for text in texts or () for column in text.partition("=")[2].split("+")]


def read_file(path: Path, kind: str, texts: Collection[str]) -> Any:
    """Read one file, or one table of it, as a pandas, polars or pyarrow table.

    Parameters
    ----------
    path : Path
    kind : str
    texts : collection of str
        Columns that are text, whatever is in them.

    Raises
    ------
    ConfigError
        When its format is not known.
    UsageError, UnreadableInput
        When it does not exist, or cannot be read.
    """
    if kind == "pandas":
        return read_pandas(path, typed=True, texts=texts)
    frame = read_frame(path, typed=True, texts=texts)
    return frame.to_arrow() if kind == "pyarrow" else frame


def spread(on: dict[str, list[str]], frames: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give a key of every table to the tables that have its column."""
    found = {name: list(texts) for name, texts in on.items() if name}
    for text in on.get("", ()):
        columns = text.partition("=")[2].split("+")
        having = [name for name, frame in frames.items() if set(columns) <= set(_names(frame))]
        if not having:
            every = [str(name) for frame in frames.values() for name in _names(frame)]
            raise ColumnError.absent(columns[0], every)
        for name in having:
            found.setdefault(name, []).append(text)
    return found


def _names(frame: Any) -> list[str]:
    return list(getattr(frame, "column_names", None) or frame.columns)
