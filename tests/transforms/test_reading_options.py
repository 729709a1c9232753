"""Each part of ``ReadAs`` has an effect on a file, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.transforms import ReadAs
from sealscrub.transforms.plans import Plan

ROWS = pl.DataFrame({"no": ["K14612345", "M14000017"], "precinct": ["1", "2"]})
ON = {"arrest_number": "no"}
INDEX = example_index(["K14612345"])
SAID: list[dict[str, Any]] = [{"delimiter": ";"}, {"encoding": "bogus"}, {"quoting": "none"}]
WRITTEN: dict[str, Callable[[Path], Any]] = {
    "parquet": ROWS.write_parquet, "arrow": ROWS.write_ipc, "csv": ROWS.write_csv, "jsonl": ROWS.write_ndjson,
}  # fmt: skip
USED = {("csv", "delimiter"), ("csv", "encoding"), ("csv", "quoting"), ("jsonl", "encoding")}


def write(folder: Path, suffix: str) -> Path:
    folder.mkdir(exist_ok=True)
    WRITTEN[suffix](folder / f"t.{suffix}")
    return folder / f"t.{suffix}"


@pytest.mark.parametrize("said", SAID, ids=[*map(str, SAID)])
@pytest.mark.parametrize("suffix", WRITTEN)
@pytest.mark.parametrize("way", ["file", "folder", "plan"])
def test_what_has_no_effect_is_refused(tmp_path: Path, way: str, suffix: str, said: dict[str, Any]) -> None:
    ((name, value),) = said.items()
    file = write(tmp_path / "in", suffix)
    table = {"source": f"in/{file.name}", "keys": {"arrest_number": "no"}, **said}

    def run() -> Any:
        if way == "plan":
            plan = Plan.from_dict({"version": 1, "use": "training", "tables": {"people": table}}, root=tmp_path)
            return plan.scan(index=INDEX)
        return ss.scan(file if way == "file" else file.parent, INDEX, ON, read_as=ReadAs(**said))

    if (suffix, name) in USED:
        if value == "none":
            assert run().found
        return
    with pytest.raises(ConfigError, match=f"{name} has no effect") as refused:
        run()
    assert refused.value.hint


@pytest.mark.parametrize("said", [*SAID, {"format": "csv"}], ids=str)
def test_it_is_refused_for_a_frame(said: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        ss.scan(ROWS, INDEX, ON, read_as=ReadAs(**said))
    assert refused.value.hint


def test_it_may_have_an_effect_on_some_files_alone(tmp_path: Path) -> None:
    for suffix in WRITTEN:
        write(tmp_path / "in", suffix)

    assert ss.scan(tmp_path / "in", INDEX, ON, read_as=ReadAs(quoting="none", encoding="utf-8")).found
