"""A receipt proves that one identifier is absent, and nothing else does."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.certificates import Receipts, Statement, make_receipt, verify_receipt
from sealscrub.certificates.envelope import Role
from sealscrub.certificates.merkle import HASH_BYTES, Tree, leaf_hash
from sealscrub.certificates.receipts import _keyed_digest
from sealscrub.certificates.statement_values import IndexState, Predicate, Subject
from sealscrub.errors import InvalidCertificate, UnreadableInput, UsageError

IDS = st.integers(1, 99_999).map(lambda n: f"M14{n:06d}")


def statement(receipts: Receipts) -> Statement:
    return Statement(
        subject=(Subject(name="d", digest={"sha256": "0" * 64}),),
        predicate=Predicate(
            tool={},
            jurisdictions={},
            index=IndexState(id="", epoch=1, as_of="2026-01-01", not_after="2026-01-02", uses=(), audience="police"),
            keys=(),
            accepted=(),
            checks=(),
            code={},
            signer=Role.CERTIFIER,
            issued_at="2026-01-01T00:00:00+00:00",
            nonce="",
            not_after="2026-01-02",
            annex=None,
            receipts=receipts.trees(),
        ),
    )


def over(ids: list[str]) -> Receipts:
    return Receipts.over({"arrest_number": [pl.Series(ids, dtype=pl.String)]})


@settings(max_examples=60, deadline=None)
@given(st.lists(IDS, max_size=25), IDS, IDS)
def test_it_proves_absence_of_its_own_identifier_only(present: list[str], person: str, other: str) -> None:
    receipts = over(present)
    said = statement(receipts)
    if person in present:
        with pytest.raises(UsageError):
            make_receipt(receipts, "arrest_number", person)
        return
    receipt = make_receipt(receipts, "arrest_number", person)

    verify_receipt(receipt, person.lower(), said)
    for known in present:
        with pytest.raises(InvalidCertificate):
            verify_receipt(receipt, known, said)


@settings(max_examples=20, deadline=None)
@given(st.lists(IDS, min_size=2, max_size=10, unique=True), st.data())
def test_no_receipt_can_be_made_up_for_somebody_present(present: list[str], data: st.DataObject) -> None:
    """Whatever two leaves are shown as neighbours, a value that is in the tree is between no two side by side."""
    receipts = over(present[1:])
    said = statement(over_secret(receipts, present))
    whole = over_secret(receipts, present)
    receipt = json.loads(make_receipt(receipts, "arrest_number", present[0]))
    real = whole.trees()[0]
    receipt |= {"root": real.root, "size": real.size}

    with pytest.raises(InvalidCertificate):
        verify_receipt(json.dumps(receipt).encode(), present[0], said)


def over_secret(receipts: Receipts, ids: list[str]) -> Receipts:
    return Receipts(
        receipts.secret, {"arrest_number": sorted(_keyed_digest(receipts.secret, "arrest_number", i) for i in ids)}
    )


def test_size_file_and_repr(tmp_path) -> None:
    receipts = over([f"M{n:08d}" for n in range(14_000_000, 14_020_000)])
    receipt = make_receipt(receipts, "arrest_number", "K20260001")

    assert len(receipt) < 2_600
    assert "M14" not in repr(receipts)
    assert b"K20260001" not in receipt
    place = tmp_path / "r"
    place.write_bytes(receipts.to_bytes())
    again = Receipts.from_file(place)
    verify_receipt(make_receipt(again, "arrest_number", "K20260001"), "k20260001", statement(receipts))
    for cut in (0, 10, 40, 60, 5_000):
        place.write_bytes(receipts.to_bytes()[:cut])
        with pytest.raises(UnreadableInput):
            Receipts.from_file(place)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b"null", b"[" * 60_000, b'{"sealscrub":"receipt","version":1}']
)
def test_what_is_no_receipt_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidCertificate):
        verify_receipt(content, "K20260001", statement(over(["M14000017"])))


def test_a_receipt_of_another_certificate_is_refused() -> None:
    one, other = over(["M14000017"]), over(["M14000017"])

    with pytest.raises(InvalidCertificate, match="another certificate"):
        verify_receipt(make_receipt(one, "arrest_number", "K20260001"), "K20260001", statement(other))


def test_an_identifier_that_does_not_parse_is_refused() -> None:
    with pytest.raises(UsageError):
        make_receipt(over(["M14000017"]), "arrest_number", "who")
    with pytest.raises(UsageError, match="no receipts for the scheme"):
        make_receipt(over(["M14000017"]), "docket", "2014KN012346")


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8])
def test_the_edges_of_small_trees(size: int) -> None:
    """Before the first, after the last, in every gap between, and in a tree of nothing."""
    present = [f"M14{at:06d}" for at in range(1, size + 1)]
    receipts = over_secret(Receipts(bytes(32), {}), present)  # a fixed secret: every gap is met
    said = statement(receipts)
    values = receipts.values["arrest_number"]
    by_gap = {
        sum(each < value for each in values): person
        for at in range(200_000, 203_000)
        for person in [f"M14{at:06d}"]
        for value in [_keyed_digest(receipts.secret, "arrest_number", person)]
    }
    assert set(by_gap) >= set(range(size + 1))
    for person in by_gap.values():
        verify_receipt(make_receipt(receipts, "arrest_number", person), person, said)


def test_a_neighbour_left_out_is_no_proof() -> None:
    """Of two neighbours one alone shows nothing, unless it is the first or the last."""
    receipts = over([f"M14{at:06d}" for at in range(1, 40)])
    said = statement(receipts)
    refused = 0
    for at in range(200_000, 200_005):
        person = f"M14{at:06d}"
        receipt = json.loads(make_receipt(receipts, "arrest_number", person))
        if len(receipt["neighbours"]) < 2:
            continue
        for left_out in (0, 1):
            fewer = receipt | {"neighbours": [receipt["neighbours"][left_out]]}
            with pytest.raises(InvalidCertificate):
                verify_receipt(json.dumps(fewer).encode(), person, said)
            refused += 1
        for changed in ([], receipt["neighbours"][::-1], receipt["neighbours"] * 2):
            with pytest.raises(InvalidCertificate):
                verify_receipt(json.dumps(receipt | {"neighbours": changed}).encode(), person, said)
    assert refused


def forged(receipts: Receipts, places: Sequence[int]) -> bytes:
    """A receipt that shows some true leaves as the neighbours, as the holder of the whole tree can write it."""
    values = receipts.values["arrest_number"]
    tree = Tree(np.frombuffer(b"".join(map(leaf_hash, values)), np.uint8).reshape(-1, HASH_BYTES))
    neighbours = [
        {
            "value": base64.b64encode(values[at]).decode(),
            "position": at,
            "path": base64.b64encode(b"".join(tree.inclusion(at).path)).decode(),
        }
        for at in places
    ]
    facts = {"sealscrub": "receipt", "version": 1, "scheme": "arrest_number", "root": receipts.trees()[0].root}
    secret = base64.b64encode(receipts.secret).decode()
    return json.dumps(facts | {"size": len(values), "secret": secret, "neighbours": neighbours}).encode()


@pytest.mark.parametrize("size", [1, 2, 3, pytest.param(6, marks=pytest.mark.long)])
def test_leaves_prove_an_absence_only_side_by_side_or_at_the_ends(size: int) -> None:
    """For every identifier that is there, and for one in every gap, whatever leaves are shown as its neighbours."""
    present = [f"M14{at:06d}" for at in range(1, size + 1)]
    receipts = over(present)
    said, values = statement(receipts), receipts.values["arrest_number"]
    persons = [*present, *(f"M14{at:06d}" for at in range(200_000, 200_020))]
    proved = 0
    for person in persons:
        value = _keyed_digest(receipts.secret, "arrest_number", person)
        before = sum(each < value for each in values)
        gap = [each for each in (before - 1, before) if 0 <= each < size]
        for places in itertools.chain(*(itertools.product(range(size), repeat=shown) for shown in (1, 2, 3))):
            if value not in values and list(places) == gap:
                verify_receipt(forged(receipts, places), person, said)
                proved += 1
            else:
                with pytest.raises(InvalidCertificate, match="does not prove"):
                    verify_receipt(forged(receipts, places), person, said)
    assert proved == 20


@pytest.mark.parametrize("accepted", [("near",), ("unparsable",), ("near", "null", "unparsable")])
def test_no_receipt_proves_an_absence_from_data_with_keys_that_were_not_read(accepted: tuple[str, ...]) -> None:
    receipts, person = over(["M14000017"]), "K14612345"
    receipt, said = make_receipt(receipts, "arrest_number", person), statement(receipts)
    loose = said.model_copy(update={"predicate": said.predicate.model_copy(update={"accepted": accepted})})
    bare = said.model_copy(update={"predicate": said.predicate.model_copy(update={"accepted": ("null",)})})

    verify_receipt(receipt, person, bare)
    with pytest.raises(InvalidCertificate, match="could not be read"):
        verify_receipt(receipt, person, loose)
