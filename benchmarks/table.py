"""The page of results: ratios first, against the targets; files first, then plans."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from .contenders import SHARES

Results = dict[str, dict[str, float]]
PLANS = "## Plans\n"
GUARDS = "## Guards\n"


def render(results: Results, rows: int, seals: int, rounds: int) -> str:
    """Write the page as Markdown."""
    shares = " or ".join(f"{share:.0%}" for share in SHARES.values())
    lines = [
        "# Benchmarks",
        "",
        f"{rows:,} rows × 15 columns against {seals:,} seals; {shares} of the rows sealed; zstd and row groups of",
        f"131,072 on both sides; medians of {rounds} rounds in turn, each run in a process of its own, on",
        f"{os.cpu_count()} cores ({platform.machine()}). The floor reads the same file and writes the rows that the",
        "scrub writes; a column says beforehand which they are. Scans and scrubs go by the key column alone",
        "(`sweep=False`), but for those called swept, which compare every column with the index, as is the default.",
        "Machines are shared and noisy: read the ratios, those of processor time first.",
        "",
        "<!-- no-run: takes half an hour, and a checkout -->",
        "```console",
        f"$ python -m benchmarks --rows {rows} --seals {seals} --rounds {rounds} --write docs/reference/benchmarks.md",
        "```",
        "",
        ", ".join(f"{name} {version(name)}" for name in ("sealscrub", "polars", "duckdb", "pandas", "pyarrow", "numpy"))
        + ".",
        "",
        "## Targets",
        "",
        "| what | wall time | processor time | target (wall) | met |",
        "|---|---|---|---|---|",
        *(
            f"| {what} | {measured} | {cpu} | {target} | {'yes' if met else '**no**'} |"
            for what, measured, cpu, target, met in _targets(results)
        ),
        "",
        "## Every contender",
        "",
        "| contender | seconds | of the processors | peak MB | of the floor | of its processor time |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, found in results.items():
        if not found["printed"]:
            floor = results.get(f"{name.partition('_')[0]}_floor_{'few' if name.endswith('_few') else 'many'}")
            ratios = [f"{found[of] / floor[of]:.2f}" if floor else "" for of in ("seconds", "cpu")]
            cells = [name, f"{found['seconds']:.2f}", f"{found['cpu']:.2f}", f"{found['megabytes']:,.0f}", *ratios]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def with_part(page: str, what: str, part: str) -> str:
    """Put a part of the page in its place, and leave the other parts as they are."""
    files, mark, plans = page.partition(PLANS)
    plans, guards_mark, guards = plans.partition(GUARDS)
    rest = f"\n{guards_mark}{guards}" if guards_mark else ""
    if what == "files":
        return part.rstrip() + "\n" + (f"\n{mark}{plans}{guards_mark}{guards}" if mark else rest)
    return f"{files.rstrip()}\n\n{part.rstrip()}\n{rest}"


def _targets(results: Results) -> list[tuple[str, str, str, str, bool]]:
    rows: list[tuple[str, str, str, str, bool]] = []

    def ratio(what: str, name: str, other: str, most: float, *, inverse: bool = False) -> None:
        if name in results and other in results:
            value, cpu = (results[name][of] / results[other][of] for of in ("seconds", "cpu"))
            value, cpu = (1 / value, 1 / cpu) if inverse else (value, cpu)
            met = value >= most if inverse else value <= most
            rows.append((what, f"{value:.2f} ×", f"{cpu:.2f} ×", f"{'≥' if inverse else '≤'} {most:g} ×", met))

    def value(what: str, name: str, unit: str, limit: float, *, least: bool = False, of: str = "printed") -> None:
        if name in results:
            found = results[name][of]
            met = found >= limit if least else found <= limit
            rows.append((what, f"{found:,.1f} {unit}", "", f"{'≥' if least else '≤'} {limit:,g} {unit}", met))

    def memory(what: str, name: str, other: str, most: float) -> None:
        if name in results and other in results:
            found = results[name]["megabytes"] / results[other]["megabytes"]
            rows.append((what, f"{found:.2f} ×", "", f"≤ {most:g} ×", found <= most))

    for name, share in SHARES.items():
        sealed = f"{share:.0%} sealed"
        ratio(f"scrub Parquet, {sealed} : the floor", f"parquet_scrub_{name}", f"parquet_floor_{name}", 1.4)
        for engine in ("polars", "duckdb"):
            peer = f"parquet_antijoin_{engine}_{name}"
            ratio(f"scrub Parquet, {sealed} : plaintext anti-join, {engine}", f"parquet_scrub_{name}", peer, 1.0)
        read = f"parquet_read_polars_{name}"
        ratio(f"scan with the sweep, {sealed} : polars reads every column", f"parquet_swept_scan_{name}", read, 1.5)
        ratio(f"scrub with the sweep, {sealed} : without", f"parquet_swept_scrub_{name}", f"parquet_scrub_{name}", 1.2)
        ratio(f"scan : scrub, Parquet, {sealed}", f"parquet_scan_{name}", f"parquet_scrub_{name}", 0.5)
        ratio(f"scrub CSV, {sealed} : the floor (DuckDB)", f"csv_scrub_{name}", f"csv_floor_{name}", 1.0)
        peer = f"csv_antijoin_duckdb_{name}"
        ratio(f"scrub CSV, {sealed} : plaintext anti-join, duckdb", f"csv_scrub_{name}", peer, 1.0)
    ratio("scrub Parquet : read and rewrite all rows (polars)", "parquet_scrub_many", "parquet_copy_polars", 1.4)
    ratio("scrub Parquet, 4M seals : the same", "parquet_scrub_4m", "parquet_copy_polars", 1.4)
    ratio("faster than pandas anti-merge", "parquet_scrub_many", "parquet_antimerge_pandas", 4.0, inverse=True)
    ratio("faster than pandas isin", "parquet_scrub_many", "parquet_isin_pandas", 4.0, inverse=True)
    value("peak memory of the scrub", "parquet_scrub_many", "MB", 1000, of="megabytes")
    memory("memory, rows × 10, Parquet", "parquet_scrub_many", "parquet_scrub_tenth", 1.2)
    ratio("scan : scrub, CSV", "csv_scan_many", "csv_scrub_many", 1.0)
    memory("memory, rows × 10, CSV", "csv_scrub_many", "csv_scrub_tenth", 1.2)
    value("open an index of 7M entries", "open_7m", "ms", 20)
    value("look-ups of keys that are not in it, one thread", "lookup_misses_7m", "M/s", 10, least=True)
    value("look-ups of keys that are in it, one thread", "lookup_hits_7m", "M/s", 2, least=True)
    value("raw clean column to digests, one core", "digest_clean_one_core", "M/s", 5, least=True)
    value("raw dirty column to digests, one core", "digest_dirty_one_core", "M/s", 2, least=True)
    value("import sealscrub", "import_sealscrub", "ms", 150)
    return rows
