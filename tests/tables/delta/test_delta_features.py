"""Every feature of the Delta protocol is read truly or refused by name, and the page says which."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.errors import UnreadableInput, UsageError

from ...contracts.test_every_format import ROWS
from ...transforms.arrests import NULLS, ON, index
from .hand_built import hand_built
from .test_delta_table import files

READ_AND_WRITTEN, READ, REFUSED = "read and written", "read", "refused"
OF_READERS = {  # "Valid Feature Names in Table Features" of the protocol, and what engines have added to them
    "columnMapping": READ_AND_WRITTEN,
    "deletionVectors": READ_AND_WRITTEN,
    "timestampNtz": READ_AND_WRITTEN,
    "v2Checkpoint": READ_AND_WRITTEN,
    "vacuumProtocolCheck": READ,
    "typeWidening": REFUSED,
    "typeWidening-preview": REFUSED,
    "variantType": REFUSED,
    "variantType-preview": REFUSED,
    "variantShredding": REFUSED,
    "variantShredding-preview": REFUSED,
    "catalogManaged": REFUSED,
    "catalogOwned-preview": REFUSED,
    "geospatial": REFUSED,
    "redirectReaderWriter-preview": REFUSED,
    "madeUpTomorrow": REFUSED,
}
OF_WRITERS = {
    "appendOnly": READ_AND_WRITTEN,
    "invariants": READ_AND_WRITTEN,
    "checkConstraints": READ_AND_WRITTEN,
    "generatedColumns": READ_AND_WRITTEN,
    "changeDataFeed": READ_AND_WRITTEN,
    "allowColumnDefaults": READ,
    "identityColumns": READ,
    "rowTracking": READ,
    "domainMetadata": READ,
    "clustering": READ,
    "inCommitTimestamp": READ_AND_WRITTEN,
    "icebergCompatV1": READ,
    "icebergCompatV2": READ,
    "icebergCompatV3": READ,
    "icebergWriterCompatV1": READ,
    "checkpointProtection": READ,
    "materializePartitionColumns": READ,
    "collations": READ,
    "redirectWriterOnly-preview": READ,
    "madeUpTomorrow": READ,
}
FEATURES = [("reader", *each) for each in OF_READERS.items()] + [("writer", *each) for each in OF_WRITERS.items()]
TOLD = ("columns mapped by id", "newer protocol")
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "delta.md"


def asked(address: str, **options: Any) -> Any:
    return ss.scrub(address, index(), ON, policy=NULLS, **options)


def assert_refused(address: str, folder: Path, name: str) -> None:
    """By name, whatever is asked of it; by us, with what to do, and not by the library's failure."""
    before = files(folder)
    for ask in (
        lambda: ss.scan(address, index(), ON, policy=NULLS),
        lambda: ss.scan(address, index(), ON, policy=NULLS, history=True),
        lambda: ss.scan(f"{address}@v0", index(), ON, policy=NULLS),
        lambda: asked(address, in_place=True),
        lambda: asked(address, in_place=True, purge_history=True, rewrite="all"),
        lambda: asked(address, output=f"delta:{folder.parent / 'new'}"),
    ):
        with pytest.raises(UnreadableInput) as caught:
            ask()
        assert caught.value.message == f"the table uses unsupported features: {name}"
        assert "with its own engine" in caught.value.hint
    assert files(folder) == before
    assert not (folder.parent / "new").exists()


@pytest.mark.parametrize(("kind", "feature", "done"), FEATURES)
def test_a_feature_is_read_truly_or_refused_by_name(tmp_path: Path, kind: str, feature: str, done: str) -> None:
    folder, new = tmp_path / "t", f"delta:{tmp_path / 'new'}"
    address = hand_built(folder, [ROWS], **{kind: [feature]})
    if done == REFUSED:
        assert_refused(address, folder, feature)
        return
    for history in (False, True):
        report = ss.scan(address, index(), ON, policy=NULLS, history=history)
        assert report.tables[0].keys[0].sealed == 2
    for place, dry in product(({"output": new}, {"in_place": True}), ({"dry_run": True}, {})):
        if done == READ:
            with pytest.raises(UsageError, match=f"cannot be written: {feature}\n"):
                asked(address, **place, **dry)
        else:
            asked(address, **place, **dry)
    if done == READ_AND_WRITTEN:
        assert ss.scan([address, new], index(), ON, policy=NULLS).clean


@pytest.mark.parametrize("versions", [(2, 5), (3, 7)])
@pytest.mark.parametrize("whole", [False, True])
def test_columns_mapped_by_id_are_refused_by_name(tmp_path: Path, versions: tuple[int, int], whole: bool) -> None:
    """Also if the schema lacks the ids, which the library does not open."""
    more = {"delta.columnMapping.maxColumnId": "3"} if whole else {}
    address = hand_built(
        tmp_path / "t",
        [ROWS],
        reader=["columnMapping"] if versions[0] == 3 else (),
        properties={"delta.columnMapping.mode": "id"} | more,
        versions=versions,
    )
    assert_refused(address, tmp_path / "t", "columnMapping by id")


@pytest.mark.parametrize("versions", [(4, 7), (4, 8), (99, 99)])
def test_a_newer_protocol_of_readers_is_refused_by_name(tmp_path: Path, versions: tuple[int, int]) -> None:
    address = hand_built(tmp_path / "t", [ROWS], versions=versions)
    assert_refused(address, tmp_path / "t", "a newer protocol")


def test_a_feature_whose_name_may_be_a_value_is_not_shown(tmp_path: Path) -> None:
    address = hand_built(tmp_path / "t", [ROWS], reader=["K14600000", "typeWidening"])
    assert_refused(address, tmp_path / "t", "an unknown feature, typeWidening")


def test_the_page_names_every_feature_with_what_is_done(tmp_path: Path) -> None:
    lines = [line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    told = {name.strip(" `"): (row[2].strip(), row[3].strip()) for row in lines for name in row[1].split(",")}
    known = {READ_AND_WRITTEN: ("yes", "yes"), READ: ("yes", "refused"), REFUSED: ("refused", "refused")}
    wanted = {name: known[done] for _, name, done in FEATURES if name != "madeUpTomorrow"}
    assert told == wanted
