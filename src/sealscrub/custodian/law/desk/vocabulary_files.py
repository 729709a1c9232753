"""The custodian's own vocabulary: a TOML file of words and what they come to, which answers extend."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from sealscrub.atomic_write import placed_file
from sealscrub.errors import DOCS, ConfigError
from sealscrub.file_system import parsed_toml

__all__ = ["extend_vocabulary"]

_VERSION = re.compile(r'^(?P<before>\s*version\s*=\s*")(?P<version>[^"\\\n]*)(?P<after>"[^\n]*)$', re.MULTILINE)
_TEXTS = re.compile(r"^\s*\[texts\][^\n]*$", re.MULTILINE)


def extend_vocabulary(path: str | Path, meanings: Mapping[str, str]) -> str:
    """Add words to a vocabulary, and raise its version; the rest of the file stays as it was written.

    Parameters
    ----------
    path : str or Path
        A TOML file as ``--aliases`` takes it; made with mode 0600 if there is none.
    meanings : mapping of str to str
        Words that it does not hold yet, and the disposition, or the ending of a state's own, that they come to.

    Returns
    -------
    str
        The version by now.

    Raises
    ------
    ConfigError
        When the file is not of that form.
    WriteFailed
        When it cannot be written; what was there is as it was.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.custodian.law.dispositions import Disposition
    >>> place = pathlib.Path(tempfile.mkdtemp()) / "ours.toml"
    >>> extend_vocabulary(place, {"STET": Disposition.PENDING})
    'own-1'
    >>> extend_vocabulary(place, {"MERGED": Disposition.COVERED_BY})
    'own-2'
    >>> print(place.read_text())
    version = "own-2"
    <BLANKLINE>
    [texts]
    "STET" = "PENDING"
    "MERGED" = "COVERED_BY"
    <BLANKLINE>
    """
    place = Path(path)
    before = 'version = "own-0"\n\n[texts]\n'
    if place.exists():
        try:
            before = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ConfigError("cannot be read", where=place.name, hint="give a text file in TOML.") from None
    held = _read(before, place)
    new = {words: str(given) for words, given in meanings.items() if held["texts"].get(words) != given}
    if not new and place.exists():
        return str(held["version"])
    after = _with_words(_with_next_version(before, place), new)
    read = _read(after, place)
    if read["texts"] != held["texts"] | new or set(read) != set(held):
        raise ConfigError(
            "this file cannot be extended", where=place.name, hint="give it a version and [texts], a line each."
        )
    with placed_file(place, mode=0o600) as file:
        file.write(after.encode())
    return str(read["version"])


def _read(text: str, place: Path) -> dict[str, dict[str, str]]:
    given = parsed_toml(text, place.name, f"see {DOCS}how-to/derive-seals.md.")
    texts = given.get("texts", {})
    if not isinstance(given.get("version"), str) or not isinstance(texts, dict):
        raise ConfigError(
            "has no version", where=place.name, hint='add version = "…" as the first line; decisions record it.'
        )
    return given | {"texts": texts}


def _with_next_version(text: str, place: Path) -> str:
    found = _VERSION.search(text)
    if found is None:
        raise ConfigError(
            "has no version", where=place.name, hint='add version = "…" as the first line; decisions record it.'
        )
    name = re.fullmatch(r"(.*?)(\d+)", found["version"])
    raised = f"{name[1]}{int(name[2]) + 1}" if name else f"{found['version']}-2"
    return f"{text[: found.start()]}{found['before']}{raised}{found['after']}{text[found.end() :]}"


def _with_words(text: str, words: Mapping[str, str]) -> str:
    """Put words last of ``[texts]``; a file without it gets it."""
    lines = "".join(f"{json.dumps(each, ensure_ascii=False)} = {json.dumps(given)}\n" for each, given in words.items())
    found = _TEXTS.search(text)
    if found is None:
        return f"{text.rstrip()}\n\n[texts]\n{lines}"
    following = re.search(r"^\s*\[", text[found.end() :], re.MULTILINE)
    end = len(text) if following is None else found.end() + following.start()
    own, rest = text[:end].rstrip(), text[end:]
    return f"{own}\n{lines}" + (f"\n{rest.lstrip()}" if rest.strip() else "")
