"""An alias of an array's type is declared once, and imported."""

from __future__ import annotations

import re

from tests.contracts.source_tree import source_folder

ALIAS = re.compile(
    r"^_?(?:Mask|Floats|Ints)(?:: TypeAlias)? = npt\.NDArray\[np\.(?:bool_|float64|int64)\]", re.MULTILINE
)


def test_each_is_declared_once() -> None:
    root = source_folder()
    found = {str(path.relative_to(root)) for path in root.rglob("*.py") if ALIAS.search(path.read_text("utf-8"))}

    assert found == {"boundary/array_types.py"}
