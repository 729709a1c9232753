"""Write the page of a state's rules from the rules themselves: ``python docs/reference/make_law.py us-ny``.

The list of these pages in ``reference.md`` is written too.
What a page says above its rules is in ``law_pages``, a module a state, with the tests of each rule, which stand there
alone.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from typing import Any

from sealscrub.custodian.law import jurisdiction, print_law

FOLDER = Path(__file__).parent
READING = """
A rule's table shows its latest version, and the line below it what differs in an earlier one. Where an answer is
unknown, the record is withheld, unless a row says otherwise. A sentence that several rules share is a note above them.
In a table of audiences, [unknown] is what no source says: it is barred until one does.
The statute's words are those that were read and decide; a rule without them is in our words alone.
"""


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
    return head + READING + "\n".join(print_law(place)) + "\n"


def listed(text: str) -> str:
    """Give ``reference.md`` with a line for the page of each state, in its list and its toctree."""
    titles = {state: page_of(state)["HEAD"].partition("\n")[0].removeprefix("# ") for state in states()}
    links = "".join(f"- [{title}](reference/law-{state}.md)\n" for state, title in titles.items())
    entries = "".join(f"reference/law-{state}\n" for state in titles)
    text = re.sub(r"(?:^- \[[^\]]*\]\(reference/law-us-\w+\.md\)\n)+", links, text, count=1, flags=re.MULTILINE)
    return re.sub(r"(?:^reference/law-us-\w+\n)+", entries, text, count=1, flags=re.MULTILINE)


if __name__ == "__main__":
    contents = FOLDER.parent / "reference.md"
    contents.write_text(listed(contents.read_text(encoding="utf-8")), encoding="utf-8")
    for asked in sys.argv[1:] or states():
        (FOLDER / f"law-{asked}.md").write_text(page(asked), encoding="utf-8")
