"""From ``sealscrub.toml`` to a plan's specification, with errors that name the place in the file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sealscrub.errors import ConfigError
from sealscrub.file_system import readable

from .plan_spec import PlanSpec

__all__ = ["UNDECIDED", "parse_plan", "plan_schema", "read_plan"]

_MAX_SIZE = 1 << 22

#: What marks a place of a proposal that a person has to settle.
UNDECIDED = "# DECIDE:"


def read_plan(path: Path) -> tuple[PlanSpec, int]:
    """Read a plan's file; also how many places of it are still marked for a person to decide.

    Raises
    ------
    ConfigError
        When it is not valid TOML, or says something that no plan says; the error names the place.
    UnreadableInput
        When it cannot be read.
    """
    with readable(path):
        if path.stat().st_size > _MAX_SIZE:
            raise ConfigError("is too large for a plan", where=str(path), hint="name the plan, not the data.")
        content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeError:
        raise ConfigError("is not UTF-8 text", where=str(path), hint="name the plan, not the data.") from None
    try:
        parsed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"\(at line (\d+), column", str(error))
        line = found[1] if found else None
        where = f"{path}, line {line}" if line else str(path)
        raise ConfigError(f"is not valid TOML: {_parser_message(error)}", where=where, hint="fix the file.") from None
    return parse_plan(parsed, str(path)), text.count(UNDECIDED)


def parse_plan(parsed: Mapping[str, Any], where: str = "plan") -> PlanSpec:
    """Check what a plan says; `where` is what it is called in errors."""
    try:
        return PlanSpec.model_validate(dict(parsed))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)
        more = f" (and {len(first) - 1} more such places)" if len(first) > 1 else ""
        best = max(first, key=lambda found: (found["type"] == "extra_forbidden", len(_place(found["loc"]))))
        place = f"{where}: {_dotted(best['loc'])}"
        raise ConfigError(_message(best) + more, where=place, hint=_hint(best)) from None
    except RecursionError:
        raise ConfigError("is nested too deeply", where=where, hint="fix the file.") from None


def plan_schema() -> str:
    """Give the JSON schema of a plan, for editors that check TOML by one.

    Examples
    --------
    >>> json.loads(plan_schema())["title"]
    'PlanSpec'
    """
    return json.dumps(PlanSpec.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


_KINDS = {"function-after", "function-before", "tuple", "dict", "KeySpec", "LinkSpec", "str", "model"}


def _place(loc: Sequence[int | str]) -> list[str]:
    """The part of a place that is in the file; pydantic also names the alternatives that it tried."""
    return [str(part) for part in loc if not (isinstance(part, str) and (part in _KINDS or "[" in part))]


def _dotted(loc: Sequence[int | str]) -> str:
    return ".".join(_place(loc)) or "(the whole file)"


def _message(found: Any) -> str:
    if found["type"] == "extra_forbidden":
        return "unknown name in a plan"
    if found["type"] == "missing":
        return "is missing"
    message = str(found["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _hint(found: Any) -> str:
    import difflib

    from .plan_spec import TableSpec

    names = _place(found["loc"])
    if found["type"] == "extra_forbidden" and names:
        known = PlanSpec.model_fields if len(names) == 1 else TableSpec.model_fields
        close = difflib.get_close_matches(names[-1], list(known), n=1)
        if close:
            return f"did you mean {close[0]!r}?"
    return "see the page about plans for the names that are allowed."


def _parser_message(error: Exception) -> str:
    """The parser's message without the text that it stumbled over."""
    return str(error).split(" (at line")[0].split(":")[0][:80]
