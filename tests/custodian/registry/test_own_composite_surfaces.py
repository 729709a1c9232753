"""A key of two columns that a custodian defined works in services, charts, galleries, receipts as ``person_arrest``."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest

import sealscrub
import sealscrub as ss
from sealscrub.certificates import Certificate, load_signer, make_receipt, open_certificate, verify_receipt
from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UsageError
from sealscrub.filters import GuardedRoute, GuardMiddleware, NullGallery, guard_edges, guard_graph
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index
from sealscrub.lineage import run_drill
from sealscrub.validators.certification import certify

from ...filters.serving.police_service import ask
from .custodian import Custodian
from .test_own_composite import COLUMNS, KEYS, ROWS, own_schemes, registered

__all__ = ["own_schemes"]

SEALED: dict[str, Any] = ROWS.row(0, named=True)
NOBODY = {"own_county": "NOWHERE", "own_case": "900001", "date": "1901-02-03", "nysid": "99999998Z"}
SOURCE = str(Path(sealscrub.__file__).parents[1])


class World:
    """One scheme, an index that holds a key of it, and the rows that stay."""

    def __init__(self, folder: Path, scheme: str) -> None:
        self.folder, self.scheme, self.parts = folder, scheme, KEYS[scheme]
        self.columns = [COLUMNS[part] for part in self.parts]
        self.custodian: Custodian = registered(folder, SEALED)
        self.index: Index = self.custodian.index(uses=["training", "output"])
        self.on = {scheme: "+".join(self.columns)}
        self.paths = {scheme: "+".join(f"$.{column}" for column in self.columns)}
        self.kept = ROWS.filter(~pl.all_horizontal(pl.col(column) == SEALED[column] for column in self.columns))
        self.known = [tuple(row[column] for column in self.columns) for row in self.kept.to_dicts()]
        self.ids = tuple(str(SEALED[column]) for column in self.columns)


@pytest.fixture(params=KEYS)
def world(request: pytest.FixtureRequest, tmp_path: Path, own_schemes: None) -> World:
    return World(tmp_path, request.param)


def _service(world: World, rows: pl.DataFrame) -> Any:
    """Answers about one record, and with a table of all."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        media, status = b"application/json", 200
        if scope["path"] == "/rows.csv":
            media, body = b"text/csv; charset=utf-8", rows.drop("row").write_csv().encode()
        else:
            said = (await receive()).get("body") or b"{}"
            asked = json.loads(said) | dict(
                pair.split("=") for pair in scope["query_string"].decode().split("&") if pair
            )
            row = {column: str(asked.get(column)) for column in world.columns}
            found = rows.filter(pl.all_horizontal(pl.col(name) == value for name, value in row.items())).height
            status = 200 if found else 404
            body = json.dumps(row if found else {"detail": f"nothing about {row}"}).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", media)]})
        await send({"type": "http.response.body", "body": body})

    return app


def _guarded(world: World, rows: pl.DataFrame) -> GuardMiddleware:
    scheme, unknown = world.scheme, NOBODY[world.parts[0]]
    routes = [
        GuardedRoute(
            path,
            ids={scheme: "+".join(f"{place}{column}" for column in world.columns)},
            on=world.paths,
            complete=True,
            unknown=unknown,
        )
        for path, place in (("/query", "query:"), ("/body", "body:$."))
    ]
    others = [each for each in rows.columns if each not in (*world.columns, "row")]
    table = GuardedRoute("/rows.csv", columns=world.on, independent=others, complete=True, allow_absent=True)
    return GuardMiddleware(_service(world, rows), index=world.index, routes=[*routes, table], known=world.known)


@pytest.mark.thinned(together=0)
def test_a_guarded_service_answers_as_if_it_had_never_been(world: World) -> None:
    held, without = _guarded(world, ROWS), _guarded(world, world.kept)
    missing = [str(NOBODY[part]) for part in world.parts]
    for asked in ([str(row[column]) for column in world.columns] for row in ROWS.to_dicts()):
        for wanted in (asked, missing):
            fields = dict(zip(world.columns, wanted, strict=True))
            query = "&".join(f"{name}={value}" for name, value in fields.items())
            answers = [
                (
                    ask(app, "/query", query=query).whole,
                    ask(app, "/body", method="POST", body=json.dumps(fields).encode()).whole,
                )
                for app in (held, without)
            ]
            assert answers[0] == answers[1]
    assert ask(held, "/rows.csv").body == world.kept.drop("row").write_csv().encode()


def test_an_unknown_id_that_does_not_parse_is_refused(world: World) -> None:
    ids = {world.scheme: "+".join(f"query:{column}" for column in world.columns)}
    with pytest.raises(ConfigError, match="does not parse"):
        GuardedRoute("/a", ids=ids, on=world.paths, complete=True, unknown="?!")


def test_charts_lose_what_only_it_supports(world: World) -> None:
    edges = ROWS.with_columns(a=pl.lit("A"), b=pl.lit("B"))
    assert guard_edges(edges, world.index, world.on)["row"].to_list() == world.kept["row"].to_list()
    graph = nx.MultiGraph()
    for row in ROWS.to_dicts():
        graph.add_edge("A", "B", **row)
    independent = [each for each in ROWS.columns if each not in world.columns]
    left = guard_graph(graph, world.index, world.on, independent=independent)
    assert sorted(facts["row"] for *_, facts in left.edges(data=True)) == world.kept["row"].to_list()


def test_a_gallery_takes_it_with_a_table_of_keys(world: World) -> None:
    ids, vectors = [f"photo {row}" for row in ROWS["row"]], np.eye(ROWS.height)
    gallery = NullGallery(ids, vectors, world.index, keys=ROWS, on=world.on)

    assert sorted(gallery.search(vectors[0], ROWS.height)[0]) == sorted(ids[row] for row in world.kept["row"])
    with pytest.raises(ConfigError, match="several columns"):
        NullGallery(ids, vectors, world.index, scheme=world.scheme)


def _certified(world: World, rows: pl.DataFrame, index: Index) -> tuple[Any, Certificate]:
    key = world.folder / "team.key"
    if not key.exists():
        generate_certifier(key)
    issued = certify(rows, index, world.on, signer=load_signer(key), receipts=True)
    (world.folder / "c.json").write_bytes(issued.certificate)
    return issued.receipts, open_certificate(world.folder / "c.json", world.folder / "team.key.pub")


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("between", ["+", "@"])
def test_a_receipt_proves_that_it_is_gone(world: World, between: str) -> None:
    receipts, certificate = _certified(world, world.kept, world.index)

    receipt = make_receipt(receipts, world.scheme, between.join(world.ids))

    verify_receipt(receipt, "+".join(world.ids), certificate.statement)
    with pytest.raises(UsageError, match="nothing to prove"):
        make_receipt(receipts, world.scheme, between.join(world.known[0]))
    with pytest.raises(UsageError, match="does not parse") as caught:
        make_receipt(receipts, world.scheme, world.ids[0])
    assert world.ids[0] not in str(caught.value)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of MLflow's dependencies
@pytest.mark.parametrize("world", ["own_three", "person_arrest"], indirect=True)
def test_a_refresh_makes_its_receipts(world: World) -> None:
    """What is sealed since is gone from one dataset, and still in another."""
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow")
    store = f"sqlite:///{world.folder}/mlflow.db"
    mlflow.MlflowClient(store).search_experiments()
    other = {"own_county": ["BRONX"], "own_case": ["9"], "date": ["2001-01-01"], "nysid": ["09999999Z"]}
    older = example_index({world.scheme: ["@".join(*zip(*(other[part] for part in world.parts), strict=True))]})
    for rows, still in ((world.kept, 0), (ROWS, 1)):
        receipts, certificate = _certified(world, rows, older)
        place = world.folder / f"receipts-{still}"
        drill = run_drill(
            world.index,
            world.custodian.registry,
            tracking_uri=store,
            certificate=certificate,
            receipts=receipts,
            receipts_to=place,
        )
        assert (drill.still_there, len(list(place.iterdir()))) == (still, 1 - still)


@pytest.mark.parametrize("world", ["own_three"], indirect=True)
def test_an_index_takes_the_definition_along_to_another_process(world: World) -> None:
    """As workers of Spark, joblib and multiprocessing get it."""
    program = (
        "import pickle, sys, polars as pl, sealscrub as ss\n"
        "index, rows, on = pickle.load(sys.stdin.buffer)\n"
        "print(ss.scrub(pl.DataFrame(rows), index, on)['row'].to_list())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": SOURCE},
        input=pickle.dumps((world.index, ROWS.to_dicts(), world.on)),
        capture_output=True,
        check=True,
    )

    assert (
        json.loads(done.stdout) == world.kept["row"].to_list() == ss.scrub(ROWS, world.index, world.on)["row"].to_list()
    )


def test_great_expectations_finds_it(world: World) -> None:
    pytest.importorskip("great_expectations", reason="the extra gx")
    from sealscrub import gx

    for rows, verdict in ((ROWS, "found"), (world.kept, "clean")):
        suite = [gx.ExpectNoSealedRecords(on=world.on), gx.ExpectKeysParsable(on=world.on)]
        results = gx.run_suite(suite, rows.to_pandas(), index=world.index).results
        assert [each.verdict for each in results] == [verdict, "clean"]
