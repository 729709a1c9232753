"""The property that decides, on the big generator: a plan's scrub gives the estate of a world without the records."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.datasets import Estate, derive_features, example_index, make_estate, write_estate
from sealscrub.errors import SealedElsewhere
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan


def barred(estate: Estate) -> dict[str, list[str]]:
    """Numbers of the arrests and dockets that the police may not train on."""
    wanted = pl.col("status").is_in(["sealed", "withheld"]) & (pl.col("regime") != "us-ny/cpl-160.57")
    truth = estate.city.truth
    dockets = truth.dockets.filter(wanted, pl.col("docket").is_not_null())
    return {
        "arrest_number": truth.arrests.filter(wanted)["arrest_number"].to_list(),
        "docket": dockets["docket"].to_list(),
    }


LOOSE = Policy(min_coverage=0)  # an example's index counts a seal for each key


def index_of(estate: Estate, sealed: dict[str, list[str]], folder: Path | None = None) -> Index:
    """An index that holds every key of what is sealed, as the registry's would."""
    arrests = estate.tables["arrests"].filter(pl.col("arrest_number").is_in(sealed["arrest_number"]))
    vouchers = estate.tables["vouchers"].filter(pl.col("arrest_id").is_in(arrests["arrest_id"].implode()))
    keys = {
        **sealed,
        "cjtn": arrests["cjtn"].to_list(),
        "photo": arrests["photo_id"].drop_nulls().to_list(),
        "voucher": vouchers["voucher"].to_list(),
    }
    return example_index(keys, folder=folder)


def plan_of(estate: Estate, *, rekey: bool = True) -> Plan:
    parsed = tomllib.loads(estate.plan)
    if not rekey:
        for table in parsed["tables"].values():
            table.pop("rekey", None)
    return Plan.from_dict(parsed)


def check_equal(got: dict[str, pl.DataFrame], wanted: dict[str, pl.DataFrame]) -> None:
    assert list(got) == list(wanted)
    for name, table in wanted.items():
        assert got[name].schema == table.schema, name
        wrong = [column for column in table.columns if not got[name][column].equals(table[column], null_equal=True)]
        assert (name, got[name].height, wrong) == (name, table.height, [])


@dataclass(frozen=True)
class Worlds:
    """An estate, the estate without the sealed records, and their index."""

    estate: Estate
    without: Estate
    index: Index
    folder: Path | None = None

    @classmethod
    def make(
        cls, arrests: int, seed: int, sealed: dict[str, list[str]] | None = None, folder: Path | None = None
    ) -> Worlds:
        estate = make_estate(arrests, seed=seed)
        sealed = barred(estate) if sealed is None else sealed
        without = make_estate(arrests, seed=seed, without=[*sealed["arrest_number"], *sealed["docket"]])
        assert without.tables["arrests"].height < estate.tables["arrests"].height
        return cls(estate, without, index_of(estate, sealed, folder), folder)

    def scrubbed(self) -> dict[str, pl.DataFrame]:
        return plan_of(self.estate).scrub(dict(self.estate.tables), self.index, policy=LOOSE)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds.make(1_000, 5, folder=tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def scrubbed(worlds: Worlds) -> dict[str, pl.DataFrame]:
    return worlds.scrubbed()


@cache
def small_estate() -> Estate:
    return make_estate(800, seed=2)


def check_nullity(worlds: Worlds, scrubbed: dict[str, pl.DataFrame]) -> None:
    tables, without = dict(worlds.estate.tables), dict(worlds.without.tables)
    check_equal(plan_of(worlds.estate, rekey=False).scrub(tables, worlds.index, policy=LOOSE), without)
    check_equal(scrubbed, plan_of(worlds.estate).scrub(without, worlds.index, policy=LOOSE))


def test_a_scrubbed_estate_is_the_estate_of_a_world_without_the_sealed_records(
    worlds: Worlds, scrubbed: dict[str, pl.DataFrame]
) -> None:
    check_nullity(worlds, scrubbed)


@pytest.mark.long
@pytest.mark.parametrize("every", [3])
def test_any_arrests_and_dockets_may_be_sealed(every: int) -> None:
    """Dockets alone, whose arrest stays while one of them stands, and goes with the last."""
    estate = make_estate(1_200, seed=9)
    numbers = estate.tables["arrests"]["arrest_number"].gather_every(every).to_list()
    dockets = estate.tables["dockets"]["docket"].gather_every(every, 1)
    named = estate.tables["dockets"]["disposition"].str.extract(r"COVERED BY (\S+)").drop_nulls()
    apart = dockets.filter(~dockets.is_in(named.implode()))
    worlds = Worlds.make(1_200, 9, {"arrest_number": numbers, "docket": apart.to_list()})
    check_nullity(worlds, worlds.scrubbed())


def test_a_docket_that_another_one_names_in_its_disposition_is_not_sealed_alone(worlds: Worlds) -> None:
    estate = worlds.estate
    named = estate.tables["dockets"]["disposition"].str.extract(r"COVERED BY (\S+)").drop_nulls().to_list()
    index = index_of(estate, {"arrest_number": ["K14699999"], "docket": named[:1]})
    with pytest.raises(SealedElsewhere, match="'disposition'"):
        plan_of(estate, rekey=False).scrub(dict(estate.tables), index, policy=LOOSE)


@pytest.mark.long
def test_a_large_estate_is_the_estate_of_a_world_without_the_sealed_records() -> None:
    worlds = Worlds.make(100_000, 1)
    check_nullity(worlds, worlds.scrubbed())


def test_an_estate_in_which_nothing_is_sealed_stays_as_it_is(worlds: Worlds) -> None:
    estate, other = small_estate(), worlds.estate

    def absent(table: str, column: str) -> pl.Expr:
        return ~pl.col(column).is_in(estate.tables[table][column].implode())

    known = other.tables["vouchers"].filter(~absent("vouchers", "voucher"))["arrest_id"]
    new = [absent("arrests", column) for column in ("arrest_number", "cjtn", "photo_id")]
    arrests = other.tables["arrests"].filter(*new, ~pl.col("arrest_id").is_in(known.implode()))
    dockets = other.tables["dockets"].filter(absent("dockets", "docket"))
    assert min(arrests.height, dockets.height) >= 25
    index = index_of(
        other, {"arrest_number": arrests["arrest_number"].to_list(), "docket": dockets["docket"].to_list()}
    )
    check_equal(plan_of(estate, rekey=False).scrub(dict(estate.tables), index, policy=LOOSE), dict(estate.tables))


def test_of_a_city_in_which_everything_is_sealed_the_victims_are_left() -> None:
    estate = small_estate()
    numbers = estate.tables["arrests"]["arrest_number"].to_list()
    sealed = {"arrest_number": numbers, "docket": estate.tables["dockets"]["docket"].to_list()}
    got = plan_of(estate, rekey=False).scrub(dict(estate.tables), index_of(estate, sealed), policy=LOOSE)
    check_equal(got, dict(make_estate(800, seed=2, without=numbers).tables))
    assert {name for name, table in got.items() if table.height} == {
        "stops",
        "complaints",
        "cases",
        "victims",
        "people",
    }
    assert got["people"]["person_id"].is_in(estate.tables["victims"]["person_id"].implode()).all()


def test_the_command_line_writes_the_same_bytes_as_in_the_world_without(worlds: Worlds, tmp_path: Path) -> None:
    estate, index = worlds.estate, worlds.index
    assert worlds.folder is not None
    estate.write(tmp_path / "with" / "estate")
    worlds.without.write(tmp_path / "without" / "estate")
    opened = ["--index", str(index.files[0]), "--key-file", str(worlds.folder / "example.key"), "--min-coverage", "0"]
    assert run(["plan", "check", str(tmp_path / "with" / "estate" / "sealscrub.toml")]) == 0
    for world in ("with", "without"):
        plan = tmp_path / world / "estate" / "sealscrub.toml"
        assert run(["scrub", "--plan", str(plan), *opened, "-o", str(tmp_path / world / "clean")]) == 0
    with_, without = (contents(tmp_path / world / "clean") for world in ("with", "without"))
    assert list(with_) == list(without)
    assert [name for name in with_ if with_[name] != without[name]] == []
    pictures = sum(name.endswith(".pgm") for name in with_)
    assert (
        0 < pictures == pl.read_csv(tmp_path / "with" / "clean" / "photos.csv").height < estate.tables["photos"].height
    )


def test_an_estate_is_written_as_it_is_made(tmp_path: Path) -> None:
    without = make_estate(50, seed=1).tables["arrests"]["arrest_number"].to_list()[:5]
    write_estate(tmp_path / "written", 50, seed=1, without=without)
    make_estate(50, seed=1, without=without).write(tmp_path / "made")
    assert contents(tmp_path / "written") == contents(tmp_path / "made") != {}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_surrogates_join_what_the_ids_joined(worlds: Worlds, scrubbed: dict[str, pl.DataFrame]) -> None:
    estate, got = worlds.estate, scrubbed
    ids, people = set(got["arrests"]["arrest_id"]), set(got["people"]["person_id"])
    assert ids.isdisjoint(estate.tables["arrests"]["arrest_id"])
    for table, column in [
        ("features", "arrest_id"),
        ("pair_labels", "arrest_id_a"),
        ("co_arrest_support", "arrest_id_b"),
    ]:
        assert set(got[table][column]) <= ids, table
    for table, column in [("features", "person_id"), ("victims", "person_id"), ("co_arrests", "person_a")]:
        assert set(got[table][column]) <= people, table
    assert set(got["co_arrests"]["edge_id"]) == set(got["co_arrest_support"]["edge_id"])


def test_recipes_give_what_the_vendors_own_job_gives() -> None:
    """Priors, days since the last, co-arrests and the label, as without SQL; a day more shows in many rows only."""
    estate = make_estate(3_000, seed=8)
    got, wanted = estate.tables["features"], derive_features(estate.city.tables["arrests"])
    names = {
        "priors_count": "priors_count",
        "days_since_last": "days_since_last",
        "n_coarrest": "co_arrests",
        "precinct_rate": "precinct_rate",
        "rearrested": "rearrested_within_1y",
    }
    for column, other in names.items():
        assert got[column].cast(pl.Float64).equals(wanted[other].cast(pl.Float64)), column


def test_fitted_columns_are_what_they_are_called(worlds: Worlds) -> None:
    features = worlds.estate.tables["features"]
    age = features["age"].cast(pl.Float64)
    assert features["age_z"].mean() == pytest.approx(0, abs=1e-9)
    assert ((age - age.mean()) / age.std(ddof=0) - features["age_z"]).abs().max() < 1e-9
    rates = features.group_by("charge").agg(pl.col("rearrested").mean().alias("wanted"), pl.col("charge_rate").first())
    assert (rates["wanted"] - rates["charge_rate"]).abs().max() < 1e-12
    assert features["bail_filled"].null_count() == 0 < features["bail"].null_count()
    assert features["age_bin"].n_unique() == 4
    assert (features["heat"] >= 4 * features["cell_count"]).all()


def test_the_plan_uses_every_kind() -> None:
    kinds = {key for table in tomllib.loads(make_estate(50).plan)["tables"].values() for key in table}
    assert kinds >= {
        "keys",
        "null",
        "set",
        "elements",
        "edges",
        "files",
        "orphan_of",
        "rekey",
        "derived",
        "derived_from",
    }
