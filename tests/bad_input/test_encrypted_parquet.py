"""Parquet files that are encrypted, wholly or in one column: each way in refuses them, and none ends the process."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

import sealscrub as ss
from sealscrub.certificates import content_digest
from sealscrub.custodian.sheets import read_sheet
from sealscrub.datasets import example_index
from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.transforms.plans.plan_proposal import propose
from sealscrub.validators.artefacts import audit_model
from sealscrub.validators.expectation_suites import ready_suites

ON = {"arrest_number": "arrest_no"}
ROWS = {"arrest_no": ["K14612345", "M14000017"], "note": ["zanzibar-7731", "b"]}


class Keys(pe.KmsClient):
    """Keys that protect nothing; the files of the tests are to be unreadable to who has none."""

    def wrap_key(self, key: bytes, name: str) -> bytes:
        return base64.b64encode(key)

    def unwrap_key(self, wrapped: bytes, name: str) -> bytes:
        return base64.b64decode(wrapped)


def encrypted(path: Path, *, footer: bool, columns: list[str]) -> Path:
    factory = pe.CryptoFactory(lambda config: Keys())
    how = pe.EncryptionConfiguration(footer_key="footer", column_keys={"columns": columns}, plaintext_footer=not footer)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), how)
    table = pa.table(ROWS)
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    return path


KINDS: dict[str, dict[str, Any]] = {
    "footer": {"footer": True, "columns": ["note"]},
    "another column": {"footer": False, "columns": ["note"]},
    "the key column": {"footer": False, "columns": ["arrest_no"]},
    "all columns": {"footer": False, "columns": ["arrest_no", "note"]},
}
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
@pytest.mark.parametrize("verb", ["scan", "scrub"])
def test_scan_and_scrub_refuse_it(bench, verb, kind):
    path = encrypted(bench.folder / "train.parquet", **KINDS[kind])

    bench.refused(bench.args(verb, path), 3, "train.parquet", "encrypted", "decrypt")


@kinds
def test_every_way_in_refuses_it(tmp_path: Path, kind: str) -> None:
    path = encrypted(tmp_path / "train.parquet", **KINDS[kind])
    index = example_index(["K14612345"])
    plan = tmp_path / "sealscrub.toml"
    plan.write_text(
        'version = 1\n[tables.arrests]\nsource = "train.parquet"\n'
        'keys.arrest_number = "arrest_no"\nindependent.note = "a word"\n'
    )
    ways = [
        lambda: ss.scan(path, index, on=ON),
        lambda: ss.scrub(path, index, on=ON, output=tmp_path / "clean.parquet"),
        lambda: ss.scrub(path, index, on=ON, dry_run=True),
        lambda: content_digest(path),
        lambda: ss.Plan.from_toml(plan).check(),
        lambda: ss.Plan.from_toml(plan).scrub(None, index, output=tmp_path / "clean"),
    ]
    for at, way in enumerate(ways):
        with pytest.raises(UnreadableInput, match="encrypted") as caught:
            way()
        assert "zanzibar" not in str(caught.value), at
    assert not (tmp_path / "clean.parquet").exists()
    plan.unlink()
    with pytest.raises(UsageError, match="no data file that can be a table"):
        propose(tmp_path)


@kinds
def test_an_audit_says_that_it_was_not_checked(tmp_path: Path, kind: str) -> None:
    found = audit_model(encrypted(tmp_path / "train.parquet", **KINDS[kind]), example_index(["K14612345"]))

    assert found.not_checked


@kinds
@pytest.mark.parametrize("frame", ["pandas", "polars", "pyarrow", "path"])
def test_a_nullity_test_refuses_it(bench: Any, kind: str, frame: str) -> None:
    path = encrypted(bench.folder / "train.parquet", **KINDS[kind])
    args = bench.args("check-nullity", "copy:copy", more=["--as", frame, "--data", path])

    bench.refused(args, 3, "train.parquet", "encrypted", "decrypt")


@kinds
def test_a_suite_of_expectations_refuses_it(tmp_path: Path, kind: str) -> None:
    pytest.importorskip("great_expectations", reason="the extra gx is not installed")
    from sealscrub.gx import run_suite

    path = encrypted(tmp_path / "train.parquet", **KINDS[kind])

    with pytest.raises(UnreadableInput, match="encrypted"):
        run_suite(ready_suites()["training_table"], path, index=example_index(["K14612345"]))


@kinds
def test_a_sheet_of_the_custodian_refuses_it(tmp_path: Path, kind: str) -> None:
    path = encrypted(tmp_path / "arrests.parquet", **KINDS[kind])

    with pytest.raises(UnreadableInput):
        read_sheet(path)


def test_a_file_with_a_plain_footer_is_read(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    pq.write_table(pa.table(ROWS), path)

    assert ss.scan(path, example_index(["K14612345"]), on=ON).found
