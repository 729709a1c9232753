"""A gallery on disk: a folder of files that the model audit reads, with nothing in them of what was left out."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.atomic_write import placed_folder
from sealscrub.errors import UnreadableInput, UsageError

from .gallery_inputs import id_array, id_column
from .space import Floats

__all__ = ["Stored", "read_gallery", "write_gallery"]

_HEAD, _ROWS, _VECTORS, _SEARCH = "gallery.json", "ids.parquet", "vectors.npy", "search.index"
_FILES = {_HEAD, _ROWS, _VECTORS, _SEARCH}
_ID = "(id)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stored:
    """What a folder holds: ids and keys by row, prepared vectors, and how they are searched."""

    ids: npt.NDArray[Any]
    keys: pl.DataFrame
    vectors: Floats
    on: list[str]
    settings: dict[str, Any]
    state: tuple[int, str]


def write_gallery(path: Path, stored: Stored, save_engine: Callable[[Path], bool]) -> None:
    """Write the folder in one step; an earlier gallery in its place is deleted.

    Raises
    ------
    UsageError
        When the folder holds other files than a gallery's, or an id cannot be stored.
    """
    if path.exists() and (not path.is_dir() or not {each.name for each in path.iterdir()} <= _FILES):
        raise UsageError("it contains files that are not of a gallery", where=str(path), hint="choose another folder.")
    rows = stored.keys.with_columns(id_column(stored.ids).alias(_ID))
    head = {"format": 1, "on": stored.on, **stored.settings, "epoch": stored.state[0], "as_of": stored.state[1]}
    for left in path.parent.glob(f".{path.name[:100]}.*.old"):  # by a save that was killed
        shutil.rmtree(left, ignore_errors=True)
    earlier = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.old")
    try:
        with placed_folder(path, earlier=earlier) as part:
            (part / _HEAD).write_text(json.dumps(head, sort_keys=True), "utf-8")
            rows.write_parquet(part / _ROWS, statistics=False)
            np.save(part / _VECTORS, np.ascontiguousarray(stored.vectors), allow_pickle=False)
            save_engine(part / _SEARCH)
    finally:
        shutil.rmtree(earlier, ignore_errors=True)


def read_gallery(path: Path) -> tuple[Stored, Path | None]:
    """Read a folder, and say where the backend's own file is.

    Raises
    ------
    UnreadableInput
        When it holds no gallery, or a damaged one.
    """
    try:
        head = json.loads((path / _HEAD).read_text("utf-8"))
        rows = pl.read_parquet(path / _ROWS)
        vectors = np.load(path / _VECTORS, allow_pickle=False)
        ids = id_array(rows[_ID].to_list())
        state = (int(head.pop("epoch")), str(head.pop("as_of")))
        on = list(head.pop("on"))
        whole = head.pop("format") == 1 and vectors.ndim == 2 and vectors.dtype == np.float32
        whole = whole and len(vectors) == rows.height and bool(np.isfinite(vectors).all())
    except (OSError, ValueError, KeyError, TypeError, EOFError, pl.exceptions.PolarsError):
        whole = False
    if not whole or set(head) != {"backend", "metric", "seed", "options"}:
        raise UnreadableInput(
            "it does not contain a complete gallery", where=str(path), hint="save it again from its source."
        )
    engine = path / _SEARCH
    stored = Stored(ids, rows.drop(_ID), vectors, on, head, state)
    return stored, engine if engine.exists() else None
