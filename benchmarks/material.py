"""The files that the benchmarks read, made once from the synthetic generator."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.datasets import make_notices, make_training
from sealscrub.identifiers import digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import IndexFacts, SchemeEntries, write_index

from .contenders import KEPT, KEY, SEALS, SHARES

CHUNK = 500_000


def make_material(folder: Path, rows: int, seals: int) -> None:
    """Make what is not there: indexes, training files of ``rows`` rows, one of a tenth of them, and one of numbers."""
    counts = {"7m": seals, "4m": seals * 4 // 7, "700k": seals // 10, "2m": seals * 2 // 7}
    (folder / "out").mkdir(parents=True, exist_ok=True)
    if not (folder / "seal.key").exists():
        generate_keys(folder / "seal.key")
    for name, count in counts.items():
        if not (folder / f"{name}.sealindex").exists():
            _make_index(folder, name, count)
    for name, count, share in (
        ("many", rows, SHARES["many"]),
        ("few", rows, SHARES["few"]),
        ("tenth", rows // 10, SHARES["many"]),
        ("numeric", rows * 2 // 5, SHARES["few"]),
    ):
        if not (folder / f"{name}-{KEPT}.parquet").exists():
            _make_training(folder, name, count, make_notices(counts[SEALS[name]]), share)


def _make_index(folder: Path, name: str, count: int) -> None:
    numbers = make_notices(count).select("arrest_number")
    numbers.write_parquet(folder / f"{name}.parquet")
    key = load_key(folder / "seal.key").for_audience("police")
    digests = digest_column(numbers["arrest_number"], key.scheme_key("arrest_number"))
    today = date.today()
    facts = IndexFacts(
        uses=("training",),
        audience="police",
        registry=name,
        epoch=1,
        as_of=today,
        known_at=today.isoformat(),
        not_after=today + timedelta(days=3650),
        seals=count,
        coverage={("arrest_number",): count},
    )
    entries = [SchemeEntries("arrest_number", digests, np.ones(len(digests), np.uint8))]
    publisher = load_publisher(folder / "seal.key.publisher")
    write_index(folder / f"{name}.sealindex", entries, facts, publisher, audience_key=key)


def _make_training(folder: Path, name: str, rows: int, sealed: pl.DataFrame, share: float) -> None:
    parts = folder / f"{name}-parts"
    parts.mkdir(exist_ok=True)
    for start in range(0, rows, CHUNK):
        part = make_training(min(CHUNK, rows - start), 0, sealed=sealed, share=share, start=start)
        part = _numbers(part, start) if name == "numeric" else part
        part.with_columns(pl.col(pl.Categorical).cast(pl.String)).write_parquet(parts / f"{start:09d}.parquet")
    whole = pl.scan_parquet(parts)
    whole.sink_parquet(folder / f"{name}.parquet", compression="zstd", row_group_size=1 << 17)
    if name != "numeric":
        whole.sink_csv(folder / f"{name}.csv")
    for part in parts.iterdir():
        part.unlink()
    parts.rmdir()
    # what the floors filter by: which rows stay, known beforehand
    numbers = pl.scan_parquet(folder / f"{name}.parquet").select("arrest_no")
    kept = ~pl.col("arrest_no").is_in(sealed["arrest_number"].implode())
    numbers.select(kept.alias(KEPT)).sink_parquet(folder / f"{name}-kept.parquet")


def _numbers(part: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Give the key 14 columns that do not repeat: floats of noise, small integers, short texts and a Boolean."""
    random, height = np.random.default_rng(seed), part.height
    floats = {f"x{at}": random.normal(size=height) for at in range(7)}
    integers = {f"n{at}": random.integers(0, 100, height, np.int32) for at in range(4)}
    texts = {f"t{at}": pl.Series(random.integers(0, 10_000, height)).cast(pl.String) for at in range(2)}
    return part.select(KEY).with_columns(**floats, **integers, **texts, flag=random.random(height) < 0.5)
