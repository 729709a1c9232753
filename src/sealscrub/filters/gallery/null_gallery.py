"""A gallery that is built from survivors only, and built again when more is sealed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, ReplayedIndex, UncheckedKeys, UsageError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.matching.key_columns import On
from sealscrub.tables import frame_adapter

from ..barred_records import Judge, Judgement
from ..live_index import LiveIndex, current
from .engines import Engine, make_engine
from .gallery_files import Stored, read_gallery, write_gallery
from .gallery_inputs import canonical_order, id_array, id_column, number_array
from .space import Floats, Metric, Space

__all__ = ["NullGallery"]

_ID = "id"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _SearchedState:
    """What is searched: all of it by one index."""

    index_id: str
    state: tuple[Any, ...]
    ids: npt.NDArray[Any]
    keys: pl.DataFrame
    engine: Engine


class NullGallery:
    """Nearest-neighbour search that answers as a gallery would that never held the sealed records.

    Vectors of sealed and withheld records are left out before anything is built: there are no tombstones, no centroid
    or link of a graph that they had a part in, and no list that is shorter than k. Ids and distances equal, bit for
    bit, those of a gallery made without them.

    Parameters
    ----------
    ids : array-like, shape (n,)
        What a search returns for each vector. One id may have several vectors.
    vectors : array-like of number, shape (n, d)
        Kept as float32. The gallery makes a copy; yours is yours to delete.
    index : Index or LiveIndex
        Published for the use ``output``. With a `LiveIndex` a newer index is followed: the next search is by it.
    scheme : str
        What the ids are, as record keys.
    backend : {"numpy", "faiss", "hnswlib"}
        What searches. numpy, and FAISS with its flat index, are exact, and give the same answers bit for bit.
    metric : {"l2", "cosine", "inner_product"}
        The squared Euclidean distance, or 1 less the cosine or the product: the less, the nearer.
    keys : frame, optional
        If ids are not record keys: a table with a row for each vector.
    on : mapping or iterable of str, optional
        Which columns of `keys` are record keys, as in :func:`sealscrub.scrub`; instead of `scheme`.
    policy : Policy, optional
        What to do with near and unparsable ids; by default they are an error.
    seed : int
        Of what the backend draws.
    options : mapping, optional
        ``{"factory": "IVF256,Flat", "nprobe": 8, "ef": 64}`` for FAISS, ``{"M": 16, "ef_construction": 200,
        "ef": 64}`` for hnswlib.

    Raises
    ------
    UsageError
        When ids and vectors do not fit each other, or a vector has no distance: NaN, infinite, or, for the cosine,
        zero. Only vectors that stay are looked at.
    UncheckedKeys
        When an id is near a valid one, does not parse, or is missing, and the policy says nothing else.

    Notes
    -----
    The vectors are sorted by id, so the answers do not depend on the order in which a store hands them out; of
    equally near ones the first in this order comes first. A record that was sealed while the gallery existed is removed
    from it for good: to have it back after an unsealing, build the gallery from its source.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> ids = ["M14000017", "K14612345", "M14000022"]
    >>> gallery = NullGallery(ids, [[0.0, 1.0], [0.0, 0.0], [3.0, 4.0]], example_index(["K14612345"]))
    >>> found, distances = gallery.search([0.0, 0.0], k=2)
    >>> found.tolist(), distances.tolist()
    (['M14000017', 'M14000022'], [1.0, 25.0])
    """

    def __init__(
        self,
        ids: Any,
        vectors: Any,
        index: Index | LiveIndex,
        scheme: str = "arrest_number",
        *,
        backend: str = "numpy",
        metric: Metric = "l2",
        keys: Any = None,
        on: On | None = None,
        policy: Policy | None = None,
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if (keys is None) != (on is None):
            raise ConfigError("keys= and on= belong together", hint='keys=table, on={"arrest_number": "arrest_no"}')
        if on is None and get_scheme(scheme).parts:
            raise ConfigError(
                f"{scheme} is made of several columns, and ids are one", hint="give them with keys= and on=."
            )
        given, listed = number_array(vectors, "gallery"), id_array(ids)
        table = pl.DataFrame({_ID: id_column(listed)}) if keys is None else None
        self._judge = Judge(index, on if on is not None else {scheme: _ID}, policy=policy, where="gallery")
        batch = table if table is not None else frame_adapter(keys).key_batch(self._judge.columns)
        if not len(listed) == len(given) == batch.height:
            raise UsageError(
                f"{len(listed)} ids, {len(given)} vectors and {batch.height} keys differ in number", where="gallery"
            )
        self._setup(given.shape[1], metric, backend, seed, options)
        self._shown = self._build_shown(self._judge.start(), listed, batch, given)

    def _setup(self, width: int, metric: Metric, backend: str, seed: int, options: Mapping[str, Any] | None) -> None:
        self._space = Space(metric, width)
        self._backend, self._seed, self._options = backend, int(seed), dict(options or {})
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self._space.width

    def __len__(self) -> int:
        """Count the vectors that can be found."""
        return len(self._current_shown().ids)

    def __repr__(self) -> str:
        return f"NullGallery(backend={self._backend!r}, metric={self._space.metric!r}, dimension={self.dimension})"

    def search(self, q: Any, k: int) -> tuple[npt.NDArray[Any], Floats]:
        """Find the k nearest.

        Parameters
        ----------
        q : array-like, shape (d,) or (m, d)
            One vector, or several.
        k : int
            How many; of a smaller gallery all of it is given.

        Returns
        -------
        ids, distances : numpy.ndarray, shape (k,) or (m, k)
            Nearest first.

        Raises
        ------
        UsageError
            When a query is not a vector of the gallery's dimension, not finite, or no index may be
            trusted now.
        """
        queries = number_array(q, "query")
        if queries.shape[-1] != self.dimension:
            raise UsageError(
                f"the query has {queries.shape[-1]} components, and the gallery {self.dimension}", where="gallery"
            )
        if not isinstance(k, int | np.integer) or k < 1:
            raise ConfigError("k must be an integer of at least 1", where="gallery")
        many = self._space.prepared(np.atleast_2d(queries), "query")
        shown = self._current_shown()
        most = min(int(k), len(shown.ids))
        found = shown.engine.search(many, most) if most else []
        positions = np.array([each for each, _ in found], np.int64).reshape(len(many), most)
        distances = np.array([each for _, each in found], np.float32).reshape(len(many), most)
        ids = shown.ids[positions]
        return (ids[0], distances[0]) if queries.ndim == 1 else (ids, distances)

    def refresh(self, index: Index | LiveIndex | None = None) -> bool:
        """Leave out what has been sealed since, before a search must wait for it.

        Parameters
        ----------
        index : Index or LiveIndex, optional
            A newer one, instead of the one so far.

        Returns
        -------
        bool
            Whether the index was another one than before.

        Raises
        ------
        ReplayedIndex
            When it is of an earlier state than the one so far.
        """
        before = self._shown
        if index is not None:
            judge = Judge(index, _on(self._judge), policy=self._judge.policy, where="gallery")
            if _state(judge.start()) < before.state:
                raise ReplayedIndex("the index is older than the gallery", hint="give the newest index.")
            with self._lock:
                self._judge = judge
        return self._current_shown() is not before

    def save(self, path: str | Path) -> None:
        """Write the gallery into a folder, in one step; what was there before is removed from it.

        Vectors that were left out are not in it, nor anything that they had a part in. After more is sealed, save
        again: until then the folder holds what was sealed since.

        Parameters
        ----------
        path : str or Path
            A folder: none yet, an empty one, or one that a gallery was saved into.

        Raises
        ------
        WriteFailed
            When it cannot be written; what was there is as it was.
        UsageError
            When the folder holds other files.
        """
        shown = self._current_shown()
        write_gallery(
            Path(path),
            Stored(
                ids=shown.ids,
                keys=shown.keys,
                vectors=shown.engine.vectors,
                on=_on(self._judge),
                settings={
                    "backend": self._backend,
                    "metric": self._space.metric,
                    "seed": self._seed,
                    "options": self._options,
                },
                state=(shown.state[0], str(shown.state[1])),
            ),
            shown.engine.save,
        )

    @classmethod
    def load(cls, path: str | Path, index: Index | LiveIndex, *, policy: Policy | None = None) -> NullGallery:
        """Read a gallery that was saved, and leave out what has been sealed since.

        Parameters
        ----------
        path : str or Path
            The folder.
        index : Index or LiveIndex
            Not of an earlier state than the one that it was saved under.
        policy : Policy, optional
            As when it was made.

        Raises
        ------
        UnreadableInput
            When the folder holds no gallery, or a damaged one.
        ReplayedIndex
            When the index is of an earlier state.
        """
        stored, engine_file = read_gallery(Path(path))
        made = cls.__new__(cls)
        made._judge = Judge(index, stored.on, policy=policy, where="gallery")
        settings = stored.settings
        made._setup(
            stored.vectors.shape[1], settings["metric"], settings["backend"], settings["seed"], settings["options"]
        )
        judgement = made._judge.start()
        if (_state(judgement)[0], str(_state(judgement)[1])) < stored.state:
            raise ReplayedIndex("the index is older than the gallery", where=str(path), hint="give the newest index.")
        made._shown = made._build_shown(
            judgement, stored.ids, stored.keys, stored.vectors, ready=True, engine_file=engine_file
        )
        return made

    def _current_shown(self) -> _SearchedState:
        """Give what an answer that begins now is made from: built again if the index is a newer one."""
        shown = self._shown
        if current(self._judge.index, self._judge.use).id == shown.index_id:
            return shown
        judgement = self._judge.start()
        with self._lock:
            shown = self._shown
            if judgement.index.id != shown.index_id and _state(judgement) >= shown.state:
                shown = self._build_shown(
                    judgement, shown.ids, shown.keys, shown.engine.vectors, ready=True, before=shown
                )
                self._shown = shown
            return shown

    def _build_shown(
        self,
        judgement: Judgement,
        ids: npt.NDArray[Any],
        keys: pl.DataFrame,
        vectors: npt.NDArray[Any],
        *,
        ready: bool = False,
        before: _SearchedState | None = None,
        engine_file: Path | None = None,
    ) -> _SearchedState:
        """Build from the survivors; `ready` says that they are in order and prepared already."""
        stays = self._rows_to_keep(judgement, keys)
        state, index_id = _state(judgement), judgement.index.id
        if before is not None and stays.all():
            return _SearchedState(index_id, state, before.ids, before.keys, before.engine)
        order = np.flatnonzero(stays)
        if not ready:
            order = order[canonical_order(ids[order], vectors, order)]
        kept = np.ascontiguousarray(vectors[order])
        kept = kept if ready else self._space.prepared(kept, "gallery")
        engine = make_engine(
            self._backend, kept, self._space, self._seed, self._options, engine_file if stays.all() else None
        )
        return _SearchedState(index_id, state, ids[order], keys[order], engine)

    def _rows_to_keep(self, judgement: Judgement, keys: pl.DataFrame) -> npt.NDArray[np.bool_]:
        policy = self._judge.policy
        nameless = keys.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy() if keys.width else None
        if nameless is not None and nameless.any() and not policy.quarantine:
            raise UncheckedKeys(
                f"{int(nameless.sum())} of {keys.height} vectors have no key",
                where="gallery",
                hint="Policy(quarantine=True) leaves such vectors out.",
            )
        gone = judgement.gone(keys)
        stays: npt.NDArray[np.bool_] = ~gone if nameless is None else ~(gone | nameless)
        return stays

    def __reduce__(self) -> tuple[object, ...]:
        shown = self._current_shown()
        settings = (self._space.metric, self._backend, self._seed, self._options, self._judge.policy)
        return _again, (
            self._judge.index,
            _on(self._judge),
            settings,
            shown.ids,
            shown.keys,
            np.array(shown.engine.vectors),
        )


def _again(index: Any, on: Any, settings: Any, ids: Any, keys: pl.DataFrame, vectors: Floats) -> NullGallery:
    made = NullGallery.__new__(NullGallery)
    metric, backend, seed, options, policy = settings
    made._judge = Judge(index, on, policy=policy, where="gallery")
    made._setup(vectors.shape[1], metric, backend, seed, options)
    made._shown = made._build_shown(made._judge.start(), ids, keys, vectors, ready=True)
    return made


def _state(judgement: Judgement) -> tuple[Any, ...]:
    return judgement.index.epoch, judgement.index.as_of


def _on(judge: Judge) -> list[str]:
    return [f"{key.scheme}={key.label}" for key in judge.keys]
