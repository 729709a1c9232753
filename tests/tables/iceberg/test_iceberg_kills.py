"""A commit in place that is cut short leaves the old version or the new one, and the next run does what is left."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from pathlib import Path

from ...contracts.test_every_format import KEPT, ROWS, Row, as_text
from ...transforms.arrests import CLEAR
from .lakehouse import Lakehouse, rows_of, scan
from .test_iceberg_commit import in_order, in_place, made
from .test_iceberg_purge import Killed, assert_alone, killed_at, purged

OTHERS: list[Row] = [(CLEAR[5], 40, None)]


def test_after_a_kill_at_any_step_of_a_commit_the_table_is_old_or_new(lake: Lakehouse, tmp_path: Path) -> None:
    """No row is lost or doubled, by us and by pyiceberg; of what was not committed a purge leaves nothing."""
    made(lake, [ROWS, OTHERS, ROWS])
    catalog, folder, address = lake.warehouse.parent / "catalog.db", lake.folder("arrests"), lake.address("arrests")
    shutil.copytree(folder, tmp_path / "built")
    shutil.copy(catalog, tmp_path / "built.db")
    old, new = (in_order(as_text([*rows, *OTHERS, *rows])) for rows in (ROWS, KEPT))
    seen = set()
    for number in itertools.count():
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "built", folder)
        lake.catalog.close()  # SQLite keeps pages of a file that was replaced by one of as many changes
        shutil.copy(tmp_path / "built.db", catalog)
        with killed_at(number) as steps, contextlib.suppress(Killed):
            in_place(address)
        committed = steps.count("commit") > 0
        assert in_order(rows_of(address)) == (new if committed else old)
        assert lake.catalog.load_table("police.arrests").scan().to_arrow().num_rows == len(new if committed else old)
        in_place(address)
        assert in_order(rows_of(address)) == new
        assert scan(address).clean
        first = committed not in seen
        seen.add(committed)
        if first:
            purged(lake)
            assert_alone(lake, [*KEPT, *OTHERS, *KEPT], [])
        if len(steps) < number:
            break
    assert seen == {False, True}
