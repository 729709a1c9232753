"""What a guarded gallery costs over the bare library: ``python -m benchmarks.gallery``.

The bare library searches the survivors, as it would in the world without the sealed records. Both search in turn, A B
A B …, and medians are compared.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sealscrub.datasets import example_index
from sealscrub.filters import NullGallery

Search = Callable[[np.ndarray], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument(
        "--graph", type=int, default=50_000, help="vectors of the graph of hnswlib, which is slow to build"
    )
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print("| backend | queries | bare, ms | guarded, ms | ratio |")
    print("|---|---|---|---|---|")
    for backend, bare in (("numpy", bare_numpy), ("faiss", bare_faiss), ("hnswlib", bare_hnswlib)):
        count = options.graph if backend == "hnswlib" else options.vectors
        compare(backend, bare, count, options)


def compare(backend: str, bare: Callable[[np.ndarray, int], Search], count: int, options: argparse.Namespace) -> None:
    draw = np.random.default_rng(0)
    vectors = draw.normal(size=(count, options.width)).astype(np.float32)
    ids = np.arange(count)
    sealed = ids[::10]
    index = example_index({"opaque:photo": map(str, sealed.tolist())})
    begun = time.perf_counter()
    gallery = NullGallery(ids, vectors, index, "opaque:photo", backend=backend)
    built = time.perf_counter() - begun
    stays = np.ones(count, bool)
    stays[sealed] = False
    contenders = {"bare": bare(vectors[stays], options.k), "guarded": lambda q: gallery.search(q, options.k)}
    del vectors
    for batch in (1, 32):
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for round_ in range(options.rounds + 1):
            queries = draw.normal(size=(batch, options.width)).astype(np.float32)
            for name, search in contenders.items():
                begun = time.perf_counter()
                search(queries)
                if round_:
                    seconds[name].append(time.perf_counter() - begun)
        one, other = (1e3 * statistics.median(seconds[name]) for name in contenders)
        print(
            f"| {backend}, {len(gallery):,} × {options.width} | {batch} | {one:.1f} | {other:.1f} | {other / one:.2f} |"
        )
    print(f"| {backend}, built in {built:.1f} s | | | | |", flush=True)


def bare_numpy(vectors: np.ndarray, k: int) -> Search:
    norms = np.einsum("ij,ij->i", vectors, vectors)

    def search(queries: np.ndarray) -> Any:
        far = norms - 2 * (queries @ vectors.T)
        found = np.argpartition(far, k, axis=1)[:, :k]
        near = np.take_along_axis(far, found, axis=1)
        order = np.argsort(near, axis=1)
        return np.take_along_axis(found, order, axis=1), np.take_along_axis(near, order, axis=1)

    return search


def bare_faiss(vectors: np.ndarray, k: int) -> Search:
    import faiss

    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)
    return lambda queries: index.search(queries, k)


def bare_hnswlib(vectors: np.ndarray, k: int) -> Search:
    import hnswlib

    graph = hnswlib.Index("l2", vectors.shape[1])
    graph.init_index(len(vectors), M=16, ef_construction=200, random_seed=0)
    graph.add_items(vectors, num_threads=1)
    graph.set_ef(64)
    return lambda queries: graph.knn_query(queries, k, num_threads=1)


if __name__ == "__main__":
    main()
