"""``sealscrub publish``: an index of the seals that bar some uses to an audience."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import KeyFileError

from . import shared_options as opt
from .phases import phases

if TYPE_CHECKING:
    from sealscrub.registry import Published

__all__ = ["publish"]


def publish(
    place: Annotated[str, typer.Argument(metavar="REGISTRY", help="A file, or postgresql://HOST/DATABASE.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The index file (mode 0640).")],
    use: Annotated[
        list[str],
        typer.Option(help="training, inference_input, output or aggregate_report. May be given several times."),
    ],
    audience: Annotated[str, typer.Option(help="police, prosecutor, vendor, researcher or court.")],
    key_file: opt.KeyFile,
    signing_key: Annotated[
        Path | None, typer.Option(help="The publisher's key; by default the matching key's name with .publisher.")
    ] = None,
    as_of: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today by default (UTC).")
    ] = None,
    valid_days: Annotated[int, typer.Option(help="For how many days it may be trusted.")] = 30,
    not_after: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last of these days, instead.")
    ] = None,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="An index without entries is meant.")] = False,
    schemes: opt.SchemeFile = None,
) -> None:
    """Publish an index of the seals that bar some uses to an audience.

    Example: sealscrub publish seals.db -o training.sealindex --use training --audience police --key-file seal.key
    """
    from sealscrub.identifiers import load_key, load_publisher
    from sealscrub.registry import Registry

    opt.load_own_schemes(schemes)
    keys = load_key(key_file)
    publisher = load_publisher(signing_key or _beside(key_file))
    with Registry.open(place) as registry, phases() as tell:
        published = registry.publish(
            output,
            keys=keys,
            publisher=publisher,
            uses=use,
            audience=audience,
            as_of=as_of.date() if as_of else None,
            valid_days=valid_days,
            not_after=not_after.date() if not_after else None,
            allow_empty=allow_empty,
            progress=tell,
        )
    for sentence in _published(published):
        typer.echo(sentence, err=True)


def _beside(key_file: Path) -> Path:
    """The publisher's key where keygen wrote it."""
    path = key_file.with_name(key_file.name + ".publisher")
    if not path.exists():
        raise KeyFileError(
            "there is no publisher's key beside the matching key", where=str(path), hint="name it with --signing-key."
        )
    return path


def _published(published: Published) -> list[str]:
    schemes = ", ".join(f"{count:,} {name}" for name, count in published.schemes.items()) or "none"
    said = [
        f"{published.path}: {published.seals:,} seals; keys: {schemes}; epoch {published.epoch}, as of "
        f"{published.as_of}, to be trusted until {published.not_after}."
    ]
    if published.held_back:
        said.append(
            f"{published.held_back:,} keys of arrests are held back, because an action of the arrest is not barred; "
            "its barred actions go out by their own keys."
        )
    if published.unpublishable:
        said.append(f"{published.unpublishable:,} seals have no key that can go out: no index can recognise them.")
    return said
