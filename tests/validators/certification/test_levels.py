"""Which levels are reached, in part or whole; models that are built again; verification by stock tools."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from sealscrub.certificates import State
from sealscrub.validators.certification import planted_nullity, verify

from .conftest import CLEAN, ON, Office


def train(rows: pl.DataFrame) -> dict[str, float]:
    return {"mean": float(rows["n"].sum()) / rows.height}


@pytest.fixture
def model(office: Office, tmp_path: Path) -> Path:
    place = tmp_path / "m.pkl"
    place.write_bytes(pickle.dumps(train(office.clean)))
    return place


def test_what_was_not_given_is_no_whole_level(office: Office, model: Path) -> None:
    certificate = office.opened(office.issue(models=[model]).certificate)

    for given, state, why in (
        ({"data": office.clean, "models": [model]}, State.REACHED, ""),
        ({"data": office.clean}, State.PARTLY, "not given: m.pkl"),
        ({"models": [model]}, State.PARTLY, "not given: the data"),
    ):
        result = verify(certificate, **given)
        assert (result.levels[1].state, result.levels[1].why) == (state, why)
        assert result.exit_code == 0


def test_a_model_is_built_again(office: Office, model: Path) -> None:
    certificate = office.opened(office.issue(models=[model]).certificate)
    cases: list[tuple[Callable[..., Any], State, str]] = [
        (train, State.PARTLY, "not built: the data"),
        (lambda rows: pickle.dumps(train(rows)), State.PARTLY, "not built: the data"),
        (lambda rows: {"m.pkl": train(rows)}, State.PARTLY, "not built: the data"),
        (lambda rows: train(rows.head(3)), State.FAILED, "m.pkl differs"),
        (lambda rows: rows["absent"], State.FAILED, "the function raised ColumnNotFoundError"),
    ]

    for retrain, state, why in cases:
        level = verify(certificate, data=office.clean, retrain=retrain).levels[4]
        assert (level.state, level.why) == (state, why)


def test_data_and_model_built_again_are_the_whole_level(office: Office, model: Path) -> None:
    certificate = office.opened(office.issue(models=[model]).certificate)

    def scrubbed(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.filter(pl.col("arrest_no").is_in(CLEAN))

    levels = verify(certificate, data=office.clean, rerun=scrubbed, raw=office.raw, retrain=train).levels
    assert [level.state for level in levels[3:]] == [State.NOT_ASKED, State.REACHED]
    levels = verify(certificate, data=office.clean, rerun=lambda rows: rows, raw=office.raw, retrain=train).levels
    assert (levels[4].state, levels[4].why) == (State.FAILED, "the data differ")


def test_stock_tools_verify_it(office: Office) -> None:
    """securesystemslib's envelope by itself, and bare Ed25519 over DSSE's encoding, say the same as we do."""
    content = office.issue().certificate
    public: Any = load_pem_public_key((office.folder / "team.key.pub").read_bytes())
    envelope = json.loads(content)
    (signature,) = envelope["signatures"]
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    stock = Envelope.from_dict(json.loads(content))
    key = SSlibKey.from_crypto(public, keyid=signature["keyid"])

    public.verify(base64.b64decode(signature["sig"]), encoded)
    assert list(stock.verify([key], threshold=1)) == [signature["keyid"]]
    assert office.opened(content).key_id == signature["keyid"]
    stock.payload += b" "
    with pytest.raises(VerificationError):
        stock.verify([key], threshold=1)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature["sig"]), encoded + b" ")


@pytest.mark.long
def test_the_verdict_of_a_planted_test_is_the_same_in_both_worlds(office: Office) -> None:
    """A function that lets only real sealed records through is told nothing of: its verdict would reveal them."""

    def scrubs(rows: pl.DataFrame) -> pl.DataFrame:
        import sealscrub as ss

        return ss.scrub(rows, office.index, ON)

    def leaks(rows: pl.DataFrame) -> tuple[int, int]:
        return rows.height, scrubs(rows).height

    for function, verdict in ((scrubs, "PASS"), (leaks, "INTERFERENCE")):
        with_them = planted_nullity(function, office.raw, office.index, ON)
        without = planted_nullity(function, office.clean, office.index, ON)
        assert with_them.verdict == without.verdict == verdict
        assert with_them.sealed_rows == without.sealed_rows
