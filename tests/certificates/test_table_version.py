"""A certificate of a table of a lake names the table's id and the version that was read."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pytest

from sealscrub.certificates import State, load_signer, open_certificate
from sealscrub.certificates.certificate_report import CertificateReport
from sealscrub.certificates.statement import Statement
from sealscrub.certificates.table_version import table_version
from sealscrub.errors import InvalidCertificate, UnreadableInput
from sealscrub.identifiers import generate_certifier
from sealscrub.validators.certification import certificate_issue, certify, verify
from sealscrub.validators.certification.certificate_text import facts_of, unchecked

from ..contracts.test_every_format import KEPT, table
from ..tables.iceberg.lakehouse import Lakehouse
from ..transforms.arrests import NULLS, ON, SEALED, index


@pytest.fixture
def addresses(tmp_path: Path) -> Any:
    """A table of each format, at its second version."""
    lake = Lakehouse(tmp_path)
    with contextlib.closing(lake):
        lake.create("arrests", table(KEPT).schema, rows=table(KEPT)).append(table(KEPT))
        for _ in range(2):
            deltalake.write_deltalake(tmp_path / "t", pl.DataFrame(table(KEPT)), mode="append")
        yield {"delta": f"delta:{tmp_path / 't'}", "iceberg": lake.address("arrests")}, lake


def issue(folder: Path, data: Any) -> Any:
    if not (folder / "team.key").exists():
        generate_certifier(folder / "team.key")
    return certify(data, index(), ON, signer=load_signer(folder / "team.key"), policy=NULLS)


def test_id_and_version_are_named(addresses: Any, tmp_path: Path) -> None:
    named, lake = addresses
    held, opened = lake.catalog.load_table("police.arrests"), deltalake.DeltaTable(tmp_path / "t")
    expected = {
        "delta": (str(opened.metadata().id), "1"),
        "iceberg": (str(held.metadata.table_uuid), str(held.metadata.current_snapshot_id)),
    }
    for form, address in named.items():
        issued = issue(tmp_path, address)
        said = issued.statement.document()["subject"][0]["annotations"]
        assert said == dict(zip(("format", "table", "version"), (form, *expected[form]), strict=True))
        assert (
            Statement.read(json.loads(json.dumps(issued.statement.document()))).document()
            == issued.statement.document()
        )
        pages = CertificateReport(issued.statement, "k" * 64).to_html(), str(facts_of(issued.statement, "k" * 64))
        assert [part for text in pages for part in expected[form] if part not in text] == []


def test_other_data_have_none_and_are_spelled_as_before(tmp_path: Path) -> None:
    pl.DataFrame(table(KEPT)).write_parquet(tmp_path / "a.parquet")
    issued = issue(tmp_path, str(tmp_path / "a.parquet"))
    assert set(issued.statement.document()["subject"][0]) == {"name", "digest"}
    assert table_version(table(KEPT)) is None


def test_a_later_version_of_the_same_rows_is_certified_as_well(addresses: Any, tmp_path: Path) -> None:
    (named, lake) = addresses
    certificates = {form: issue(tmp_path, address).certificate for form, address in named.items()}
    held = lake.catalog.load_table("police.arrests")
    held.overwrite(held.scan().to_arrow())
    deltalake.DeltaTable(tmp_path / "t").optimize.compact()
    for form, address in named.items():
        (tmp_path / "c.json").write_bytes(certificates[form])
        opened = open_certificate(tmp_path / "c.json", tmp_path / "team.key.pub")
        first, second, *_ = verify(opened, data=address).levels
        assert (first.state, second.state) == (State.REACHED, State.REACHED)
        (certified,) = opened.statement.versions()
        assert f"certified was {certified}, given is {table_version(address)}" in second.why
        copy = pl.DataFrame(table(KEPT + KEPT))
        assert f"certified was {certified}, given is of no table" in verify(opened, data=copy).levels[1].why


def test_that_earlier_versions_were_not_looked_at_is_said(addresses: Any, tmp_path: Path) -> None:
    for address in addresses[0].values():
        said = unchecked(issue(tmp_path, address).statement)
        assert any(each.startswith("history: other versions of the table") for each in said)
    assert not any(each.startswith("history") for each in unchecked(issue(tmp_path, table(KEPT)).statement))


def test_a_table_that_its_library_has_opened_is_certified_as_its_address(addresses: Any, tmp_path: Path) -> None:
    """At the version that it has loaded, whatever was committed since."""
    named, lake = addresses
    opened = {
        "delta": deltalake.DeltaTable(tmp_path / "t", version=0),
        "iceberg": lake.catalog.load_table("police.arrests"),
    }
    earlier = {"delta": f"delta:{tmp_path / 't'}@v0", "iceberg": named["iceberg"]}
    by_address = {form: issue(tmp_path, earlier[form]).statement.subject for form in opened}
    lake.catalog.load_table("police.arrests").append(table(KEPT))
    for form, data in opened.items():
        issued = issue(tmp_path, data)
        assert issued.statement.subject == by_address[form]
        (tmp_path / "c.json").write_bytes(issued.certificate)
        certificate = open_certificate(tmp_path / "c.json", tmp_path / "team.key.pub")
        states = [each.state for each in verify(certificate, data=data, index=index()).levels[:3]]
        assert states == [State.REACHED] * 3
        assert verify(certificate, data=named[form]).levels[1].state is State.FAILED


def test_an_id_that_is_any_text_is_left_out(tmp_path: Path) -> None:
    deltalake.write_deltalake(tmp_path / "t", pl.DataFrame(table(KEPT)))
    log = next((tmp_path / "t" / "_delta_log").glob("*.json"))
    own = str(deltalake.DeltaTable(tmp_path / "t").metadata().id)
    log.write_text(log.read_text().replace(own, f"of {SEALED[0]}"))
    said = table_version(f"delta:{tmp_path / 't'}")
    assert said is not None
    assert (said.table, said.version) == ("", "0")


def test_a_statement_with_another_id_is_refused(addresses: Any, tmp_path: Path) -> None:
    document = issue(tmp_path, addresses[0]["delta"]).statement.document()
    for name, text in (("table", f"of {SEALED[0]}"), ("version", "three"), ("format", "hudi"), ("more", "1")):
        wrong = json.loads(json.dumps(document))
        wrong["subject"][0]["annotations"][name] = text
        with pytest.raises(InvalidCertificate):
            Statement.read(wrong)


def test_a_table_that_changes_while_it_is_certified(
    addresses: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, lake = addresses
    real = certificate_issue.content_digest

    def digest(data: Any, **options: Any) -> Any:
        found = real(data, **options)
        lake.catalog.load_table("police.arrests").append(table(KEPT))
        deltalake.write_deltalake(tmp_path / "t", pl.DataFrame(table(KEPT)), mode="append")
        return found

    monkeypatch.setattr(certificate_issue, "content_digest", digest)
    for address in named.values():
        with pytest.raises(UnreadableInput, match="changed while it was certified"):
            issue(tmp_path, address)
