"""A table in whose folder one may not write is no damaged one."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest

import sealscrub as ss
from sealscrub.errors import WriteFailed

from ..contracts.test_every_format import ROWS, table
from ..index.test_trust import as_nobody
from ..transforms.arrests import NULLS, ON, index
from .delta.test_delta_table import files, written
from .iceberg.lakehouse import Lakehouse


def test_a_folder_that_may_not_be_written_is_said_so() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        written(folder / "t", [ROWS])
        with contextlib.closing(Lakehouse(folder)) as lake:
            lake.create("arrests", table(ROWS).schema, rows=table(ROWS))
            before, places = files(folder), [path for path in folder.rglob("*") if path.is_dir()]
            for path in places:
                path.chmod(0o555)
            try:
                for address in (f"delta:{folder / 't'}", lake.address("arrests")):
                    with as_nobody(), pytest.raises(WriteFailed, match=r"Permission denied\); nothing was changed"):
                        ss.scrub(address, index(), ON, policy=NULLS, in_place=True)
                    with as_nobody():
                        assert ss.scan(address, index(), ON, policy=NULLS).found
                        report = ss.scrub(address, index(), ON, policy=NULLS, in_place=True, dry_run=True)
                    assert report.tables[0].removed == 2
            finally:
                for path in places:
                    path.chmod(0o755)
        assert files(folder) == before
