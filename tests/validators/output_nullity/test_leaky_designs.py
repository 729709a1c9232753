"""Each leaky design that is known of filtered systems is found, by its channel and its cause; its null twin passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.filters import Judge
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.testing import OutputNullityReport, OutputNullityVerdict, Probe

from .conftest import ON

Checked = Callable[..., OutputNullityReport]
LENIENT = Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1.0)


class Gallery:
    """A search for the nearest vectors, whose answer is made by one of several designs."""

    def __init__(self, records: pl.DataFrame, gone: np.ndarray) -> None:
        self.ids = np.array(records["arrest_no"].to_list())
        self.vectors = records["vector"].to_numpy().astype(np.float64)
        self.gone = gone

    def ranked(self, probe: Probe) -> tuple[np.ndarray, np.ndarray]:
        scores = -((self.vectors - np.asarray(probe["vector"])) ** 2).sum(axis=1)
        order = np.argsort(-scores, kind="stable")
        return order, scores


def _hits(gallery: Gallery, order: np.ndarray, scores: np.ndarray, ranks: Any = None) -> list[dict[str, Any]]:
    ranks = range(1, len(order) + 1) if ranks is None else ranks
    return [
        {"id": str(gallery.ids[at]), "rank": int(rank), "score": float(scores[at])}
        for at, rank in zip(order, ranks, strict=True)
    ]


def _post_filter(gallery: Gallery, probe: Probe) -> Any:
    order, scores = gallery.ranked(probe)
    return _hits(gallery, np.array([at for at in order[: probe.k] if not gallery.gone[at]], int), scores)


def _kept_ranks(gallery: Gallery, probe: Probe) -> Any:
    order, scores = gallery.ranked(probe)
    kept = [(at, rank) for rank, at in enumerate(order, start=1) if not gallery.gone[at]][: probe.k]
    return _hits(gallery, np.array([at for at, _ in kept]), scores, [rank for _, rank in kept])


def _softmax(gallery: Gallery, probe: Probe) -> Any:
    order, scores = gallery.ranked(probe)
    shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    return _hits(gallery, order[~gallery.gone[order]][: probe.k], shares)


def _z_norm(gallery: Gallery, probe: Probe) -> Any:
    order, scores = gallery.ranked(probe)
    return _hits(gallery, order[~gallery.gone[order]][: probe.k], (scores - scores.mean()) / scores.std())


def _totals(gallery: Gallery, probe: Probe) -> Any:
    order, scores = gallery.ranked(probe)
    kept = order[~gallery.gone[order]]
    near = int((scores > -10).sum())
    return {
        "total": near,
        "facets": {"near": near, "far": len(scores) - near},
        "hits": _hits(gallery, kept[:3], scores),
    }


def _pages(gallery: Gallery, probe: Probe) -> Any:
    order, _ = gallery.ranked(probe)
    cut = order[probe.offset : probe.offset + probe.k]
    kept = [at for at in cut if not gallery.gone[at]]
    following = order[~gallery.gone[order]]
    return {
        "hits": [str(gallery.ids[at]) for at in kept or following[:1]],
        "next_cursor": int(cut[-1]) if len(cut) else 0,
    }


def _unfiltered(gallery: Gallery, probe: Probe) -> Any:
    order, scores = gallery.ranked(probe)
    return _hits(gallery, order[: probe.k], scores)


LEAKY = {
    "post-filter": (_post_filter, "length"),
    "kept ranks": (_kept_ranks, "ranks"),
    "softmax": (_softmax, "scores"),
    "z-norm": (_z_norm, "scores"),
    "totals": (_totals, "totals"),
    "pages": (_pages, "cursors"),
    "unfiltered": (_unfiltered, "entries"),
}


@pytest.mark.parametrize("cause", LEAKY)
def test_a_search_that_filters_too_late_is_found(checked: Checked, index: Index, cause: str) -> None:
    query, channel = LEAKY[cause]

    report = checked(lambda records: Gallery(records, _gone(records, index)), query)

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert channel in report.channels
    assert cause in report.causes
    assert report.findings[0].kinds["itself"][0] > 0


@pytest.mark.parametrize("cause", LEAKY)
def test_the_same_search_over_scrubbed_records_passes(checked: Checked, index: Index, cause: str) -> None:
    def build(records: pl.DataFrame) -> Gallery:
        clean = ss.scrub(records, index, ON)
        return Gallery(clean, np.zeros(clean.height, bool))

    report = checked(build, LEAKY[cause][0])

    assert report.verdict is OutputNullityVerdict.PASS, report.to_text()


def _gone(records: pl.DataFrame, index: Index) -> np.ndarray:
    kept = set(ss.scrub(records, index, ON)["arrest_no"])
    return np.array([each not in kept for each in records["arrest_no"]])


def test_removed_ids_of_an_ivf_index_are_found(checked: Checked, index: Index) -> None:
    faiss = pytest.importorskip("faiss")

    def built(records: pl.DataFrame) -> Any:
        vectors = records["vector"].to_numpy()
        found = faiss.IndexIVFFlat(faiss.IndexFlatL2(vectors.shape[1]), vectors.shape[1], 6)
        found.train(vectors)
        found.add_with_ids(vectors, np.arange(len(vectors)))
        return found, records["arrest_no"].to_numpy()

    def removed(records: pl.DataFrame) -> Any:
        found, ids = built(records)
        found.remove_ids(np.flatnonzero(_gone(records, index)))
        return found, ids

    assert checked(lambda records: built(ss.scrub(records, index, ON)), _search_faiss).passed
    report = checked(removed, _search_faiss)
    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert "structure" in report.causes


def _search_faiss(system: Any, probe: Probe) -> Any:
    found, ids = system
    distances, places = found.search(np.asarray([probe["vector"]], np.float32), probe.k)
    return ids[places[0][places[0] >= 0]], distances[0]


def test_tombstones_of_an_hnsw_graph_are_found(checked: Checked, index: Index) -> None:
    hnswlib = pytest.importorskip("hnswlib")

    def built(records: pl.DataFrame) -> Any:
        vectors = records["vector"].to_numpy()
        found = hnswlib.Index(space="l2", dim=vectors.shape[1])
        found.init_index(max_elements=len(vectors), ef_construction=8, M=3, random_seed=1)
        found.set_num_threads(1)
        found.set_ef(8)
        found.add_items(vectors, np.arange(len(vectors)))
        return found, records["arrest_no"].to_numpy()

    def marked(records: pl.DataFrame) -> Any:
        found, ids = built(records)
        for at in np.flatnonzero(_gone(records, index)):
            found.mark_deleted(at)
        return found, ids

    def search(system: Any, probe: Probe) -> Any:
        found, ids = system
        places, distances = found.knn_query(np.asarray([probe["vector"]], np.float32), 3)
        return {"ids": ids[places[0]], "distances": distances[0]}

    assert checked(lambda records: built(ss.scrub(records, index, ON)), search).passed
    report = checked(marked, search)
    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert "structure" in report.causes


def test_suggestions_from_all_records_are_found(checked: Checked, index: Index) -> None:
    def suggest(words: list[str], probe: Probe) -> Any:
        return [word for word in words if word.startswith(probe.text)][: probe.k]

    def build(records: pl.DataFrame) -> list[str]:
        return sorted({*records["arrest_no"], *records["alias"]})

    report = checked(build, suggest)

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert {"unfiltered", "suggestions"} & set(report.causes)
    assert checked(lambda records: build(ss.scrub(records, index, ON)), suggest).passed


def test_a_background_mean_is_found(checked: Checked, index: Index) -> None:
    def explained(model: Mapping[str, float], probe: Probe) -> Any:
        return {"risk": probe["age"] * 0.5, "base_value": model["mean"], "shap": probe["age"] * 0.5 - model["mean"]}

    def build(records: pl.DataFrame) -> Mapping[str, float]:
        return {"mean": float(records["age"].mean()) * 0.5}

    report = checked(build, explained)

    assert report.channels == ["explanation"]
    assert report.causes == ["background"]
    assert report.findings[0].kinds["random"] == (6, 6)
    assert checked(lambda records: build(ss.scrub(records, index, ON)), explained).passed


def test_a_refusal_that_tells_is_found(checked: Checked, index: Index) -> None:
    """403 for a sealed id, 404 for an unknown one."""

    def answer(system: tuple[set[str], set[str]], probe: Probe) -> Any:
        known, gone = system
        if probe.id in gone:
            return {"status": 403, "message": "suppressed"}
        return {"status": 200, "id": probe.id} if probe.id in known else {"status": 404, "message": "not found"}

    def build(records: pl.DataFrame) -> tuple[set[str], set[str]]:
        kept = set(ss.scrub(records, index, ON)["arrest_no"])
        return kept, set(records["arrest_no"]) - kept

    report = checked(build, answer)

    assert report.verdict is OutputNullityVerdict.INTERFERENCE
    assert "status" in report.channels
    assert "refusal" in report.causes


def test_a_membership_oracle_is_found(checked: Checked, index: Index) -> None:
    """A guard that answers about any id but a sealed one is null, and tells all the same."""

    judge = Judge(index, {"arrest_number": "id"}, policy=LENIENT)

    def guarded(ages: list[int], probe: Probe) -> Any:
        if judge.start().is_gone(id=probe.id):
            return {"found": False}
        return {"found": True, "older": sum(age > probe["age"] for age in ages)}

    def build(records: pl.DataFrame) -> list[int]:
        return ss.scrub(records, index, ON)["age"].to_list()

    report = checked(build, guarded)
    allowed = checked(build, guarded, oracle_ok=True)

    assert report.verdict is OutputNullityVerdict.ORACLE
    assert report.exit_code == 1
    assert report.causes == ["oracle"]
    assert allowed.passed
    assert any("oracle_ok" in each for each in allowed.weakenings)


def test_a_guard_that_knows_its_ids_is_no_oracle(checked: Checked, index: Index) -> None:
    def answer(system: tuple[set[str], list[int]], probe: Probe) -> Any:
        known, ages = system
        return (
            {"found": True, "older": sum(age > probe["age"] for age in ages)} if probe.id in known else {"found": False}
        )

    def build(records: pl.DataFrame) -> tuple[set[str], list[int]]:
        clean = ss.scrub(records, index, ON)
        return set(clean["arrest_no"]), clean["age"].to_list()

    assert checked(build, answer).passed
