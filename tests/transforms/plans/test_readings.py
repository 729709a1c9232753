"""How often a plan reads a file of text, and what it refuses when only reading shows the columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ColumnError, ConfigError, SealscrubError
from sealscrub.index import Index
from sealscrub.tables.text.text_source import TextSource
from sealscrub.transforms.plans import Plan

SEALED, OPEN = "K14612345", "M14000017"
FORMATS = ("csv", "jsonl")


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index([SEALED])


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file was read, by its name."""
    found: Counter[str] = Counter()
    read = TextSource.blocks

    def blocks(source: TextSource[Any]) -> Iterator[bytes]:
        found[Path(source.name).name] += 1
        return read(source)

    monkeypatch.setattr(TextSource, "blocks", blocks)
    return found


def _estate(folder: Path, suffix: str, **more: Any) -> Plan:
    arrests = pl.DataFrame({"arrest_no": [SEALED, OPEN], "precinct": [73, 75]})
    charges = pl.DataFrame({"arrest_no": [SEALED, OPEN, OPEN], "charge": ["a", "b", "c"]})
    for name, frame in {"arrests": arrests, "charges/1": charges, "charges/2": charges}.items():
        place = folder / f"{name}.{suffix}"
        place.parent.mkdir(exist_ok=True)
        (frame.write_csv if suffix == "csv" else frame.write_ndjson)(place)
    tables = {
        "arrests": {"source": f"arrests.{suffix}", "keys": {"arrest_number": "arrest_no"}, **more},
        "charges": {"source": "charges", "link": {"arrest_no": "arrests.arrest_no"}},
    }
    return Plan.from_dict({"version": 1, "tables": tables}, root=folder)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("run", "most"),
    [
        (lambda plan, index, out: plan.scan(index=index), 2),
        (lambda plan, index, out: plan.scan(index=index, sweep=False), 1),
        (lambda plan, index, out: plan.scrub(index=index, dry_run=True), 2),
        (lambda plan, index, out: plan.scrub(index=index, output=out), 3),
    ],
    ids=["scan", "scan without a sweep", "dry run", "scrub"],
)
def test_a_plan_reads_each_file_to_find_to_sweep_and_to_write_and_no_more_often(
    run: Callable[[Plan, Index, Path], object],
    most: int,
    suffix: str,
    index: Index,
    readings: Counter[str],
    tmp_path: Path,
) -> None:
    plan = _estate(tmp_path, suffix)

    run(plan, index, tmp_path / "out")

    assert readings == {f"{name}.{suffix}": most for name in ("arrests", "1", "2")}


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"keys": {"arrest_number": "absent"}}, ColumnError),
        ({"independent": {"precinct": "given", "absent": "given"}}, ColumnError),
        ({"independent": {"arrest_no": "given"}}, ConfigError),
        ({"columns": {"absent": "null"}}, ColumnError),
    ],
    ids=["absent key", "absent column", "unsaid column", "absent column to empty"],
)
def test_what_a_header_shows_is_refused_of_lines_in_the_same_words(
    more: dict[str, Any], kind: type[SealscrubError], index: Index, tmp_path: Path
) -> None:
    said = []
    for suffix in FORMATS:
        (tmp_path / suffix).mkdir()
        plan = _estate(tmp_path / suffix, suffix, **more)
        for run in (plan.scan, lambda plan=plan, **of: plan.scrub(**of, output=tmp_path / "out")):
            with pytest.raises(kind) as raised:
                run(index=index)
            said.append(str(raised.value))
        assert not (tmp_path / "out").exists()

    assert len(set(said)) == 1
