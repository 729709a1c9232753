"""New keys: indexes and memberships are theirs, and what the old key opens is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.custodian.registry import republish
from sealscrub.errors import InvalidCertificate, WriteFailed
from sealscrub.identifiers import MatchingKey, generate_keys, load_annex, load_key, load_publisher
from sealscrub.index import Index, open_index
from sealscrub.lineage import rekey_memberships, still_opened, taint
from sealscrub.lineage.membership import open_membership

from .shop import Custodian, Shop
from .tracking import ON, OPEN, SEALED, rows

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


def new_keys(custodian: Custodian) -> MatchingKey:
    generate_keys(custodian.folder / "new.key")
    key = load_key(custodian.folder / "new.key")
    assert isinstance(key, MatchingKey)
    return key


def rotated(custodian: Custodian, index: Index, new: MatchingKey) -> tuple[tuple[Index, Index], ...]:
    publisher = load_publisher(custodian.folder / "new.key.publisher")
    (custodian.folder / "rotated").mkdir()
    return republish(
        custodian.registry, [index.path], custodian.folder / "rotated", old=custodian.keys, new=new, publisher=publisher
    )


def test_taint_is_told_by_the_new_keys_alone(shop: Shop, custodian: Custodian) -> None:
    custodian.seal(SEALED[0])
    then = custodian.publish()
    first, second = shop.model(OPEN[:10], then), shop.model(OPEN[20:30], then)
    new = new_keys(custodian)
    pairs = rotated(custodian, then, new)
    place = custodian.folder / "rotated" / "seals.members"
    done = rekey_memberships(
        pairs,
        members=shop.members,
        new_members=place,
        data=[(rows(*OPEN[:25]), ON)],
        annex_key=custodian.annex,
        tracking_uri=shop.store.uri,
    )
    assert (done.records, done.known, done.memberships, done.incomplete) == (20, 15, 2, 1)
    assert place.stat().st_mode & 0o777 == 0o600
    asked = {"members": place, "annex_key": load_annex(custodian.folder / "new.key.annex"), "models": (first, second)}

    def states() -> dict[str, str]:
        now = custodian.folder / f"now-{custodian.epoch}.sealindex"
        custodian.registry.publish(
            now,
            keys=new,
            publisher=load_publisher(custodian.folder / "new.key.publisher"),
            uses=["training"],
            audience="police",
        )
        report = taint(open_index(now, new), tracking_uri=shop.store.uri, tag=False, **asked)
        return {each.uri: str(each.state) for each in report.models}

    assert states() == {first: "untainted", second: "possible"}
    custodian.seal(OPEN[3])
    assert states() == {first: "tainted", second: "possible"}
    custodian.seal(OPEN[21])
    assert states() == {first: "tainted", second: "tainted"}

    with pytest.raises(WriteFailed, match="already"):
        rekey_memberships(
            pairs,
            members=shop.members,
            new_members=place,
            data=[(rows(*OPEN[:25]), ON)],
            annex_key=custodian.annex,
            tracking_uri=shop.store.uri,
        )


def test_what_a_key_still_opens(shop: Shop, custodian: Custodian, tmp_path: Path) -> None:
    custodian.seal(SEALED[0])
    then, new = custodian.publish(), new_keys(custodian)
    shop.model(OPEN[:3], then)
    rotated(custodian, then, new)
    custodian.keys.save_audience("vendor", custodian.folder / "vendor.key")
    vendor = load_key(custodian.folder / "vendor.key")
    (custodian.folder / "broken.sealindex").write_bytes(Path(then.path).read_bytes()[:40])
    (custodian.folder / "older.sealindex").write_bytes(b"SEALIDX1" + Path(then.path).read_bytes()[8:])
    sealed = list(shop.store.folder.rglob("train.members")) or list(shop.store.folder.rglob("*.members"))

    found = still_opened(custodian.keys, [custodian.folder, *sealed], annex_key=custodian.annex)
    kinds = {(each.kind, each.audience, each.path.name) for each in found}
    assert ("index", "police", Path(then.path).name) in kinds
    assert ("index", "police", "older.sealindex") in kinds, "of a version before, which an older sealscrub opens"
    assert ("members", "police", "seals.members") in kinds
    assert ("audience key", "vendor", "vendor.key") in kinds
    assert not any("rotated" in str(each.path) for each in found)
    assert {each.path.parent.name for each in still_opened(new, [custodian.folder])} == {"rotated"}
    assert [each.path.name for each in still_opened(vendor, [custodian.folder])] == ["vendor.key"]
    assert still_opened(vendor, str(custodian.folder)) == still_opened(vendor, [custodian.folder])
    custodian.keys.save_audience("archivist", custodian.folder / "archivist.key")
    own = still_opened(custodian.keys, [custodian.folder])
    assert [(each.kind, each.path.name) for each in own if each.audience == "archivist"] == [
        ("audience key", "archivist.key")
    ], "a state's own audience"
    ours = [each.path for each in found if each.kind == "membership"]
    assert len(ours) == 1  # the store holds other custodians' as well
    with pytest.raises(InvalidCertificate):
        open_membership(ours[0].read_bytes(), load_annex(custodian.folder / "new.key.annex"))
