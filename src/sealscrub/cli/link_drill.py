"""``sealscrub link drill``: whether a model still finds damaged copies of what it should find."""

from __future__ import annotations

from typing import Annotated

from sealscrub.reports import Count, Listing, Share

from . import options as opt
from .declarations import option
from .link_inputs import ModelFile, read_model
from .row_messages import CUSTODIANS_COPY

__all__ = ["link_drill"]


def link_drill(
    place: opt.RegistryPlace,
    *,
    link_model: ModelFile,
    level: Annotated[float, option("How many errors the copies have: 1 for a careful file, 5 for a bad one.")] = 2.0,
    floor: Annotated[float, option("The share of the copies that must be linked.")] = 0.98,
    seed: opt.Seed = 1,
    access: opt.RegistryReading,
    reporting: opt.Reporting,
) -> None:
    """Link damaged copies of the seals' own records by a model; exits with 1 if too few of them are found.

    It shows whether a new model or a new release finds less than before. It bounds nothing: errors in a real file are
    others, and sealscrub link bound is what counts them.

    Example: sealscrub link drill seals.db --link-model link.model
    """
    from sealscrub.custodian.linkage import link_drill as drilled
    from sealscrub.datasets import noisy_records
    from sealscrub.errors import ConfigError

    reporting.check(Listing, place)
    model = read_model(link_model)
    with access.open(place) as registry:
        seals = registry.persons().drop_nulls(["last_name", "first_name", "arrest_date"])
    copied = seals.unique("id", keep="first", maintain_order=True)
    if copied.is_empty():
        raise ConfigError(
            "no seal in force has a name and the date of its arrest",
            where=str(place),
            hint="register notices with last_name, first_name and arrest_date.",
        )
    result = drilled(seals, noisy_records(copied, level=level, seed=seed), model, floor=floor)
    share = (result.sealed + result.reviewed) / result.planted
    reporting.end(
        Listing(
            tool="link drill",
            headline="Enough of the damaged copies are found" if result.passed else "Too few of the copies are found",
            kind="good" if result.passed else "bad",
            facts={
                "Copies": Count(result.planted),
                "Sealed": Count(result.sealed),
                "For a clerk to decide": Count(result.reviewed),
                "Found": Share(share, low=not result.passed),
                "Asked for": Share(floor),
            },
            values={
                "passed": result.passed,
                "copies": result.planted,
                "sealed": result.sealed,
                "reviewed": result.reviewed,
                "found": share,
                "floor": floor,
            },
            steps=() if result.passed else ("Do not link by this model: train it again, or stay with the older one.",),
            operators_copy=CUSTODIANS_COPY,
        ),
        0 if result.passed else 1,
    )
