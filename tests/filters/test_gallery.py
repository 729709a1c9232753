"""A gallery answers as one that never held the sealed records."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, ReplayedIndex, UncheckedKeys, UnreadableInput, UsageError
from sealscrub.filters import LiveIndex, NullGallery
from sealscrub.matching import Policy
from sealscrub.validators.artefacts import audit_model

IDS = [f"M14{at:06d}" for at in range(1, 61)]
SEALED = IDS[::3]
INDEX = example_index(SEALED)
METRICS = ("l2", "cosine", "inner_product")
BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "numpy": ("numpy", {}),
    "faiss": ("faiss", {}),
    "ivf": ("faiss", {"factory": "IVF4,Flat", "nprobe": 2}),
    "links": ("faiss", {"factory": "HNSW8", "ef": 20}),
    "hnswlib": ("hnswlib", {"M": 8, "ef": 20}),
}
backends = pytest.mark.parametrize("kind", BACKENDS)


def made(ids: Any, vectors: Any, kind: str = "numpy", index: Any = INDEX, **options: Any) -> NullGallery:
    backend, chosen = BACKENDS[kind]
    if backend != "numpy":
        pytest.importorskip(backend)
    return NullGallery(ids, vectors, index, backend=backend, options=chosen, **options)


def photos(count: int = 300, width: int = 8, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Several photos of each arrest, those of one arrest alike."""
    draw = np.random.default_rng(seed)
    ids = [IDS[at % len(IDS)] for at in range(count)]
    faces = draw.normal(size=(len(IDS), width))
    return ids, (faces[np.arange(count) % len(IDS)] + draw.normal(size=(count, width)) / 4).astype(np.float32)


def without(ids: list[str], vectors: np.ndarray, gone: Any = SEALED) -> tuple[list[str], np.ndarray]:
    stays = [at for at, each in enumerate(ids) if each not in set(gone)]
    return [ids[at] for at in stays], vectors[stays]


def same(one: NullGallery, other: NullGallery, queries: Any, k: int) -> None:
    ids, distances = one.search(queries, k)
    other_ids, other_distances = other.search(queries, k)

    assert ids.tolist() == other_ids.tolist()
    assert distances.tobytes() == other_distances.tobytes()
    assert (ids.dtype, ids.shape, distances.dtype) == (other_ids.dtype, other_ids.shape, other_distances.dtype)


@backends
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_it_answers_as_if_the_sealed_had_never_been_in_it(kind: str, metric: Any) -> None:
    ids, vectors = photos()
    gallery, never = made(ids, vectors, kind, metric=metric), made(*without(ids, vectors), kind, metric=metric)
    near_sealed = vectors[[at for at, each in enumerate(ids) if each in set(SEALED)]][:20]

    for k in (1, 10, 1000):
        same(gallery, never, near_sealed, k)
        same(gallery, never, near_sealed + 0.01, k)
        same(gallery, never, np.random.default_rng(1).normal(size=(20, 8)), k)
        same(gallery, never, near_sealed[0], k)
    assert not set(gallery.search(near_sealed, 1000)[0].ravel()) & set(SEALED)


grid = st.lists(st.sampled_from([-1.0, 0.0, 1.0, 0.1, 2.0]), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(IDS[:9]), grid), min_size=1, max_size=30),
    st.lists(grid, min_size=1, max_size=3),
    st.integers(1, 12),
    st.sampled_from(("l2", "inner_product")),
    st.randoms(),
)
def test_ties_and_orders_tell_nothing(photos: Any, queries: Any, k: int, metric: Any, random: Any) -> None:
    """Many equal distances; the gallery of the other world comes out of its store in another order."""
    ids, vectors = [each for each, _ in photos], np.array([each for _, each in photos])
    rest = [each for each in photos if each[0] not in set(SEALED)]
    random.shuffle(rest)
    never = NullGallery([each for each, _ in rest], np.array([e for _, e in rest]).reshape(-1, 3), INDEX, metric=metric)
    gallery = NullGallery(ids, vectors, INDEX, metric=metric)

    same(gallery, never, np.array(queries), k)
    found, distances = gallery.search(np.array(queries), k)
    for line, far in zip(found.tolist(), distances.tolist(), strict=True):
        assert list(zip(far, line, strict=True)) == sorted(zip(far, line, strict=True))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from(METRICS), st.sampled_from([1e-20, 1e-3, 1.0, 1e6]))
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_every_exact_backend_gives_the_true_neighbours(seed: int, k: int, metric: Any, scale: float) -> None:
    """Bit for bit, and whichever queries come along: by distances in double precision."""
    draw = np.random.default_rng(seed)
    vectors = (draw.integers(-3, 4, size=(50, 5)) + 0.5).astype(np.float32) * np.float32(scale)
    vectors[draw.integers(50, size=20)] = vectors[0]
    queries = (vectors[:30] + draw.integers(0, 2, size=(30, 5)) * scale).astype(np.float32)
    index = example_index([])
    exact = made(IDS[:50], vectors, index=index, metric=metric)
    flat = made(IDS[:50], vectors, "faiss", index=index, metric=metric)

    same(exact, flat, queries, k)
    ids, distances = exact.search(queries, k)
    for query, found, far in zip(queries, ids, distances, strict=True):
        alone, alone_far = exact.search(query, k)
        assert (alone.tolist(), alone_far.tobytes()) == (found.tolist(), far.tobytes())
    if metric == "l2":
        true = ((vectors[None].astype(float) - queries[:, None].astype(float)) ** 2).sum(axis=2).astype(np.float32)
        order = np.argsort(true, axis=1, kind="stable")[:, :k]
        assert ids.tolist() == [[IDS[at] for at in line] for line in order]
        assert distances.tobytes() == np.take_along_axis(true, order, axis=1).tobytes()


def test_blocks_do_not_show() -> None:
    """More vectors than are compared at a time, most of them equal, nearer ones last."""
    vectors = np.repeat(np.arange(40_000, 0, -1) // 100, 2).astype(np.float32).reshape(-1, 2)
    gallery = NullGallery(np.arange(40_000), vectors, example_index({"opaque:x": ["5"]}), "opaque:x")
    ids, distances = gallery.search([0.0, 0.0], 150)

    assert ids.tolist() == [*range(39_901, 40_000), *range(39_801, 39_852)]
    assert set(distances.tolist()) == {0.0, 2.0}


@backends
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_what_is_sealed_while_it_stands_is_gone_from_the_next_answer(kind: str, tmp_path: Path) -> None:
    ids, vectors = photos()
    _publish(tmp_path, SEALED[:3])
    live = LiveIndex(tmp_path / "live.sealindex", tmp_path / "example.key")
    gallery = made(ids, vectors, kind, live)
    same(gallery, made(*without(ids, vectors, SEALED[:3]), kind, live), vectors[:9], 10)
    _publish(tmp_path, SEALED)

    same(gallery, made(*without(ids, vectors), kind, live), vectors[:9], 10)
    assert len(gallery) == len(without(ids, vectors)[0])


def _publish(folder: Path, sealed: list[str]) -> None:
    """Put an index of one key in the place of the one before."""
    import datetime as dt

    from sealscrub.identifiers import generate_keys, load_key, load_publisher
    from sealscrub.index import IndexFacts, write_index
    from sealscrub.index.example_index import _entries

    if not (folder / "example.key").exists():
        generate_keys(folder / "example.key")
    key = load_key(folder / "example.key").for_audience("police")
    today = dt.date.today()
    facts = IndexFacts(
        uses=("output",),
        audience="police",
        registry="example",
        epoch=len(sealed),
        as_of=today,
        known_at=f"{today.isoformat()}T00:00:00Z",
        not_after=today + dt.timedelta(days=3),
        seals=len(sealed),
        coverage={("arrest_number",): len(sealed)},
    )
    entries = [_entries("arrest_number", sealed, [], key.scheme_key("arrest_number"))]
    write_index(
        folder / "live.sealindex", entries, facts, load_publisher(folder / "example.key.publisher"), audience_key=key
    )


def test_no_answer_is_half_by_one_index(tmp_path: Path) -> None:
    ids, vectors = photos(3_000)
    _publish(tmp_path, SEALED[:1])
    live = LiveIndex(tmp_path / "live.sealindex", tmp_path / "example.key")
    gallery = NullGallery(ids, vectors, live)
    queries = vectors[:5]
    right = [
        NullGallery(*without(ids, vectors, SEALED[:count]), live).search(queries, 20)[0].tolist()
        for count in range(1, 21)
    ]
    seen: list[int] = []
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                answer = gallery.search(queries, 20)[0].tolist()
            except Exception as error:  # without which the test would wait for ever
                answer = [repr(error)]
            seen.append(right.index(answer)) if answer in right else wrong.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for each in threads:
        each.start()
    for count in range(2, 21):
        _publish(tmp_path, SEALED[:count])
        asked = len(seen)
        while len(seen) < asked + 3 and not wrong:
            done.wait(0.001)
    done.set()
    for each in threads:
        each.join()

    assert wrong == []
    assert gallery.search(queries, 20)[0].tolist() == right[-1]


@backends
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_a_saved_gallery_holds_no_vector_that_went(kind: str, tmp_path: Path) -> None:
    ids, vectors = photos()
    rows = pl.DataFrame({"arrest_no": ids} | {f"f{at}": vectors[:, at] for at in range(8)})
    rows.write_parquet(tmp_path / "train.parquet")
    on = {"arrest_number": "arrest_no"}
    gallery = made(ids, vectors, kind)
    gallery.save(tmp_path / "gallery")
    clean = audit_model(tmp_path / "gallery", INDEX, rows=tmp_path / "train.parquet", on=on)

    assert clean.exit_code == 0, clean
    if kind == "hnswlib":
        made(ids, vectors, kind, example_index(["K14612345"])).save(tmp_path / "whole")
        found = audit_model(tmp_path / "whole", INDEX, rows=tmp_path / "train.parquet", on=on)
        assert {each.kind for each in found.findings} >= {"identifier", "training row"}
        assert {each.file for each in found.findings} >= {"ids.parquet", "vectors.npy", "search.index"}
    loaded = NullGallery.load(tmp_path / "gallery", INDEX)
    same(loaded, gallery, vectors[:30], 10)
    same(loaded, made(*without(ids, vectors), kind), vectors[:30], 10)
    made(*without(ids, vectors), kind).save(tmp_path / "never")
    assert {each.name: each.read_bytes() for each in (tmp_path / "gallery").iterdir()} == {
        each.name: each.read_bytes() for each in (tmp_path / "never").iterdir()
    }


@backends
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_what_was_sealed_after_saving_is_gone_when_it_is_loaded(kind: str, tmp_path: Path) -> None:
    ids, vectors = photos()
    made(ids, vectors, kind, example_index(SEALED[:2])).save(tmp_path / "gallery")
    loaded = NullGallery.load(tmp_path / "gallery", INDEX)
    same(loaded, made(*without(ids, vectors), kind), vectors[:30], 10)
    loaded.save(tmp_path / "gallery")

    held = {each.name: each.read_bytes() for each in (tmp_path / "gallery").iterdir()}
    made(*without(ids, vectors), kind).save(tmp_path / "gallery")
    assert held == {each.name: each.read_bytes() for each in (tmp_path / "gallery").iterdir()}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["gallery"]


@backends
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_pickles_and_copies_hold_survivors(kind: str, tmp_path: Path) -> None:
    ids, vectors = photos()
    index = example_index(SEALED, folder=tmp_path)
    gallery = made(ids, vectors, kind, index)
    data = pickle.dumps(gallery)

    same(pickle.loads(data), gallery, vectors[:9], 10)
    same(copy.deepcopy(gallery), gallery, vectors[:9], 10)
    assert [each for each in SEALED if each.encode() in data] == []
    gone = [vectors[at].tobytes() for at, each in enumerate(ids) if each in set(SEALED)]
    assert [each for each in gone if each in data] == []


def test_only_vectors_that_stay_are_looked_at() -> None:
    ids, vectors = photos()
    vectors[0] = np.nan  # sealed
    same(NullGallery(ids, vectors, INDEX), NullGallery(*without(ids, vectors), INDEX), vectors[1], 5)
    for bad, metric in ((np.nan, "l2"), (np.inf, "l2"), (1e20, "l2"), (0.0, "cosine")):
        vectors[1] = bad
        with pytest.raises(UsageError):
            NullGallery(ids, vectors, INDEX, metric=metric)


def test_ids_beside_keys() -> None:
    """The ids are photos', the keys arrests', in a table of another library."""
    ids, vectors = photos()
    names = [f"photo {at}" for at in range(len(ids))]
    keys = pl.DataFrame({"arrest_no": ids, "other": 1}).to_pandas()
    stays = [at for at, each in enumerate(ids) if each not in set(SEALED)]
    on = {"arrest_number": "arrest_no"}
    gallery = NullGallery(names, vectors, INDEX, keys=keys, on=on)
    never = NullGallery([names[at] for at in stays], vectors[stays], INDEX, keys=keys.iloc[stays], on=on)

    same(gallery, never, vectors[:9], 10)
    with pytest.raises(ConfigError):
        NullGallery(names, vectors, INDEX, keys=keys)


def test_an_id_that_cannot_be_checked() -> None:
    vectors = np.eye(3, dtype=np.float32)
    for odd in ("M14O00007", "wobbegong", None):
        with pytest.raises(UncheckedKeys):
            NullGallery([*IDS[1:3], odd], vectors, INDEX)
        gallery = NullGallery([*IDS[1:3], odd], vectors, INDEX, policy=Policy(quarantine=True))
        assert gallery.search(vectors[2], 3)[0].tolist() == IDS[1:3]


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [
        (IDS[:2], [[1.0], [1.0, 2.0]]),
        (IDS[:2], [[1.0]]),
        (IDS[:2], [1.0, 2.0]),
        (IDS[:2], [["a"], ["b"]]),
        ([b"M14000001", b"M14000002"], [[1.0], [2.0]]),
        ([1.5, 2.5], [[1.0], [2.0]]),
        ([IDS[0], 3], [[1.0], [2.0]]),
        (IDS[:2], np.empty((2, 0))),
    ],
)
def test_what_is_no_gallery_is_refused(ids: Any, vectors: Any) -> None:
    with pytest.raises(UsageError):
        NullGallery(ids, vectors, INDEX)


def test_what_is_no_search_is_refused() -> None:
    gallery = NullGallery(IDS[:5], np.eye(5), INDEX)
    for query, k in (([1.0], 1), ([np.nan] * 5, 1), ([1.0] * 5, 0), ([1.0] * 5, 1.5), ([[["a"]]], 1)):
        with pytest.raises(UsageError):
            gallery.search(query, k)
    for options in ({"backend": "annoy"}, {"options": {"x": 1}}, {"metric": "l1"}, {"scheme": "person_arrest"}):
        with pytest.raises(ConfigError):
            NullGallery(IDS[:5], np.eye(5), INDEX, **options)


@pytest.mark.parametrize("kind", ["numpy", "faiss", "hnswlib"])
@pytest.mark.filterwarnings("ignore:.*SwigPy.*:DeprecationWarning")
def test_an_empty_gallery_answers(kind: str, tmp_path: Path) -> None:
    gallery = made(SEALED, np.ones((len(SEALED), 4)), kind)
    gallery.save(tmp_path / "gallery")

    for each in (gallery, NullGallery.load(tmp_path / "gallery", INDEX)):
        assert [part.shape for part in each.search(np.ones((2, 4)), 3)] == [(2, 0), (2, 0)]


def test_an_index_that_goes_back_is_refused(tmp_path: Path) -> None:
    ids, vectors = photos()
    gallery = NullGallery(ids, vectors, example_index(SEALED[:1]))
    assert not gallery.refresh()
    assert gallery.refresh(INDEX)
    same(gallery, NullGallery(*without(ids, vectors), INDEX), vectors[:9], 5)
    _publish(tmp_path, SEALED[:5])
    newer = LiveIndex(tmp_path / "live.sealindex", tmp_path / "example.key")
    gallery.refresh(newer)
    with pytest.raises(ReplayedIndex):
        gallery.refresh(INDEX)
    gallery.save(tmp_path / "gallery")
    with pytest.raises(ReplayedIndex):
        NullGallery.load(tmp_path / "gallery", INDEX)


def test_a_damaged_gallery_is_refused(tmp_path: Path) -> None:
    ids, vectors = photos()
    for name in ("gallery.json", "ids.parquet", "vectors.npy"):
        NullGallery(ids, vectors, INDEX).save(tmp_path / "gallery")
        file = tmp_path / "gallery" / name
        file.write_bytes(file.read_bytes()[:20])
        with pytest.raises(UnreadableInput):
            NullGallery.load(tmp_path / "gallery", INDEX)
    (tmp_path / "gallery" / "mine.txt").write_text("kept")
    with pytest.raises(UsageError):
        NullGallery(ids, vectors, INDEX).save(tmp_path / "gallery")
