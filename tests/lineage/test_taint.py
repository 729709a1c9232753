"""Which models contain what has been sealed since, and what is said where that cannot be known."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.custodian.registry import Registry
from sealscrub.errors import ConfigError, IncompleteError, UnreadableInput, UsageError
from sealscrub.identifiers import generate_keys, load_annex
from sealscrub.lineage import TaintedModel, TaintState, log_dataset, require_untainted

from .shop import DAY, Custodian, Shop
from .tracking import ON, OPEN, SEALED, Store, rows

pytest.importorskip("mlflow")
pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_model_is_tainted_if_and_only_if_it_holds_what_was_sealed_since(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    first, second = shop.model(OPEN[:10], then), shop.model(OPEN[5:15], then)
    assert shop.states(then, first, second) == ["untainted", "untainted"]
    custodian.seal(OPEN[2])
    now = custodian.publish()

    assert shop.states(now, first, second) == ["tainted", "untainted"]
    custodian.seal(OPEN[7], SEALED[9])
    later = custodian.publish()
    assert shop.states(later, first, second) == ["tainted", "tainted"]
    report = shop.ask(later, first, second, since=now)
    assert [each.since for each in report.models] == [True, True]
    custodian.seal(OPEN[12])
    last = shop.ask(custodian.publish(), first, second, since=later)
    assert [(each.state, each.since) for each in last.models] == [("tainted", False), ("tainted", True)]
    assert [each.uri for each in last.tainted] == [second]
    assert first not in last.to_text()
    assert last.exit_code == 1  # of all that is sealed, since whenever


def test_what_was_in_the_index_that_the_run_recorded_was_wrong_then(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    custodian.seal(OPEN[2])
    now = custodian.publish()
    shop.model([SEALED[8], OPEN[0]], then)  # so that they have numbers
    wrong = shop.model([OPEN[0], OPEN[30]], then)
    (run_id,) = {shop.store.client.get_model_version(shop.name, wrong.rpartition("/")[2]).run_id}
    forge(shop, run_id, then, [OPEN[0], SEALED[1]], "train")

    assert shop.states(now, wrong, since=then) == ["already listed"]
    assert shop.states(then, wrong) == ["already listed"]
    assert shop.states(now, wrong) == ["tainted"]  # when it was sealed is not known without the older index
    assert shop.states(now, wrong, registry=custodian.registry) == ["already listed"]


def forge(shop: Shop, run_id: str, index: Any, ids: list[str], name: str) -> None:
    """Log a membership of data that nobody checked."""
    from sealscrub.lineage.members import add_members
    from sealscrub.lineage.membership import Membership, ids_of, seal_membership
    from sealscrub.matching import parse_on

    held, _ = ids_of([rows(*ids)], parse_on(ON), index)
    numbers, stamp = add_members(shop.members, held)
    facts = Membership(run=run_id, name=name, index=index.id, spaces=tuple(held), stamp=stamp)
    place = shop.custodian.folder / f"{name}.members"
    place.write_bytes(seal_membership(facts, numbers, index.annex_public_key))
    shop.store.client.log_artifact(run_id, str(place), "sealscrub")


def test_what_was_scrubbed_of_a_record_that_should_have_stayed(shop: Shop, custodian: Custodian) -> None:
    before = shop.model(OPEN[:2], custodian.publish())
    custodian.seal(OPEN[40], seal="right")
    custodian.seal(OPEN[41], seal="wrong")
    then = custodian.publish()
    lacking, later = shop.model(OPEN[:3], then), custodian.folder / "corrections.csv"
    later.write_text("seal_id,reason\nwrong,wrong_notice\n")
    assert shop.ask(then, lacking, before, registry=custodian.registry).lacking == ()
    custodian.registry.correct(later)
    custodian.epoch += 1
    now = custodian.publish()
    again = shop.model([*OPEN[:3], OPEN[41]], now)

    report = shop.ask(now, lacking, before, again, registry=custodian.registry)
    (run,) = next(each.runs for each in report.models if each.uri == lacking)
    assert report.lacking == (f"{run}/train",)
    assert "should have stayed" in report.to_text()
    assert json.loads(report.to_json())["lacking"] == [f"{run}/train"]
    assert OPEN[41] not in report.to_text()
    assert shop.ask(now, lacking).lacking == ()  # without the registry it is not known


def test_the_registry_tells_what_was_so_in_law(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    early, late = shop.model([OPEN[0], OPEN[1]], then), shop.model([OPEN[0], OPEN[2]], then)
    custodian.seal(OPEN[1], day=DAY - dt.timedelta(days=400))
    today = dt.date.today()
    past = custodian.publish(as_of=today - dt.timedelta(days=1))
    assert past.as_of < today
    custodian.seal(OPEN[2], day=today)
    now = custodian.publish()

    assert shop.states(now, early, late) == ["tainted", "tainted"]
    assert shop.states(now, early, registry=custodian.registry) == ["notice late"]
    with Registry.create(custodian.folder / "other.db") as other:
        assert shop.states(now, early, registry=other) == ["tainted"]


def test_a_seal_that_begins_later_than_the_runs_day_was_not_law_then(shop: Shop, custodian: Custodian) -> None:
    yesterday = dt.date.today() - dt.timedelta(days=1)
    then = custodian.publish(as_of=yesterday)
    model = shop.model([OPEN[0], OPEN[1]], then)
    custodian.seal(OPEN[1], day=dt.date.today())

    assert shop.states(custodian.publish(), model, registry=custodian.registry) == ["sealed later"]


def test_without_membership_the_epoch_says_possible(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    model = shop.model(OPEN[:3], then, members=None)
    held = shop.model(OPEN[:3], then)
    assert shop.states(then, model) == ["untainted"]
    custodian.seal(OPEN[50])
    now = custodian.publish()

    assert shop.states(now, model, held) == ["possible", "untainted"]
    assert shop.states(now, model, held, members=None, annex_key=None) == ["possible", "possible"]


def test_a_model_without_data_is_unknown(shop: Shop, custodian: Custodian) -> None:
    index = custodian.publish()
    with shop.store.run() as run:
        pass
    shop.model(OPEN[:2], index)

    assert shop.states(index, shop.register(run.info.run_id), shop.register(None)) == ["unknown", "unknown"]
    assert shop.ask(index, shop.register(None)).exit_code == 3


@pytest.mark.parametrize("broken", ["away", "another run's", "another key's", "older members", "other members"])
def test_a_membership_that_cannot_be_trusted_is_none(
    shop: Shop, custodian: Custodian, broken: str, tmp_path: Path
) -> None:
    then = custodian.publish()
    shop.model(OPEN[40:42], then)
    before = shop.members.read_bytes()
    other = shop.model(OPEN[20:23], then)
    model = shop.model(OPEN[:3], then)
    run_id, other_run = (
        shop.store.client.get_model_version(shop.name, each.rpartition("/")[2]).run_id for each in (model, other)
    )
    place = Path(shop.store.client.get_run(run_id).info.artifact_uri.removeprefix("file://"))
    file = place / "sealscrub" / "train.members"
    key = custodian.annex
    if broken == "away":
        file.unlink()
    elif broken == "another run's":
        file.write_bytes((place.parents[1] / other_run / "artifacts/sealscrub/train.members").read_bytes())
    elif broken == "another key's":
        generate_keys(tmp_path / "other.key")
        key = load_annex(tmp_path / "other.key.annex")
    elif broken == "older members":
        shop.members.write_bytes(before)
    else:
        shop.members.unlink()
        shop.model(OPEN[30:50], then)
    custodian.seal(OPEN[1])
    now = custodian.publish()

    assert shop.states(now, model, annex_key=key) == ["possible"]


def test_links_are_followed(shop: Shop, custodian: Custodian, store: Store) -> None:
    """The data of a run around it, of a copied version's run and of a model that a run went on from all count."""
    from mlflow.entities import LoggedModelInput

    index, client = custodian.publish(), store.client
    with store.run() as outer:
        log_dataset(rows(*OPEN[:5]), index, ON, members=shop.members)
        with store.run(nested=True) as inner:
            pass
    logged = client.create_logged_model(store.experiment, "m", source_run_id=outer.info.run_id)
    child = shop.register(inner.info.run_id)
    copy = shop.register(None, source=child)
    of_logged = shop.register(None, source=f"models:/{logged.model_id}")
    with store.run() as tuned:
        log_dataset(rows(*OPEN[20:25]), index, ON, members=shop.members)
        client.log_inputs(tuned.info.run_id, models=[LoggedModelInput(logged.model_id)])
    later = shop.register(tuned.info.run_id)
    uris = [child, copy, of_logged, later, f"models:/{logged.model_id}"]
    assert shop.states(index, *uris) == ["untainted"] * 5
    client.set_registered_model_alias(shop.name, "champion", child.rpartition("/")[2])
    custodian.seal(OPEN[3])
    now = custodian.publish()

    assert shop.states(now, *uris) == ["tainted"] * 5
    report = shop.ask(now, f"models:/{shop.name}@champion")
    assert [(each.uri, each.aliases) for each in report.models] == [(child, ("champion",))]
    assert "champion" in report.to_text()


def test_data_of_runs_nested_in_the_models_run_counts(shop: Shop, custodian: Custodian, store: Store) -> None:
    index = custodian.publish()
    with store.run() as outer:
        log_dataset(rows(*OPEN[:3]), index, ON, members=shop.members)
        with store.run(nested=True), store.run(nested=True):
            log_dataset(rows(*OPEN[3:6]), index, ON, members=shop.members)
        with store.run(nested=True) as other:
            log_dataset(rows(*OPEN[6:9]), index, ON, members=shop.members)
    model, beside = shop.register(outer.info.run_id), shop.register(other.info.run_id)
    assert shop.states(index, model, beside) == ["untainted", "untainted"]
    custodian.seal(OPEN[4])

    assert shop.states(custodian.publish(), model, beside) == ["tainted", "untainted"]


def test_two_datasets_of_a_run_count_both(shop: Shop, custodian: Custodian) -> None:
    index = custodian.publish()
    with shop.store.run() as run:
        log_dataset(rows(*OPEN[:3]), index, ON, members=shop.members)
        log_dataset(rows(*OPEN[3:6]), index, ON, name="more", members=shop.members)
    model = shop.register(run.info.run_id)
    custodian.seal(OPEN[4])

    assert shop.states(custodian.publish(), model) == ["tainted"]


@pytest.mark.parametrize(("kind", "raw"), [("near", "M14O00001"), ("unparsable", "WOBBEGONG")])
def test_records_of_rows_whose_key_was_accepted_unread_are_possible(
    shop: Shop, custodian: Custodian, kind: str, raw: str
) -> None:
    then = custodian.publish()
    accepting = ss.Policy(accept={kind}, max_unparsable=1.0)
    left_out = shop.model([*OPEN[:3], raw], then, policy=accepting)
    unlisted = shop.model([*OPEN[:3], raw], then, policy=accepting, members=None)
    none_such = shop.model(OPEN[:3], then, policy=accepting)
    assert shop.states(then, left_out, unlisted, none_such) == ["possible", "possible", "untainted"]
    custodian.seal("M14000001")
    now = custodian.publish()

    assert shop.states(now, left_out, unlisted, none_such) == ["possible", "possible", "untainted"]
    custodian.seal(OPEN[1])
    assert shop.states(custodian.publish(), left_out) == ["tainted"]


def test_a_dataset_of_a_run_is_not_written_over(shop: Shop, custodian: Custodian) -> None:
    """Else the first one's records would be forgotten, and the model be called untainted."""
    index = custodian.publish()
    with shop.store.run() as run:
        log_dataset(rows(*OPEN[:3]), index, ON, members=shop.members)
        first = shop.store.tags(run)
        log_dataset(
            rows(*reversed(OPEN[:3])).with_columns(age=pl.Series([22, 21, 20])), index, ON, members=shop.members
        )
        assert shop.store.tags(run) == first
        with pytest.raises(ConfigError, match="other data of this name"):
            log_dataset(rows(*OPEN[3:6]), index, ON, members=shop.members)
        with pytest.raises(ConfigError, match="other keys"):  # of the same data
            log_dataset(rows(*OPEN[:3]), index, ON, members=shop.members, policy=ss.Policy(allow={"withheld"}))
    assert shop.store.tags(run) == first
    model = shop.register(run.info.run_id)
    custodian.seal(OPEN[1])

    assert shop.states(custodian.publish(), model) == ["tainted"]


def test_too_little_coverage_is_possible(shop: Shop, custodian: Custodian) -> None:
    model = shop.model(OPEN[:3], custodian.publish())
    notices = custodian.folder / "notices.csv"
    notices.write_text(
        "seal_id,event,regime,effective_from,docket\nD1,sealed,us-ny/cpl-160.50,2020-01-01,2019KN123456\n"
    )
    custodian.registry.add(notices)
    custodian.epoch += 1
    now = custodian.publish()

    assert shop.states(now, model) == ["possible"]
    assert shop.states(now, model, min_coverage=0.5) == ["untainted"]


def test_withheld_records_count_unless_the_run_allowed_them(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    strict, allowing = (shop.model(OPEN[:3], then, policy=ss.Policy(allow=allow)) for allow in ((), {"withheld"}))
    custodian.seal(OPEN[1], event="withheld")

    assert shop.states(custodian.publish(), strict, allowing) == ["tainted", "untainted"]


def test_tags_and_the_guards_question(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    model, other = shop.model(OPEN[:3], then), shop.model(OPEN[3:6], then, members=None)
    unasked = shop.model(OPEN[6:8], then)

    def ask(uri: str, **more: Any) -> TaintState:
        return require_untainted(uri, tracking_uri=shop.store.uri, **more)

    with pytest.raises(IncompleteError, match="was never checked for taint"):
        ask(model)
    assert not shop.ask(then, model, tag=False).tagged
    with pytest.raises(IncompleteError, match="was never checked for taint"):
        ask(model)
    shop.ask(then, model, other)
    assert ask(model) == ask(model, index=then) == "untainted"
    custodian.seal(OPEN[1])
    now = custodian.publish()
    with pytest.raises(IncompleteError, match="older index"):
        ask(model, index=now)
    shop.ask(now, model, other, since=then)
    with pytest.raises(TaintedModel) as refused:
        ask(model)
    assert refused.value.exit_code == 1
    with pytest.raises(IncompleteError, match="is unknown"):
        ask(other)
    with pytest.raises(IncompleteError, match="was never checked for taint"):
        ask(unasked)
    shop.store.client.set_registered_model_alias(shop.name, "live", model.rpartition("/")[2])
    with pytest.raises(TaintedModel):
        ask(f"models:/{shop.name}@live")
    logged = shop.store.client.create_logged_model(shop.store.experiment, "m")
    with pytest.raises(IncompleteError):
        ask(f"models:/{logged.model_id}")
    for wrong in ("models:/a/latest", "risk.joblib", "models:/m-absent-", "models:/absent/1"):
        with pytest.raises((ConfigError, IncompleteError)):
            ask(wrong)


def test_the_report_holds_no_ids_and_no_counts_of_records(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish()
    one, many = shop.model(OPEN[:20], then), shop.model(OPEN[:20], then, name="other")
    custodian.seal(OPEN[1])
    few = shop.ask(custodian.publish(), one, many)
    custodian.seal(*OPEN[2:15])
    more = shop.ask(custodian.publish(), one, many)

    one_document, other = json.loads(few.to_json()), json.loads(more.to_json())
    assert one_document["models"] == other["models"]
    assert few.to_text().replace("epoch 2", "epoch 3") == more.to_text()
    assert all(each not in few.to_json() + few.to_text() + repr(few) for each in OPEN)


def test_the_page_draws_seals_data_and_models_on_one_axis(shop: Shop, custodian: Custodian) -> None:
    then = custodian.publish(as_of=DAY)
    first = shop.model(OPEN[:10], then)
    custodian.seal(OPEN[2])
    now = custodian.publish()
    second = shop.model(OPEN[5:15], now)

    page = shop.ask(now, first, second).to_html()

    (drawn,) = re.findall('<svg class="timeline".*?</svg>', page, re.DOTALL)
    for said in (f"{DAY} · epoch {then.epoch}", f"{now.as_of} · now", "/train", " · tainted", " · untainted"):
        assert said in drawn
    for uri in (first, second):
        assert f"<title>{uri}</title>" in drawn
    assert drawn.count('class="state"') == 2
    assert not [each for each in [*OPEN, *SEALED] if each in page]
    assert first not in shop.ask(now, first, since=now).to_html()  # it was tainted before


def test_wrong_use_is_said(shop: Shop, custodian: Custodian) -> None:
    index = custodian.publish()
    with pytest.raises(UsageError):
        shop.ask(index, annex_key=None)
    with pytest.raises(UsageError):
        shop.ask(index, members=None, annex_key=None, registry=custodian.registry)
    with pytest.raises(UnreadableInput):
        shop.ask(index, members=custodian.folder / "absent")
    with pytest.raises(UsageError):
        shop.ask(index, use="output")
    shop.model(OPEN[:2], index)
    with pytest.raises(UsageError, match="model is not in the tracking store"):
        shop.ask(index, "models:/absent/1")
    absent = custodian.folder / "absent.db"
    with pytest.raises(IncompleteError, match="tracking store"):
        shop.ask(index, tracking_uri=f"sqlite:///{absent}")
    assert not absent.exists()


def test_schema_of_the_frame_is_that_of_the_city(shop: Shop, custodian: Custodian) -> None:
    """Types of all kinds have a place in MLflow's schema."""
    frame = rows(*OPEN[:2]).with_columns(
        day=pl.lit(DAY), ratio=0.5, flag=True, raw=b"x", words=pl.lit(["a"]), level=pl.lit("F").cast(pl.Categorical)
    )
    with shop.store.run() as run:
        log_dataset(frame, custodian.publish(), ON)
    (dataset,) = shop.store.client.get_run(run.info.run_id).inputs.dataset_inputs
    kinds = {each["name"]: each["type"] for each in json.loads(dataset.dataset.schema)["mlflow_colspec"]}
    assert kinds["day"] == "datetime"
    assert kinds["level"] == kinds["arrest_no"] == "string"
