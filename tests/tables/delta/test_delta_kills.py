"""A commit that is cut short leaves the old version or the new one; a log of ten thousand commits is read."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.errors import WriteFailed

from ...contracts.test_every_format import KEPT, ROWS, table
from ...contracts.test_every_source_stopped import files, largest_file
from ...transforms.arrests import CLEAR, NULLS, ON, index
from .hand_built import field
from .test_delta_commit import in_place
from .test_delta_purge import Killed, assert_alone, killed_at
from .test_delta_table import expected, rows_of, written


def versions(folder: Path) -> int:
    return len(list((folder / "_delta_log").glob("0*.json")))


def test_after_a_kill_at_any_step_of_a_commit_the_table_is_old_or_new(tmp_path: Path) -> None:
    """And the next run does what is left to do, whatever files the first one left."""
    written(tmp_path / "made", [ROWS, [(CLEAR[5], 40, None)], ROWS])
    old, kept = [*ROWS, (CLEAR[5], 40, None), *ROWS], [*KEPT, (CLEAR[5], 40, None), *KEPT]
    seen = set()
    for number in itertools.count():
        folder = Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{number}"))
        with killed_at(number) as steps, contextlib.suppress(Killed):
            in_place(folder)
        committed = versions(folder) > versions(tmp_path / "made")
        assert rows_of(folder) == expected(kept if committed else old)
        in_place(folder)
        assert rows_of(folder) == expected(kept)
        assert ss.scan(f"delta:{folder}", index(), ON, policy=NULLS).clean
        seen.add(committed)
        shutil.rmtree(folder)
        if len(steps) < number:
            break
    assert seen == {False, True}


def test_after_an_interrupt_at_any_step_of_a_commit_nothing_is_left_of_it_or_it_is_whole(tmp_path: Path) -> None:
    """What was written for it is deleted, unlike after a kill."""
    written(tmp_path / "made", [ROWS, ROWS])
    seen = set()
    for number in itertools.count():
        folder = Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{number}"))
        before, pending = files(folder), [number]

        def interrupt(step: int, pending: list[int] = pending) -> None:
            if pending == [step]:
                pending.clear()
                raise KeyboardInterrupt

        with killed_at(sys.maxsize, interrupt), contextlib.suppress(KeyboardInterrupt):
            in_place(folder)
        committed = versions(folder) > versions(tmp_path / "made")
        assert rows_of(folder) == expected([*KEPT, *KEPT] if committed else [*ROWS, *ROWS])
        assert committed or files(folder) == before
        seen.add(committed)
        if pending:
            break
    assert seen == {False, True}


def test_a_full_disk_at_any_file_of_a_commit_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    written(tmp_path / "made", [ROWS] * 5)
    in_place(Path(shutil.copytree(tmp_path / "made", tmp_path / "done")))
    new = files(tmp_path / "done").items() - files(tmp_path / "made").items()
    data, commit = (max(len(held) for name, held in new if name.endswith(kind)) for kind in (".parquet", ".json"))
    assert commit > data
    for limit in (1, data - 1, data, commit - 1):
        folder = Path(shutil.copytree(tmp_path / "made", tmp_path / f"t{limit}"))
        before = files(folder)
        with largest_file(limit), pytest.raises(WriteFailed, match="nothing was changed"):
            in_place(folder)
        assert files(folder) == before
        in_place(folder)
        assert rows_of(folder) == expected([*KEPT] * 5)


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
