"""``sealscrub taint``: what it says, and with what it exits."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from sealscrub.cli import run

from .shop import Custodian, Shop
from .tracking import OPEN

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


def call(*words: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["taint", *map(str, words)])
    return code, out.getvalue(), err.getvalue()


def options(shop: Shop, index: Any, *more: object) -> list[object]:
    folder = shop.custodian.folder
    return ["--index", index.path, "--members", shop.members, "--annex-key", folder / "seal.key.annex",
            "--tracking-uri", shop.store.uri, *more]  # fmt: skip


def test_the_gate_opens_for_what_is_untainted_alone(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    good, bad = shop.model(OPEN[:3], then), shop.model(OPEN[3:6], then)
    unknown, possible = shop.register(None), shop.model(OPEN[:2], then, members=None)
    custodian.seal(OPEN[4])
    now = custodian.publish()
    gates = {
        models: call(*options(shop, now, "--gate", *(word for each in models for word in ("--model-uri", each))))[0]
        for models in ((good,), (bad,), (unknown,), (possible,), (good, unknown), (bad, unknown), (good, good))
    }

    assert list(gates.values()) == [0, 1, 3, 3, 3, 1, 0]
    code, out, err = call(*options(shop, now, "--model-uri", bad))
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("Models are tainted.")
    assert f"{bad} tainted" in " ".join(out.split())


def test_json_since_and_registry(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    bad = shop.model(OPEN[3:6], then)
    custodian.seal(OPEN[4])
    now = custodian.publish()
    more = ["--since", then.path, "--registry", custodian.folder / "seals.db", "--format", "json", "--no-tag"]
    code, out, _ = call(*options(shop, now, "--model-uri", bad, *more))
    report = json.loads(out)

    assert code == 0
    assert (report["epoch"], report["since"], report["tagged"]) == (2, 1, False)
    (model,) = report["models"]
    assert (model["uri"], model["state"], model["reason"], model["since"]) == (bad, "tainted", "notice late", True)


def test_a_tainted_version_loses_its_aliases_and_names_its_endpoints(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    good, bad = shop.model(OPEN[:3], then), shop.model(OPEN[3:6], then)
    client = shop.store.client
    for model, alias in ((good, "champion"), (bad, "challenger"), (bad, "night")):
        client.set_registered_model_alias(shop.name, alias, model.rpartition("/")[2])
    client.set_model_version_tag(shop.name, bad.rpartition("/")[2], "sealscrub.endpoint.precinct-79", "")
    custodian.seal(OPEN[4])
    now = custodian.publish()
    asked = options(shop, now, "--model-uri", good, "--model-uri", bad)

    out = call(*asked, "--no-tag")[1]
    row = f"{bad} challenger, night, served as precinct-79 tainted"
    assert row in " ".join(out.split())
    assert set(client.get_registered_model(shop.name).aliases) == {"champion", "challenger", "night"}
    code, out, _ = call(*asked, "--block", "--gate", "--format", "json")
    assert (code, json.loads(out)["blocked"]) == (1, [f"models:/{shop.name}@challenger", f"models:/{shop.name}@night"])
    assert set(client.get_registered_model(shop.name).aliases) == {"champion"}
    tags = client.get_model_version(shop.name, bad.rpartition("/")[2]).tags
    assert tags["sealscrub.blocked"] == "challenger,night"
    assert "removed" not in call(*asked, "--block")[1]


def test_a_model_that_is_named_by_a_sealed_id_is_named_by_no_format(
    shop: Shop, custodian: Custodian, tmp_path: Path
) -> None:
    then = custodian.publish()
    shop.name, sealed = f"{shop.name}-{OPEN[4]}", OPEN[4]
    shop.store.client.create_registered_model(shop.name)
    bad = shop.model(OPEN[3:6], then)
    shop.store.client.set_registered_model_alias(shop.name, f"case-{sealed}", "1")
    custodian.seal(sealed)
    places = [tmp_path / f"taint.{each}" for each in ("txt", "json", "html")]
    saved = [word for each in places for word in ("--report", each)]
    _, out, err = call(*options(shop, custodian.publish(), "--model-uri", bad, "--block", *saved))

    assert [each for each in (out, err, *(each.read_text() for each in places)) if sealed in each] == []
    assert "(an id)" in out


@pytest.mark.parametrize("wrong", [["--format", "xml"], ["--model-uri", "models:/absent/1"], ["--use", "output"]])
def test_wrong_use_exits_with_2(shop: Shop, custodian: Custodian, wrong: list[str]) -> None:
    index = custodian.publish()
    shop.model(OPEN[:2], index)
    code, out, err = call(*options(shop, index, *wrong))

    assert (code, out) == (2, "")
    assert err.startswith(("error: ", "Usage: "))


def test_the_key_is_the_one_beside_the_annexs(
    shop: Shop, custodian: Custodian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEALSCRUB_KEY_FILE", raising=False)
    index = custodian.publish()
    model = shop.model(OPEN[:2], index)
    without = ["--index", index.path, "--tracking-uri", shop.store.uri, "--model-uri", model, "--gate"]

    assert call(*without)[0] == 2
    assert call(*without, "--key-file", custodian.folder / "seal.key")[0] == 0
    assert call(*without, "--annex-key", custodian.folder / "seal.key.annex")[0] == 2
    absent: Path = custodian.folder / "absent.db"
    assert call(*options(shop, index, "--tracking-uri", f"sqlite:///{absent}"))[0] == 3
    assert not absent.exists()
