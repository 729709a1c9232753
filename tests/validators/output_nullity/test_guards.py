"""sealscrub's own guards pass: what they answer is what would be answered had the sealed records never existed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.filters import NullGallery, guard, guard_json, guard_ranking, guard_text
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.testing import OutputNullityReport, OutputNullityVerdict, Probe

from .conftest import ON

Checked = Callable[..., OutputNullityReport]
LENIENT = Policy(quarantine=True, max_unparsable=1.0)


class OlderThan:
    """A model that was fitted on scrubbed records."""

    def __init__(self, ages: list[int]) -> None:
        self.ages = np.array(ages)

    def predict(self, rows: pl.DataFrame) -> np.ndarray:
        return np.array([(self.ages > age).mean() for age in rows["age"]])


def _asked(model: Any, probe: Probe) -> Any:
    return model.predict(pl.DataFrame({"arrest_no": [probe.id], "age": [probe["age"]]}))


def _model(records: pl.DataFrame, index: Index, **options: Any) -> Any:
    clean = ss.scrub(records, index, ON)
    return guard(OlderThan(clean["age"].to_list()), index, ON, policy=LENIENT, **options)


def test_a_guarded_model_that_knows_its_ids_passes(checked: Checked, index: Index) -> None:
    def build(records: pl.DataFrame) -> Any:
        return _model(records, index, known=ss.scrub(records, index, ON)["arrest_no"].to_list())

    report = checked(build, _asked)

    assert report.verdict is OutputNullityVerdict.PASS, report.to_text()


def test_a_guarded_model_that_does_not_is_an_oracle(checked: Checked, index: Index) -> None:
    report = checked(lambda records: _model(records, index, oracle_ok=True), _asked)

    assert report.verdict is OutputNullityVerdict.ORACLE, report.to_text()
    assert report.channels[0] == "length"


def test_a_guard_around_a_model_of_all_records_does_not_help(checked: Checked, index: Index) -> None:
    """What a model has learnt no filter of its answers removes."""

    def build(records: pl.DataFrame) -> Any:
        return guard(OlderThan(records["age"].to_list()), index, ON, policy=LENIENT, oracle_ok=True)

    report = checked(build, _asked)

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert "fitted" in report.causes


def _candidates(records: pl.DataFrame, probe: Probe) -> pl.DataFrame:
    return records.select("arrest_no", score=-(pl.col("age") - probe["age"]).abs().cast(pl.Float64))


def test_a_guarded_ranking_passes(checked: Checked, index: Index) -> None:
    def ranked(records: pl.DataFrame, probe: Probe) -> Any:
        return guard_ranking(_candidates(records, probe), index, ON, k=probe.k, score="score")

    report = checked(lambda records: records, ranked)

    assert report.verdict is OutputNullityVerdict.PASS, report.to_text()


@pytest.mark.parametrize("backend", ["numpy", "faiss", pytest.param("hnswlib", marks=pytest.mark.long)])
def test_a_null_gallery_passes(checked: Checked, index: Index, backend: str) -> None:
    if backend != "numpy":
        pytest.importorskip(backend)

    def build(records: pl.DataFrame) -> NullGallery:
        vectors = records["vector"].to_numpy()
        return NullGallery(records["arrest_no"].to_list(), vectors, index, scheme="arrest_number", backend=backend)

    def search(gallery: NullGallery, probe: Probe) -> Any:
        return gallery.search(np.asarray([probe["vector"]], np.float32), probe.k)

    report = checked(build, search)

    assert report.verdict is OutputNullityVerdict.PASS, report.to_text()


def test_guarded_json_passes_where_nothing_was_cut_before(checked: Checked, index: Index) -> None:
    """The guard leaves elements out; a list that was cut to k before it is short all the same."""

    def of_all(records: pl.DataFrame, probe: Probe) -> Any:
        hits = [{"arrest": row["arrest_no"], "age": row["age"]} for row in records.sort("age", "arrest_no").to_dicts()]
        return json.loads(json.dumps({"hits": [hit for hit in hits if hit["age"] >= probe["age"]]}))

    shape: dict[str, Any] = {"on": {"arrest_number": ["$.hits[*].arrest"]}, "independent": ["$.hits[*].age"]}

    def guarded(records: pl.DataFrame, probe: Probe) -> Any:
        return guard_json(of_all(records, probe), index, complete=True, **shape)

    def cut(records: pl.DataFrame, probe: Probe) -> Any:
        short = {"hits": of_all(records, probe)["hits"][: probe.k]}
        return guard_json(short, index, complete=True, **shape)

    kinds = ("itself", "near", "random", "unknown id")
    assert checked(lambda records: records, guarded, kinds=kinds).verdict is OutputNullityVerdict.PASS
    late = checked(lambda records: records, cut, kinds=kinds)
    assert late.verdict is OutputNullityVerdict.INTERFERENCE
    assert "post-filter" in late.causes


def test_a_guarded_text_passes_and_an_unguarded_one_does_not(checked: Checked, index: Index) -> None:
    def build(records: pl.DataFrame) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for number, cell in records.select("arrest_no", "cell").iter_rows():
            found.setdefault(str(cell), []).append(f"Arrest {number} was made there.")
        return found

    def bare(told: dict[str, list[str]], probe: Probe) -> str:
        return " ".join(["This is what is known.", *told.get(str(probe["cell"]), ())])

    def guarded(told: dict[str, list[str]], probe: Probe) -> str:
        return str(guard_text(bare(told, probe), index))

    passed, leaked = checked(build, guarded), checked(build, bare)

    assert passed.verdict is OutputNullityVerdict.PASS, passed.to_text()
    assert leaked.verdict is OutputNullityVerdict.INTERFERENCE, leaked.to_text()
