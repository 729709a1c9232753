"""Write the page of a state's rules from the rules themselves: ``python docs/reference/make_law.py us-ny``.

What a page says above its rules, and which tests each rule has, is in ``law_pages``, a module a state.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from sealscrub.custodian.law import jurisdiction, print_law

FOLDER = Path(__file__).parent


def states() -> list[str]:
    """Name the states that have a page."""
    return sorted(file.stem.replace("_", "-") for file in (FOLDER / "law_pages").glob("us_*.py"))


def page_of(state: str) -> dict[str, Any]:
    """Give what a page says above its rules (``HEAD``), and the tests by the beginning of a rule's id (``TESTS``)."""
    return runpy.run_path(str(FOLDER / "law_pages" / f"{state.replace('-', '_')}.py"))


def tests_of(state: str, rule_id: str) -> list[str]:
    """Name the tests of a rule: those of the longest beginning that fits."""
    tests = page_of(state)["TESTS"]
    fitting = [start for start in tests if rule_id.startswith(start)]
    return ["::".join(test) for test in tests[max(fitting, key=len)]] if fitting else []


def page(state: str) -> str:
    """Give the page's text."""
    place, head = jurisdiction(state), page_of(state)["HEAD"]
    tests = {rule.id: tests_of(state, rule.id) for rule in place.rules()}
    return head + "\n".join(print_law(place, tests)) + "\n"


if __name__ == "__main__":
    for asked in sys.argv[1:] or states():
        (FOLDER / f"law-{asked}.md").write_text(page(asked), encoding="utf-8")
