"""``sealscrub link decide``: what a clerk answered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options as opt
from .link_clerk import known_counts, known_in_words
from .remarks import remark

__all__ = ["link_decide"]


def link_decide(
    place: opt.RegistryPlace,
    review: Annotated[
        Path, typer.Argument(metavar="REVIEW", help="The review file from link run, with the clerk's answers.")
    ],
    *,
    access: opt.RegistryWriting,
) -> None:
    """Record a clerk's answers: same links the row, not ends the link, cannot tell and no answer leave it as it is.

    A pair that link run did not propose is refused. If the terms of custody name a second approver, answers that
    end links need that signature next to the file. What is refused records nothing.

    Example: sealscrub link decide seals.db review.csv
    """
    import polars as pl

    from sealscrub.custodian.reviews import read_answers
    from sealscrub.reports import counted

    answers = read_answers(review, "review")
    if not len(answers.pairs):
        remark("The review has no pairs: there is nothing to decide.")
        return
    with access.open(place) as registry:
        epoch, known = registry.epoch, registry.known_pairs(answers.namespace)
        told, answers = answers.about(known), answers.without(known)
        kept = answers.undecided.clear()
        if len(answers.pairs):
            answers.check_proposed(registry.proposed_pairs(answers.namespace))
        if len(answers.different):
            registry.require_second(review, "link decide")
        if len(answers.same):
            weighed = registry.links(answers.namespace).select("seal", "row", held="weight")
            same = answers.same.join(weighed, on=["seal", "row"], how="left", maintain_order="left")
            same = same.with_columns(pl.coalesce("weight", "held"), band=pl.lit("sealed")).drop("held")
            done = registry.add_links(
                same, namespace=answers.namespace, model=answers.model, basis="clerk", file=review
            )
            epoch = done.epoch
        if len(answers.different):
            epoch = registry.revoke_links(answers.different, namespace=answers.namespace, file=review).epoch
        if len(answers.undecided):
            withheld = registry.links(answers.namespace).filter(pl.col("band") == "withheld")
            kept = answers.undecided.join(withheld, on=["seal", "row"], how="semi")
    unanswered = int((kept["answer"] == "").sum())
    remark(
        f"The same: {counted(len(answers.same), 'pair')}; not: {len(answers.different):,}; withheld still: "
        f"{len(kept):,}, of which {unanswered:,} without an answer. The registry is at epoch {epoch}.",
        *(
            [f"Decided before, or ended, and left so: {counted(settled, 'pair')} without a decision in this file."]
            if (settled := len(answers.undecided) - len(kept))
            else []
        ),
        *([f"Known pairs in the file: {known_in_words(counts)}"] if (counts := known_counts(told)) else []),
        "The file holds names: delete it once every pair is decided.",
    )
