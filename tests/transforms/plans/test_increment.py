"""From one night to the next: an incremental run gives what a full one gives, and links what nothing reached."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import sys
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.identifiers import load_key
from sealscrub.index import Index, IndexFacts, open_index
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

from ...index.custodian import Custodian

FILES, ROWS = 4, 6
NUMBERS = [f"K14{at:06d}" for at in range(1, FILES * ROWS + 1)]
DAY = dt.date(2014, 1, 1)
PLAIN = {"source": "plain.csv", "independent": "of no arrest"}


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    """Arrests and charges in part files, people and features in one file each, a table that nothing reaches."""
    root = tmp_path / "estate"
    (root / "arrests").mkdir(parents=True)
    (root / "charges").mkdir()
    rows = pl.DataFrame(
        {
            "arrest_no": NUMBERS,
            "arrest_id": range(len(NUMBERS)),
            "person": [at % 7 for at in range(len(NUMBERS))],
            "day": [DAY + dt.timedelta(at * 5 % 11) for at in range(len(NUMBERS))],
        }
    )
    for number in range(FILES):
        part = rows.slice(number * ROWS, ROWS)
        part.write_parquet(root / "arrests" / f"{number}.parquet")
        part.select("arrest_id", law=pl.lit("PL 155.25")).write_csv(root / "charges" / f"{number}.csv")
    people = rows.select("person").unique().sort("person")
    people.write_parquet(root / "people.parquet")
    rows.select("arrest_id", "person", "day").with_columns(
        priors=pl.Series([_priors(row, rows) for row in rows.to_dicts()])
    ).write_parquet(root / "features.parquet")
    rows.group_by("day").len("arrests").cast({"arrests": pl.Int64}).sort("day").write_parquet(root / "days.parquet")
    pl.DataFrame({"precinct": [14, 79]}).write_csv(root / "precincts.csv")
    return root


def _priors(row: dict[str, Any], rows: pl.DataFrame) -> int:
    return rows.filter((pl.col("person") == row["person"]) & (pl.col("day") < row["day"])).height


def plan_of(root: Path) -> Plan:
    return Plan.from_dict(
        {
            "version": 1,
            "tables": {
                "arrests": {"source": "arrests", "keys": {"arrest_number": "arrest_no"}, "rekey": ["arrest_id"]},
                "charges": {"source": "charges", "link": {"arrest_id": "arrests.arrest_id"}},
                "people": {"source": "people.parquet", "orphan_of": {"person": "arrests.person"}},
                "features": {
                    "source": "features.parquet",
                    "link": {"arrest_id": "arrests.arrest_id"},
                    "independent": {"person": "identity", "day": "the arrest itself"},
                    "derived": {
                        "priors": "select count(*) from arrests a where a.person = this.person and a.day < this.day"
                    },
                },
                "days": {
                    "source": "days.parquet",
                    "derived_from": "select day, count(*) as arrests from arrests group by all order by all",
                },
                "precincts": {"source": "precincts.csv", "independent": "a list of places"},
            },
        },
        root=root,
    )


class Nights:
    """Indexes of one custodian, one for each night."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.custodian = folder, Custodian(folder)

    def index(self, sealed: set[str]) -> Index:
        from sealscrub.index import Reason, write_index

        path = self.folder / f"{len(list(self.folder.glob('*.sealindex')))}.sealindex"
        values = {"arrest_number": dict.fromkeys(sorted(sealed), Reason.SEALED)}
        facts = IndexFacts(
            **{
                **_facts(),
                "epoch": 5 + len(list(self.folder.glob("*.sealindex"))),
                "coverage": {("arrest_number",): len(sealed)},
                "seals": len(sealed),
                "allow_empty": True,
            }
        )
        key = load_key(self.custodian.key_file).for_audience("police")
        write_index(path, self.custodian.entries(values), facts, self.custodian.publisher, audience_key=key)
        return open_index(path, self.custodian.key_file, outdated=True)


def _facts() -> dict[str, Any]:
    from ...index.custodian import FACTS

    return FACTS


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


nights = st.lists(st.sets(st.sampled_from(NUMBERS), max_size=len(NUMBERS)), min_size=2, max_size=3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sets=nights)
def test_an_incremental_run_gives_what_a_full_run_gives(
    estate: Path, tmp_path_factory: pytest.TempPathFactory, sets: list[set[str]]
) -> None:
    made = tmp_path_factory.mktemp("nights")
    custodian, plan = Nights(made / "keys"), plan_of(estate)
    indexes = [custodian.index(sealed) for sealed in sets]
    plan.scrub(index=indexes[0], output=made / "clean")
    for earlier, index in itertools.pairwise(indexes):
        report = plan.scrub(index=index, output=made / "clean", replace=True, since=earlier)
        for kept in made.glob("clean.earlier-*"):
            kept.rename(made / f"kept-{index.epoch}")
        full = made / f"full-{index.epoch}"
        plan.scrub(index=index, output=full, label="clean")

        assert contents(made / "clean") == contents(full)
        assert not any("full run" in warning for warning in report.warnings)


def test_what_the_difference_does_not_reach_is_linked(estate: Path, tmp_path: Path) -> None:
    custodian, plan = Nights(tmp_path / "keys"), plan_of(estate)
    first, second = custodian.index({NUMBERS[0]}), custodian.index({NUMBERS[0], NUMBERS[1]})
    plan.scrub(index=first, output=tmp_path / "clean")
    before = {path: path.stat().st_ino for path in (tmp_path / "clean").rglob("*") if path.is_file()}
    plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=first)
    linked = {
        str(path.relative_to(tmp_path / "clean")) for path, inode in before.items() if path.stat().st_ino == inode
    }

    assert linked == {
        *(f"arrests/{number}.parquet" for number in (1, 2, 3)),
        *(f"charges/{number}.csv" for number in (1, 2, 3)),
        "people.parquet",
        "precincts.csv",
    }


@pytest.mark.parametrize("spoil", ["source", "output", "record", "index"])
def test_what_does_not_fit_is_a_full_run(estate: Path, tmp_path: Path, spoil: str) -> None:
    custodian, plan = Nights(tmp_path / "keys"), plan_of(estate)
    first, second = custodian.index({NUMBERS[0]}), custodian.index({NUMBERS[0], NUMBERS[1]})
    plan.scrub(index=first, output=tmp_path / "clean")
    if spoil == "source":
        pl.DataFrame({"precinct": [14, 80]}).write_csv(estate / "precincts.csv")
    elif spoil == "output":
        taken_over = tmp_path / "clean" / "people.parquet"
        pl.read_parquet(taken_over).reverse().write_parquet(taken_over)
    elif spoil == "record":
        (tmp_path / ".clean.sealscrub.json").write_text("{")
    other = example_index(["K14999999"]) if spoil == "index" else first
    report = plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=other)
    plan.scrub(index=second, output=tmp_path / "full", label="clean")

    assert any("full run" in warning for warning in report.warnings)
    assert contents(tmp_path / "clean") == contents(tmp_path / "full")


def alter(path: Path) -> None:
    """Give a file other bytes, and leave its size, its time and what it is for the file system."""
    facts, held = path.stat(), path.read_bytes()
    at = held.index(b"2014-") if path.suffix == ".csv" else len(held) // 2
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([held[at] ^ 1]))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    now = path.stat()
    assert (now.st_ino, now.st_size, now.st_mtime_ns) == (facts.st_ino, facts.st_size, facts.st_mtime_ns)


@pytest.mark.parametrize("name", ["arrests/1.csv", "arrests/2.csv", "plain.csv"])
@pytest.mark.parametrize("place", ["estate", "clean"], ids=["source", "output"])
def test_a_file_is_known_by_its_bytes(tmp_path: Path, place: str, name: str) -> None:
    """Also if size and time are those that it had."""
    root = tmp_path / "estate"
    (root / "arrests").mkdir(parents=True)
    for at in range(FILES):
        rows = "".join(f"{number},2014-01-0{at + 1}\n" for number in NUMBERS[at * ROWS : (at + 1) * ROWS])
        (root / f"arrests/{at}.csv").write_text(f"arrest_no,day\n{rows}")
    (root / "plain.csv").write_text("precinct,day\n14,2014-01-01\n")
    tables = {"arrests": {"source": "arrests", "keys": {"arrest_number": "arrest_no"}}, "plain": PLAIN}
    custodian, plan = Nights(tmp_path / "keys"), Plan.from_dict({"version": 1, "tables": tables}, root=root)
    first, second = custodian.index({NUMBERS[0]}), custodian.index({NUMBERS[0], NUMBERS[1]})
    plan.scrub(index=first, output=tmp_path / "clean")
    alter(tmp_path / place / name)
    report = plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=first)
    plan.scrub(index=second, output=tmp_path / "full", label="clean")

    assert any("full run" in warning for warning in report.warnings)
    assert contents(tmp_path / "clean") == contents(tmp_path / "full")


@pytest.mark.parametrize("changes", [False, True])
def test_a_delta_table_that_changed_is_a_full_run(estate: Path, tmp_path: Path, changes: bool) -> None:
    """Rows elsewhere depend on what changed in it, and its derived columns are computed again."""
    custodian, plan = Nights(tmp_path / "keys"), plan_of(estate)
    later = "K14999999"
    arrests = pl.read_parquet(estate / "arrests" / "*.parquet")
    spec = plan.spec.model_dump(mode="json", exclude_unset=True)
    for name, frame in {"arrests": arrests, "features": pl.read_parquet(estate / "features.parquet")}.items():
        deltalake.write_deltalake(estate / f"{name}-lake", frame.to_arrow())
        spec["tables"][name]["source"] = f"delta:{name}-lake"
    plan = Plan.from_dict(spec, root=estate)
    first, second = (custodian.index({*some, later}) for some in (NUMBERS[:1], NUMBERS[:1] if changes else NUMBERS[:2]))
    plan.scrub(index=first, output=tmp_path / "clean")
    if changes:
        other = arrests.with_columns(pl.col("arrest_no").replace({NUMBERS[5]: later}))
        deltalake.write_deltalake(estate / "arrests-lake", other.to_arrow(), mode="overwrite")
    report = plan.scrub(index=second, output=tmp_path / "clean", replace=True, since=first)
    plan.scrub(index=second, output=tmp_path / "full", label="clean")

    assert any("full run" in warning for warning in report.warnings) == changes
    clean, full = ({**contents(tmp_path / name)} for name in ("clean", "full"))
    assert {name: each for name, each in clean.items() if "lake" not in name} == {
        name: each for name, each in full.items() if "lake" not in name
    }
    for name in ("arrests-lake", "features-lake"):
        made, wanted = (
            pl.from_arrow(deltalake.DeltaTable(tmp_path / folder / name).to_pyarrow_table()).sort("arrest_id")
            for folder in ("clean", "full")
        )
        assert made.equals(wanted)


def test_a_plan_with_narratives_is_run_in_full_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text(f"id,text\n1,See {NUMBERS[0]}. So.\n2,So.\n")
    tables = {"notes": {"source": "notes.csv", "narrative": {"text": "sentence"}}}
    plan, index = Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path), example_index(NUMBERS[:1])
    plan.scrub(index=index, output=tmp_path / "clean")
    (warning, *_) = plan.scrub(index=index, output=tmp_path / "clean", replace=True, since=index).warnings

    assert warning == "this was a full run: the plan has narratives, and all of them are read again"


@pytest.mark.parametrize(
    "first",
    [Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1.0), Policy(allow=frozenset({"withheld"}))],
)
def test_an_output_that_was_less_strict_is_not_built_upon(first: Policy, estate: Path, tmp_path: Path) -> None:
    index, plan = example_index([NUMBERS[0]]), plan_of(estate)
    plan.scrub(index=index, output=tmp_path / "clean", policy=first)
    report = plan.scrub(index=index, output=tmp_path / "clean", replace=True, since=index)

    assert any("full run" in warning for warning in report.warnings)


def test_rows_that_were_accepted_once_are_set_aside_in_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "arrests.csv").write_text(f"arrest_no,id\n{NUMBERS[0]},1\n{NUMBERS[1]},2\nK1461,3\n")
    tables = {"arrests": {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}}}
    plan, index = Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path / "estate"), example_index(NUMBERS[:1])
    lax, strict = Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1.0), Policy(max_unparsable=1.0)
    plan.scrub(index=index, output=tmp_path / "clean", policy=lax)
    plan.scrub(
        index=index,
        output=tmp_path / "clean",
        policy=strict,
        replace=True,
        since=index,
        quarantine=tmp_path / "aside",
    )

    assert (tmp_path / "clean" / "arrests.csv").read_text() == f"arrest_no,id\n{NUMBERS[1]},2\n"


def test_what_python_computes_is_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, module = tmp_path / "estate", tmp_path / "recipe_of_tonight.py"
    folder.mkdir()
    (folder / "arrests.csv").write_text(f"arrest_no,id\n{NUMBERS[1]},2\n")
    (folder / "people.csv").write_text("id,risk\n1,5\n")
    module.write_text("def risk(frames):\n    return frames['people'].with_columns(risk=5)\n")
    monkeypatch.syspath_prepend(tmp_path)
    derived = {
        "python": "recipe_of_tonight:risk",
        "reproduces": 0.0,
        "exceptions": "recompute",
        "reason": "r",
    }
    tables = {
        "arrests": {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}},
        "people": {"source": "people.csv", "independent": {"id": "own"}, "derived": {"risk": derived}},
    }
    plan, index = Plan.from_dict({"version": 1, "tables": tables}, root=folder), example_index(NUMBERS[:1])
    given: dict[str, Any] = {"index": index, "output": tmp_path / "clean", "allow_python": ["recipe_of_tonight"]}
    plan.scrub(**given)
    sys.modules["recipe_of_tonight"].risk = lambda frames: frames["people"].with_columns(risk=6)  # as if edited
    plan.scrub(**given, replace=True, since=index)

    assert (tmp_path / "clean" / "people.csv").read_text() == "id,risk\n1,6\n"


def test_an_increment_replaces_an_output(estate: Path, tmp_path: Path) -> None:
    index = example_index([NUMBERS[0]])
    with pytest.raises(ConfigError, match="would replace"):
        plan_of(estate).scrub(index=index, output=tmp_path / "clean", since=index)


def test_the_record_is_for_the_operator_alone(estate: Path, tmp_path: Path) -> None:
    """Whose sources have ids in their paths, too, since they are partitioned by the key."""
    arrests = pl.read_parquet(estate / "arrests" / "*.parquet")
    deltalake.write_deltalake(estate / "lake", arrests.to_arrow(), partition_by=["arrest_no"])
    assert any(NUMBERS[0] in str(path) for path in (estate / "lake").rglob("*.parquet"))
    keyed = {"keys": {"arrest_number": "arrest_no"}, "independent": {"arrest_id": "own", "person": "own", "day": "own"}}
    lake = Plan.from_dict({"version": 1, "tables": {"lake": {"source": "delta:lake", **keyed}}}, root=estate)
    for plan in (plan_of(estate), lake):
        plan.scrub(index=example_index([NUMBERS[0]]), output=tmp_path / "clean", replace=True)
        record = tmp_path / ".clean.sealscrub.json"

        assert record.stat().st_mode & 0o777 == 0o600
        assert NUMBERS[0] not in record.read_text()
