"""What the commands of linkage have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from sealscrub.custodian.registry import Registry

from .test_link import DRAW, OPENS, ROWS, Run, extracted, host, linked, made_host, spaced

__all__ = ["host", "made_host"]
resource = pytest.importorskip("resource", reason="this system has no limits of processes")
_LIMIT = 1 << 20


@contextmanager
def no_large_files() -> Iterator[None]:
    """Let no file grow past a limit, as on a full disk."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_what_is_recorded_is_said_if_its_file_cannot_be_written(host: Path, sealscrub: Run) -> None:
    rows = ROWS.with_columns(DOB=pl.when(ID="b").then(pl.lit("X" * _LIMIT)).otherwise("DOB"))
    extracted(sealscrub, rows, "vendor.linkin")

    with no_large_files():
        run = linked(sealscrub)
        drawn = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv")

    with Registry.open("seals.db") as registry:
        epochs = registry.epoch
    assert epochs == 3, "links, and a draw, are recorded"
    for ended, said in ((run, "the links are recorded"), (drawn, "the draw is recorded")):
        assert (ended.code, "nothing was changed" in ended.err) == (3, False)
        assert said in spaced(ended.err)
    assert not [*Path().glob("*.csv.*"), *Path().glob(".*.part"), *Path().glob("sample*"), *Path().glob("review*")]
    assert linked(sealscrub).code == 0
    assert pl.read_csv("review.csv", infer_schema=False)["row"].to_list() == ["b"]
    again = sealscrub(*DRAW, *OPENS, "--sample", "2", "-o", "sample.csv")
    assert "Samples drawn for this system so far: 2." in again.err
