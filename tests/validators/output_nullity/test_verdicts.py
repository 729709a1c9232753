"""Every verdict is reached, and the options do what they say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index
from sealscrub.testing import (
    OutputNullityReport,
    OutputNullityVerdict,
    Probe,
    Routes,
    assert_output_nullity,
    check_guard,
    check_output_nullity,
)

from .conftest import ON, SEALED

Checked = Callable[..., OutputNullityReport]


def older(records: pl.DataFrame, probe: Probe) -> dict[str, Any]:
    found = records.filter(pl.col("age") > probe["age"])
    return {"total": found.height, "hits": found.sort("age", "arrest_no").head(probe.k)["arrest_no"].to_list()}


def test_the_assertion_fails_with_the_report(gallery: pl.DataFrame, index: Index) -> None:
    with pytest.raises(AssertionError, match=r"output nullity of .*: INTERFERENCE") as failed:
        assert_output_nullity(lambda records: records, gallery, index, ON, query=older, isolated=False)

    said = str(failed.value)
    assert "totals" in said
    assert "What to do: Remove the sealed records before" in said
    assert not any(key in said for key in gallery["arrest_no"])


def test_clean_data_is_tested_with_planted_records(checked: Checked, gallery: pl.DataFrame, index: Index) -> None:
    clean = gallery.filter(~pl.col("arrest_no").is_in(SEALED))

    def late(records: pl.DataFrame) -> pl.DataFrame:
        return ss.scrub(records.with_columns(n=pl.len().over("cell")), index, ON)

    def of_cell(records: pl.DataFrame, probe: Probe) -> Any:
        return records.filter(pl.col("cell") == probe["cell"])["n"].to_list()

    leak = checked(late, of_cell, data=clean)
    twin = checked(lambda records: ss.scrub(records, index, ON), older, data=clean)
    deaf = checked(lambda records: records, older, data=clean)
    bare = checked(lambda records: records, older, data=clean, plant=False)

    assert (leak.verdict, leak.planted) == (OutputNullityVerdict.INTERFERENCE, True)
    assert twin.passed
    assert deaf.verdict is bare.verdict is OutputNullityVerdict.NO_SEALED_ROWS
    assert "never asked sealscrub" in deaf.reason
    assert "INCONCLUSIVE" in bare.to_junit()


def test_vacuous(checked: Checked, index: Index) -> None:
    assert checked(lambda records: ss.scrub(records, index, ON), lambda _, probe: 7).verdict.value == "VACUOUS"


def test_nondeterministic_names_the_part(checked: Checked, index: Index) -> None:
    def traced(records: pl.DataFrame, probe: Probe) -> Any:
        return older(records, probe) | {"request_id": os.urandom(4).hex()}

    def build(records: pl.DataFrame) -> pl.DataFrame:
        return ss.scrub(records, index, ON)

    report = checked(build, traced)
    ignoring = checked(build, traced, ignore=["request_id"])

    assert report.verdict is OutputNullityVerdict.NONDETERMINISTIC
    assert report.findings[0].part == "request_id"
    assert ignoring.passed
    assert any("request_id" in each for each in ignoring.weakenings)


def test_inconclusive(checked: Checked) -> None:
    def broken(records: pl.DataFrame) -> Any:
        raise ValueError(records["arrest_no"][0])

    report = checked(broken, older)

    assert report.verdict is OutputNullityVerdict.INCONCLUSIVE
    assert "ValueError at test_verdicts.py" in report.reason
    assert report.exit_code == 3


def test_an_error_for_sealed_records_alone_is_interference(checked: Checked, index: Index) -> None:
    def build(records: pl.DataFrame) -> Any:
        return set(ss.scrub(records, index, ON)["arrest_no"]), set(records["arrest_no"])

    def failing(system: Any, probe: Probe) -> Any:
        shown, every = system
        if probe.id in every - shown:
            raise PermissionError(f"{probe.id} is sealed")
        return {"known": probe.id in shown}

    report = checked(build, failing)

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert report.channels == ["error"]
    assert report.causes == ["failing"]


def test_a_file_beside_the_data_is_an_ambient_input(gallery: pl.DataFrame, index: Index, tmp_path: Path) -> None:
    store = tmp_path / "store.csv"
    store.write_text("age,risk\n30,0.5\n")

    def build(records: pl.DataFrame) -> Any:
        return ss.scrub(records, index, ON), pl.read_csv(store).height

    def sized(system: Any, probe: Probe) -> Any:
        return older(system[0], probe), system[1]

    report = check_output_nullity(build, gallery, index, ON, query=sized, variants=(), targets=2, random=2)

    assert report.verdict is OutputNullityVerdict.AMBIENT_INPUT
    assert str(store) in report.to_text()


def test_data_that_travels_with_a_query_is_an_ambient_input(
    checked: Checked, gallery: pl.DataFrame, index: Index
) -> None:
    report = checked(lambda records: ss.scrub(records, index, ON), lambda _, probe: older(gallery, probe))

    assert report.verdict is OutputNullityVerdict.AMBIENT_INPUT
    assert "gallery" in report.reason


def test_a_threshold_that_only_other_values_cross_shows_in_a_variant(checked: Checked, index: Index) -> None:
    def build(records: pl.DataFrame) -> Any:
        return ss.scrub(records, index, ON), int(records["age"].max() > 100)

    def flagged(system: Any, probe: Probe) -> Any:
        return older(system[0], probe) | {"alarm": system[1]}

    report = checked(build, flagged, variants=("unseen",))

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert "variant 'unseen'" in report.reason


def test_your_own_probes_are_handed_on_as_they_are(checked: Checked, index: Index) -> None:
    def build(records: pl.DataFrame) -> Any:
        return len(records), ss.scrub(records, index, ON)

    def own(system: Any, probe: Any) -> Any:
        return system[0] if probe == "how many" else older(system[1], probe)

    assert checked(build, own).passed
    report = checked(build, own, probes=["how many"])
    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert dict(report.findings[0].kinds) == {"own": (1, 1)}


def test_async_and_streamed_answers_are_read_whole(checked: Checked, index: Index) -> None:
    async def later(records: pl.DataFrame, probe: Probe) -> Any:
        return older(records, probe)

    async def streamed(records: pl.DataFrame, probe: Probe) -> Any:
        for hit in older(records, probe)["hits"]:
            yield hit

    for query in (later, streamed):
        assert checked(lambda records: ss.scrub(records, index, ON), query).passed
        assert checked(lambda records: records, query).verdict is OutputNullityVerdict.INTERFERENCE


def test_an_id_keyed_map_is_compared_and_its_keys_are_not_shown(checked: Checked, index: Index) -> None:
    def mapped(records: pl.DataFrame, probe: Probe) -> Any:
        kept = records.filter(pl.col("cell") == probe["cell"])
        return {
            "by_id": dict(kept.select("arrest_no", "age").iter_rows()),
            "by_alias": dict.fromkeys(kept["alias"], 1),
        }

    report = checked(lambda records: records, mapped)
    shown = report.to_text() + report.to_html() + report.to_json()

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert "(a key)" in shown
    assert not any(key in shown for key in SEALED)
    assert not any(f"{alias[0]}" and alias in shown for alias in ("fk brook", "al brook"))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"kinds": ("itsself",)}, ConfigError),
        ({"variants": ("odd",)}, ConfigError),
        ({"plant": "sometimes"}, ConfigError),
        ({"k": 0}, ConfigError),
        ({"data": "arrests.csv"}, ConfigError),
        ({"on": {"arrest_number": "absent"}}, UsageError),
        ({"query": "records/{id}"}, ConfigError),
        ({"query": "POST /score {id}"}, ConfigError),
    ],
)
def test_wrong_use_is_said(checked: Checked, options: dict[str, Any], error: type[Exception]) -> None:
    query = options.pop("query", older)
    with pytest.raises(error):
        checked(lambda records: records, query, **options)


def test_wrong_use_of_an_audit_is_said(gallery: pl.DataFrame) -> None:
    with pytest.raises(ConfigError):
        check_guard("ftp://here", "GET /records/{id}", SEALED)
    with pytest.raises(ConfigError):
        check_guard(older, older, data=gallery)
    with pytest.raises(UsageError):
        check_guard(older, older, ["1"], scheme="person_arrest")
    with pytest.raises(ConfigError):
        Routes()
    assert check_guard(older, older, []).verdict is OutputNullityVerdict.NO_SEALED_ROWS
