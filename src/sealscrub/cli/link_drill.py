"""``sealscrub link drill``: whether a model still finds damaged copies of what it should find."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from . import options as opt
from .declarations import option
from .link_inputs import ModelFile, read_model
from .remarks import remark

__all__ = ["link_drill"]


def link_drill(
    place: opt.RegistryPlace,
    *,
    link_model: ModelFile,
    level: Annotated[float, option("How many errors the copies have: 1 for a careful file, 5 for a bad one.")] = 2.0,
    floor: Annotated[float, option("The share of the copies that must be linked.")] = 0.98,
    seed: opt.Seed = 1,
    access: opt.RegistryReading,
) -> None:
    """Link damaged copies of the seals' own records by a model; exits with 1 if too few of them are found.

    It shows whether a new model or a new release finds less than before. It bounds nothing: errors in a real file are
    others, and sealscrub link bound is what counts them.

    Example: sealscrub link drill seals.db --link-model link.model
    """
    from sealscrub.custodian.linkage import link_drill as drilled
    from sealscrub.datasets import noisy_records
    from sealscrub.errors import ConfigError

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
    share = math.floor(1_000 * (result.sealed + result.reviewed) / result.planted) / 1_000  # never above what is found
    remark(
        f"{result.planted:,} copies: {result.sealed:,} are sealed, {result.reviewed:,} are for a clerk to decide; "
        f"{share:.1%} are found, and {floor:.1%} are asked for.",
        err=False,
    )
    if not result.passed:
        raise typer.Exit(1)
