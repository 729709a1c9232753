"""Measure everything side by side and print ratios: ``python -m benchmarks``, or ``python -m benchmarks plans``.

Contenders run in turn, A B C A B C …, each in a process of its own, so that a machine whose speed drifts does not
favour one. Medians of several rounds are quoted; peak memory is the process's largest resident set.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import contenders, plan_contenders
from .estate import make_estate
from .material import make_material
from .plan_table import render_plans
from .table import render, with_part

# the first two slow current numpy down; without the third, modules would be compiled at every start
_UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")

Run = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["files", "plans"], default="files")
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the training file, or arrests of the estate")
    parser.add_argument("--seals", type=int, default=7_000_000, help="for files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="contenders to run; all by default")
    parser.add_argument("--folder", type=Path, help="where the material is kept; by default a temporary folder")
    parser.add_argument("--write", type=Path, help="write the table into its part of this page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if options.what == "plans":
            make_estate(folder, options.rows)
            module, known = plan_contenders, list(plan_contenders.CONTENDERS)
        else:
            make_material(folder, options.rows, options.seals)
            module, known = contenders, list(contenders.CONTENDERS)
        results = measure(module.__name__, folder, options.only or known, options.rounds)
    if options.what == "plans":
        part = render_plans(results, options.rows, options.rounds)
    else:
        part = render(results, options.rows, options.seals, options.rounds)
    print(part)
    if options.write:
        page = options.write.read_text("utf-8") if options.write.exists() else ""
        options.write.write_text(with_part(page, options.what, part), "utf-8")


def measure(module: str, folder: Path, names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Medians of wall seconds, of seconds of the processors, peak megabytes and what a contender prints."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for round_ in range(0 if rounds > 2 else 1, rounds + 1):  # the first of many is a warm-up
        for name in names:
            run = _run(module, name, folder)
            if round_:
                runs[name].append(run)
            told = f"{run['seconds']:.2f} s, {run['cpu']:.2f} s of the processors, {run['megabytes']:.0f} MB"
            print(f"{round_}/{rounds} {name}: {told}", file=sys.stderr)
    return {
        name: {what: statistics.median(run[what] for run in found) for what in found[0]} for name, found in runs.items()
    }


def _run(module: str, name: str, folder: Path) -> Run:
    environment = {k: v for k, v in os.environ.items() if k not in _UNSET}
    if name.endswith("one_core"):
        environment["POLARS_MAX_THREADS"] = "1"
    for left in (folder / "out").iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    command = [sys.executable, "-m", module, name, str(folder)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} failed")
    megabytes, measured = map(float, printed.split()[-2:])
    return {
        "seconds": elapsed,
        "cpu": used.ru_utime + used.ru_stime,
        "megabytes": megabytes,
        "printed": measured,
    }


if __name__ == "__main__":
    main()
