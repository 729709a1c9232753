"""The files that the benchmarks read, made once from the synthetic generator."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub.datasets import make_notices, make_training
from sealscrub.identifiers import digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import IndexFacts, SchemeEntries, write_index

from .contenders import KEPT, SHARES

CHUNK = 500_000


def make_material(folder: Path, rows: int, seals: dict[str, int]) -> None:
    """Make what is not there: ``seals`` by name, training files of ``rows`` rows and one of a tenth of them."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    if not (folder / "seal.key").exists():
        generate_keys(folder / "seal.key")
    for name, count in seals.items():
        if not (folder / f"{name}.sealindex").exists():
            _make_index(folder, name, count)
    sealed = make_notices(max(seals.values()))
    for name, count, share in (
        ("many", rows, SHARES["many"]),
        ("few", rows, SHARES["few"]),
        ("tenth", rows // 10, SHARES["many"]),
    ):
        if not (folder / f"{name}.csv").exists():
            _make_training(folder, name, count, sealed, share)


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
        part.with_columns(pl.col(pl.Categorical).cast(pl.String)).write_parquet(parts / f"{start:09d}.parquet")
    whole = pl.scan_parquet(parts)
    whole.sink_parquet(folder / f"{name}.parquet", compression="zstd", row_group_size=1 << 17)
    whole.sink_csv(folder / f"{name}.csv")
    for part in parts.iterdir():
        part.unlink()
    parts.rmdir()
    # what the floors filter by: which rows stay, known beforehand
    numbers = pl.scan_parquet(folder / f"{name}.parquet").select("arrest_no")
    kept = ~pl.col("arrest_no").is_in(sealed["arrest_number"].implode())
    numbers.select(kept.alias(KEPT)).sink_parquet(folder / f"{name}-kept.parquet")
