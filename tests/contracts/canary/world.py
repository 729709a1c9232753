"""A registry, keys, indexes and data files with the canaries in them."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from sealscrub.datasets import example_index
from sealscrub.index import Index

from .watch import NEAR, NUMBER, PAYLOAD, SEALED, UNPARSABLE, WITHHELD

ON = {"arrest_number": "arrest_no"}
CLEAN_ROWS = 300
_NOTICE_COLUMNS = "seal_id,event,regime,effective_from,notified_on,basis,arrest_number,nysid,docket,last_name,charge"


def training(*special: str) -> pl.DataFrame:
    """Rows with clean arrest numbers, and one with each special one, whose other fields hold canaries."""
    numbers = [f"M14{at:06d}" for at in range(1, CLEAN_ROWS + 1)]
    marked = len(special)
    return pl.DataFrame(
        {
            "arrest_no": numbers + list(special),
            "offense": ["PETIT LARCENY"] * CLEAN_ROWS + [PAYLOAD] * marked,
            "level": pl.Series(["F", "M", "V"] * (CLEAN_ROWS // 3) + [PAYLOAD] * marked, dtype=pl.Categorical),
            "n": list(range(CLEAN_ROWS)) + [NUMBER] * marked,
            "words": [["a"]] * CLEAN_ROWS + [[PAYLOAD, SEALED]] * marked,
        }
    )


@dataclass
class World:
    """Folders by what their files may hold, and what lies in them."""

    root: Path
    index: Index = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for folder in ("inputs", "custody", "out", "aside", "made", "tmp"):
            (self.root / folder).mkdir(parents=True)
        self.index = example_index([SEALED], withheld=[WITHHELD], folder=self.made)
        self.numbers = example_index({"opaque:sys": [str(NUMBER)]})
        self._write_tables()
        self._write_notices()

    @property
    def inputs(self) -> Path:
        """What the canaries were planted in."""
        return self.root / "inputs"

    @property
    def custody(self) -> Path:
        """The custodian's: registries hold identifiers, and rejected rows lie here as they were."""
        return self.root / "custody"

    @property
    def out(self) -> Path:
        """Scrubbed outputs: nothing of sealed or withheld rows, and the other rows as they were."""
        return self.root / "out"

    @property
    def aside(self) -> Path:
        """Quarantine: rows whose key could not be checked, as they were."""
        return self.root / "aside"

    @property
    def made(self) -> Path:
        """Keys, indexes, reports, state files: no canary at all."""
        return self.root / "made"

    @property
    def arrests(self) -> pl.DataFrame:
        """Training rows with every canary."""
        return training(SEALED, WITHHELD, NEAR, UNPARSABLE)

    @property
    def checkable(self) -> pl.DataFrame:
        """Training rows whose keys all parse."""
        return training(SEALED, WITHHELD)

    def _write_tables(self) -> None:
        folder, rows, flat = self.inputs, self.checkable, self.checkable.drop("words")
        flat.write_csv(folder / "train.csv")
        rows.write_parquet(folder / "train.parquet")
        rows.write_ndjson(folder / "train.jsonl")
        self.arrests.drop("words").write_csv(folder / "doubtful.csv")
        self.arrests.write_parquet(folder / "doubtful.parquet")
        (folder / "train.csv.gz").write_bytes(gzip.compress((folder / "train.csv").read_bytes()))
        (folder / "several").mkdir()
        for name in ("a.csv", "b.csv"):
            flat.write_csv(folder / "several" / name)
        self._write_damaged((folder / "train.csv").read_bytes())

    def _write_damaged(self, text: bytes) -> None:
        folder = self.inputs
        row = f"{SEALED},{PAYLOAD},{PAYLOAD},{NUMBER}\n".encode()
        parquet, packed = (folder / "train.parquet").read_bytes(), (folder / "train.csv.gz").read_bytes()
        damaged: dict[str, bytes] = {
            "headerless.csv": f"{SEALED},{PAYLOAD},V,{NUMBER}\n".encode() + text.split(b"\n", 1)[1],
            "twice.csv": f"{SEALED},{SEALED},{PAYLOAD},V\n".encode() + row,
            "ragged.csv": text + f"{SEALED},{PAYLOAD},{PAYLOAD},{NUMBER},{PAYLOAD},{SEALED}\n".encode() + row,
            "open_quote.csv": text + f'{SEALED},"{PAYLOAD},V,1\n'.encode(),
            "stray_quote.csv": text + f'{SEALED},"{PAYLOAD}"{SEALED},V,1\n'.encode(),
            "latin.csv": text + row.replace(b"Quill", b"Quill\xff\xfe"),
            "nul.csv": text + row.replace(b"Quill", b"Quill\0"),
            "mixed.csv": text + row.replace(b",", b";"),
            "short.csv.gz": packed[: len(packed) // 2],
            "short.parquet": parquet[: len(parquet) // 2],
            "other.parquet": text,
            "torn.parquet": parquet[:2000] + bytes(400) + parquet[2400:],
            "broken.jsonl": json.dumps({"arrest_no": SEALED, "offense": PAYLOAD}).encode()[:-3] + b"\n",
            "mixed.jsonl": f'{{"arrest_no": "{SEALED}"}}\n{{"arrest_no": {{"{PAYLOAD}": {NUMBER}}}}}\n'.encode(),
            "array.jsonl": f'["{SEALED}", "{PAYLOAD}"]\n'.encode(),
            "latin.jsonl": f'{{"arrest_no": "{SEALED}", "offense": "{PAYLOAD}'.encode() + b'\xff"}\n',
            "twice.jsonl": f'{{"arrest_no": "{SEALED}", "arrest_no": "{PAYLOAD}"}}\n'.encode(),
            "empty.csv": b"",
        }
        for name, content in damaged.items():
            (folder / name).write_bytes(content)
        self.damaged = sorted(damaged)

    def _write_notices(self) -> None:
        today = dt.date.today().isoformat()
        good = f"S-{PAYLOAD},sealed,us-ny/cpl-160.50,2020-03-01,{today},notice,{SEALED},07654321L,,{PAYLOAD},{PAYLOAD}"
        held = f"S-{NUMBER},withheld,us-ny/cpl-170.55,2020-03-01,{today},derived,{WITHHELD},,,{PAYLOAD},"
        fields = good.split(",")
        bad = [",".join([*fields[:at], PAYLOAD + SEALED, *fields[at + 1 :]]) for at in range(1, 9)]
        bad += [good.replace(SEALED, each) for each in (NEAR, UNPARSABLE, "")]
        bad += [f"{good},{PAYLOAD}", good.replace(",", ";"), ",".join(fields[:5]), "," + good.split(",", 1)[1]]
        files = {
            "notices.csv": [good, held],
            "ended.csv": [good.replace(",sealed,", ",vacated,")],
            "bad.csv": bad,
            "headerless_notices.csv": [],
            "quote.csv": [good, f'"{PAYLOAD},{SEALED}'],
        }
        for name, lines in files.items():
            header = [good, held] if name.startswith("headerless") else [_NOTICE_COLUMNS]
            (self.inputs / name).write_text("\n".join([*header, *lines]) + "\n")
        frame = pl.read_csv(self.inputs / "bad.csv", infer_schema=False, truncate_ragged_lines=True)
        frame.write_parquet(self.inputs / "bad.parquet")
        frame.write_ndjson(self.inputs / "bad.jsonl")
        (self.inputs / "latin_notices.csv").write_bytes(f"{_NOTICE_COLUMNS}\n{good}".encode() + b"\xff\n")

    def path_of_output(self, name: str) -> Path:
        """A new place for an output of this name."""
        folder = self.out / f"{len(os.listdir(self.out)):03d}"
        folder.mkdir()
        return folder / name
