"""Linkage under custody: a model that bears one signature links nothing, and every draw of a sample is in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sealscrub.certificates import load_signer, sha256_of
from sealscrub.custodian.custody import Terms, account, approve_file
from sealscrub.custodian.registry import Registry
from sealscrub.extracts import extract
from sealscrub.identifiers import generate_certifier, generate_keys, load_recipient

from ...cli.conftest import Ended, sealscrub
from .conftest import Custodian, custodian, listed

linkage = pytest.importorskip("sealscrub.custodian.linkage")

__all__ = ["custodian", "sealscrub"]

FIELDS = {"last_name": "last_name", "first_name": "first_name", "birth_date": "born", "arrest_date": "day"}
PEOPLE = [
    ("S1", "Kelmagant", "Belora", "1984-07-31", "2019-03-04"),
    ("S2", "Quorvin", "Tadek", "1990-01-15", "2019-05-06"),
]


@pytest.fixture
def linking(custodian: Custodian) -> Custodian:
    """A registry of two seals whose terms name a second approver, and an extract of the same two arrests."""
    generate_certifier(custodian.folder / "deputy.key")
    terms = custodian.folder / "custody.toml"
    terms.write_text(terms.read_text() + 'second = "deputy.key.pub"\n')
    custodian.place.unlink()
    custodian.roster(listed("keeping_registry", "registry").replace('"]', '", "linking"]'))
    head = "seal_id,event,regime,effective_from,docket,last_name,first_name,birth_date,arrest_date"
    lines = [f"{seal},sealed,us-ny/cpl-160.50,2020-03-01,2019KN00001{seal[1]},{','.join(p)}" for seal, *p in PEOPLE]
    (custodian.folder / "named.csv").write_text("\n".join([head, *lines]) + "\n")
    with Registry.create(custodian.place, custody=Terms.from_file(terms)) as registry:
        registry.add(custodian.folder / "named.csv")
    *_, public = generate_keys(custodian.folder / "seal.key")
    rows = pl.DataFrame(PEOPLE, schema=["id", *FIELDS.values()], orient="row").with_columns(
        id=pl.lit("r") + pl.col("id")
    )
    extract(rows, row_id="id", fields=FIELDS).write(custodian.folder / "vendor.linkin", load_recipient(public))
    (custodian.folder / "link.model").write_text(linkage.starting_model().to_json())
    return custodian


def command(linking: Custodian, what: str, *more: str) -> tuple[str, ...]:
    folder = linking.folder
    extracted = (str(linking.place), str(folder / "vendor.linkin"), "--annex-key", str(folder / "seal.key.annex"))
    return ("link", what, *extracted, *more)


def run(linking: Custodian) -> tuple[str, ...]:
    model, review = str(linking.folder / "link.model"), str(linking.folder / "review.csv")
    return command(linking, "run", "--namespace", "vendor", "--link-model", model, "--review", review)


def acts(linking: Custodian) -> list[str]:
    return [entry.what for entry in linking.log if entry.what.startswith("link")]


def test_a_model_links_by_two_signatures_alone(linking: Custodian, sealscrub: Callable[..., Ended]) -> None:
    refused = sealscrub(*run(linking))
    assert (refused.code, "second signature" in refused.err) == (3, True)
    with Registry.open(linking.place) as registry:
        assert (registry.epoch, registry.links("vendor").height) == (1, 0)
    assert not (linking.folder / "review.csv").exists()
    model = linking.folder / "link.model"
    approve_file(model, load_signer(linking.folder / "deputy.key"))
    approved = model.read_text()

    model.write_text(approved.replace('"lower":-1.0', '"lower":-2.0'))
    assert sealscrub(*run(linking)).code == 3
    model.write_text(approved)
    done = sealscrub(*run(linking))

    assert done.code == 0, done
    with Registry.open(linking.place) as registry:
        assert registry.links("vendor")["row"].to_list() == ["rS1", "rS2"]
    assert acts(linking).count("link persons") == 1
    assert acts(linking).count("link add") == 1
    assert not any(name in Path(linking.log.path).read_text() for name in ("Kelmagant", "Belora", "rS1", "Quorvin"))


def test_training_reads_the_seals_and_the_log_says_so(linking: Custodian, sealscrub: Callable[..., Ended]) -> None:
    before = len(acts(linking))
    sealscrub(*command(linking, "train", "-o", str(linking.folder / "own.model")))
    assert acts(linking)[before:] == ["link persons"]


def test_a_sample_that_is_drawn_until_it_pleases_is_seen_in_the_log(
    linking: Custodian, sealscrub: Callable[..., Ended]
) -> None:
    approve_file(linking.folder / "link.model", load_signer(linking.folder / "deputy.key"))
    assert sealscrub(*run(linking)).code == 0
    model = ("--namespace", "vendor", "--link-model", str(linking.folder / "link.model"))
    (linking.folder / "frame.csv").write_text("seal_id\nS1\nS2\n")
    for seed in ("1", "2", "3"):
        sample = ("--sample", "1", "--seed", seed, "-o", str(linking.folder / "sample.csv"))
        framed = ("--frame", str(linking.folder / "frame.csv")) if seed == "3" else ()
        drawn = sealscrub(*command(linking, "bound", *model, *sample, *framed))
        assert drawn.code == 0, drawn
    assert [act for act in acts(linking) if act.startswith("link sample")] == [
        f"link sample seed {n}" for n in (1, 2, 3)
    ]
    file = sha256_of(linking.folder / "vendor.linkin")[:16]
    recorded = [entry for entry in linking.log if entry.what.startswith("link draw")]
    assert [entry.what for entry in recorded] == [f"link draw seed {n} extract {file}" for n in (1, 2, 3)]
    assert {entry.who for entry in recorded} == {account()}
    said = pl.read_csv(linking.folder / "sample.csv", infer_schema=False)
    said.with_columns(answer=pl.lit("not")).write_csv(linking.folder / "sample.csv")
    decided = ("--namespace", "vendor", "--decided", str(linking.folder / "sample.csv"))
    assert sealscrub("link", "bound", str(linking.place), *decided).code == 0
    assert acts(linking).count("link bound") == 1


def test_who_may_keep_the_registry_may_not_link(linking: Custodian, sealscrub: Callable[..., Ended]) -> None:
    linking.roster(listed("keeping_registry", "registry"), version=2)
    refused = sealscrub(*run(linking))
    assert refused.code == 3
    assert not (linking.folder / "review.csv").exists()
