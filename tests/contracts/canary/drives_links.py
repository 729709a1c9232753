"""Drive what linkage takes from a data's host, the registry's links, and what a clerk reads and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import polars as pl

from sealscrub.cli import run
from sealscrub.custodian.linkage import pair_marks, recall_bound, starting_model
from sealscrub.custodian.registry import Registry
from sealscrub.custodian.reviews import (
    check_unanswered,
    held_files,
    left_spills,
    read_answers,
    write_review,
    write_sample,
)
from sealscrub.extracts import extract, extract_day, open_extract, row_marks, share_marked
from sealscrub.identifiers import generate_keys, load_annex, load_recipient

from .watch import NUMBER, PAYLOAD, SEALED, WITHHELD
from .world import World

Calls = Iterator[Callable[[], object]]


def extracts(world: World) -> Calls:
    _, _, annex, _, public = generate_keys(world.made / "linked.key")
    recipient, private = load_recipient(public), load_annex(annex)
    place = world.made / "vendor.linkin"
    by = {"charge": "offense"}
    rows = world.checkable.with_columns(id=pl.int_range(pl.len()))
    made = extract(rows, row_id="id", fields=by)
    yield lambda: (repr(made), made.digest)
    yield lambda: made.write(place, recipient)
    yield lambda: made.write(place, b"")
    yield lambda: repr(open_extract(place, private))
    yield lambda: (extract_day(place.read_bytes()[:64]), extract_day(PAYLOAD.encode()))
    yield lambda: made.rows_beyond(open_extract(place, private))
    yield lambda: open_extract(world.inputs / "train.csv", private)
    for bad in ({"row_id": "offense"}, {"row_id": "words"}, {"fields": {PAYLOAD: "offense"}}, {"fields": {}}):
        yield lambda bad=bad: extract(rows, **{"row_id": "id", "fields": by} | bad)
    yield lambda: extract(rows, row_id="id", fields={"charge": "words"})
    yield lambda: extract(rows, row_id="id", fields={"arrest_date": "offense", "nysid": "offense"})
    yield lambda: extract(rows.with_columns(pl.lit(PAYLOAD.encode()).alias("offense")), row_id="id", fields=by)
    yield lambda: extract(rows.with_columns(id=pl.lit(NUMBER)), row_id="id", fields=by)
    yield lambda: extract(world.inputs / "torn.parquet", row_id="n", fields=by)
    options = ["--charge", "offense", "-o", str(place), "--recipient", str(public)]
    for name in ("train.csv", "train.parquet", "torn.parquet", "ragged.csv"):
        for row_id in ("n", "arrest_no", "offense", "absent"):
            yield lambda name=name, row_id=row_id: run(
                ["link", "extract", str(world.inputs / name), "--row-id", row_id, *options]
            )


def links(world: World) -> Calls:
    place, file = world.custody / "linked.db", world.custody / "linked.csv"
    file.write_text(
        "seal_id,event,regime,effective_from,arrest_number,last_name,first_name,arrest_date\n"
        f"{PAYLOAD},sealed,us-ny/cpl-160.50,2014-03-02,{SEALED},{PAYLOAD},{PAYLOAD},2014-03-01\n"
    )
    found = pl.DataFrame({"seal": [PAYLOAD], "row": [SEALED], "weight": [1.5], "band": ["withheld"]})
    with Registry.create(place) as seals:
        seals.add(file)
        asked = {"namespace": "vendor", "file": file}
        yield lambda: seals.add_links(found, model="m", **asked)
        for wrong in ({"seal": WITHHELD}, {"band": PAYLOAD}, {"row": None}):
            changed = found.with_columns(pl.lit(value, pl.String).alias(name) for name, value in wrong.items())
            yield lambda changed=changed: seals.add_links(changed, **asked)
        yield lambda: seals.add_links(pl.concat([found, found]), **asked)
        yield lambda: seals.add_links(found.drop("row"), **asked)
        yield lambda: seals.add_links(found, **asked | {"namespace": ""})
        yield lambda: seals.add_links(found, **asked | {"namespace": "docket"})
        yield lambda: seals.add_links(found, basis="clerk", effective_from=dt.date(2014, 1, 1), **asked)
        yield lambda: len(seals.seals_in_force())
        yield lambda: repr(seals.link_work("vendor", extract="x", model="m"))
        yield lambda: seals.link_work("", extract="x", model="m")
        yield lambda: seals.add_links(
            found, model="m", run=seals.link_work("vendor", extract="x", model="m").run, **asked
        )
        yield lambda: seals.add_links(
            found, basis="clerk", run=seals.link_work("vendor", extract="x", model="m").run, **asked
        )
        yield lambda: seals.add_links(found, basis="none", same_extract="no other is there", **asked)
        yield lambda: (seals.persons().height, seals.links("vendor").height, seals.require_second(file, "canary"))
        yield lambda: seals.record_bound("vendor", recall_bound(9, 10), file=file)
        drawing = {"extract": "x", "model": "m", "frame": [PAYLOAD], "seed": 1, "seals_epoch": 1, "file": file}
        yield lambda: (seals.require_linked("vendor", "x"), repr(seals.record_draw("vendor", found, **drawing)))
        yield lambda: seals.record_draw("vendor", found, **drawing | {"extract": PAYLOAD})
        yield lambda: seals.require_linked("vendor", PAYLOAD)
        for lines in (found, found.with_columns(row=pl.lit(WITHHELD))):
            yield lambda lines=lines: seals.record_bound(
                "vendor", recall_bound(9, 10), file=file, draw=seals.drawn("vendor", seals.epoch, lines)
            )
        yield lambda: seals.record_bound("vendor", found, file=file)  # type: ignore[arg-type]  # what a caller may pass
        review, sample = world.custody / "review.csv", world.custody / "sample.csv"
        rows = pl.DataFrame({"id": [SEALED], "last_name": [PAYLOAD]})
        about = {"namespace": "vendor", "model": "m"}
        yield lambda: write_review(review, found, seals.persons(), rows, **about)
        yield lambda: write_sample(sample, found, seals.persons(), rows, epoch=1, **about)
        yield lambda: write_review(world.custody / "absent" / "x.csv", found, seals.persons(), rows, **about)
        yield lambda: pair_marks(found, seals.persons(), rows, bytes(32)).to_list()
        yield lambda: pair_marks(found.drop("row"), seals.persons(), rows, bytes(32))
        yield lambda: share_marked(rows, row_marks(rows, bytes(32)), bytes(32))
        yield lambda: share_marked(rows, {"last_name": (PAYLOAD,)}, bytes(32))
        yield lambda: repr(read_answers(review, "review"))
        yield lambda: read_answers(review, "sample")
        yield lambda: read_answers(file, "review")
        yield lambda: (check_unanswered(review), seals.proposed_pairs("vendor").height)
        yield lambda: check_unanswered(file)
        yield lambda: read_answers(review, "review").check_proposed(found.clear())
        yield lambda: run(["link", "decide", str(place), str(review)])
        added = found.with_columns(row=pl.lit(WITHHELD), known=pl.lit("not"))
        yield lambda: seals.record_known_pairs("vendor", added, batch="", file=file)
        yield lambda: seals.record_known_pairs("vendor", found, batch="", file=file)
        yield lambda: seals.record_known_pairs("vendor", added.with_columns(known="seal"), batch="", file=file)
        yield lambda: seals.record_known_pairs("", added, batch="", file=file)
        yield lambda: read_answers(review, "review").about(seals.known_pairs("vendor")).height
        yield lambda: repr(read_answers(review, "review").without(seals.known_pairs("vendor")))
        yield lambda: seals.record_known_pairs("vendor", added.with_columns(seal="row"), batch="", file=file)
        yield lambda: (held_files([world.custody]), left_spills())
        yield lambda: held_files([world.custody / "absent"])
        yield lambda: seals.revoke_links(found, **asked)
        yield lambda: seals.revoke_links(found.drop("seal"), **asked)


def link_commands(world: World) -> Calls:
    made, custody = world.made, world.custody
    model, place = made / "link.model", str(custody / "linked.db")
    model.write_text(starting_model().to_json())
    opened = ["--annex-key", str(made / "linked.key.annex"), "--namespace", "vendor"]
    extract, answers = str(made / "vendor.linkin"), custody / "answered.csv"
    run_options = ["--link-model", str(model), "--review", str(custody / "review-2.csv"), *opened]
    for name in (extract, str(world.inputs / "train.csv")):
        yield lambda name=name: run(["link", "run", place, name, *run_options])
        yield lambda name=name: run(["link", "run", place, extract, "--older", name, *run_options])
    yield lambda: run(["link", "train", place, extract, "-o", str(made / "own.model"), *opened[:2]])
    bound = ["link", "bound", place, extract, *opened]
    sample = custody / "sample-2.csv"
    yield lambda: run([*bound, "--sample", "3", "--link-model", str(model), "-o", str(sample)])
    yield lambda: run([*bound, "--sample", "3", "--link-model", str(model), "-o", str(sample), "--frame", extract])
    yield lambda: run([*bound, "--decided", str(sample)])
    yield lambda: run([*bound[:3], *opened[2:], "--decided", str(sample), "--groups", str(world.inputs / "train.csv")])
    yield lambda: run([*bound[:3], *opened[2:], "--decided", str(sample), "--least-group", "9"])
    yield lambda: run([*bound, "--decided", str(custody / "review.csv")])
    for size in ("1", "2"):
        yield lambda size=size: run(["link", "run", place, extract, *run_options, "--seed-known", size])
        yield lambda size=size: run(
            [*bound, "--sample", "3", "--link-model", str(model), "-o", str(sample), "--seed-known", size]
        )
    yield lambda: run([*bound[:3], *opened[2:], "--decided", str(sample), "--second-reading", str(sample)])
    for word in ("same", "not", PAYLOAD):
        text = (custody / "review.csv").read_text()
        answers.write_text("\n".join(line.replace(",1.5,", f",1.5,{word}", 1) for line in text.splitlines()) + "\n")
        yield lambda: run(["link", "decide", place, str(answers)])
    yield lambda: run(["link", "decide", place, str(world.inputs / "train.csv")])
    yield lambda: run(["link", "drill", place, *run_options[:2]])
    yield lambda: run(["link", "status", str(custody), "--days", "0"])


DRIVES = (extracts, links, link_commands)
