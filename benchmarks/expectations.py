"""A suite of Great Expectations against a bare scan of the same rows: ``python -m benchmarks.expectations``.

The target is twice the time of the scan. Both look at one frame in memory; prints seconds and the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

import sealscrub as ss

from .material import make_material

ON = {"arrest_number": "arrest_no"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seals", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where the material is, or is to be kept")
    options = parser.parse_args()
    from sealscrub.gx import ExpectNoSealedRecords, run_suite

    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        make_material(folder, options.rows, {"seals": options.seals})
        index = ss.open_index(folder / "seals.sealindex", key=folder / "seal.key")
        keys = pl.read_parquet(folder / "many.parquet")
        clean = ss.scrub(keys, index, ON)
        frame = clean.to_pandas()
        del keys
        suite = [ExpectNoSealedRecords(on=ON)]
        ways: dict[str, Callable[[], Any]] = {
            "scan, pandas": lambda: ss.scan(frame, index, ON),
            "suite, pandas": lambda: run_suite(suite, frame, index=index),
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, call in ways.items():
                begun = time.perf_counter()
                result = call()
                taken[way].append(time.perf_counter() - begun)
                assert result.exit_code == 0
        medians = {way: statistics.median(each) for way, each in taken.items()}
        for way, seconds in medians.items():
            print(f"{way}: {seconds:.2f} s for {clean.height:,} rows")
        print(f"ratio: {medians['suite, pandas'] / medians['scan, pandas']:.2f}")


if __name__ == "__main__":
    main()
