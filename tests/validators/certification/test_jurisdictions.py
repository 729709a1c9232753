"""A certificate says under whose law the seals of its index are, and by which rules: of those, and no other."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import polars as pl
import pytest

from sealscrub.certificates import load_signer
from sealscrub.certificates.certificate_report import CertificateReport
from sealscrub.cli import run
from sealscrub.custodian.law import JURISDICTIONS, jurisdiction
from sealscrub.identifiers import generate_certifier
from sealscrub.validators.certification import certify

from ...custodian.registry.custodian import Custodian, notice

NY, PA, TX = "us-ny/cpl-160.50", "us-pa/cs-9122", "us-tx/gc-411.071"
CLEAN = pl.DataFrame({"docket": [f"2015KN{at:06d}" for at in range(1, 40)]})


@pytest.mark.parametrize("regimes", [[PA], [NY, PA], [PA, TX], [TX], [NY]], ids=", ".join)
def test_the_law_of_the_seals_is_signed_and_shown(
    regimes: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    custodian = Custodian(tmp_path)
    for number, regime in enumerate(regimes, 1):
        custodian.add(notice(f"S{number}", docket=f"2014KN{number:06d}", regime=regime))
    custodian.add(notice("LATER", docket="2014KN000009", regime="us-nj/2c-52", effective_from="2030-01-01"))
    index = custodian.index()
    generate_certifier(tmp_path / "team.key")
    signer = load_signer(tmp_path / "team.key")
    places = sorted(regime.partition("/")[0] for regime in regimes)
    expected = {place: jurisdiction(place).table if place in JURISDICTIONS else "" for place in places}
    said = [f"{place} ({rules or 'no table of uses'})" for place, rules in expected.items()]

    issued = certify(CLEAN, index, {"docket": "docket"}, signer=signer)
    page = CertificateReport(issued.statement, signer.key_id).to_html()
    assert run(["inspect", str(tmp_path / "out.sealindex")]) == 0
    shown = capsys.readouterr().out
    assert run(["inspect", str(tmp_path / "out.sealindex"), "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)

    assert issued.statement.document()["predicate"]["jurisdictions"] == expected
    assert ", ".join(said) in html.unescape(re.sub(r"<[^>]+>", "", page))
    assert ", ".join(said) in " ".join(shown.split())
    assert listed["jurisdictions"] == expected
    for unsaid in {"us-ny", "us-pa", "us-tx", "us-nj"} - set(places):
        assert unsaid not in page
        assert unsaid not in shown
