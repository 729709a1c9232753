"""``sealscrub link run``: link the rows of an extract to seals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from . import options as opt
from .declarations import option
from .link_clerk import invented_pairs, with_known
from .link_inputs import (
    ExtractFile,
    ModelFile,
    Namespace,
    RequiredAnnexKey,
    check_place,
    opened_extract,
    read_model,
    recorded_already,
)
from .remarks import remark

if TYPE_CHECKING:
    import polars as pl

    from sealscrub.custodian.linkage import LinkModel
    from sealscrub.custodian.registry import LinkWork
    from sealscrub.extracts import Extract

__all__ = ["link_run"]

_MOST_SHARED = 0.5
"""Share of an extract's rows that a model may have been trained on: an older extract of the system has some of them."""

_DOUBTED = "Not found any more, and in the review: {}, since the row or the notice now says something else."

_AGAIN = "Called different before, and in the review again: {}, since they say something else, or more in them agrees."
_CHANGED = "Called the same before, and in the review again: {}, sealed until then, since they say something else now."


def link_run(
    place: opt.RegistryPlace,
    extract: ExtractFile,
    *,
    link_model: ModelFile,
    namespace: Namespace,
    review: Annotated[Path, option("File of the pairs that a clerk has to decide (CSV, 0600).")],
    annex_key: RequiredAnnexKey,
    older: Annotated[
        Path | None,
        option("An extract that was linked before: its rows that are the same here are compared only with new seals."),
    ] = None,
    seed_known: Annotated[
        int | None, option("Add this many invented rows that are wrong, to measure the clerk; they never link.")
    ] = None,
    same_extract: Annotated[
        str | None, option("Why the model may decide rows that it was trained on.", metavar="REASON")
    ] = None,
    access: opt.RegistryWriting,
) -> None:
    """Link rows to the seals in force; what is not certain is withheld until a clerk has decided.

    Only the difference is compared: new seals with all rows, and all seals with rows that were not linked before. What
    a clerk has decided before stays as it is while the row and the notices say what the clerk saw; a pair that says
    something else is in the review again: withheld if it was called different, and sealed if it was called the same. A
    link that is not found any more, since the id of its row now names another arrest, is withheld. The same extract
    again changes nothing. A review that holds answers is not replaced.

    Example: sealscrub link run seals.db vendor.linkin --link-model link.model --namespace vendor --review review.csv \
--annex-key seal.key.annex
    """
    import polars as pl

    from sealscrub.custodian.linkage import link_new, pair_marks
    from sealscrub.custodian.reviews import OTHER_SEALS, check_unanswered, write_review
    from sealscrub.reports import counted

    check_place(review, place, extract, link_model, annex_key, older)
    check_unanswered(review)
    with access.open(place) as registry:
        rows, model = opened_extract(extract, annex_key, "link run"), read_model(link_model)
        before = None if older is None else opened_extract(older, annex_key, "link run")
        _refuse_same(rows, model, same_extract)
        registry.require_second(link_model, "link run")
        work = registry.link_work(
            namespace, extract=rows.digest, model=model.digest, earlier="" if before is None else before.digest
        )
        new_rows = _new_rows(work, rows, before)
        found = link_new(work.seals, rows.frame, model, new_seals=work.new_seals, new_rows=new_rows).pairs
        lost = _no_longer_found(registry.links(namespace), found, work, rows, new_rows)
        doubted = lost.filter(basis="model").select(found.columns)
        bands = pl.concat([found.with_columns(band=pl.col("band").replace({"review": "withheld"})), doubted])
        bands = bands.with_columns(pair_marks(bands, work.seals, rows.frame, rows.marking_key))
        done = work.newest and not (work.new_seals or new_rows)
        linked = registry.add_links(
            bands,
            namespace=namespace,
            model=model.digest,
            file=extract,
            same_extract=same_extract or "",
            run=None if done else work.run,
        )
        held = registry.links(namespace).join(rows.frame.select(row="id"), on="row", how="semi")
        shown = held.filter(pl.col("band") == "withheld")
        again = lost.filter(pl.col("basis") != "model") if work.before is not None else lost.clear()
        changed = _say_something_else(held, work.seals, rows).join(again, on=["seal", "row"], how="anti")
        others = held.group_by("row").agg((pl.len() - 1).replace(0, None).alias(OTHER_SEALS))
        asked = pl.concat([shown, again, changed], how="diagonal").join(
            others, on="row", how="left", maintain_order="left"
        )
        lines = asked.select("seal", "row", "weight", OTHER_SEALS), rows.frame
        if seed_known is not None:
            added = invented_pairs(seed_known, work.seals, rows.frame, model)
            registry.record_known_pairs(namespace, added.pairs, batch="", file=extract)
            lines = with_known(added, lines[0].drop(OTHER_SEALS), rows.frame)
            if not lines[0]["weight"].is_between(model.lower, model.upper).all():  # which shows invented pairs
                lines = lines[0].with_columns(weight=pl.lit(None, pl.Float64)), lines[1]
        marks = pair_marks(lines[0], work.seals, lines[1], rows.marking_key)
        lines = lines[0].with_columns(marks), lines[1]
        newest = next(iter(registry.proposed_pairs(namespace)["run"]), 0)
        with recorded_already("the links are", "run it again: it writes the review"):
            write_review(review, lines[0], work.seals, lines[1], namespace=namespace, model=model.digest, epoch=newest)
    remark(
        _comparison_sentence(work, new_rows),
        f"{counted(len(rows.frame), 'row')}: {len(held) - len(shown):,} linked and sealed, {len(shown):,} withheld "
        "for a clerk to decide.",
        f"New: {linked.recorded:,}. The registry is at epoch {linked.epoch}.",
        *([f"Decided before, and left as they are: {linked.decided:,}."] if linked.decided else []),
        *([_AGAIN.format(counted(linked.again, "pair"))] if linked.again else []),
        *([_CHANGED.format(counted(len(changed), "pair"))] if len(changed) else []),
        *([_DOUBTED.format(counted(many, "link"))] if (many := len(doubted) + len(again)) else []),
        f"wrote {review}: the pairs that are withheld until they are decided. It holds names.",
        *([f"The model was trained on these rows: {same_extract}"] if same_extract else []),
    )


def _new_rows(work: LinkWork, rows: Extract, earlier: Extract | None) -> list[str]:
    """Rows that were not compared with the seals of the run before, or were said something else about since."""
    if work.before is None:
        return rows.frame["id"].to_list()
    since = rows.frame.filter(rows.frame["id"].is_in(list(work.said_since)))["id"].to_list()
    if work.before.extract == rows.digest or earlier is None:
        return since
    return sorted({*since, *rows.rows_beyond(earlier)})


def _no_longer_found(
    held: pl.DataFrame, found: pl.DataFrame, work: LinkWork, rows: Extract, new_rows: list[str]
) -> pl.DataFrame:
    """Links in force whose pair was compared and is not found any more, as if the id of a row now names another."""
    import polars as pl

    compared = pl.col("row").is_in(new_rows) | pl.col("seal").is_in(work.new_seals)
    here = held.filter(compared).join(rows.frame.select(row="id"), on="row", how="semi")
    lost = here.join(found, on=["seal", "row"], how="anti")
    return lost.with_columns(weight=pl.lit(None, pl.Float64), band=pl.lit("withheld"))


def _say_something_else(held: pl.DataFrame, seals: pl.DataFrame, rows: Extract) -> pl.DataFrame:
    """Links that a clerk has confirmed, of which a side says something else than the clerk saw."""
    import polars as pl

    from sealscrub.custodian.linkage import pair_marks

    confirmed = held.filter(basis="clerk", band="sealed")
    now = pair_marks(confirmed, seals, rows.frame, rows.marking_key).alias("now")
    changed = confirmed.with_columns(now).filter(pl.col("seen").ne_missing(pl.col("now")))
    return changed.drop("now").with_columns(weight=pl.lit(None, pl.Float64))


def _comparison_sentence(work: LinkWork, new_rows: list[str]) -> str:
    """Say what was compared, and why."""
    from sealscrub.reports import counted

    if work.before is None:
        return (
            "Everything was compared: no run is recorded of this extract, or of the one named with --older, by this "
            "model and this release."
        )
    return (
        f"Compared: {counted(len(work.new_seals), 'new or changed seal')} with all rows, and "
        f"{counted(len(new_rows), 'new or changed row')} with all seals. The rest was compared at epoch "
        f"{work.before.epoch}."
    )


def _refuse_same(rows: Extract, model: LinkModel, reason: str | None) -> None:
    """Refuse to decide rows by a model that was fitted on them."""
    from sealscrub.errors import ConfigError
    from sealscrub.extracts import share_marked

    if reason:
        return
    share = share_marked(rows.frame, model.trained_rows, rows.marking_key)
    if model.trained_on == rows.digest or share > _MOST_SHARED:
        raise ConfigError(
            "the model was trained on this extract or most of its rows: sealed rows would affect the links of others",
            hint="train it on an older one of other rows, or say why with --same-extract REASON.",
        )
