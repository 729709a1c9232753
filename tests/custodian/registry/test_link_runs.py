"""Only the difference is compared: a registry that was linked step by step holds what comparing everything holds."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sealscrub.custodian.registry import Registry
from sealscrub.errors import SchemeError, UsageError

from .custodian import Custodian, notice

linkage = pytest.importorskip("sealscrub.custodian.linkage")

_NUMBERS = itertools.count()
_SURNAMES = ("KELMAGANT", "QUORVIN", "KELMAGNAT")
_DAYS = ("2019-03-04", "2019-03-05", "")
_MODELS = [
    linkage.LinkModel.from_json(linkage.starting_model().to_json().replace('"lower":-1.0', f'"lower":{lower}'))
    for lower in ("-12.0", "-3.0")
]
_PERSON = st.tuples(st.sampled_from(_SURNAMES), st.sampled_from(["BELORA", "TADEK"]), st.sampled_from(_DAYS))
_ROWS = st.dictionaries(st.sampled_from("abcd"), _PERSON, max_size=4)
_ID = st.integers(0, 3)
_STEP = st.one_of(
    st.tuples(st.just("run"), _ROWS, st.sampled_from([0, 0, 0, 1])),
    st.tuples(st.just("run"), st.none(), st.sampled_from([0, 0, 0, 1])),
    st.tuples(st.just("seal"), _ID, _PERSON),
    st.tuples(st.just("vacate"), _ID, st.none()),
    st.tuples(st.sampled_from(["not", "same", "withdraw"]), _ID, st.none()),
)


class Both:
    """Two registries to which the same happens; one compares the difference alone, and the other everything."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.days = folder, itertools.count()
        self.registries = [Registry.create(folder / name) for name in ("difference.db", "everything.db")]
        self.extracts: list[pl.DataFrame] = []
        self.known: set[int] = set()
        self.file = folder / "vendor.linkin"

    def notice(self, at: int, event: str, person: tuple[str, str, str] | None) -> None:
        if person is None and at not in self.known:
            return
        self.known.add(at)
        last, first, day = person or ("", "", "")
        since = dt.date(2019, 6, 1) + dt.timedelta(days=next(self.days))
        text = "seal_id,event,regime,effective_from,docket,last_name,first_name,birth_date,arrest_date\n"
        text += f"S{at},{event},us-ny/cpl-160.50,{since},2019KN00001{at},{last},{first},1984-07-31,{day}\n"
        path = self.folder / f"{since}.csv"
        path.write_text(text)
        for registry in self.registries:
            registry.add(path)

    def run(self, rows: pl.DataFrame, model: Any) -> None:
        digest, earlier = (str(hash(each.write_csv())) for each in (rows, (self.extracts or [rows])[-1]))
        self.file.write_text(rows.write_csv())
        for whole, registry in zip((False, True), self.registries, strict=True):
            work = registry.link_work("vendor", extract=digest, model=model.digest, earlier=earlier)
            new = set(rows["id"])
            if work.before is not None and not whole:
                new = set(work.said_since)
                if work.before.extract != digest:
                    new |= set(rows.join(self.extracts[-1], on=rows.columns, how="anti", nulls_equal=True)["id"])
            found = linkage.link_new(work.seals, rows, model, new_seals=work.new_seals, new_rows=new).pairs
            bands = found.with_columns(band=pl.col("band").replace({"review": "withheld"}))
            registry.add_links(bands, namespace="vendor", model=model.digest, file=self.file, run=work.run)
        self.extracts.append(rows)

    def decide(self, word: str, at: int) -> None:
        pairs = self.registries[0].proposed_pairs("vendor")
        if pairs.is_empty():
            return
        pair, about = pairs[at % len(pairs)], {"namespace": "vendor", "file": self.file}
        same = pair.with_columns(weight=pl.lit(1.0), band=pl.lit("sealed"))
        for registry in self.registries:
            if word == "same":
                registry.add_links(same, basis="clerk", **about)
            else:
                registry.revoke_links(pair, basis="clerk" if word == "not" else "model", **about)

    def held(self) -> list[pl.DataFrame]:
        return [registry.links("vendor").drop("epoch") for registry in self.registries]


def rows_of(said: dict[str, tuple[str, str, str]]) -> pl.DataFrame:
    schema = dict.fromkeys(("id", "last_name", "first_name", "arrest_date"), pl.String)
    rows = [(name, *person[:2], person[2] or None) for name, person in said.items()]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(birth_date=pl.lit("1984-07-31"))


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(steps=st.lists(_STEP, min_size=2, max_size=7))
def test_the_difference_leads_to_what_everything_leads_to(
    steps: list[tuple[Any, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    both = Both(tmp_path_factory.getbasetemp() / f"both{next(_NUMBERS)}")
    both.notice(9, "sealed", ("KELMAGANT", "BELORA", "2019-03-04"))
    both.run(
        rows_of({"a": ("KELMAGANT", "BELORA", "2019-03-04"), "b": ("KELMAGANT", "TADEK", "2019-03-04")}), _MODELS[0]
    )
    for what, at, more in [*steps, ("run", None, 0)]:
        if what == "run":
            both.run(both.extracts[-1] if at is None else rows_of(at), _MODELS[more])
            difference, everything = both.held()
            assert difference.equals(everything)
        elif what in ("seal", "vacate"):
            both.notice(at, "sealed" if what == "seal" else "vacated", more)
        else:
            both.decide(what, at)


@pytest.fixture
def sealed(custodian: Custodian) -> Custodian:
    custodian.add(notice("S1", docket="2014KN000001", last_name="Doe"), notice("S2", docket="2014KN000002"))
    (custodian.folder / "vendor.linkin").write_bytes(b"an extract")
    return custodian


def record(custodian: Custodian, *links: tuple[str, str], **options: Any) -> Any:
    pairs = pl.DataFrame(
        [(*link, 7.5, "sealed") for link in links],
        schema={"seal": pl.String, "row": pl.String, "weight": pl.Float64, "band": pl.String},
        orient="row",
    )
    usual = {"namespace": "vendor", "file": custodian.folder / "vendor.linkin", "model": "m1"}
    return custodian.registry.add_links(pairs, **usual | options)


def work(custodian: Custodian, **options: Any) -> Any:
    return custodian.registry.link_work("vendor", **{"extract": "x1", "model": "m1"} | options)


def test_a_run_is_recorded_though_it_linked_nothing(sealed: Custodian) -> None:
    first = work(sealed)
    assert (first.before, first.new_seals) == (None, ("S1",))

    assert record(sealed, run=first.run).epoch == 2

    again = work(sealed)
    assert (again.before, again.new_seals, again.said_since) == (first.run, (), ())


@pytest.mark.parametrize("asked", [{"extract": "x2"}, {"model": "m2"}])
def test_another_extract_or_model_compares_everything(sealed: Custodian, asked: dict[str, str]) -> None:
    record(sealed, run=work(sealed).run)

    found = work(sealed, **asked)

    assert (found.before, found.new_seals) == (None, ("S1",))
    assert sealed.registry.link_work("other", extract="x1", model="m1").before is None


def test_an_earlier_extract_is_what_another_rests_on(sealed: Custodian) -> None:
    record(sealed, run=work(sealed).run)

    found = work(sealed, extract="x2", earlier="x1")

    assert found.before is not None
    assert (found.before.extract, found.new_seals, found.run.extract) == ("x1", (), "x2")


def test_another_release_compares_everything(sealed: Custodian, monkeypatch: pytest.MonkeyPatch) -> None:
    record(sealed, run=work(sealed).run)
    monkeypatch.setattr("sealscrub.custodian.registry.link_runs.__version__", "another")

    assert work(sealed).before is None


def test_new_seals_are_those_whose_notices_say_something_else(sealed: Custodian) -> None:
    record(sealed, run=work(sealed).run)
    sealed.add(notice("S3", docket="2014KN000003", last_name="Roe"))
    assert work(sealed).new_seals == ("S3",)
    sealed.add(notice("S1", docket="2014KN000001", last_name="Doan", effective_from="2021-01-01"))
    assert work(sealed).new_seals == ("S1", "S3")
    sealed.add(notice("S1", "vacated", docket="2014KN000001", effective_from="2022-01-01"))
    assert work(sealed).new_seals == ("S3",)


def test_rows_of_which_a_model_said_something_since_are_compared_again(sealed: Custodian) -> None:
    record(sealed, ("S1", "a"), run=work(sealed).run)
    assert work(sealed).said_since == ()
    record(sealed, ("S1", "b"), model="m2")
    record(sealed, ("S1", "c"), model=None, basis="clerk")

    assert work(sealed).said_since == ("b",)


def test_a_run_without_a_model_or_a_system_is_refused(sealed: Custodian) -> None:
    run = work(sealed).run
    with pytest.raises(UsageError, match="model"):
        record(sealed, run=run, model=None, basis="clerk")
    with pytest.raises(SchemeError):
        sealed.registry.link_work("", extract="x1", model="m1")
    assert sealed.registry.epoch == 1
