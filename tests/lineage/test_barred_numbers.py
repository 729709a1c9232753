"""What is said about a model is what the sets of its records and of sealed ones say."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.identifiers import load_key, load_publisher
from sealscrub.index import Index, IndexFacts, Reason, SchemeEntries, open_index, write_index
from sealscrub.lineage.barred_numbers import AskedIndex
from sealscrub.lineage.members import add_members, read_members
from sealscrub.lineage.membership import Membership, ids_of
from sealscrub.lineage.run_record import RunRecord
from sealscrub.lineage.taint_query import Question
from sealscrub.matching import parse_on

from .tracking import ON, OPEN, rows

pytest.importorskip("pyroaring")
IDS = OPEN[:12]
some = st.sets(st.sampled_from(IDS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("asked")
    example_index(IDS, folder=made)
    return made


def published(folder: Path, first: Index, sealed: set[str], withheld: set[str], epoch: int) -> Index:
    """Write an index of some of the ids, under the same key."""
    key = load_key(folder / "example.key").for_audience("police")
    (space, digests), *_ = ids_of([rows(*sorted(sealed | withheld))], parse_on(ON), first)[0].items()
    ids, _ = ids_of([rows(*sorted(sealed))], parse_on(ON), first)
    marks = {tuple(each) for each in ids[space].tolist()}
    reasons = [Reason.SEALED if tuple(each) in marks else Reason.WITHHELD for each in digests.tolist()]
    today = dt.datetime.now(dt.UTC).date()
    facts = IndexFacts(
        uses=("training",), audience="police", epoch=epoch, as_of=today, known_at="", allow_empty=True,
        not_after=today + dt.timedelta(days=9), seals=len(digests), coverage={(space.scheme,): len(digests)},
    )  # fmt: skip
    path = folder / f"{epoch}.sealindex"
    entries = [SchemeEntries(space.scheme, digests, np.array(reasons, np.uint8))]
    write_index(path, entries, facts, load_publisher(folder / "example.key.publisher"), audience_key=key)
    return open_index(path, key, remember=False, outdated=True)


@given(held=some, old_sealed=some, sealed=some, withheld=some, allowing=st.booleans(), recorded=st.sampled_from("on."))
@settings(max_examples=60, deadline=None)
def test_a_model_is_what_its_records_are(
    folder: Path,
    held: set[str],
    old_sealed: set[str],
    sealed: set[str],
    withheld: set[str],
    allowing: bool,
    recorded: str,
) -> None:
    withheld -= sealed
    first = open_index(folder / "example.sealindex", folder / "example.key", remember=False)
    old, new = published(folder, first, old_sealed, set(), 1), published(folder, first, sealed, withheld, 2)
    with tempfile.TemporaryDirectory() as place:
        add_members(Path(place) / "m", ids_of([rows(*IDS[:4])], parse_on(ON), first)[0])
        ids, _ = ids_of([rows(*sorted(held))], parse_on(ON), first)
        numbers, stamp = add_members(Path(place) / "m", ids)
        members = read_members(Path(place) / "m")
    index_id = {"o": old.id, "n": new.id, ".": "0" * 32}[recorded]
    allowed = ("withheld",) if allowing else ()
    facts = Membership(run="r", name="train", index=index_id, spaces=tuple(ids), stamp=stamp, allowed=allowed)
    record = RunRecord(
        index=index_id, registry="", epoch=1, as_of=new.as_of, audience="police", uses=("training",),
        datasets=("train",), memberships=("train",),
    )  # fmt: skip
    from pyroaring import BitMap

    question = Question(index=new, asked=AskedIndex(new, members), old=AskedIndex(old, members))
    judged = question.judge(record, facts, BitMap(numbers))

    hits = held & (sealed if allowing else sealed | withheld)
    then = {"o": old_sealed, "n": hits, ".": set()}[recorded]
    expected = "tainted" if hits else "untainted"
    if not hits and not (sealed | withheld):  # it holds no key of the scheme, and nobody would have been recognised
        expected = judged.state
    assert judged.state == expected
    unlisted = None if recorded == "." else "sealed later"
    assert judged.reason == (None if not hits else "already listed" if hits & then else unlisted)
    assert judged.since == bool(hits - old_sealed)
