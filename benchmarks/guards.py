"""What a guard costs: ``python -m benchmarks.guards``. Prints ratios and percentiles; part of no test run."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from sealscrub.datasets import example_index
from sealscrub.filters import Judge, guard, guard_ranking

ON = {"arrest_number": "id"}
_UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main() -> None:
    if any(name in os.environ for name in _UNSET):  # they slow current numpy down, which has read them by now
        rest = {name: value for name, value in os.environ.items() if name not in _UNSET}
        command = [sys.executable, "-m", "benchmarks.guards", *sys.argv[1:]]
        os.execve(sys.executable, command, rest)  # noqa: S606 - this program again
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seals", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=2_000)
    options = parser.parse_args()
    ids = [f"M14{at:06d}" for at in range(1, 999_999)]
    draw = np.random.default_rng(0)
    sealed = {ids[at] for at in draw.choice(len(ids), options.seals, replace=False)}
    index = example_index(sealed)
    print("| what | p50 | p99 | processor p50 | processor p99 | target |\n|---|---:|---:|---:|---:|---|")
    one_by_one(index, ids, sealed, options.calls)
    rankings(index, ids, sealed, options.calls)
    batch(index, ids, options.rows)


def one_by_one(index: Any, ids: list[str], sealed: set[str], calls: int) -> None:
    judge = Judge(index, ON, known=ids)
    at = iter(ids * 3)
    line("one key", lambda: judge.start().is_gone(id=next(at)), calls, "p99 ≤ 10 µs")
    messy = (f"{each[0]}-{each[1:3]}-{each[3:]}".lower() for each in ids)
    line("one key, spelled otherwise", lambda: judge.start().is_gone(id=next(messy)), calls, "p99 ≤ 10 µs")
    safe = guard(lambda record: record, index, ON, known=ids, on_match="nan")
    line("guard around a callable, one record", lambda: safe({"id": next(at), "age": 20}), calls, "")


def rankings(index: Any, ids: list[str], sealed: set[str], calls: int) -> None:
    draw = np.random.default_rng(1)
    chosen = [ids[at] for at in draw.choice(len(ids), 1_000, replace=False)]
    scores = draw.normal(size=1_000)
    hits = [{"id": each, "score": float(score)} for each, score in zip(chosen, scores, strict=True)]
    judge, calls = Judge(index, ON), calls // 4
    line("1,000 candidates judged", lambda: judge.start().gone_of({"id": chosen}), calls, "p99 ≤ 1 ms")
    line(
        "1,000 candidates ranked, ids and scores",
        lambda: guard_ranking((chosen, scores), index, ON, k=50),
        calls,
        "p99 ≤ 0.5 ms",
    )
    line("1,000 candidates ranked, dicts", lambda: guard_ranking(hits, index, ON, k=50, score="score"), calls, "")

    def naive() -> list[Any]:
        best = sorted(hits, key=lambda hit: -hit["score"])[:50]
        return [hit for hit in best if hit["id"] not in sealed]

    line("peer: naive post-filter in plain text, dicts (leaks)", naive, calls, "")


def batch(index: Any, ids: list[str], rows: int) -> None:
    draw = np.random.default_rng(2)
    names = [f"f{at}" for at in range(10)]
    values = draw.normal(size=(rows, 10))
    label = values[:50_000, 0] + draw.normal(size=min(rows, 50_000)) > 0
    request = pd.DataFrame(values, columns=names)
    request.insert(0, "id", [ids[at % len(ids)] for at in range(rows)])
    bare = request[names][~Judge(index, ON).start().gone_of({"id": request["id"].tolist()})].reset_index(drop=True)
    models = (HistGradientBoostingClassifier(random_state=0), "≤ +10 %"), (LogisticRegression(), "stated")
    for model, target in models:
        model.fit(request[names][:50_000], label)
        compare(model, guard(model, index, ON, oracle_ok=True), bare, request, target)


def compare(model: Any, safe: Any, bare: pd.DataFrame, request: pd.DataFrame, target: str) -> None:
    """Print what the guard adds to the model's own answer about the same rows."""
    runs = {"bare": lambda: model.predict_proba(bare), "guarded": lambda: safe.predict_proba(request)}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for round_ in range(8):
        for name in list(runs)[:: 1 if round_ % 2 else -1]:
            begun, spent = time.perf_counter(), time.process_time()
            runs[name]()
            took[name].append((time.perf_counter() - begun, time.process_time() - spent))
    name = type(model).__name__
    print(f"\n{len(request):,} rows, {name}, the model alone on the rows that stay; the least of eight in turn:")
    for at, what in enumerate(("on the clock", "of the processors")):
        bare_s, guarded_s = (min(times[at] for times in took[name]) for name in ("bare", "guarded"))
        print(f"{what}: {bare_s:.2f} s, guarded {guarded_s:.2f} s, {guarded_s / bare_s - 1:+.1%} (target: {target})")


def line(what: str, call: Callable[[], object], calls: int, target: str) -> None:
    """Print percentiles on the clock, and of the processor's time, which other programs do not lengthen."""
    for _ in range(50):
        call()
    clock, processor = [], []
    for _ in range(calls):
        begun, spent = time.perf_counter(), time.thread_time()
        call()
        processor.append(time.thread_time() - spent)
        clock.append(time.perf_counter() - begun)
    at = calls // 2, int(calls * 0.99)
    figures = [sorted(took)[each] * 1e6 for took in (clock, processor) for each in at]
    print(f"| {what} | {' | '.join(f'{figure:,.1f} µs' for figure in figures)} | {target} |", flush=True)


if __name__ == "__main__":
    main()
