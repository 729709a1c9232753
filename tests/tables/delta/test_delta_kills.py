"""A commit that is cut short leaves the old version or the new one; a log of ten thousand commits is read."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sealscrub as ss

from ...contracts.test_every_format import KEPT, ROWS, table
from ...transforms.arrests import CLEAR, NULLS, ON, index
from .hand_built import field
from .test_delta_commit import in_place
from .test_delta_purge import Killed, assert_alone, killed_at
from .test_delta_table import expected, rows_of, written


def test_after_a_kill_at_any_step_of_a_commit_the_table_is_old_or_new(tmp_path: Path) -> None:
    """And the next run does what is left to do, whatever files the first one left."""
    written(tmp_path / "made", [ROWS, [(CLEAR[5], 40, None)], ROWS])
    old, kept = [*ROWS, (CLEAR[5], 40, None), *ROWS], [*KEPT, (CLEAR[5], 40, None), *KEPT]
    seen = set()
    for number in itertools.count():
        folder = Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{number}"))
        with killed_at(number) as steps, contextlib.suppress(Killed):
            in_place(folder)
        committed = "link" in steps
        assert rows_of(folder) == expected(kept if committed else old)
        in_place(folder)
        assert rows_of(folder) == expected(kept)
        assert ss.scan(f"delta:{folder}", index(), ON, policy=NULLS).clean
        seen.add(committed)
        shutil.rmtree(folder)
        if len(steps) < number:
            break
    assert seen == {False, True}


@pytest.mark.long
def test_a_log_of_ten_thousand_commits_without_a_checkpoint(tmp_path: Path) -> None:
    """Each replaces the one file of the version before, all of which are gone but the last."""
    folder, count = tmp_path / "t", 10_000
    (folder / "_delta_log").mkdir(parents=True)
    pq.write_table(table(ROWS), folder / f"part-{count - 1}.parquet")
    size = (folder / f"part-{count - 1}.parquet").stat().st_size
    schema = json.dumps({"type": "struct", "fields": [field(name) for name in table(ROWS).schema.names]})
    about = {"id": "00000000-0000-4000-8000-000000000000", "format": {"provider": "parquet", "options": {}}}
    about |= {"schemaString": schema, "partitionColumns": [], "configuration": {}}
    for number in range(count):
        path = f"part-{number}.parquet"
        add = {"path": path, "partitionValues": {}, "size": size, "modificationTime": number, "dataChange": True}
        actions: list[dict[str, object]] = [{"add": add}]
        if number:
            gone = {"path": f"part-{number - 1}.parquet", "deletionTimestamp": number, "dataChange": True}
            actions.append({"remove": gone})
        else:
            actions[:0] = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}, {"metaData": about}]
        lines = "".join(json.dumps(action) + "\n" for action in actions)
        (folder / "_delta_log" / f"{number:020}.json").write_text(lines)
    report = ss.scan(f"delta:{folder}", index(), ON, history=True, policy=NULLS)
    assert [(each.rows, each.keys[0].sealed) for each in report.tables] == [(5, 2), (5, 2)]
    in_place(folder, purge_history=True)
    assert_alone(folder, KEPT)
