"""What a nullity test costs beyond the runs of the function that it needs: ``python -m benchmarks.nullity``.

Functions of a tenth of a second, two and twenty seconds, over small data and a million rows, that return a few
numbers or every row. The design's target is a tenth of the runs and five seconds.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import polars as pl

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.testing import check_nullity

ON = {"arrest_number": "arrest_no"}
SMALL, LARGE = 1_000, 1_000_000
KINDS = ("polars", "pandas")


def arrests(rows: int) -> pl.DataFrame:
    """Made-up arrests of ten columns."""
    at = pl.int_range(rows, eager=True)
    return pl.DataFrame(
        {
            "arrest_no": [f"{letter}14{number:06d}" for letter in "KMQ" for number in range(1, rows // 3 + 2)][:rows],
            "person": at * 7919 % (rows // 3 + 1),
            "offense": (at % 40).cast(pl.String),
            **{f"n{number}": at * number % 101 for number in range(4)},
            **{f"x{number}": (at * number % 997) / 7 for number in range(3)},
        }
    )


def measured(rows: int, seconds: float, whole: bool, kind: str) -> dict[str, Any]:
    """Test a clean function, and give the seconds of its runs and those beyond."""
    index = example_index(["K14000003", "K14000020", "K14000077"])
    data: Any = arrests(rows)

    def features(given: Any) -> Any:
        begun = time.monotonic()
        clean = ss.scrub(given, index, on=ON)
        counted = clean if whole else len(clean)
        time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
        return counted

    given = data if kind == "polars" else data.to_pandas()
    begun = time.monotonic()
    report = check_nullity(features, given, index, ON)
    wall = time.monotonic() - begun
    assert report.passed, report.to_text()
    return {"runs": report.runs, "function": report.seconds, "beyond": wall - report.seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="*", default=[0.1, 2.0, 20.0])
    parser.add_argument("--rows", type=int, nargs="*", default=[SMALL, LARGE])
    parser.add_argument("--kinds", nargs="*", default=["polars"], choices=KINDS)
    options = parser.parse_args()
    print("| data | kind | gives | f | runs | seconds in f | beyond | allowed | share of it |")
    print("|---|---|---|---|---|---|---|---|---|")
    for rows in options.rows:
        for kind in options.kinds:
            for whole in (False, True):
                for seconds in options.seconds:
                    found = measured(rows, seconds, whole, kind)
                    allowed = 0.1 * found["function"] + 5
                    gives = "every row" if whole else "a number"
                    beyond, share = f"{found['beyond']:.1f} | {allowed:.1f}", found["beyond"] / allowed
                    case = f"{rows:,} rows | {kind} | {gives} | {seconds} s | {found['runs']}"
                    print(f"| {case} | {found['function']:.1f} | {beyond} | {share:.2f} |", flush=True)


if __name__ == "__main__":
    main()
