"""Run the corpus and print its table: ``python -m tests.leak_corpus [NAME …]``."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import CORPUS, Case

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


def main(names: list[str]) -> int:
    """Run the cases of these names, or all; 0 where everything is as it must be."""
    cases = [case for case in CORPUS if not names or case.name in names or case.kind in names]
    begun = time.monotonic()
    with ThreadPoolExecutor(_WORKERS) as pool:
        lines = list(pool.map(run_case, cases))
    print(table(lines))
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if lines and all(line.right for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
