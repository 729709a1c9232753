"""The page of results: ratios first, against the targets; files first, then plans."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from .contenders import SEALS, SHARES

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
        f"*Tenth*: {rows // 10:,} rows, 45% sealed, and {seals // 10:,} seals. *Numeric*: {rows * 2 // 5:,} rows, 5%",
        f"sealed, and {seals * 2 // 7:,} seals; next to the key 7 columns of floats, 4 of small integers, 2 of short",
        "texts and a Boolean, which do not repeat as the texts of the other tables do.",
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
        "| what | wall time | processor time | target | met |",
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
            table = name.rpartition("_")[2]
            floor = results.get(f"{name.partition('_')[0]}_floor_{table if table in SEALS else 'many'}")
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

    def ratio(what: str, name: str, other: str, most: float, *, inverse: bool = False, by: str = "seconds") -> None:
        if name in results and other in results:
            found = {of: results[name][of] / results[other][of] for of in ("seconds", "cpu")}
            found = {of: 1 / value for of, value in found.items()} if inverse else found
            met = found[by] >= most if inverse else found[by] <= most
            target = f"{'≥' if inverse else '≤'} {most:g} ×{', processor' if by == 'cpu' else ''}"
            rows.append((what, f"{found['seconds']:.2f} ×", f"{found['cpu']:.2f} ×", target, met))

    def value(what: str, name: str, unit: str, limit: float, *, least: bool = False, of: str = "printed") -> None:
        if name in results:
            found = results[name][of]
            met = found >= limit if least else found <= limit
            rows.append((what, f"{found:,.1f} {unit}", "", f"{'≥' if least else '≤'} {limit:,g} {unit}", met))

    def memory(what: str, name: str, other: str, most: float) -> None:
        if name in results and other in results:
            found = results[name]["megabytes"] / results[other]["megabytes"]
            rows.append((what, f"{found:.2f} ×", "", f"≤ {most:g} ×", found <= most))

    for name in SEALS:
        said = f"{SHARES[name]:.0%} sealed" if name in SHARES else name
        by, most = ("cpu", 1.2) if name == "tenth" else ("seconds", 0.9)
        ratio(f"scrub Parquet, {said} : the floor", f"parquet_scrub_{name}", f"parquet_floor_{name}", 1.2, by=by)
        for engine in ("polars", "duckdb"):
            peer = f"parquet_antijoin_{engine}_{name}"
            ratio(f"scrub Parquet, {said} : plaintext anti-join, {engine}", f"parquet_scrub_{name}", peer, most, by=by)
    peer = "parquet_antijoin_polars_tenth"
    ratio("`sealscrub scrub`, tenth : plaintext anti-join, polars", "parquet_command_tenth", peer, 1.2, by="cpu")
    swept, read = "parquet_swept_scan_numeric", "parquet_read_polars_numeric"
    ratio("scan with the sweep, numeric : polars reads every column", swept, read, 1.2, by="cpu")
    for name, share in SHARES.items():
        sealed = f"{share:.0%} sealed"
        read = f"parquet_read_polars_{name}"
        swept = f"parquet_swept_scan_{name}"
        ratio(f"scan with the sweep, {sealed} : polars reads every column", swept, read, 1.2, by="cpu")
        swept = f"parquet_swept_scrub_{name}"
        ratio(f"scrub with the sweep, {sealed} : without", swept, f"parquet_scrub_{name}", 1.2, by="cpu")
        ratio(f"scan : scrub, Parquet, {sealed}", f"parquet_scan_{name}", f"parquet_scrub_{name}", 0.5)
        ratio(f"scrub CSV, {sealed} : the floor (DuckDB)", f"csv_scrub_{name}", f"csv_floor_{name}", 1.0)
        peer = f"csv_antijoin_duckdb_{name}"
        ratio(f"scrub CSV, {sealed} : plaintext anti-join, duckdb", f"csv_scrub_{name}", peer, 1.0)
    ratio("scrub Parquet : read and rewrite all rows (polars)", "parquet_scrub_many", "parquet_copy_polars", 1.4)
    ratio("scrub Parquet, 4M seals : the same", "parquet_scrub_4m", "parquet_copy_polars", 1.4)
    ratio("faster than pandas anti-merge", "parquet_scrub_many", "parquet_antimerge_pandas", 4.0, inverse=True)
    ratio("faster than pandas isin", "parquet_scrub_many", "parquet_isin_pandas", 4.0, inverse=True)
    value("peak memory of the scrub", "parquet_scrub_many", "MB", 1000, of="megabytes")
    memory("memory, rows × 10, Parquet", "parquet_scrub_many", "parquet_scrub_tenth_7m", 1.2)
    ratio("scan : scrub, CSV", "csv_scan_many", "csv_scrub_many", 1.0)
    memory("memory, rows × 10, CSV", "csv_scrub_many", "csv_scrub_tenth", 1.2)
    value("open an index of 7M entries", "open_7m", "ms", 20)
    value("look-ups of keys that are not in it, one thread", "lookup_misses_7m", "M/s", 10, least=True)
    value("look-ups of keys that are in it, one thread", "lookup_hits_7m", "M/s", 2, least=True)
    value("raw clean column to digests, one core", "digest_clean_one_core", "M/s", 5, least=True)
    value("raw dirty column to digests, one core", "digest_dirty_one_core", "M/s", 2, least=True)
    value("import sealscrub", "import_sealscrub", "ms", 150)
    return rows
