"""A key of two columns that a custodian defined works wherever ``person_arrest`` does."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.errors import ColumnError, SchemeError
from sealscrub.filters import guard_json, guard_ranking, guard_text
from sealscrub.identifiers import Level, Scheme, Spelling, generate_certifier, register_scheme
from sealscrub.index import Index
from sealscrub.validators.certification import certify
from sealscrub.validators.certification.certificate_issue import StillSealed

from .custodian import Custodian, notice

COUNTY = Scheme(name="own_county", level=Level.EVENT, spellings=[Spelling("[A-Z]+")])
CASE = Scheme(name="own_case", level=Level.EVENT, spellings=[Spelling(r"(?P<n>\d{1,6})", "{n:0>6}")])
OWN = {
    "own_action": ("own_county", "own_case"),  # two numbers
    "own_turned": ("own_case", "own_county"),  # a word last
    "own_dated": ("own_case", "date"),  # a number and a date
    "own_day": ("date", "own_case"),
    "own_three": ("own_county", "own_case", "date"),
}
KEYS = OWN | {"person_arrest": ("nysid", "date")}
On = dict[str, str]
COUNTIES, CASES, DATES = ["KINGS", "QUEENS"], ["000001", "000002"], ["2020-01-01", "2020-01-02"]
PERSON = "12345678A"
COLUMNS = {"own_county": "county", "own_case": "case_no", "date": "day", "nysid": "person"}


@pytest.fixture(autouse=True)
def own_schemes() -> None:
    for scheme in (COUNTY, CASE):
        register_scheme(scheme)
    for name, parts in OWN.items():
        register_scheme(Scheme(name=name, level=Level.ACTION, parts=parts))


def rows_of(seed: list[tuple[str, str, str]]) -> pl.DataFrame:
    frame = pl.DataFrame(seed, schema=["county", "case_no", "day"], orient="row")
    return frame.with_row_index("row").with_columns(person=pl.lit(PERSON))


ROWS = rows_of(list(itertools.product(COUNTIES, CASES, DATES)))


def registered(folder: Path, row: dict[str, Any]) -> Custodian:
    custodian = Custodian(folder)
    county, case = row["county"].lower(), row["case_no"].lstrip("0")  # another spelling
    custodian.add(notice("S1", own_county=county, own_case=case, arrest_date=row["day"], nysid=PERSON))
    return custodian


@pytest.mark.parametrize("scheme", KEYS)
def test_it_is_published_scanned_scrubbed_and_guarded(tmp_path: Path, scheme: str) -> None:
    sealed = ROWS.row(0, named=True)
    index = registered(tmp_path, sealed).index(uses=["training", "output"])
    columns = [COLUMNS[part] for part in KEYS[scheme]]
    on = {scheme: "+".join(columns)}
    kept = ROWS.filter(~pl.all_horizontal(pl.col(column) == sealed[column] for column in columns))
    ROWS.write_csv(tmp_path / "rows.csv")

    assert scheme in index.schemes
    assert (
        sum(key.sealed for table in ss.scan(ROWS, index, on).tables for key in table.keys) == ROWS.height - kept.height
    )
    assert ss.scrub(ROWS, index, on).equals(kept)
    ss.scrub(tmp_path / "rows.csv", index, on, output=tmp_path / "kept.csv")
    assert pl.read_csv(tmp_path / "kept.csv", infer_schema=False).equals(kept.cast(pl.String))
    assert guard_ranking(ROWS.to_dicts(), index, on=on) == kept.to_dicts()
    paths = "+".join(f"$.hits[*].{column}" for column in columns)
    shape: dict[str, Any] = {"on": {scheme: [paths]}, "complete": True, "independent": "$.hits[*]"}
    assert guard_json({"hits": ROWS.to_dicts()}, index, **shape) == {"hits": kept.to_dicts()}


@pytest.mark.thinned(together=0)
@pytest.mark.parametrize("scheme", KEYS)
def test_a_plan_names_its_columns(tmp_path: Path, scheme: str) -> None:
    sealed = ROWS.row(3, named=True)
    index = registered(tmp_path, sealed).index()
    ROWS.write_parquet(tmp_path / "rows.parquet")
    columns = ", ".join(f'{part} = "{COLUMNS[part]}"' for part in KEYS[scheme])
    keys = f'keys = [{{ scheme = "{scheme}", columns = {{ {columns} }} }}]'
    (tmp_path / "sealscrub.toml").write_text(f'version = 1\n[tables.rows]\nsource = "rows.parquet"\n{keys}\n')
    plan = ss.Plan.from_toml(tmp_path / "sealscrub.toml")
    plan.scrub(index=index, output=tmp_path / "clean")
    kept = ROWS.filter(~pl.all_horizontal(pl.col(COLUMNS[part]) == sealed[COLUMNS[part]] for part in KEYS[scheme]))

    assert pl.read_parquet(tmp_path / "clean" / "rows.parquet").equals(kept)


def _certified(index: Index, on: On, kept: pl.DataFrame, folder: Path) -> None:
    generate_certifier(folder / "team.key")
    signer = load_signer(folder / "team.key")
    with pytest.raises(StillSealed):
        certify(ROWS, index, on, signer=signer)
    ((scheme, columns),) = on.items()
    (key,) = certify(kept, index, on, signer=signer).statement.predicate.keys
    assert (key.scheme, key.columns) == (scheme, tuple(columns.split("+")))


def _validated(index: Index, on: On, kept: pl.DataFrame, folder: Path) -> None:
    pandera = pytest.importorskip("pandera.polars", reason="the extra pandera is not installed")
    from sealscrub.pandera import no_sealed_records

    schema = pandera.DataFrameSchema(checks=no_sealed_records(index, on))
    schema.validate(kept)
    with pytest.raises(pandera.errors.SchemaError):
        schema.validate(ROWS)


def _sampled(index: Index, on: On, kept: pl.DataFrame, folder: Path) -> None:
    from sealscrub.transforms.sklearn import SealedRowDropper

    rows, target = SealedRowDropper(index, on).fit_resample(ROWS, ROWS["row"])
    assert rows.equals(kept)
    assert target.equals(kept["row"])


def _said(index: Index, on: On, kept: pl.DataFrame, folder: Path) -> None:
    """A sentence with all parts of a sealed key goes, and others stay; order and spelling do not matter."""

    def sentences(rows: pl.DataFrame) -> str:
        said = [f"case {int(case)} in {county.title()} of {PERSON} on {day}" for _, county, case, day, _ in rows.rows()]
        return " ".join(f"It was {each}." for each in said)

    guarded = guard_text(sentences(ROWS), index)
    assert set(on) <= set(guarded.checked)
    gone = set(ROWS["row"]) - {row for row in ROWS["row"] if sentences(ROWS.filter(pl.col("row") == row)) in guarded}
    assert set(ROWS["row"]) - set(kept["row"]) <= gone
    other = rows_of([("BRONX", "000009", "2020-02-02")])
    assert guard_text(sentences(other), index) == sentences(other)


SURFACES = {"certify": _certified, "pandera": _validated, "sklearn": _sampled, "text": _said}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("scheme", KEYS)
def test_every_other_surface_knows_it(tmp_path: Path, scheme: str, surface: str) -> None:
    sealed = ROWS.row(0, named=True)
    columns = [COLUMNS[part] for part in KEYS[scheme]]
    index = registered(tmp_path, sealed).index(uses=["training", "output"])
    kept = ROWS.filter(~pl.all_horizontal(pl.col(column) == sealed[column] for column in columns))

    SURFACES[surface](index, {scheme: "+".join(columns)}, kept, tmp_path)


@settings(deadline=None, max_examples=30)
@given(row=st.sampled_from(ROWS.to_dicts()), missing=st.sampled_from(["", "own_county", "own_case", "arrest_date"]))
def test_a_notice_without_a_part_makes_no_key_of_it(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any], missing: str
) -> None:
    custodian = Custodian(tmp_path_factory.mktemp("custodian"))
    fields = {"own_county": row["county"], "own_case": row["case_no"], "arrest_date": row["day"]}
    custodian.add(
        notice("S1", docket="2014KN000001", **{name: value for name, value in fields.items() if name != missing})
    )
    held = set(custodian.index().schemes)
    part = {"arrest_date": "date"}.get(missing, missing)

    assert held & set(OWN) == {name for name, parts in OWN.items() if part not in parts}


def test_a_column_of_the_whole_key_is_refused_and_its_parts_are_named(custodian: Custodian) -> None:
    with pytest.raises(ColumnError, match=r"own_county and own_case and arrest_date"):
        custodian.add(notice("S1", docket="2014KN000001", own_three="KINGS+1+2020-01-01"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": ["own_case"]},
        {"parts": ["own_case", "own_case"]},
        {"parts": ["own_case", "date"], "spellings": [Spelling("A")]},
    ],
)
def test_parts_that_make_no_key_are_refused_where_they_are_defined(wrong: dict[str, Any]) -> None:
    with pytest.raises(SchemeError, match="two parts or more"):
        Scheme(name="own_wrong", level=Level.ACTION, **wrong)
