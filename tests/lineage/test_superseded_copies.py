"""What of before is still there: by names, headers, dates and formats; listed, and left where it is."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pytest
from pyiceberg.catalog import load_catalog

import sealscrub as ss
from sealscrub.errors import ConfigError
from sealscrub.lineage import Copies, find_copies
from sealscrub.lineage.coverage import Inventory, ListedCache, ListedData, ListedIndex, ListedPlan
from sealscrub.transforms.plans import Plan

from ..cli.conftest import sealscrub
from ..today import today
from .shop import Custodian, Shop
from .tracking import OPEN, SEALED, Store, rows

__all__ = ["sealscrub"]
pytestmark = pytest.mark.filterwarnings("ignore")


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def found(custodian: Custodian, index: Any, *, later: int = 0, **parts: Any) -> list[tuple[str, str]]:
    copies = asked(custodian, index, later=later, **parts)
    return [(item.kind.value, Path(item.place).name) for item in copies.items]


def asked(custodian: Custodian, index: Any, *, later: int = 0, **parts: Any) -> Copies:
    return find_copies(Inventory(version=1, home=custodian.folder, **parts), index, today=today() + days(later))


def aged(path: Path, count: int) -> Path:
    then = (dt.datetime.now(dt.UTC) - days(count)).timestamp()
    os.utime(path, (then, then))
    return path


def test_what_a_plan_keeps_beside_its_output_is_due_in_a_week(custodian: Custodian) -> None:
    folder, index = custodian.folder, custodian.publish()
    rows(*OPEN[:4], SEALED[0]).write_parquet(folder / "train.parquet")
    (folder / "sealscrub.toml").write_text(
        'version = 1\n[tables.train]\nsource = "train.parquet"\nkeys = { arrest_number = "arrest_no" }\n'
        'independent = { age = "of the row" }\n'
    )
    plan, plans = Plan.from_toml(folder / "sealscrub.toml"), (ListedPlan(plan="sealscrub.toml", output="clean"),)
    plan.scrub(index=index, output=folder / "clean")
    assert found(custodian, index, plans=plans) == []
    custodian.seal(OPEN[0])
    newer = custodian.publish()
    plan.scrub(index=newer, output=folder / "clean", replace=True)
    (kept,) = folder.glob("clean.earlier-*")
    (folder / f".clean.{'0a' * 6}.part").mkdir()
    (folder / f".other.{'0a' * 6}.part").mkdir()
    now = asked(custodian, newer, plans=plans)
    ours = [item for item in now.items if item.kind.value in ("output", "unfinished output")]
    assert {(item.kind.value, Path(item.place).name) for item in ours} == {
        ("output", kept.name),
        ("unfinished output", f".clean.{'0a' * 6}.part"),
    }
    assert {item.due for item in ours} == {today() + days(7)}
    assert (now.exit_code, "comparing it with" in now.to_text()) == (0, True)
    assert asked(custodian, newer, plans=plans, later=7).exit_code == 0
    overdue = asked(custodian, newer, plans=plans, later=8)
    assert overdue.exit_code == 1
    assert overdue.to_text().startswith("OVERDUE")
    assert kept.is_dir()
    assert asked(custodian, newer, plans=plans, later=8, keep_days=30).exit_code == 0


def test_dated_outputs_but_the_newest_are_superseded(custodian: Custodian) -> None:
    for day in (3, 2, 1):
        aged(_made(custodian.folder / f"train-{day}.parquet"), day)
    none = (ListedData(name="train", path="train-1.parquet", earlier="other-*.parquet"),)
    assert found(custodian, custodian.publish(), datasets=none) == []
    listed = (ListedData(name="train", path="train-1.parquet", earlier="train-*.parquet"),)
    copies = asked(custodian, custodian.publish(), datasets=listed)

    assert [(Path(item.place).name, item.superseded) for item in copies.items] == [
        ("train-3.parquet", today() - days(2)),
        ("train-2.parquet", today() - days(1)),
    ]


def _made(path: Path) -> Path:
    rows(*OPEN[:2]).write_parquet(path)
    return path


@pytest.mark.parametrize("pattern", ["[**/***", "/elsewhere/*"])
def test_a_pattern_that_is_none_is_said_to_be_none(custodian: Custodian, pattern: str) -> None:
    listed = (ListedData(name="train", path="train.parquet", earlier=pattern),)
    with pytest.raises(ConfigError, match="pattern"):
        asked(custodian, custodian.publish(), datasets=listed)
    with pytest.raises(ConfigError, match="days"):
        find_copies(Inventory(version=1), custodian.publish(), keep_days=10**12)


def test_an_index_that_has_a_later_one_beside_it_is_superseded(custodian: Custodian, tmp_path: Path) -> None:
    first = custodian.publish()
    custodian.seal(OPEN[0])
    second = custodian.publish()
    (tmp_path / "other").mkdir()
    other = Custodian(tmp_path / "other")
    other.seal(OPEN[1])
    (custodian.folder / "others.sealindex").write_bytes(other.publish().files[0].read_bytes())
    (custodian.folder / "no.sealindex").write_bytes(b"SEALIDX1 and nothing more")
    other.registry.close()

    assert found(custodian, second) == [("index", first.files[0].name)]
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "served.sealindex"
    moved.write_bytes(first.files[0].read_bytes())
    both = found(custodian, second, indexes=(ListedIndex(path=str(moved)),))
    assert both == [("index", first.files[0].name), ("index", moved.name)]


def test_a_cache_of_before_the_newest_state_is_superseded(custodian: Custodian) -> None:
    for name in ("old", "new"):
        (custodian.folder / name).mkdir()
        (custodian.folder / name / "part").write_text("x")
    aged(custodian.folder / "old" / "part", 9)
    caches = tuple(ListedCache(path=name) for name in ("old", "new", "absent"))

    assert found(custodian, custodian.publish(), caches=caches) == [("cache", "old")]


ROWS = pa.table({"arrest_no": [OPEN[0]]})


def _delta(table: Path) -> None:
    for _ in range(3):
        deltalake.write_deltalake(table, ROWS, mode="append")


def _clean_delta(table: Path) -> None:
    """Commits that do not say when they were made, as those of a new table that a scrub writes."""
    _delta(table)
    for path in (table / "_delta_log").glob("*.json"):
        lines = [line for line in path.read_text().splitlines() if '"commitInfo"' not in line]
        path.write_text("".join(f"{line}\n" for line in lines))


def _checkpointed(table: Path) -> None:
    """Commits before a checkpoint that are gone are no versions."""
    for _ in range(2):
        _delta(table)
    deltalake.DeltaTable(table).create_checkpoint()
    for version in (0, 1, 2):
        (table / "_delta_log" / f"{version:020}.json").unlink()


def _lance(table: Path) -> None:
    (table / "_versions").mkdir(parents=True)
    for at in (1, 2):
        (table / "_versions" / f"{at}.manifest").write_bytes(b"x")


def _iceberg(table: Path) -> None:
    place = table.parent.parent
    catalog = load_catalog("x", type="sql", uri=f"sqlite:///{place}/catalog.db", warehouse=f"file://{place}")
    catalog.create_namespace("clean")
    held = catalog.create_table("clean.train", ROWS.schema, location=f"file://{table}")
    for _ in range(3):
        held.append(ROWS)
    catalog.close()


def _expired(table: Path) -> None:
    """Versions that were expired can be read by an earlier metadata file, until their files are deleted."""
    _iceberg(table)
    place = table.parent.parent
    catalog = load_catalog("x", type="sql", uri=f"sqlite:///{place}/catalog.db", warehouse=f"file://{place}")
    held = catalog.load_table("clean.train")
    held.maintenance.expire_snapshots().by_ids([each.snapshot_id for each in held.snapshots()[:-1]]).commit()
    held.refresh().append(ROWS)
    (table / "metadata" / ".v1.metadata.json.crc").write_bytes(b"crc\x00")  # of Hadoop
    catalog.close()


def _expired_and_deleted(table: Path) -> None:
    """One list of manifests of four is gone, as engines that expire versions delete it."""
    _expired(table)
    lists = sorted((table / "metadata").glob("snap-*.avro"), key=lambda path: path.stat().st_mtime_ns)
    lists[0].unlink()


def _moved(table: Path) -> None:
    _iceberg(table.parent / "written")
    (table.parent / "written").rename(table)


@pytest.mark.parametrize(
    "make", [_delta, _clean_delta, _checkpointed, _lance, _iceberg, _moved, _expired, _expired_and_deleted]
)
def test_a_table_that_keeps_its_past_is_found(custodian: Custodian, make: Any) -> None:
    make(custodian.folder / "clean" / "train")
    (custodian.folder / "clean" / "plain" / "metadata").mkdir(parents=True)
    listed = (ListedData(name="clean", path="clean"),)
    (item,) = asked(custodian, custodian.publish(), datasets=listed).items

    assert (item.kind.value, Path(item.place).name) == ("table snapshot", "train")
    kept = {_lance: "1 earlier version", _expired: "3 earlier versions"}.get(make, "2 earlier versions")
    assert item.why.startswith(f"{kept} can still be read")
    assert ("scrub in place" in item.why) == (make is not _lance)


@pytest.mark.parametrize("make", [_delta, _iceberg])
def test_what_is_said_to_delete_earlier_versions_does(
    custodian: Custodian, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, place = custodian.folder / "clean" / "train", custodian.folder
    make(table)
    for name, value in {"TYPE": "sql", "URI": f"sqlite:///{place}/catalog.db", "WAREHOUSE": f"file://{place}"}.items():
        monkeypatch.setenv(f"PYICEBERG_CATALOG__X__{name}", value)
    address = f"delta:{table}" if make is _delta else "iceberg:x/clean.train"
    index, listed = custodian.publish(), (ListedData(name="clean", path=address),)
    assert len(asked(custodian, index, datasets=listed).items) == 1
    ss.scrub(address, index, {"arrest_number": "arrest_no"}, in_place=True, purge_history=True)
    assert not asked(custodian, index, datasets=listed).items


def _cut_commit(table: Path) -> None:
    _delta(table)
    (table / "_delta_log" / f"{1:020}.json").write_text("{")


def _cut_metadata(table: Path) -> None:
    _iceberg(table)
    newest = max((table / "metadata").glob("*.metadata.json"), key=lambda path: path.name)
    newest.write_text("{")


def _hudi(table: Path) -> None:
    (table / ".hoodie").mkdir(parents=True)


@pytest.mark.parametrize("make", [_cut_commit, _cut_metadata, _hudi])
def test_a_table_whose_versions_cannot_be_listed_is_named(custodian: Custodian, make: Any) -> None:
    make(custodian.folder / "clean" / "train")
    listed = (ListedData(name="clean", path="clean"),)
    copies = asked(custodian, custodian.publish(), datasets=listed)
    assert (copies.items, copies.exit_code, len(copies.unasked)) == ((), 3, 1)
    assert str(custodian.folder / "clean" / "train") in copies.unasked[0]


def test_model_versions_that_are_neither_deployed_nor_newest_are_superseded(
    custodian: Custodian, shop: Shop, store: Store
) -> None:
    index = custodian.publish()
    uris = [shop.model(OPEN[:3], index) for _ in range(3)]
    store.client.set_registered_model_alias(shop.name, "champion", uris[1].rpartition("/")[2])

    def names(index: Any) -> list[str]:
        inventory = Inventory(version=1, home=custodian.folder)
        copies = find_copies(inventory, index, tracking_uri=store.uri, today=today())
        return [item.place for item in copies.items if shop.name in item.place]

    assert names(index) == []
    custodian.seal(OPEN[0])
    assert names(custodian.publish()) == [uris[0]]


def test_the_command_lists_and_ends_with_1(
    custodian: Custodian, sealscrub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(custodian.folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    first = custodian.publish()
    custodian.seal(OPEN[0])
    second = custodian.publish()
    aged(second.files[0], 9)
    words = ["copies", "--index", second.files[0], "--key-file", "seal.key"]
    ended = sealscrub(*words)
    assert (ended.code, ended.out.startswith("OVERDUE")) == (1, True)
    assert first.files[0].exists()
    assert sealscrub(*words, "--keep-days", 30).code == 0
    assert json.loads(sealscrub(*words, "--format", "json").out)["copies"][0]["kind"] == "index"
    assert sealscrub(*words, "--format", "csv").out.startswith("kind,place,superseded,due,overdue,why\nindex,")
    assert sealscrub(*words, "--format", "yaml").code == 2


def test_a_server_that_may_not_be_asked_is_said_not_to_be_looked_at(custodian: Custodian) -> None:
    (custodian.folder / "sealscrub.toml").write_text(
        'version = 1\n[tables.arrests]\nsource = "postgresql://db.example/estate#public.arrests"\n'
        'keys = { arrest_number = "arrest_no" }\n'
    )
    plans = tuple(ListedPlan(plan=name, output="clean") for name in ("sealscrub.toml", "absent.toml"))
    copies = asked(custodian, custodian.publish(), plans=plans)

    assert [each.partition(":")[0] for each in copies.unasked] == ["postgresql", "absent.toml"]
    assert "db.example is not allowed" in copies.unasked[0]  # it was not asked, and not just not there
    assert copies.exit_code == 3
    assert copies.to_text().count("not looked at: ") == 2
