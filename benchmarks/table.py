"""The page of results: ratios first, against the targets; files first, then plans."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

Results = dict[str, dict[str, float]]
PLANS = "## Plans\n"
GUARDS = "## Guards\n"


def render(results: Results, rows: int, seals: int, rounds: int) -> str:
    """Write the page as Markdown."""
    lines = [
        "# Benchmarks",
        "",
        f"{rows:,} rows × 15 columns against {seals:,} seals, 45 % of the rows sealed, zstd, row groups of 131,072 on",
        f"both sides; medians of {rounds} rounds in turn, each run in a process of its own, on {os.cpu_count()} cores "
        f"({platform.machine()}).",
        "Machines are shared and noisy: read the ratios.",
        "",
        "<!-- no-run: takes a quarter of an hour, and a checkout -->",
        "```console",
        f"$ python -m benchmarks --rows {rows} --seals {seals} --rounds {rounds} --write docs/reference/benchmarks.md",
        "```",
        "",
        ", ".join(f"{name} {version(name)}" for name in ("polars", "duckdb", "pandas", "pyarrow", "numpy")) + ".",
        "",
        "## Targets",
        "",
        "| what | measured | target | met |",
        "|---|---|---|---|",
        *(
            f"| {what} | {measured} | {target} | {'yes' if met else '**no**'} |"
            for what, measured, target, met in _targets(results)
        ),
        "",
        "## Every contender",
        "",
        "| contender | seconds | peak MB | of the floor |",
        "|---|---:|---:|---:|",
    ]
    for name, found in results.items():
        if not found["printed"]:
            floor = results.get("csv_floor_duckdb" if name.startswith("csv") else "parquet_floor_polars")
            ratio = f"{found['seconds'] / floor['seconds']:.2f}" if floor else ""
            lines.append(f"| {name} | {found['seconds']:.2f} | {found['megabytes']:,.0f} | {ratio} |")
    return "\n".join([*lines, ""])


def with_part(page: str, what: str, part: str) -> str:
    """Put a part of the page in its place, and leave the other parts as they are."""
    files, mark, plans = page.partition(PLANS)
    plans, guards_mark, guards = plans.partition(GUARDS)
    rest = f"\n{guards_mark}{guards}" if guards_mark else ""
    if what == "files":
        return part.rstrip() + "\n" + (f"\n{mark}{plans}{guards_mark}{guards}" if mark else rest)
    return f"{files.rstrip()}\n\n{part.rstrip()}\n{rest}"


def _targets(results: Results) -> list[tuple[str, str, str, bool]]:
    rows: list[tuple[str, str, str, bool]] = []

    def ratio(what: str, name: str, other: str, most: float, *, inverse: bool = False, of: str = "seconds") -> None:
        if name in results and other in results:
            value = results[name][of] / results[other][of]
            value = 1 / value if inverse else value
            met = value >= most if inverse else value <= most
            rows.append((what, f"{value:.2f} ×", f"{'≥' if inverse else '≤'} {most:g} ×", met))

    def value(what: str, name: str, unit: str, limit: float, *, least: bool = False, of: str = "printed") -> None:
        if name in results:
            found = results[name][of]
            met = found >= limit if least else found <= limit
            rows.append((what, f"{found:,.1f} {unit}", f"{'≥' if least else '≤'} {limit:,g} {unit}", met))

    ratio("scrub Parquet, 7M seals : read and rewrite (polars)", "parquet_scrub_7m", "parquet_floor_polars", 1.4)
    ratio("scrub Parquet, 4M seals : read and rewrite (polars)", "parquet_scrub_4m", "parquet_floor_polars", 1.4)
    ratio("scrub Parquet : plaintext anti-join, DuckDB", "parquet_scrub_7m", "parquet_antijoin_duckdb_7m", 1.0)
    ratio("scrub Parquet : plaintext anti-join, polars", "parquet_scrub_7m", "parquet_antijoin_polars_7m", 1.0)
    ratio("faster than pandas anti-merge", "parquet_scrub_7m", "parquet_antimerge_pandas_7m", 4.0, inverse=True)
    ratio("faster than pandas isin", "parquet_scrub_7m", "parquet_isin_pandas_7m", 4.0, inverse=True)
    value("peak memory of the scrub", "parquet_scrub_7m", "MB", 1000, of="megabytes")
    ratio("scan : scrub, Parquet", "parquet_scan_7m", "parquet_scrub_7m", 0.5)
    ratio("memory, rows × 10, Parquet", "parquet_scrub_7m", "parquet_scrub_1m_rows", 1.2, of="megabytes")
    ratio("scrub CSV : read and write (DuckDB)", "csv_scrub_7m", "csv_floor_duckdb", 1.0)
    ratio("scrub CSV : plaintext anti-join, DuckDB", "csv_scrub_7m", "csv_antijoin_duckdb_7m", 1.0)
    ratio("scan : scrub, CSV", "csv_scan_7m", "csv_scrub_7m", 1.0)
    ratio("memory, rows × 10, CSV", "csv_scrub_7m", "csv_scrub_1m_rows", 1.2, of="megabytes")
    value("open an index of 7M entries", "open_7m", "ms", 20)
    value("look-ups of keys that are not in it, one thread", "lookup_misses_7m", "M/s", 10, least=True)
    value("look-ups of keys that are in it, one thread", "lookup_hits_7m", "M/s", 2, least=True)
    value("raw clean column to digests, one core", "digest_clean_one_core", "M/s", 5, least=True)
    value("raw dirty column to digests, one core", "digest_dirty_one_core", "M/s", 2, least=True)
    value("import sealscrub", "import_sealscrub", "ms", 150)
    return rows
