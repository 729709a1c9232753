"""A custodian for tests: keys in a folder, notices written in any format, and what an index answers."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.custodian.registry import Published, Registry
from sealscrub.identifiers import MatchingKey, digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import Index, open_index

DAY = dt.date(2026, 6, 1)
LAW = "us-ny/cpl-160.50"

Row = dict[str, str]


def notice(seal_id: str = "S1", event: str = "sealed", **fields: str) -> Row:
    """A row of a file of notices, under CPL 160.50 since 2020 unless told otherwise."""
    begins = {"regime": LAW} if event in ("sealed", "withheld") else {}
    row = {"seal_id": seal_id, "event": event, "effective_from": "2020-01-01"} | begins | fields
    return {name: value for name, value in row.items() if value}


def write_notices(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write rows in the format that the name says; a field that a row lacks is blank."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), "utf-8")
    elif path.suffix == ".parquet":
        pl.DataFrame(
            {name: [row.get(name) for row in rows] for name in names}, schema=dict.fromkeys(names, pl.String)
        ).write_parquet(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, delimiter="\t" if path.suffix == ".tsv" else ",", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return path


class Custodian:
    """A registry and its keys in a folder of their own."""

    def __init__(self, folder: Path, place: str | Path | None = None, *, copied: Path | None = None) -> None:
        self.folder = folder
        if copied is None:
            generate_keys(folder / "seal.key")
        else:
            shutil.copytree(copied, folder, dirs_exist_ok=True)
        key = load_key(folder / "seal.key")
        assert isinstance(key, MatchingKey)
        self.key = key
        self.publisher = load_publisher(folder / "seal.key.publisher")
        self.place = place or folder / "seals.db"
        self.registry = (Registry.create if copied is None else Registry.open)(self.place)
        self._files = 0

    def file(self, *rows: Mapping[str, str], suffix: str = ".csv") -> Path:
        self._files += 1
        return write_notices(self.folder / f"notices{self._files}{suffix}", rows)

    def add(self, *rows: Mapping[str, str], **options: Any) -> Any:
        return self.registry.add(self.file(*rows), **options)

    def publish(self, **options: Any) -> Published:
        asked: dict[str, Any] = {
            "uses": ["training"],
            "audience": "police",
            "as_of": DAY,
            "not_after": dt.date(2099, 1, 1),
        }
        path = options.pop("path", self.folder / "out.sealindex")
        return self.registry.publish(path, keys=self.key, publisher=self.publisher, **(asked | options))

    def index(self, **options: Any) -> Index:
        published = self.publish(**{"allow_empty": True} | options)
        return open_index(published.path, self.key, remember=False, today=dt.date(2098, 1, 1))

    def published(self, **options: Any) -> dict[tuple[str, str], str]:
        """Every key that any notice named, if an index published now holds it, and the reason that it gives."""
        index = self.index(**options)
        held = {(key.scheme, key.value) for seal in self.every_seal() for key in seal.keys}
        found = {(scheme, value): reason(index, scheme, value) for scheme, value in held if scheme in index.schemes}
        return {key: said for key, said in found.items() if said}

    def every_seal(self) -> tuple[Any, ...]:
        return self.registry.seals(dt.date(2190, 1, 1))


def reason(index: Index, scheme: str, value: str) -> str:
    """What an index says about one canonical identifier: ``sealed``, ``withheld``, or nothing."""
    digest = digest_column(pl.Series([value], dtype=pl.String), index.scheme_key(scheme))
    return ("", "sealed", "withheld")[int(index.lookup(scheme, digest)[0])]
