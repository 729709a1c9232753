"""The commands, as ``docs/reference/make_command_line.py`` finds them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_command_line", FOLDER / "make_command_line.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _load()
_FUNCTIONS = dict(MAKER.commands())
COMMANDS: list[str] = list(_FUNCTIONS)


def options_of(command: str) -> list[str]:
    """Names of a command's options."""
    found = MAKER.parameters(_FUNCTIONS[command])
    return [name for names, *_ in found for name in names if name.startswith("-")]
