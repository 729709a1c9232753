"""Training rows in arrays of structures are found as those in plain arrays are."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.validators.artefacts import ModelAudit, audit_model

COUNT = 400
SEALED = "K14612345"


def _places(seed: int) -> Any:
    chosen = np.random.default_rng(seed)
    return np.round(40.5 + chosen.random(COUNT) * 0.4, 6), np.round(-74.2 + chosen.random(COUNT) * 0.5, 6)


def _bytes(write: Callable[[Any], Any]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def _structured(lat: Any, lon: Any, kind: Any, **more: Any) -> Any:
    made = np.zeros(COUNT, kind)
    made["lat"], made["lon"] = lat, lon
    for name, values in more.items():
        made[name] = values
    return made


def _nested(lat: Any, lon: Any) -> Any:
    made = np.zeros(COUNT, [("n", "i4"), ("at", [("lat", "f8"), ("lon", "f8")])])
    made["at"]["lat"], made["at"]["lon"] = lat, lon
    return made


def _pairs(lat: Any, lon: Any) -> Any:
    made = np.zeros(COUNT, [("n", "i4"), ("at", "f8", (2,))])
    made["at"] = np.c_[lat, lon]
    return made


PLAIN: Any = [("lat", "f8"), ("lon", "f8")]
MADE: dict[str, Callable[[Any, Any], bytes]] = {
    "rows": lambda lat, lon: pickle.dumps(np.c_[lat, lon]),
    "records": lambda lat, lon: pickle.dumps(np.rec.fromarrays([lat, lon], names="lat,lon")),
    "structures": lambda lat, lon: pickle.dumps(_structured(lat, lon, PLAIN)),
    "structures within an object": lambda lat, lon: pickle.dumps({"a": [_structured(lat, lon, PLAIN)]}),
    "of a frame": lambda lat, lon: pickle.dumps(pd.DataFrame({"lat": lat, "lon": lon}).to_records(index=False)),
    "of a frame with its index": lambda lat, lon: pickle.dumps(pd.DataFrame({"lat": lat, "lon": lon}).to_records()),
    "with a text": lambda lat, lon: pickle.dumps(_structured(lat, lon, [("t", "U3"), *PLAIN], t="abc")),
    "with an integer": lambda lat, lon: pickle.dumps(_structured(lat, lon, [("n", "i2"), *PLAIN], n=7)),
    "in single precision": lambda lat, lon: pickle.dumps(_structured(lat, lon, [("lat", "f4"), ("lon", "f4")])),
    "of other byte order": lambda lat, lon: pickle.dumps(_structured(lat, lon, [("lat", ">f8"), ("lon", ">f8")])),
    "of two dimensions": lambda lat, lon: pickle.dumps(_structured(lat, lon, PLAIN).reshape(20, -1)),
    "nested": lambda lat, lon: pickle.dumps(_nested(lat, lon)),
    "pairs": lambda lat, lon: pickle.dumps(_pairs(lat, lon)),
    "masked": lambda lat, lon: pickle.dumps(np.ma.array(_structured(lat, lon, PLAIN))),
    "npy": lambda lat, lon: _bytes(lambda out: np.save(out, _structured(lat, lon, PLAIN))),
    "npz": lambda lat, lon: _bytes(lambda out: np.savez(out, a=_structured(lat, lon, PLAIN))),
    "joblib": lambda lat, lon: _bytes(lambda out: joblib.dump(_structured(lat, lon, PLAIN), out)),
}


@pytest.fixture(scope="module", params=[True, False], ids=["sealed", "not sealed"])
def audited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[bool, ModelAudit]:
    root = tmp_path_factory.mktemp("records")
    (root / "models").mkdir()
    ids = [SEALED, *(f"M14{at:06d}" for at in range(1, COUNT))]
    lat, lon = _places(0)
    pl.DataFrame({"arrest": ids, "lat": lat, "lon": lon}).write_parquet(root / "rows.parquet")
    if not request.param:
        lat[0], lon[0] = 40.612987, -73.812345
    for name, make in MADE.items():
        suffix = name if zipfile.is_zipfile(io.BytesIO(make(lat, lon))) or name == "npy" else "pkl"
        (root / "models" / f"{name}.{suffix}").write_bytes(make(lat, lon))
    index, on = example_index([SEALED]), {"arrest_number": "arrest"}
    return request.param, audit_model(root / "models", index, rows=root / "rows.parquet", on=on)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("name", MADE)
def test_a_sealed_row_is_found(name: str, audited: tuple[bool, ModelAudit]) -> None:
    sealed, done = audited
    found = [each for each in done.findings if Path(each.file).stem == name]

    assert {(each.kind, each.detail, each.count) for each in found} == (
        {("training row", "raw", 1)} if sealed else set()
    )
    assert [each for each in done.not_checked if Path(each.file).stem == name] == []
