"""Parquet: damaged, cut and changing files, and what is told on the way."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import SealscrubError, UnreadableInput
from sealscrub.matching import Policy

from .arrests import CLEAR, NULLS, ON, SEALED, Arrest, index, many
from .parquet_writers import CANARY, by_pyarrow


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
def test_a_damaged_file_is_refused_or_read_as_it_reads(tmp_path: Path, extra: str, part: int) -> None:
    """Each byte flipped in turn: an error of ours without values, or the rows that pyarrow reads from it."""
    rows = [Arrest("sealed", SEALED[0], note=CANARY), *(Arrest("clear", key, note=CANARY) for key in CLEAR)]
    how = {"extra": extra, "group": 9, "codec": "snappy", "dictionary": True}
    by_pyarrow(rows, tmp_path / "data.parquet", how)
    whole = (tmp_path / "data.parquet").read_bytes()
    path, out = tmp_path / "damaged.parquet", tmp_path / "out.parquet"
    random = np.random.default_rng(7)
    said: list[str] = []
    for at in random.choice(len(whole), 80, replace=False)[part::4]:
        damaged = bytearray(whole)
        damaged[at] ^= 1 << int(random.integers(8))
        path.write_bytes(bytes(damaged))
        out.unlink(missing_ok=True)
        try:
            ss.scrub(path, index(), ON, output=out, policy=Policy(accept="near,unparsable,null", max_unparsable=1))
        except SealscrubError as error:
            said.append(str(error))
            assert not out.exists()
        else:
            keys = pq.read_table(out, columns=["arrest_no"]).column(0)  # which may be no UTF-8 any more
            assert SEALED[0].encode() not in keys.cast(pa.binary()).to_pylist()
        assert sorted(tmp_path.iterdir()) == sorted(
            {path, tmp_path / "data.parquet"} | ({out} if out.exists() else set())
        )
    assert len(said) > 2
    assert CANARY not in "".join(said)
    assert SEALED[0] not in "".join(said)


@pytest.mark.parametrize("extra", ["fast", "slow", "levels"])
def test_a_truncated_file_is_refused(tmp_path: Path, extra: str) -> None:
    how = {"extra": extra, "group": 9, "codec": "snappy", "dictionary": True}
    by_pyarrow([Arrest("clear", key) for key in CLEAR], tmp_path / "data.parquet", how)
    whole = (tmp_path / "data.parquet").read_bytes()
    for size in itertools.chain(range(1, len(whole), len(whole) // 25), [len(whole) - 1]):
        (tmp_path / "cut.parquet").write_bytes(whole[:size])
        with pytest.raises(UnreadableInput, match=r"cut\.parquet"):
            ss.scrub(tmp_path / "cut.parquet", index(), ON, output=tmp_path / "out.parquet", policy=NULLS)
        assert not (tmp_path / "out.parquet").exists()


def test_progress_only_grows_and_ends_at_the_end(tmp_path: Path) -> None:
    count = 300_000
    table = pa.table({"arrest_no": many(count), "n": np.arange(count)})
    slow = table.append_column("l", pa.array([[1]] * count, pa.list_(pa.int8())))
    for data in (table, slow):
        pq.write_table(data, tmp_path / "data.parquet", row_group_size=20_000)
        told = _told(tmp_path / "data.parquet")
        assert {name for name, _, _ in told} == {"data.parquet"}
        assert [rows for _, rows, _ in told] == sorted(rows for _, rows, _ in told)
        assert told[-1][1:] == (count, 1.0)
        assert len(told) > 1


def _told(path: Path) -> list[tuple[str, int, float]]:
    told: list[tuple[str, int, float]] = []
    out = path.with_name("out.parquet")
    ss.scrub(path, index(), ON, output=out, progress=lambda *what: told.append(what), policy=NULLS)
    return told


def test_an_error_of_the_callers_progress_is_the_callers(tmp_path: Path) -> None:
    pq.write_table(pa.table({"arrest_no": many(9)}), tmp_path / "data.parquet")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.scrub(
            tmp_path / "data.parquet", index(), ON, output=tmp_path / "out.parquet", progress=interrupt, policy=NULLS
        )
    assert not (tmp_path / "out.parquet").exists()


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"arrest_no": many(9), "l": [[1]] * 9}), path)
    other = pa.table({"arrest_no": list(reversed(many(9))), "l": [[1]] * 9})

    def replace(*_: object) -> None:
        pq.write_table(other, tmp_path / "new.parquet")
        (tmp_path / "new.parquet").replace(path)

    with pytest.raises(UnreadableInput, match="changed"):
        ss.scrub(path, index(), ON, output=tmp_path / "out.parquet", progress=replace, policy=NULLS)
    assert not (tmp_path / "out.parquet").exists()
