"""Drive ``lineage``: datasets logged in MLflow, memberships, and which models are tainted."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.identifiers import load_annex
from sealscrub.lineage import (
    DrillStep,
    ModelTaint,
    TaintReason,
    TaintReport,
    TaintState,
    log_certificate,
    log_dataset,
    log_run_page,
    require_untainted,
    run_drill,
    run_graph,
    start_run,
    taint,
)
from sealscrub.lineage.members import add_members, read_members
from sealscrub.matching import Policy

from ...lineage.tracking import empty_store
from .drives_command_line import _run
from .watch import NEAR, PAYLOAD, SEALED
from .world import ON, World

Calls = Iterator[Callable[[], object]]
ACCEPTING = Policy(accept=frozenset({"near", "unparsable"}))


def datasets(world: World) -> Calls:
    """What is logged is looked for canaries afterwards, with all that lies in the folder."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = os.environ["DO_NOT_TRACK"] = "true"
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        uri, members = f"sqlite:///{world.made}/tracking.db", world.made / "seals.members"
        shutil.copy(empty_store(), world.made / "tracking.db")
        mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient(uri)
        experiment = client.create_experiment("risk", (world.made / "tracked").as_uri())
        client.create_registered_model("risk")
    clean = ss.scrub(world.checkable, world.index, ON)

    def log(data: Any, **options: Any) -> object:
        with mlflow.start_run(experiment_id=experiment) as run:
            logged = log_dataset(data, world.index, ON, **options)
            client.create_model_version("risk", f"runs:/{run.info.run_id}/m", run.info.run_id)
        return logged

    yield lambda: log(clean, members=members)
    yield lambda: log(clean.to_pandas().drop(columns="words"))
    yield lambda: log(world.arrests, members=members)
    yield lambda: log(world.arrests, members=members, policy=ACCEPTING)
    yield lambda: log(clean, members=world.inputs / "train.csv")
    yield lambda: log(clean, name=PAYLOAD + SEALED + "/")
    yield lambda: log(clean, verdicts={"x": PAYLOAD})
    yield lambda: log(clean, source=None, annex_key=SEALED.encode(), members=members)
    yield lambda: log(clean, plan=world.inputs / "absent", lock=world.inputs / "train.csv")
    for name in ("train.parquet", "train.csv", "torn.parquet", "short.parquet", "several"):
        yield lambda name=name: log(world.inputs / name)
    yield lambda: log_dataset(clean, world.index, ON)
    yield lambda: (read_members(members), repr(read_members(members).stamp))
    yield lambda: (add_members(world.inputs / "train.csv", {}), read_members(world.inputs / "train.csv"))
    (world.made / "newer").mkdir()
    newer = example_index([SEALED, clean["arrest_no"][0]], folder=world.made / "newer")
    key = load_annex(world.made / "example.key.annex")

    def looked(report: TaintReport) -> object:
        models: tuple[ModelTaint, ...] = report.tainted
        return report, report.to_json(), report.to_text(), report.exit_code, models, TaintState.worst([])

    for options in (
        {"members": members, "annex_key": key},
        {"members": members, "annex_key": key, "models": ["models:/risk/1"], "since": newer},
        {"members": members, "annex_key": key, "models": [f"models:/{SEALED}/1"[:8]]},
        {"members": world.inputs / "train.csv", "annex_key": key},
        {"members": members},
        {"tracking_uri": f"sqlite:///{world.made}/absent.db"},
        {},
    ):
        for index in (world.index, newer):
            yield lambda options=options, index=index: looked(taint(index, **{"tracking_uri": uri} | options))

    def tracked(data: Any, **options: Any) -> object:
        with start_run(data, world.index, ON, run_name="canary", tracking_uri=uri, **options) as run:
            pass
        graph = log_run_page(run.info.run_id)
        return graph, graph.document(), run_graph(run.info.run_id).versions

    report = ss.scrub(world.checkable, world.index, ON, detail=True).report
    copy = world.made / "canary-run.html"
    yield lambda: tracked(clean, members=members, scrubbed=report, operators_copy=copy)
    yield lambda: tracked(world.arrests, members=members)
    yield lambda: tracked(clean, scrubbed=report)
    yield lambda: tracked(clean, scrubbed=report, operators_copy=world.inputs / "absent" / "copy.html")
    yield lambda: (run_graph(SEALED), log_run_page(PAYLOAD))
    for run_id in (SEALED, "0" * 32):
        yield lambda run_id=run_id: log_certificate(
            run_id, world.inputs / "train.csv", world.made / "example.key.pub", tracking_uri=uri
        )
    yield lambda: ([state.is_tainted for state in TaintState], TaintReason.worst(TaintReason))
    for address in ("models:/risk/1", "models:/risk@none", "models:/m-none", "risk.joblib"):
        yield lambda address=address: require_untainted(address, index=world.index, tracking_uri=uri)
    yield lambda: mlflow.set_tracking_uri(None)


def commands(world: World) -> Calls:
    made = world.made
    keys = ["--members", made / "seals.members", "--annex-key", made / "example.key.annex"]
    store = ["--tracking-uri", f"sqlite:///{made}/tracking.db"]
    index = ["--index", made / "example.sealindex"]
    for words in (
        [*index, *keys, *store, "--gate"],
        [*index, *keys, *store, "--format", "json", "--since", made / "example.sealindex"],
        [*index, *store, "--key-file", made / "example.key", "--no-tag"],
        [*index, *store],
        [*index, *keys, *store, "--registry", world.inputs / "train.csv"],
        [*index, *keys, "--tracking-uri", f"sqlite:///{made}/absent.db"],
        [*index, "--members", world.inputs / "train.csv", *keys[2:], *store],
        [*index, *keys, *store, "--model-uri", "models:/risk/99", "--min-coverage", NEAR],
    ):
        yield lambda words=words: _run("taint", *words)


def drills(world: World) -> Calls:
    """The custodian's day, with notices of the canary, and of what is not a notice."""
    from sealscrub.custodian.registry import Registry
    from sealscrub.identifiers import generate_keys, load_key
    from sealscrub.index import open_index

    made, custody = world.made / "drill", world.custody / "drill"
    made.mkdir()
    custody.mkdir()
    generate_keys(made / "seal.key")
    registry = Registry.create(custody / "seals.db")
    registry.close()
    head = "seal_id,event,regime,effective_from,notified_on,basis,arrest_number\n"
    (custody / "good.csv").write_text(head + f"S1,sealed,us-ny/cpl-160.50,2015-03-02,2015-04-01,notice,{SEALED}\n")
    (custody / "bad.csv").write_text(head + f"S2,sealed,us-ny/cpl-160.50,{PAYLOAD},2015-04-01,notice,{NEAR}\n")
    store = f"sqlite:///{world.made}/tracking.db"
    words = [custody / "seals.db", "-o", made / "today.sealindex", "--use", "training", "--audience", "police"]
    words += ["--key-file", made / "seal.key", "--tracking-uri", store, "--report", made / "drill.html"]
    for more in (
        ["--notices", custody / "bad.csv"],
        ["--notices", custody / "good.csv", "--format", "json"],
        ["--members", world.made / "seals.members", "--annex-key", made / "seal.key.annex", "--format", "html"],
        ["--plan", world.inputs / "train.csv", "--since", made / "today.sealindex"],
        ["--retrain", "sealscrub.identifiers:load_key"],
        ["--receipts", world.inputs / "train.csv", "--receipts-to", made / "receipts"],
    ):
        yield lambda more=more: _run("refresh-report", *words, *more)

    def drill(**options: Any) -> object:
        index = open_index(made / "today.sealindex", load_key(made / "seal.key"))
        with Registry.open(custody / "seals.db") as opened:
            done = run_drill(index, opened, tracking_uri=store, before=[DrillStep("index", 1.0)], **options)
        return done, done.steps, done.retrains, done.to_text(), done.to_json(), done.to_html(), done.exit_code

    yield drill
    yield lambda: drill(plans=[world.inputs / "absent.toml"])
    yield lambda: drill(receipts_to=made / "receipts")


DRIVES = (datasets, commands, drills)
