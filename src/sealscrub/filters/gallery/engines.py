"""What searches: numpy, FAISS or hnswlib, each built again from the vectors that it is given."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from sealscrub.errors import ConfigError, UnreadableInput

from .space import Floats, Positions, Space, nearest, nearest_of_each

__all__ = ["ENGINES", "Engine", "FaissEngine", "HnswEngine", "NumpyEngine", "exact_search", "make_engine"]

_BLOCK = 1 << 15  # vectors compared at a time
_QUERIES = 128  # queries at a time
_SPARE = 16  # neighbours fetched beyond k, among which ties at its end are seen

Found = tuple[Positions, Floats]


class Engine(Protocol):
    """Vectors that can be searched, and nothing of any other."""

    name: ClassVar[str]
    vectors: Floats

    def search(self, queries: Floats, k: int) -> list[Found]:
        """Give positions and distances of the k nearest of each query; k is at most the number of vectors."""

    def save(self, path: Path) -> bool:
        """Write what it takes long to build; say whether there is any such thing."""


def make_engine(
    backend: str, vectors: Floats, space: Space, seed: int, options: Mapping[str, Any], stored: Path | None = None
) -> Engine:
    """Build an engine, or take what :meth:`Engine.save` wrote.

    Raises
    ------
    ConfigError
        When no engine has this name, or it knows no such option.
    MissingExtra
        When the library is not installed.
    UnreadableInput
        When what was stored cannot be read.
    """
    try:
        kind = ENGINES[backend]
    except KeyError:
        raise ConfigError("unknown backend=", hint=f"use one of {', '.join(ENGINES)}.") from None
    unknown = sorted(set(options) - set(kind.knows))
    if unknown:
        raise ConfigError(
            f"{backend} has no option {unknown[0]!r}", hint=f"its options: {', '.join(kind.knows) or 'none'}."
        )
    made: Engine = kind(vectors, space, seed, options, stored)
    return made


def exact_search(vectors: Floats, space: Space, longest: float, queries: Floats, k: int) -> list[Found]:
    """Search all vectors, block by block: what may be among the k nearest is looked at exactly."""
    return _scan_all(vectors, _norms(vectors, space), space, longest, queries, k)


def _scan_all(
    vectors: Floats, norms: Floats | None, space: Space, longest: float, queries: Floats, k: int
) -> list[Found]:
    return [
        each
        for start in range(0, len(queries), _QUERIES)
        for each in _scan_vectors(vectors, norms, space, longest, queries[start : start + _QUERIES], k)
    ]


def _scan_vectors(
    vectors: Floats, norms: Floats | None, space: Space, longest: float, queries: Floats, k: int
) -> list[Found]:
    margins = [space.margin(longest, query) for query in queries]
    kept = [_Candidates(k, margin) for margin in margins]
    factors = queries * np.float32(-2 if norms is not None else -1)
    for start in range(0, len(vectors), _BLOCK):
        near = factors @ vectors[start : start + _BLOCK].T
        if norms is not None:
            near += norms[start : start + _BLOCK]
        for candidates, line in zip(kept, near, strict=True):
            candidates.take(line, start)
    return [
        nearest(each.positions, space.distances(vectors[each.positions], query), k)
        for each, query in zip(kept, queries, strict=True)
    ]


class _Candidates:
    """Positions that may be among the k nearest of a query, by approximate distances."""

    def __init__(self, k: int, margin: float) -> None:
        self.k, self.margin = k, margin
        self.bound = np.float64(np.inf)
        self.positions: Positions = np.empty(0, np.int64)
        self._near: Floats = np.empty(0, np.float32)

    def take(self, line: Floats, start: int) -> None:
        found = np.flatnonzero(line <= np.float32(self.bound))
        if not len(found):
            return
        self.positions = np.concatenate([self.positions, found + start])
        self._near = np.concatenate([self._near, line[found]])
        if len(self._near) > self.k:
            kth = np.partition(self._near, self.k - 1)[self.k - 1]
            self.bound = np.float64(kth) + self.margin
            stays = self._near <= np.float32(self.bound)
            self.positions, self._near = self.positions[stays], self._near[stays]


def _norms(vectors: Floats, space: Space) -> Floats | None:
    return np.einsum("ij,ij->i", vectors, vectors) if space.metric == "l2" else None


def _longest(vectors: Floats) -> float:
    squares = np.einsum("ij,ij->i", vectors, vectors)
    return float(np.sqrt(squares.max(initial=0.0))) * (1 + 1e-3)


class NumpyEngine:
    """Every vector is compared."""

    name: ClassVar[str] = "numpy"
    knows: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, vectors: Floats, space: Space, seed: int, options: Mapping[str, Any], stored: Path | None = None
    ) -> None:
        self.vectors, self._space = vectors, space
        self._norms = _norms(vectors, space)
        self._longest = _longest(vectors)

    def search(self, queries: Floats, k: int) -> list[Found]:
        """See :class:`Engine`."""
        return _scan_all(self.vectors, self._norms, self._space, self._longest, queries, k)

    def save(self, path: Path) -> bool:
        """See :class:`Engine`."""
        return False


class FaissEngine:
    """An index of FAISS, by default its flat one. Approximate indexes are trained on these vectors by one thread."""

    name: ClassVar[str] = "faiss"
    knows: ClassVar[tuple[str, ...]] = ("factory", "nprobe", "ef")

    def __init__(
        self, vectors: Floats, space: Space, seed: int, options: Mapping[str, Any], stored: Path | None = None
    ) -> None:
        import faiss

        self._faiss, self._space = faiss, space
        self._longest = _longest(vectors)
        self._flat = options.get("factory", "Flat") == "Flat"
        self._index = self._read(stored) if stored else self._build_index(vectors, seed, options)
        if self._flat:  # the index's own copy serves: there is no second one
            raw = faiss.rev_swig_ptr(self._index.get_xb(), len(vectors) * space.width) if len(vectors) else vectors
            self.vectors = np.asarray(raw).reshape(len(vectors), space.width)
        else:
            self.vectors = vectors
        self._set("nprobe", options.get("nprobe"), "nprobe")
        self._set("ef", options.get("ef"), "efSearch")

    def _build_index(self, vectors: Floats, seed: int, options: Mapping[str, Any]) -> Any:
        faiss = self._faiss
        metric = faiss.METRIC_L2 if self._space.metric == "l2" else faiss.METRIC_INNER_PRODUCT
        with _BUILDING:  # the number of threads is the process's
            threads = faiss.omp_get_max_threads()
            faiss.omp_set_num_threads(1)
            try:
                index = faiss.index_factory(self._space.width, options.get("factory", "Flat"), metric)
                inner = faiss.try_extract_index_ivf(index)
                if inner is not None:
                    inner.cp.seed = seed
                if not index.is_trained:
                    index.train(vectors)
                index.add(vectors)
            except RuntimeError:
                raise ConfigError(
                    "FAISS does not build such an index of these vectors", hint="look at options={'factory': …}."
                ) from None
            finally:
                faiss.omp_set_num_threads(threads)
        return index

    def _read(self, stored: Path) -> Any:
        try:
            return self._faiss.read_index(str(stored))
        except RuntimeError:
            raise UnreadableInput("FAISS cannot read it", where=str(stored), hint="save the gallery again.") from None

    def _set(self, option: str, value: Any, name: str) -> None:
        if value is None:
            return
        try:
            self._faiss.ParameterSpace().set_index_parameter(self._index, name, int(value))
        except RuntimeError:
            raise ConfigError(f"this index of FAISS has no {option}", hint="leave the option out.") from None

    def search(self, queries: Floats, k: int) -> list[Found]:
        """See :class:`Engine`."""
        size = len(self.vectors)
        found: list[Found | None] = [None] * len(queries)
        fetch = min(size, k + _SPARE) if self._flat else k
        open_queries = np.arange(len(queries))
        while len(open_queries):
            near, positions = self._index.search(queries[open_queries], fetch)
            if self._space.metric != "l2":
                near = -near
            for at, line, where in zip(open_queries, near, positions, strict=True):
                found[at] = self._settle_answer(queries[at], line, where, k, whole=fetch == size)
            open_queries = np.array([at for at in open_queries if found[at] is None], np.int64)
            fetch = min(size, 4 * fetch)
        return [each for each in found if each is not None]

    def _settle_answer(self, query: Floats, near: Floats, positions: Positions, k: int, *, whole: bool) -> Found | None:
        """Give the answer for a query, or None if more must be fetched to see all that may be in it."""
        if not self._flat:
            positions = positions[positions >= 0]
            if len(positions) < k:  # too few cells or links were visited
                return exact_search(self.vectors, self._space, self._longest, query[None], k)[0]
            return nearest(positions, self._space.distances(self.vectors[positions], query), k)
        bound = float(near[k - 1]) + self._space.margin(self._longest, query)
        if not whole and near[-1] <= bound:
            return None
        positions = positions[near <= bound]
        return nearest(positions, self._space.distances(self.vectors[positions], query), k)

    def save(self, path: Path) -> bool:
        """See :class:`Engine`."""
        if not self._flat:
            self._faiss.write_index(self._index, str(path))
        return not self._flat


class HnswEngine:
    """A graph of hnswlib, built by one thread. What it misses depends only on these vectors."""

    name: ClassVar[str] = "hnswlib"
    knows: ClassVar[tuple[str, ...]] = ("M", "ef_construction", "ef")

    def __init__(
        self, vectors: Floats, space: Space, seed: int, options: Mapping[str, Any], stored: Path | None = None
    ) -> None:
        import hnswlib

        self.vectors, self._space = vectors, space
        self._longest = _longest(vectors)
        self._ef = int(options.get("ef", 64))
        self._lock = threading.Lock()
        self._graph = hnswlib.Index("l2" if space.metric == "l2" else "ip", space.width)
        if stored:
            try:
                self._graph.load_index(str(stored), max_elements=len(vectors))
            except RuntimeError:
                raise UnreadableInput(
                    "hnswlib cannot read it", where=str(stored), hint="save the gallery again."
                ) from None
        elif len(vectors):
            self._graph.init_index(
                len(vectors),
                M=int(options.get("M", 16)),
                ef_construction=int(options.get("ef_construction", 200)),
                random_seed=seed,
            )
            self._graph.add_items(vectors, np.arange(len(vectors)), num_threads=1)

    def search(self, queries: Floats, k: int) -> list[Found]:
        """See :class:`Engine`."""
        with self._lock:  # how far it looks is set for the whole graph
            self._graph.set_ef(max(self._ef, k))
            found = self._ask_graph(queries, k)
            lines = (
                [found] if len(queries) == 1 or found is not None else [self._ask_graph(q[None], k) for q in queries]
            )
        if found is not None and len(queries) > 1:
            return nearest_of_each(found, self._space.distances_of_each(self.vectors, found, queries))
        return [
            exact_search(self.vectors, self._space, self._longest, query[None], k)[0]
            if line is None
            else nearest(line[0], self._space.distances(self.vectors[line[0]], query), k)
            for query, line in zip(queries, lines, strict=True)
        ]

    def _ask_graph(self, queries: Floats, k: int) -> Positions | None:
        """Ask the graph, shape (queries, k); None if fewer than k are linked to a query's neighbourhood."""
        try:
            labels, _ = self._graph.knn_query(queries, k, num_threads=1)
        except RuntimeError:
            return None
        found: Positions = labels.astype(np.int64)
        return found

    def save(self, path: Path) -> bool:
        """See :class:`Engine`."""
        if len(self.vectors):
            self._graph.save_index(str(path))
        return bool(len(self.vectors))


_BUILDING = threading.Lock()
ENGINES: dict[str, Any] = {kind.name: kind for kind in (NumpyEngine, FaissEngine, HnswEngine)}
