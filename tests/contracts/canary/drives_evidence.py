"""Drive ``gx`` and ``pandera``, where they are installed: what they return, and what they refuse."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from typing import Any

from sealscrub.matching import Policy
from sealscrub.validators.expectation_suites import ready_suites

from .drives_command_line import _run
from .watch import NEAR, PAYLOAD, SEALED, UNPARSABLE
from .world import ON, World

Calls = Iterator[Callable[[], object]]


def suites(world: World) -> Calls:
    plan = world.made / "evidence.toml"
    plan.write_text('version = 1\ntables.t = { source = "train.parquet", keys = { arrest_number = "arrest_no" } }\n')
    yield lambda: _run("expectations", "new", "--plan", plan, "-o", world.made / "suites")
    yield lambda: _run("expectations", "new", "--plan", world.inputs / "train.csv", "-o", world.made / "none")
    options = ["--index", world.made / "example.sealindex", "--key-file", world.made / "example.key"]
    if importlib.util.find_spec("great_expectations") is None:
        yield lambda: _run("expectations", "run", world.made / "t.json", world.inputs / "train.parquet", *options)
        return
    for name in ("train.parquet", "doubtful.csv", "torn.parquet", "empty.csv"):
        report = ["--report", world.made / f"evidence-{name}.json", "--report", world.made / f"evidence-{name}.xml"]
        yield lambda name=name, report=report: _run(
            "expectations", "run", world.made / "suites" / "t.json", world.inputs / name, *options, *report
        )
    yield lambda: _run("expectations", "run", world.inputs / "train.csv", world.inputs / "train.csv", *options)


def expectations(world: World) -> Calls:
    if importlib.util.find_spec("great_expectations") is None:
        return
    from sealscrub import gx

    frame = world.arrests.to_pandas()
    kinds: list[Any] = [
        gx.ExpectNoSealedRecords(on=ON),
        gx.ExpectNoSealedRecords(on={"arrest_number": "offense"}),
        gx.ExpectNoSealedRecords(on={"arrest_number": "words"}),
        gx.ExpectNoSealedElements(column="words", scheme="arrest_number"),
        gx.ExpectNoSealedElements(column="offense", text=True),
        gx.ExpectKeysParsable(on=ON),
        gx.ExpectKeysParsable(on={"arrest_number": "level"}),
        gx.ExpectIndexFresh(),
        gx.ExpectDerivedColumnReproducible(plan=str(world.made / "evidence.toml"), table="t", column="n"),
    ]
    for format in ("BOOLEAN_ONLY", "COMPLETE"):
        yield lambda format=format: _told(gx.run_suite(kinds, frame, index=world.index, result_format=format))
    yield lambda: [(repr(kind), kind.configuration) for kind in kinds]
    suite = ready_suites()["training_table"]
    other = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "offense", "value_set": ["x"]}}
    mixed = {**suite, "expectations": [*suite["expectations"], other]}
    yield lambda: _told(gx.run_suite(mixed, frame, index=world.index, result_format="COMPLETE"))
    for fault in ({**suite, "expectations": []}, {**suite, "expectations": [{"type": f"expect_{PAYLOAD}"}]}, {}):
        yield lambda fault=fault: gx.run_suite(fault, frame, index=world.index)
    yield lambda: gx.run_suite(suite, world.inputs / "short.parquet", index=world.index)
    yield lambda: gx.run_suite(suite, [SEALED], index=world.index)
    yield lambda: _in_a_project(world, gx, frame)


def _told(outcome: Any) -> object:
    return outcome, outcome.to_json(), outcome.to_junit(), outcome.to_text(), outcome.exit_code, outcome.success


def _in_a_project(world: World, gx: Any, frame: Any) -> object:
    import great_expectations

    suite = ready_suites()["training_table"]
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("arrests")
    batch = asset.add_batch_definition_whole_dataframe("all")
    made = context.suites.add(
        great_expectations.ExpectationSuite(name=suite["name"], expectations=suite["expectations"], meta=suite["meta"])
    )
    definition = great_expectations.ValidationDefinition(name="v", data=batch, suite=made)
    action = gx.RequireEveryExpectation(report=str(world.made / "reports"))
    checkpoint = great_expectations.Checkpoint(
        name="c", validation_definitions=[context.validation_definitions.add(definition)], actions=[action]
    )
    result = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    return action, json.dumps(result.describe_dict())


def schemas(world: World) -> Calls:
    if importlib.util.find_spec("pandera") is None:
        return
    from sealscrub.pandera import MaskedSchemaError, no_sealed_records, not_sealed, record_key, validate

    import pandera.pandas as pap  # isort: skip
    import pandera.polars as pa  # isort: skip

    accepting = Policy(accept=frozenset({"near", "unparsable"}))
    index = world.index
    columns = {
        "arrest_no": pa.Column(record_key(index, "arrest_number", library="polars", policy=accepting)),
    }
    checked = {"arrest_no": pa.Column(checks=not_sealed(index, "arrest_number"))}
    others = {"offense": pa.Column(checks=pa.Check.isin(["PETIT LARCENY"]))}
    whole = pa.DataFrameSchema(checks=no_sealed_records(index, ON, policy=accepting))
    for schema in (pa.DataFrameSchema(columns), pa.DataFrameSchema(checked), pa.DataFrameSchema(others), whole):
        for data in (world.arrests, world.arrests.lazy()):
            for lazy in (False, True):
                yield lambda schema=schema, data=data, lazy=lazy: validate(schema, data, lazy=lazy)
    parsed = pap.DataFrameSchema(parsers=pap.Parser(_unparsed))
    yield lambda: validate(parsed, world.arrests.to_pandas())
    yield lambda: validate(pa.DataFrameSchema(columns), {SEALED: PAYLOAD})
    yield lambda: (repr(columns), repr(checked), repr(whole))
    yield lambda: MaskedSchemaError("holds sealed records", column="arrest_no").check_output
    yield lambda: record_key(index, "docket", library="polars")
    yield lambda: not_sealed(index, f"no {NEAR}"[:2])
    yield lambda: no_sealed_records(index, {"arrest_number": UNPARSABLE[:1]})


def _unparsed(data: Any) -> Any:
    raise ValueError(f"cannot parse {data['arrest_no'].to_list()} {PAYLOAD}")


DRIVES = (suites, expectations, schemas)
