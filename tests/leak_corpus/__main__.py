"""Run the corpus and print its table: ``python -m tests.leak_corpus [NAME …]``."""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import CORPUS, Case
from .spark_cases import SPARK

_WORKERS = 2


@dataclass(frozen=True)
class Line:
    """What came of one case."""

    case: Case
    verdict: str
    said: tuple[str, ...]
    found: bool
    named: bool
    twin: str

    @property
    def right(self) -> bool:
        """Whether the leak was found and named, and the twin was not flagged."""
        return self.found and self.named and self.twin == "PASS"


def run_case(case: Case) -> Line:
    """Test a leak and its twin."""
    leak, twin = case.check(), case.check(twin=True)
    said = (*leak.contaminated, *leak.denied, leak.reason)
    line = Line(case, leak.verdict.value, said, case.found(leak), case.named(leak), twin.verdict.value)
    print(f"{case.name}: {'right' if line.right else 'WRONG'}", file=sys.stderr, flush=True)
    return line


def table(lines: list[Line]) -> str:
    """Print one line for each case, and the totals."""
    rows = [("kind", "pipeline", "library", "verdict of the leak", "right name", "verdict of the twin")]
    for line in lines:
        found = line.verdict if line.found else f"{line.verdict}, not {line.case.verdict}"
        named = "yes" if line.named else f"NO: {'; '.join(line.said[:4])}"
        rows.append((line.case.kind, line.case.name, line.case.library, found, named, line.twin))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    found, named = sum(line.found for line in lines), sum(line.found and line.named for line in lines)
    flagged = sum(line.twin != "PASS" for line in lines)
    total = f"{found} of {len(lines)} leaks found, {named} with the right name; {flagged} of {len(lines)} twins flagged"
    return "\n".join([shown[0], "  ".join("─" * width for width in widths), *shown[1:], "", total])


def known_name(name: str) -> str:
    """Give the name back of a case or kind; any other word is wrong use."""
    known = {each.name for each in CORPUS} | {each.kind for each in CORPUS}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        meant = f"did you mean {' or '.join(map(repr, near))}?" if near else "--list names all."
        raise argparse.ArgumentTypeError(f"no case or kind is called {name!r}: {meant}")
    return name


def main(words: list[str] | None = None) -> int:
    """Run the cases that are named, or all; 0 where everything is as it must be, 1 otherwise, 2 on wrong use."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.leak_corpus",
        description="Run the nullity test on every leak of the corpus and on its clean twin, each run in an "
        "interpreter of its own, and print a table. All of them take some twelve minutes on two cores.",
        epilog="Exits with 0 where every leak is found and named and no twin is flagged, 1 where not, 2 on wrong use.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", type=known_name, help="a case, or a kind of leak; by default all"
    )
    parser.add_argument("--list", action="store_true", help="print the names and kinds, and run nothing")
    asked = parser.parse_args(words)
    every = [*CORPUS, *SPARK] if "spark" in asked.names else CORPUS
    cases = [
        case for case in every if not asked.names or {case.name, case.kind, case.library.lower()} & set(asked.names)
    ]
    if asked.list:
        width = max(len(case.name) for case in cases)
        print("\n".join(f"{case.name.ljust(width)}  {case.kind}" for case in cases))
        return 0
    begun = time.monotonic()
    with ThreadPoolExecutor(_WORKERS) as pool:
        lines = list(pool.map(run_case, cases))
    print(table(lines))
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if all(line.right for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
