"""``sealscrub link bound``: how many of the seals the links find, at least."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.reports import Count, Listing, Name, Number, Share, bare, counted

from . import options as opt
from .declarations import OR_ADDRESS, needs, option, unless
from .link_clerk import invented_pairs, known_counts, known_in_words, with_known
from .link_groups import rates_by_group
from .link_inputs import Namespace, check_place, opened_extract, read_model, recorded_already
from .remarks import remark
from .row_messages import CUSTODIANS_COPY

if TYPE_CHECKING:
    import polars as pl

    from sealscrub.custodian.registry import LinkDraw, Registry
    from sealscrub.custodian.reviews import Answers
    from sealscrub.extracts import Extract

__all__ = ["link_bound"]

_UNSURE = "With such an --alpha the bound satisfies no --min-recall without --recall-alpha; reports do not state it."


def link_bound(
    place: opt.RegistryPlace,
    extract: Annotated[
        Path | None,
        typer.Argument(metavar="EXTRACT", help="The extract, from sealscrub link extract."),
        needs("--sample"),
    ] = None,
    *,
    namespace: Namespace,
    annex_key: Annotated[
        Path | None, option("The key that opens extracts, seal.key.annex.", "--annex-key"), needs("--sample")
    ] = None,
    sample: Annotated[int | None, option("Draw this many seals for a clerk to look for; 1000 is usual.", min=1)] = None,
    output: Annotated[Path | None, option("The sample file (CSV, 0600).", "--output", "-o"), needs("--sample")] = None,
    link_model: Annotated[
        Path | None, option("The model, as sealscrub link train wrote it."), needs("--sample")
    ] = None,
    frame: Annotated[
        Path | None,
        option("The seals that the system should hold: a file with the column seal_id; by default all in force."),
        OR_ADDRESS,
        needs("--sample"),
    ] = None,
    seed_known: Annotated[
        int | None,
        option("Add this many invented rows that are wrong, to measure the clerk; they never link."),
        needs("--sample"),
    ] = None,
    seed: Annotated[
        int | None,
        option("Random seed of the draw; by default a new one. A bound says that a seed was chosen.", "--seed"),
        needs("--sample"),
    ] = None,
    decided: Annotated[
        Path | None, option("The sample with the clerk's answers, to compute the bound."), unless("--sample")
    ] = None,
    second_reading: Annotated[
        Path | None,
        option("The sample answered by another clerk; a pair counts if both call it the same."),
        needs("--decided"),
    ] = None,
    alpha: Annotated[float, option("Share of cases in which the bound may be too high."), needs("--decided")] = 0.05,
    groups: Annotated[
        Path | None,
        option("A file with seal_id and other facts, such as name_origin: recall is printed by each."),
        OR_ADDRESS,
        needs("--decided"),
    ] = None,
    least_group: Annotated[
        int, option("Groups of fewer seals are not printed; 10 or more.", min=1), needs("--decided")
    ] = 50,
    access: opt.RegistryWriting,
    reporting: Annotated[opt.Reporting, needs("--decided")],
) -> None:
    """Bound how many of the seals the links of a system find: draw seals, and have a clerk look for each.

    With --sample, each seal that is drawn is compared with every row of the extract that was linked last, and is in the
    file with its five best; the registry records who drew, when, with which seed, and from which seals. With
    --decided, a seal is found if the clerk calls a row of it the same, and each row that is not linked different; all
    others are missed. Recall and precision are printed by sex and race if the extract states them, and by the columns
    of --groups.

    Examples: sealscrub link bound seals.db vendor.linkin --namespace vendor --annex-key seal.key.annex --sample 1000 \
--link-model link.model -o sample.csv · sealscrub link bound seals.db --namespace vendor \
--decided sample.csv
    """
    import secrets

    from sealscrub.custodian.reviews import check_unanswered
    from sealscrub.errors import ConfigError

    reporting.check(Listing)
    if decided is None and output is not None:
        check_place(output, place, extract, annex_key, link_model, frame)
        check_unanswered(output)
    with access.open(place) as registry:
        if decided is not None:
            reporting.say(_recorded(registry, (decided, second_reading), namespace, alpha, groups, least_group))
        elif sample is None:
            raise ConfigError(
                "no sample or answers given",
                hint="--sample 1000 --link-model link.model -o sample.csv, then --decided sample.csv.",
            )
        elif extract is None or annex_key is None or output is None or link_model is None:
            raise ConfigError(
                "a sample needs an extract and a model",
                hint="EXTRACT --annex-key seal.key.annex --sample 1000 --link-model link.model -o sample.csv.",
            )
        else:
            _draw(
                registry,
                (extract, opened_extract(extract, annex_key, "link bound")),
                namespace,
                (sample, secrets.randbelow(2**32) if seed is None else seed, seed is not None),
                output,
                frame,
                link_model,
                seed_known,
            )


def _draw(
    registry: Registry,
    source: tuple[Path, Extract],
    namespace: str,
    how: tuple[int, int, bool],
    output: Path,
    frame: Path | None,
    model_file: Path,
    seed_known: int | None,
) -> None:
    """Draw seals, record that they were drawn, and write each with its best rows."""
    import polars as pl

    from sealscrub.custodian.linkage import best_rows, draw_sample
    from sealscrub.custodian.reviews import write_sample
    from sealscrub.errors import ConfigError

    model, rows, seals_epoch = read_model(model_file), source[1].frame, registry.epoch
    held = registry.seals_in_force() if frame is None else _ids(frame)
    if not held:
        raise ConfigError(
            "no seal is in force" if frame is None else "the frame names no seal",
            hint="register notices." if frame is None else "name the seals that the system should hold.",
        )
    registry.require_linked(namespace, source[1].digest)
    drawn = draw_sample(held, *how[:2])
    asked = registry.persons(sample=drawn, seed=how[1])
    best = best_rows(asked, rows, model, n=5).join(
        pl.DataFrame({"seal": drawn}, schema={"seal": pl.String}), on="seal", how="right", coalesce=True
    )
    lines, added = (best.select("seal", "row", "weight"), rows), None
    if seed_known is not None:
        added = invented_pairs(seed_known, asked, rows, model, wrong_alone=True)
        last = lines[0].sort("seal", "weight", "row", descending=[False, True, False]).unique("seal", keep="last")
        given_up = last.filter(pl.col("seal").is_in(added.pairs["seal"].implode()))  # or such a seal has a row more
        lines = with_known(added, lines[0].join(given_up, on=["seal", "row"], how="anti", maintain_order="left"), rows)
    draw = registry.record_draw(
        namespace,
        lines[0],
        extract=source[1].digest,
        model=model.digest,
        frame=None if frame is None else held,
        seed=how[1],
        chosen=how[2],
        seals_epoch=seals_epoch,
        file=source[0],
    )
    if added is not None:
        registry.record_known_pairs(namespace, added.pairs, batch=str(draw.epoch), file=model_file)
    with recorded_already("the draw is", "draw again: the bound counts both draws"):
        write_sample(output, lines[0], asked, lines[1], namespace=namespace, model=model.digest, epoch=draw.epoch)
    remark(
        f"wrote {output}: {counted(len(drawn), 'seal')}, each with its five best rows. It holds names.",
        f"Drawn with --seed {how[1]} from {_frame_in_words(draw)}.",
        f"Samples drawn for this system so far: {draw.draws:,}.",
    )


def _frame_in_words(draw: LinkDraw) -> str:
    """Say which seals the system should hold, and how that was declared."""
    chosen = "; the seed was chosen" if draw.chosen else ""
    if draw.framed_all:
        return f"all of {counted(draw.in_force, 'seal')} in force on {draw.drawn_on}{chosen}"
    return f"a list of {counted(draw.framed, 'seal')}; {draw.in_force:,} were in force on {draw.drawn_on}{chosen}"


def _ids(frame: Path) -> list[str]:
    """Read the seals that the system should hold."""
    from sealscrub.errors import ColumnError
    from sealscrub.tables.opener import read_frame

    held = read_frame(frame)
    if "seal_id" not in held.columns:
        raise ColumnError.absent(
            "seal_id", where=frame.name, otherwise="a file of seals has a row for each, with seal_id."
        )
    return [text for each in held["seal_id"].drop_nulls() if (text := str(each).strip())]


def _recorded(
    registry: Registry,
    readings: tuple[Path, Path | None],
    namespace: str,
    alpha: float,
    groups: Path | None,
    least: int,
) -> Listing:
    """Make the bound of a sample that a clerk has answered, record it, and say it."""
    from dataclasses import replace

    import polars as pl

    from sealscrub.custodian.linkage import recall_bound
    from sealscrub.errors import ConfigError
    from sealscrub.index.recall_bounds import MOST_ALPHA

    decided, apart = readings[0], None
    answers, told, draw = _without_known(registry, decided, namespace)
    denied = answers.different
    added = told.filter(pl.col("answer") != "", known="not").select("seal", "row")
    accepted = told.filter(answer="same", known="not").select("seal", "row")
    if readings[1] is not None:
        again, its, _ = _without_known(registry, readings[1], namespace)
        if again.drawn_at != answers.drawn_at:
            raise ConfigError(
                "the second reading belongs to another sample", where=str(readings[1]), hint="give one sample."
            )
        added = added.join(its.filter(pl.col("answer") != "").select("seal", "row"), on=["seal", "row"], how="semi")
        accepted = accepted.join(its.filter(answer="same"), on=["seal", "row"], how="semi")
        apart = answers.same.join(again.same, on=["seal", "row"], how="anti")
        denied = denied.join(again.different, on=["seal", "row"], how="semi")
        answers = replace(answers, same=answers.same.join(again.same, on=["seal", "row"], how="semi"))
    if added.is_empty() and not told.is_empty():
        raise ConfigError(
            "the clerk cannot be measured: no pair that was added to the sample is answered",
            where=str(decided),
            hint="have every line of the sample answered.",
        )
    in_force = registry.links(namespace, epoch=draw.seals_epoch, as_of=draw.drawn_on)
    linked = in_force.select("seal", "row")
    by_group = rates_by_group(answers, in_force, groups, least)
    clear = pl.concat([each.select("seal", "row") for each in (denied, linked)])
    missed = answers.pairs.join(clear, on=["seal", "row"], how="anti")["seal"]
    found = answers.same.filter(~answers.same["seal"].is_in(missed.to_list()))["seal"].n_unique()
    beside = answers.pairs.unique(["seal", "row"]).join(linked, on=["seal", "row"], how="semi")["seal"]
    bound = recall_bound(
        found,
        len(answers.seals),
        alpha=alpha,
        decoys=added.height,
        decoys_accepted=len(accepted),
        rows_per_seal=max([1, *beside.value_counts()["count"].to_list()]),
    )
    epoch = registry.record_bound(namespace, bound, file=decided, draw=draw)
    known = known_counts(told)
    facts = {
        "System": Name(namespace),
        "At least": Share(bound.lower),
        "Found": f"{found:,} of {bound.n:,}",
        "Drawn from": _frame_in_words(draw),
        "Samples drawn": Number(draw.draws),
        "Too high": f"in at most {100 * bound.alpha:.4g}% of cases",
        "Pairs without an answer": Count(answers.open),
        **({"Called the same by one reading alone": Count(len(apart))} if apart is not None else {}),
        **({"Known pairs": known_in_words(known)} if known else {}),
        "Epoch of the registry": Number(epoch),
    }
    values = {
        "system": namespace, "lower": bound.lower, "alpha": bound.alpha, "found": found, "of": bound.n,
        "open": answers.open, "known": known, "epoch": epoch, "draws": draw.draws, "frame": draw.frame,
        "framed": draw.framed, "in_force": draw.in_force, "drawn_on": draw.drawn_on.isoformat(),
        "groups": [{name: bare(value) for name, value in row.items()} for row in by_group],
    }  # fmt: skip
    return Listing(
        tool="link bound",
        headline="How many of the seals the links find, at least",
        lede="A row that is not linked, and not answered, counts as missed. An index that is published now says so.",
        facts=facts,
        rows=by_group,
        group="by",
        values=values,
        closing=(
            *([_UNSURE] if bound.alpha > MOST_ALPHA else []),
            "Groups are of the seals of which the clerk found a row; small ones are left out.",
        ),
        operators_copy=CUSTODIANS_COPY,
    )


def _without_known(registry: Registry, decided: Path, namespace: str) -> tuple[Answers, pl.DataFrame, LinkDraw]:
    """Read a sample; give the answers about its rows, those about the pairs that were added to it, and its draw."""
    from sealscrub.custodian.reviews import read_answers
    from sealscrub.errors import ConfigError

    answers = read_answers(decided, "sample")
    if answers.namespace != namespace:
        raise ConfigError("the sample was drawn from another system", where=str(decided), hint="give that system.")
    draw = registry.drawn(namespace, answers.drawn_at, answers.lines)
    known = registry.known_pairs(namespace).filter(batch=str(draw.epoch))
    return answers.without(known), answers.about(known), draw
