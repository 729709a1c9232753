from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import Certificate, load_signer, open_certificate
from sealscrub.datasets import example_index
from sealscrub.identifiers import generate_certifier, load_annex, load_key
from sealscrub.identifiers.keys import AnnexKey
from sealscrub.index import Index, open_index
from sealscrub.validators.certification import Issued, certify

SEALED = [f"K{n:08d}" for n in range(20260001, 20260008)]
CLEAN = [f"M{n:08d}" for n in range(14000017, 14000047)]
ON = {"arrest_number": "arrest_no"}


@dataclass(frozen=True)
class Office:
    """A custodian's keys, a certifier's keys, an index, and a clean dataset."""

    folder: Path
    index: Index

    @property
    def raw(self) -> pl.DataFrame:
        return pl.DataFrame({"arrest_no": [*CLEAN[:10], *SEALED, *CLEAN[10:]], "n": range(len(CLEAN) + len(SEALED))})

    @property
    def clean(self) -> pl.DataFrame:
        return ss.scrub(self.raw, self.index, ON)

    @property
    def annex_public_key(self) -> bytes:
        return load_key(self.folder / "example.key").annex_public_key

    @property
    def annex_key(self) -> AnnexKey:
        return load_annex(self.folder / "example.key.annex")

    def issue(self, data: object = None, **options: object) -> Issued:
        signer = load_signer(self.folder / "team.key")
        return certify(self.clean if data is None else data, self.index, ON, signer=signer, **options)

    def opened(self, content: bytes, key: str = "team.key.pub") -> Certificate:
        place = self.folder / "one.certificate.json"
        place.write_bytes(content)
        return open_certificate(place, self.folder / key)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    example_index(SEALED, folder=tmp_path)
    generate_certifier(tmp_path / "team.key")
    return Office(tmp_path, open_index(tmp_path / "example.sealindex", tmp_path / "example.key"))
