"""Each field of a policy has its effect wherever a policy is taken: one that is lost on the way is a lost gate."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.errors import SealscrubError
from sealscrub.filters import guard_ranking
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index
from sealscrub.validators.certification import certify
from sealscrub.validators.expectation_suites import plan_suites, suite_json

from ..custodian.registry.custodian import DAY, Custodian, notice

DOCKET, VENDOR = {"docket": "docket"}, {"opaque:vendor": "ID"}
UNREAD = pl.DataFrame({"docket": ["2014KN000099", "no docket"]})
MOST = {"min_coverage": 0.5}
IDS = pl.DataFrame({"ID": ["b", "c"]})
CASES: dict[str, tuple[pl.DataFrame, dict[str, str], dict[str, Any], Any]] = {
    "allow": (pl.DataFrame({"docket": ["2014KN000099", "2014KN000007"]}), DOCKET, MOST, ["withheld"]),
    "accept": (pl.DataFrame({"docket": ["2014KN000099", "2O14KN000098"]}), DOCKET, MOST, ["near"]),
    "min_coverage": (pl.DataFrame({"docket": ["2014KN000099"]}), DOCKET, {"min_coverage": 0.1}, 0.95),
    "max_unparsable": (UNREAD, DOCKET, {**MOST, "accept": ["unparsable"]}, 0.9),
    "min_recall": (IDS, VENDOR, {"recall_alpha": 0.1}, 0.99),
    "recall_alpha": (IDS, VENDOR, {"min_recall": 0.9}, 0.1),
}
"""By field: rows, their keys, a policy, and a value of the field with which it ends in the other way."""
ASIDE = {"quarantine"}
"""Says where rows go, and not what passes: what only judges has nowhere to put them."""
TOGETHER = {("suite", "min_coverage")}
"""The tables of a plan together have to cover the seals, and a suite is of one of them."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    custodian = Custodian(tmp_path_factory.mktemp("policies"))
    dockets = [notice(f"T{n}", docket=f"2014KN00001{n}") for n in range(9)]
    withheld = notice("W1", "withheld", docket="2014KN000007")
    custodian.add(*dockets, withheld, notice("A1", arrest_number="K14600001"))
    links = pl.DataFrame({"seal": ["T1"], "row": ["a"], "weight": [9.0], "band": ["sealed"]})
    extract = custodian.file(notice())
    custodian.registry.add_links(links, namespace="vendor", file=extract, effective_from=DAY)
    bound = SimpleNamespace(lower=0.971, method="clopper-pearson", n=1000, alpha=0.1)
    custodian.registry.record_bound("vendor", bound, file=extract)
    return custodian.index(uses=["training", "output"])


Surface = Callable[[pl.DataFrame, dict[str, str], dict[str, Any], Index, Path], bool]


def _scan(rows: pl.DataFrame, on: dict[str, str], policy: dict[str, Any], index: Index, folder: Path) -> bool:
    return ss.scan(rows, index, on, policy=ss.Policy(**policy)).exit_code == 0


def _plan(rows: pl.DataFrame, on: dict[str, str], policy: dict[str, Any], index: Index, folder: Path) -> bool:
    return _written(on, policy).scan({"rows": rows}, index=index).exit_code == 0


def _suite(rows: pl.DataFrame, on: dict[str, str], policy: dict[str, Any], index: Index, folder: Path) -> bool:
    pytest.importorskip("great_expectations", reason="the extra gx is not installed")
    from sealscrub.gx import run_suite

    (suite,) = plan_suites(_written(on, policy)).values()
    parts = [(each["type"], each["kwargs"]) for each in suite["expectations"]]
    return bool(run_suite(suite_json("s", [part for part in parts if "sealed" in part[0]]), rows, index=index).success)


def _schema(rows: pl.DataFrame, on: dict[str, str], policy: dict[str, Any], index: Index, folder: Path) -> bool:
    pytest.importorskip("pandera", reason="the extra pandera is not installed")
    import pandera.polars as pa

    from sealscrub.pandera import no_sealed_records, not_sealed, validate

    given = ss.Policy(**policy)
    ((scheme, name),) = on.items()
    whole = pa.DataFrameSchema(checks=no_sealed_records(index, on, policy=given))
    column = pa.DataFrameSchema({name: pa.Column(str, not_sealed(index, scheme, policy=given))})
    passed = set()
    for schema in (whole, column):
        try:
            validate(schema, rows)
        except (SealscrubError, pa.errors.SchemaError, pa.errors.SchemaErrors):
            passed.add(False)
        else:
            passed.add(True)
    assert len(passed) == 1, "the two checks differ"
    return passed.pop()


def _certificate(rows: pl.DataFrame, on: dict[str, str], policy: dict[str, Any], index: Index, folder: Path) -> bool:
    return bool(certify(rows, index, on, signer=_signer(folder), policy=ss.Policy(**policy)))


def _guard(rows: pl.DataFrame, on: dict[str, str], policy: dict[str, Any], index: Index, folder: Path) -> bool:
    answers, given = rows.to_dicts(), ss.Policy(**policy)
    known = {scheme: rows[name].to_list() for scheme, name in on.items()}
    return len(guard_ranking(answers, index, on, k=len(answers), known=known, policy=given)) == len(answers)


SURFACES: dict[str, Surface] = {
    "scan": _scan, "plan": _plan, "suite": _suite, "schema": _schema, "certificate": _certificate
}  # fmt: skip


def _written(on: dict[str, str], policy: dict[str, Any]) -> ss.Plan:
    tables = {"rows": {"source": "rows.parquet", "keys": on}}
    return ss.Plan.from_dict({"version": 1, "policy": policy, "tables": tables})


def _signer(folder: Path) -> Any:
    generate_certifier(folder / "team.key")
    return load_signer(folder / "team.key")


def _passes(surface: Surface, case: str, policy: Mapping[str, Any], index: Index, folder: Path) -> bool:
    rows, on = CASES[case][:2]
    folder.mkdir()
    try:
        return surface(rows, on, dict(policy), index, folder)
    except SealscrubError:
        return False


def test_there_is_a_case_for_each_field() -> None:
    assert set(CASES) | ASIDE == {each.name for each in fields(ss.Policy)}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("field", CASES)
def test_a_field_decides_wherever_a_policy_is_taken(field: str, surface: str, index: Index, tmp_path: Path) -> None:
    policy, value = CASES[field][2:]

    usual = _passes(SURFACES[surface], field, policy, index, tmp_path / "usual")
    changed = _passes(SURFACES[surface], field, {**policy, field: value}, index, tmp_path / "changed")

    assert (usual != changed) is ((surface, field) not in TOGETHER)


@pytest.mark.parametrize("field", ["min_recall", "recall_alpha"])
def test_links_decide_for_guards_and_certificates_of_models(field: str, index: Index, tmp_path: Path) -> None:
    def of_model(rows: pl.DataFrame, on: Any, policy: dict[str, Any], index: Index, folder: Path) -> bool:
        (folder / "model.pkl").write_bytes(pickle.dumps({"vocabulary": ["theft"]}))
        issued = certify(None, index, models=[folder / "model.pkl"], signer=_signer(folder), policy=ss.Policy(**policy))
        return bool(issued)

    policy, value = CASES[field][2:]
    for at, surface in enumerate((_guard, of_model)):
        usual = _passes(surface, field, policy, index, tmp_path / f"{at}u")
        assert usual != _passes(surface, field, {**policy, field: value}, index, tmp_path / f"{at}c")


TABLES = {
    "arrests": {"source": "a.parquet", "keys": VENDOR},
    "charges": {"source": "c.parquet", "keys": DOCKET, "link": {"person": "arrests.person"}},
    "stops": {"source": "s.parquet", "keys": DOCKET},
    "cases": {"source": "e.parquet", "keys": DOCKET, "elements": [{"column": "ids", "scheme": "opaque:vendor"}]},
}


def test_a_suite_asks_for_recall_where_its_plan_would() -> None:
    plan = ss.Plan.from_dict({"version": 1, "policy": {"min_recall": 0.9, "recall_alpha": 0.1}, "tables": TABLES})

    asked = {
        name: [part["kwargs"].get("min_recall") for part in suite["expectations"] if "sealed" in part["type"]]
        for name, suite in plan_suites(plan).items()
    }

    assert asked == {"arrests": [0.9], "charges": [None], "stops": [0.9], "cases": [None, 0.9]}
