"""Drive plans: an estate with canaries in linked rows, recipes, lists and manifests, and plans that fail over it."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.identifiers import Level, Scheme, register_scheme
from sealscrub.matching import Policy
from sealscrub.transforms.plans import PlanCheck

from .watch import NUMBER, PAYLOAD, SEALED, UNPARSABLE, Unwatched
from .world import World, training

Calls = Iterator[Callable[[], object]]

TABLES: dict[str, Any] = {
    "arrests": {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}, "columns": {"n": "null"}},
    "charges": {"source": "charges.csv", "link": {"arrest_no": "arrests.arrest_no"}},
    "notes": {"source": "notes.jsonl", "link": {"arrest_no": "arrests.arrest_no"}},
    "people": {
        "source": "people.parquet",
        "orphan_of": {"person": "arrests.person"},
        "rekey": ["person"],
        "derived": {"arrests": "select count(*) from arrests a where a.person = this.person"},
    },
    "lists": {"source": "lists.parquet", "elements": {"column": "ids", "link": "arrests.arrest_no"}},
    "photos": {"source": "photos.csv", "link": {"arrest_no": "arrests.arrest_no"}, "files": {"column": "path"}},
    "offenses": {
        "source": "offenses.parquet",
        "derived_from": "select offense, count(*) as many from arrests group by offense order by offense",
    },
}


def _plan(**tables: Any) -> dict[str, Any]:
    return {"version": 1, "fan_out": 10_000, "tables": copy.deepcopy(TABLES) | tables}


def _plan_with(**table: Any) -> dict[str, Any]:
    """A plan of one table, and of the arrests, by which it is scrubbed."""
    return {"version": 1, "fan_out": 10_000, "tables": {"arrests": copy.deepcopy(TABLES["arrests"])} | table}


def _estate(world: World) -> Path:
    folder = world.inputs / "estate"
    if folder.exists():
        return folder
    folder.mkdir()
    arrests = world.checkable.drop("words").with_row_index("at")
    arrests = arrests.with_columns((pl.col("at") // 2).cast(pl.Int64).alias("person"), arrests["offense"].alias("said"))
    arrests.drop("at").write_parquet(folder / "arrests.parquet")
    numbers = arrests["arrest_no"]
    marks = [PAYLOAD if number == SEALED else "PL 155.25" for number in numbers]
    pl.DataFrame({"arrest_no": numbers, "law": marks}).write_csv(folder / "charges.csv")
    pl.DataFrame({"arrest_no": numbers, "text": marks}).write_ndjson(folder / "notes.jsonl")
    people = arrests.group_by("person", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("arrests"))
    people.write_parquet(folder / "people.parquet")
    pl.DataFrame({"at": [1, 2], "ids": [[numbers[0], SEALED], [SEALED]]}).write_parquet(folder / "lists.parquet")
    (folder / f"{NUMBER}.jpg").write_bytes(PAYLOAD.encode())
    (folder / "clean.jpg").write_bytes(b"clean")
    paths = [f"{NUMBER}.jpg" if number == SEALED else "clean.jpg" for number in numbers]
    pl.DataFrame({"arrest_no": numbers, "path": paths}).write_csv(folder / "photos.csv")
    offenses = arrests.group_by("offense").agg(pl.len().cast(pl.Int64).alias("many")).sort("offense")
    offenses.write_parquet(folder / "offenses.parquet")
    (folder / "sealscrub.toml").write_text(_toml(_plan()))
    return folder


def _toml(plan: dict[str, Any]) -> str:
    lines = [f"version = {plan['version']}", f"fan_out = {plan['fan_out']}"]
    for name, table in plan["tables"].items():
        lines.append(f"[tables.{name}]")
        for key, value in table.items():
            written = json.dumps(value)
            if isinstance(value, dict):
                written = "{ " + ", ".join(f"{part} = {json.dumps(text)}" for part, text in value.items()) + " }"
            lines.append(f"{key} = {written}")
    return "\n".join(lines) + "\n"


def plans(world: World) -> Calls:
    folder = _estate(world)
    plan = ss.Plan.from_toml(folder / "sealscrub.toml")
    yield lambda: (repr(plan), plan.policy.min_coverage, plan.place_of_index, plan.place_of_key)
    yield lambda: _checked(plan)
    yield lambda: plan.scan(index=world.index).to_text()
    yield lambda: plan.scrub(index=world.index, dry_run=True).to_json()
    yield lambda: plan.scrub(index=world.index, output=world.path_of_output("estate"), jobs=2).to_html()
    yield lambda: plan.scrub(index=world.index, output=folder / "charges.csv")
    yield lambda: plan.scrub(index=world.index, output=folder)
    yield lambda: plan.scan()
    yield lambda: (plan.graph().to_mermaid(), plan.graph().to_html())
    frames = _frames(folder)
    yield lambda: repr(plan.scrub(frames, world.index, detail=True))
    yield lambda: [frame.write_json() for frame in _kept(plan, frames, world).values()]
    yield lambda: plan.check(frames | {"other": frames["people"]})
    yield lambda: plan.check({"people": frames["people"]})
    yield lambda: _compared(plan.check(frames, index=world.index))
    repeated = frames | {"arrests": frames["arrests"].with_columns(said=pl.lit(f"{PAYLOAD}, see {SEALED}"))}
    yield lambda: _compared(plan.check(repeated, index=world.index, recipes=False))
    yield from _spelled_otherwise(frames, world)
    yield from _parts_beside_lists(frames)
    doubtful = frames | {"arrests": _doubtful(frames)}
    yield lambda: plan.scrub(doubtful, world.index)
    yield lambda: plan.scrub(doubtful, world.index, policy=Policy(quarantine=True), detail=True).report


def _spelled_otherwise(frames: dict[str, pl.DataFrame], world: World) -> Calls:
    """Links that name the sealed row as nobody writes it there: of a key, of another column, and of a list."""
    near = frames["charges"].with_columns(pl.col("arrest_no").str.replace("0", "O"))
    apart = frames["charges"].with_columns(pl.col("arrest_no").str.to_lowercase() + " ")
    listed = apart.select("law", ids=pl.concat_list("arrest_no"))
    both = {"table": "arrests", "columns": {"arrest_no": "copy", "law": "said"}}
    data = frames["arrests"].with_columns(copy="arrest_no")
    for charges, link in (
        (near, {"link": {"arrest_no": "arrests.arrest_no"}}),
        (near, {"orphan_of": {"arrest_no": "arrests.copy"}}),
        (apart, {"link": {"arrest_no": "arrests.copy"}}),
        (apart, {"link": [both]}),
        (listed, {"elements": {"column": "ids", "link": "arrests.copy"}}),
    ):
        tables = {"arrests": TABLES["arrests"], "charges": {"source": "charges.csv", **link}}
        plan = ss.Plan.from_dict({"version": 1, "fan_out": 10_000, "tables": tables})
        given = {"arrests": data, "charges": charges}
        yield lambda plan=plan, given=given: plan.check(given).to_text()
        yield lambda plan=plan, given=given: plan.check(given, index=world.index).to_text()
        yield lambda plan=plan, given=given: plan.scan(given, world.index)
        yield lambda plan=plan, given=given: plan.scrub(given, world.index)


def _parts_beside_lists(frames: dict[str, pl.DataFrame]) -> Calls:
    """Lists whose elements take a part of their key from the row: with it, without it, and not as it is declared."""
    register_scheme(Scheme(name="canary_day", level=Level.ARREST, parts=("arrest_number", "date")))
    index = example_index({"canary_day": [f"{SEALED}@2014-01-15"]})
    listed = frames["lists"].with_columns(day=pl.lit("2014-01-15").str.to_date(), said=pl.lit(PAYLOAD))
    given = (listed, listed.with_columns(day=pl.lit(None, pl.Date)), listed.drop("day"))
    rules: list[dict[str, Any]] = [
        {"columns": {"date": "day"}},
        {"columns": {"date": "said"}},
        {"columns": {"date": "ids"}},
        {"columns": {"arrest_number": "day", "date": "day"}},
        {"columns": {"date": "day"}, "field": "absent"},
        {},
    ]
    for columns, frame in itertools.product(rules, given):
        elements = {"column": "ids", "scheme": "canary_day", **columns}
        parsed = {"version": 1, "tables": {"lists": {"source": "lists.parquet", "elements": elements}}}
        data = {"lists": frame}
        yield lambda parsed=parsed, data=data: ss.Plan.from_dict(parsed).check(data).to_text()
        yield lambda parsed=parsed, data=data: ss.Plan.from_dict(parsed).scan(data, index)
        yield lambda parsed=parsed, data=data: ss.Plan.from_dict(parsed).scrub(data, index, detail=True).report


def _checked(plan: ss.Plan) -> object:
    check = plan.check()
    return repr(check), check.ok, check.to_text(), check.in_shell().to_text(), check.exit_code


def _compared(check: PlanCheck) -> object:
    assert check.swept
    return repr(check), check.to_text(), check.to_json(), check.to_html(), check.to_junit(), check.in_shell().to_text()


def _kept(plan: ss.Plan, frames: dict[str, pl.DataFrame], world: World) -> dict[str, pl.DataFrame]:
    kept = plan.scrub(frames, world.index)
    return {name: frame for name, frame in kept.items() if name not in ("lists",)}


def _frames(folder: Path) -> dict[str, pl.DataFrame]:
    return {
        "arrests": pl.read_parquet(folder / "arrests.parquet"),
        "charges": pl.read_csv(folder / "charges.csv"),
        "notes": pl.read_ndjson(folder / "notes.jsonl"),
        "people": pl.read_parquet(folder / "people.parquet"),
        "lists": pl.read_parquet(folder / "lists.parquet"),
        "photos": pl.read_csv(folder / "photos.csv"),
        "offenses": pl.read_parquet(folder / "offenses.parquet"),
    }


def _doubtful(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    arrests = frames["arrests"]
    extra = (
        training(SEALED, UNPARSABLE).tail(1).drop("words").with_columns(person=pl.lit(9_000_000), said=pl.lit(PAYLOAD))
    )
    return pl.concat([arrests, extra.select(arrests.columns).cast(dict(arrests.schema))])


def failing_plans(world: World) -> Calls:
    folder = _estate(world)
    arrests, people, lists = TABLES["arrests"], TABLES["people"], TABLES["lists"]
    recipe = "select count(*) from arrests a where a.person = this.person"
    bad: list[dict[str, Any]] = [
        _plan_with(people=people | {"derived": {"arrests": "select count(*) + 1 from arrests"}}),
        _plan_with(people=people | {"derived": {"arrests": "select max(a.offense::int) from arrests a"}}),
        _plan_with(people=people | {"derived": {"arrests": f"select '{PAYLOAD}'"}}),
        _plan_with(people=people | {"derived": {"arrests": "select * from 'Quillfeather.parquet'"}}),
        _plan_with(people=people | {"derived": {"arrests": "select error(a.offense) from arrests a"}}),
        _plan_with(people=people | {"derived": {"arrests": {"sql": recipe, "exceptions": "keep"}}}),
        _plan_with(people=people | {"orphan_of": {"person": "arrests.arrest_no"}}),
        _plan(arrests=arrests | {"columns": {"n": "fail"}}),
        _plan(arrests=arrests | {"keys": {"arrest_number": "offense"}}),
        _plan(arrests=arrests | {"keys": {"arrest_number": "absent"}}),
        _plan(arrests=arrests | {"on_match": "null", "null": ["offense"]}),
        _plan(arrests=arrests | {"on_match": "null", "set": {"offense": PAYLOAD}}),
        _plan(arrests=arrests | {"on_match": "null", "set": {"n": PAYLOAD}}),
        _plan(arrests=arrests | {"rekey": ["level"]}),
        _plan_with(lists=lists | {"elements": {"column": "at", "link": "arrests.arrest_no"}}),
        _plan_with(charges=TABLES["charges"] | {"fan_out": 1, "link": {"law": "arrests.offense"}}),
        _plan_with(charges=TABLES["charges"] | {"types": {"law": "INTEGER"}, "derived": {"law": "this.law"}}),
        _plan_with(photos=TABLES["photos"] | {"files": {"column": "arrest_no"}}),
        _plan_with(offenses={"source": "offenses.parquet", "derived_from": "select offense, 1 as many from arrests"}),
    ]
    for number, parsed in enumerate(bad):
        yield lambda parsed=parsed: Unwatched(_check_and_scrub(parsed, folder, world))
        file = world.inputs / f"bad-{number}.toml"
        yield lambda parsed=parsed, file=file: file.write_text(_toml(parsed)) and None
        yield lambda file=file: Unwatched(ss.Plan.from_toml(file, root=folder).check(recipes=False).to_text())
    for text in (f"{PAYLOAD} = = {SEALED}", '"' * 100_000):
        file = world.inputs / "broken.toml"
        yield lambda text=text, file=file: (file.write_text(text), ss.Plan.from_toml(file))
    yield lambda: ss.Plan.from_toml(world.inputs / "absent.toml")
    yield lambda: ss.Plan.from_toml(world.inputs / "train.parquet")


def _check_and_scrub(parsed: dict[str, Any], folder: Path, world: World) -> object:
    plan = ss.Plan.from_dict(parsed, root=folder)
    checked = plan.check()
    said = [checked.to_text(), plan.check(index=world.index).to_text(), checked.to_junit()]
    with contextlib.suppress(ss.errors.SealscrubError):
        said.append(plan.scrub(index=world.index, dry_run=True).to_text())
    return said, plan.scrub(index=world.index, output=world.path_of_output("estate")).to_text()


DRIVES = (plans, failing_plans)
