"""What a guarded gallery costs over the bare library: ``python -m benchmarks.gallery``.

The bare library searches the survivors, as it would in the world without the sealed records. Both search in turn, A B
B A A B …, and medians of the processor's time are compared: other work on the machine counts for neither.
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
        "--graph", type=int, default=20_000, help="vectors of the graph of hnswlib, which is slow to build"
    )
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", nargs="*", default=["numpy", "faiss", "hnswlib"])
    options = parser.parse_args()
    print("| backend | queries | bare, ms | guarded, ms | ratio |")
    print("|---|---|---|---|---|")
    for backend, bare in (("numpy", bare_numpy), ("faiss", bare_faiss), ("hnswlib", bare_hnswlib)):
        if backend not in options.only:
            continue
        count = options.graph if backend == "hnswlib" else options.vectors
        compare(backend, bare, count, options)


def compare(backend: str, bare: Callable[[np.ndarray, int], Search], count: int, options: argparse.Namespace) -> None:
    draw = np.random.default_rng(0)
    vectors = draw.normal(size=(count, options.width)).astype(np.float32)
    stays = np.arange(count) % 10 > 0
    index = example_index({"opaque:photo": map(str, np.flatnonzero(~stays).tolist())})
    seconds: dict[tuple[str, int], list[float]] = {}
    for placing in range(1 if backend == "hnswlib" else 4):  # where memory happens to lie makes a tenth
        made: dict[str, Search] = {}
        for name in ("bare", "guarded") if placing % 2 else ("guarded", "bare"):
            if name == "bare":
                made[name] = bare(vectors[stays], options.k)
            else:
                gallery = NullGallery(np.arange(count), vectors, index, "opaque:photo", backend=backend)
                made[name] = lambda queries, gallery=gallery: gallery.search(queries, options.k)
        for batch in (1, 32):
            measure(made, draw.normal(size=(options.rounds, batch, options.width)).astype(np.float32), seconds)
    for batch in (1, 32):
        one, other = (1e3 * statistics.median(seconds[name, batch]) for name in ("bare", "guarded"))
        row = f"| {backend}, {np.count_nonzero(stays):,} × {options.width} | {batch} | {one:.2f} | {other:.2f} |"
        print(f"{row} {other / one:.2f} |", flush=True)


def measure(made: dict[str, Search], queries: np.ndarray, seconds: dict[tuple[str, int], list[float]]) -> None:
    for round_, some in enumerate(queries):
        for name in list(made)[:: 1 if round_ % 2 else -1]:
            begun = time.process_time()
            made[name](some)
            if round_:  # the first is a warm-up
                seconds.setdefault((name, len(some)), []).append(time.process_time() - begun)


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
