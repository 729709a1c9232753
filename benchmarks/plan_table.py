"""The part of the page about plans."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from .estate import CHARGE_FILES, RECIPES, SEALED_SHARE
from .table import PLANS, Results

_PEER = "plan_duckdb"


def render_plans(results: Results, arrests: int, rounds: int) -> str:
    """Write the part as Markdown."""
    lines = [
        PLANS,
        f"An estate of {arrests:,} arrests, {3 * arrests:,} charges in {CHARGE_FILES} files,",
        f"{arrests * 2 // 5:,} people and a feature table with {len(RECIPES)} derived columns (counts, recency, rates,",
        f"windows and a label); {SEALED_SHARE:.0%} of the arrests sealed, zstd, row groups of 131,072 on both sides.",
        "The peer is DuckDB with the SQL that a careful engineer would write by hand: anti-joins on the seals in plain",
        "text, from Parquet to Parquet, then the same recipes once, on the clean files.",
        f"{f'Medians of {rounds} rounds in turn' if rounds > 1 else 'One round'}, each run in a process of its own, "
        f"on {os.cpu_count()} cores "
        f"({platform.machine()}).",
        "",
        "<!-- no-run: takes long, and a checkout -->",
        "```console",
        f"$ python -m benchmarks plans --rows {arrests} --rounds {rounds} --write docs/reference/benchmarks.md",
        "```",
        "",
        ", ".join(f"{name} {version(name)}" for name in ("polars", "duckdb", "pyarrow", "numpy")) + ".",
        "",
        "| what | measured | target | met |",
        "|---|---|---|---|",
        *(
            f"| {what} | {measured} | {target} | {'yes' if met else '**no**'} |"
            for what, measured, target, met in _targets(results)
        ),
        "",
        "On a machine that is shared, seconds of the processors drift less than those of the clock.",
        "",
        "| contender | seconds | of the peer | seconds of the processors | of the peer | peak MB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    peer = results.get(_PEER)
    for name, found in results.items():
        if not found["printed"]:
            times = [
                cell
                for what in ("seconds", "cpu")
                for cell in (f"{found[what]:.2f}", f"{found[what] / peer[what]:.2f}" if peer else "")
            ]
            lines.append(f"| {name} | {' | '.join(times)} | {found['megabytes']:,.0f} |")
    return "\n".join([*lines, ""])


def _targets(results: Results) -> list[tuple[str, str, str, bool]]:
    rows: list[tuple[str, str, str, bool]] = []
    for name, what, most in (
        ("plan_scrub", "scrub by a plan, recipes tried first : recipes once on clean data (DuckDB)", 2),
        ("plan_scrub_checked", "scrub by a plan whose check is on record : the same", 1.3),
    ):
        if name in results and _PEER in results:
            ratio = results[name]["seconds"] / results[_PEER]["seconds"]
            rows.append((what, f"{ratio:.2f} ×", f"≤ {most:g} ×", ratio <= most))
    for name, what, of, unit, limit in (
        ("plan_scrub", "peak memory of it", "megabytes", "MB", 8_000),
        ("plan_check_no_recipes", "plan check without reproducing recipes", "seconds", "s", 3),
        ("command_start", "start of scrub --plan: imports, plan, index", "printed", "ms", 1_500),
    ):
        if name in results:
            found = results[name][of]
            rows.append((what, f"{found:,.1f} {unit}", f"≤ {limit:,} {unit}", found <= limit))
    return rows
