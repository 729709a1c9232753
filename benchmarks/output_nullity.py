"""What a nullity test of outputs costs beyond the system that it asks: ``python -m benchmarks.output_nullity``.

A system that takes some time to build and to answer, over small and large data, with as many probes as by default. The
design's target for nullity tests is a tenth of the runs and five seconds.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import polars as pl

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.testing import Probe, check_output_nullity

from .nullity import ON, arrests


class Scores:
    """Answers with the nearest records of a scrubbed table."""

    def __init__(self, records: pl.DataFrame, seconds: float) -> None:
        self.records, self.seconds = records, seconds

    def near(self, x: float, k: int) -> list[dict[str, Any]]:
        """The k records whose number is nearest."""
        begun = time.monotonic()
        order = (self.records["x0"] - x).abs().arg_sort()[:k]
        found = [
            {"arrest_no": number, "score": score}
            for number, score in self.records[order].select("arrest_no", "x0").iter_rows()
        ]
        time.sleep(max(0.0, self.seconds - (time.monotonic() - begun)))
        return found


def measured(rows: int, seconds: float) -> Any:
    """Test a clean system."""
    index = example_index(["K14000003", "K14000020", "K14000077"])

    def build(records: pl.DataFrame) -> Scores:
        return Scores(ss.scrub(records, index, on=ON), seconds)

    def query(system: Scores, probe: Probe) -> list[dict[str, Any]]:
        return system.near(probe["x0"], probe.k)

    begun = time.monotonic()
    report = check_output_nullity(build, arrests(rows), index, ON, query=query)
    assert report.passed, report.to_text()
    return report, time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, nargs="*", default=[0.0, 0.01])
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000, 300_000])
    options = parser.parse_args()
    print("| data | an answer | probes | runs | seconds in the system | beyond | allowed |")
    print("|---|---|---|---|---|---|---|")
    for rows in options.rows:
        for seconds in options.seconds:
            report, wall = measured(rows, seconds)
            beyond, allowed = wall - report.seconds, 0.1 * report.seconds + 5
            probes = sum(report.probes.values())
            case = f"{rows:,} rows | {seconds * 1000:.0f} ms | {probes} | {report.runs} | {report.seconds:.1f}"
            print(f"| {case} | {beyond:.1f} | {allowed:.1f} |", flush=True)


if __name__ == "__main__":
    main()
