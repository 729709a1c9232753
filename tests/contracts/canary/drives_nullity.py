"""Drive ``sealscrub.testing`` and ``check-nullity``: functions that leak and fail, over rows with canaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.testing import NullityReport, assert_nullity, check_nullity

from .drives_command_line import _run
from .watch import PAYLOAD, SEALED
from .world import ON, World

Calls = Iterator[Callable[[], object]]


def nullity(world: World) -> Calls:
    arrests = world.checkable.drop("words")
    options: dict[str, Any] = {"index": world.index, "on": ON, "variants": ()}

    def leaking(arrests: pl.DataFrame) -> pl.DataFrame:
        return arrests.with_columns(total=pl.col("n").sum())

    def failing(arrests: pl.DataFrame) -> None:
        if SEALED in arrests["arrest_no"]:
            raise ValueError(PAYLOAD, SEALED)

    yield lambda: _rendered(check_nullity(leaking, arrests, **options, attribute="records"), world)
    yield lambda: _asserted(failing, arrests, options)
    yield lambda: check_nullity(failing, arrests, world.index, {"arrest_number": "absent"})
    yield lambda: check_nullity(failing, arrests, world.index, {"arrest_number": "offense"}, plant=True)
    yield lambda: check_nullity(lambda arrests: iter([arrests, world.index]), arrests, **options, budget_s=60)
    place = world.inputs / "doubtful.csv"
    yield lambda: check_nullity(lambda path: Path(path).read_text(), place, world.index, ON, variants=())


def _rendered(report: NullityReport, world: World) -> object:
    report.save(world.made / "nullity.html")
    report.save(world.made / "nullity.xml")
    report.save_records(world.made / "nullity.records")
    said = [report.to_text(), report.to_html(), report.to_json(), report.to_junit()]
    return repr(report), report.passed, report.contaminated, report.exit_code, said


def _asserted(function: Callable[..., object], arrests: pl.DataFrame, options: dict[str, Any]) -> str:
    try:
        assert_nullity(function, arrests, **options)
    except AssertionError as error:
        return str(error)
    raise RuntimeError


def nullity_command(world: World) -> Calls:
    made, inputs = world.made, world.inputs
    module = made / "canary_features.py"
    module.write_text(
        "def leak(arrests):\n    return arrests[['n']].sum()\ndef fail(arrests):\n    raise ValueError(str(arrests))\n"
    )
    places = ["--index", made / "example.sealindex", "--key-file", made / "example.key", "--variants", "none"]
    on = ["--on", "arrest_number=arrest_no", "--report", made / "nullity.json"]
    for words in (
        ["canary_features:leak", "--data", inputs / "train.csv", *places, *on],
        ["canary_features:fail", "--data", inputs / "train.parquet", *places, *on, "--as", "polars"],
        ["canary_features:leak", "--data", inputs / "torn.parquet", *places, *on],
        ["canary_features:leak", "--data", inputs / "headerless.csv", *places, *on],
        ["canary_features:leak", "--data", inputs / "ragged.csv", *places, *on, "--as", "polars"],
        ["canary_features:leak", "--data", inputs / "broken.jsonl", *places, *on],
        ["canary_features:none", "--data", inputs / "train.csv", *places, *on],
    ):
        yield lambda words=words: _run("check-nullity", *words)


DRIVES = (nullity, nullity_command)
