"""``sealscrub keygen``: make keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import shared_options as opt

__all__ = ["keygen"]


def keygen(
    file: Annotated[Path | None, typer.Argument(help="The matching key to make, such as seal.key.")] = None,
    certifier: Annotated[Path | None, typer.Option(help="Make a certifier's key and its .pub instead.")] = None,
    derive_from: Annotated[Path | None, typer.Option("--from", help="Derive one audience's key from this one.")] = None,
    audience: Annotated[str | None, typer.Option(help="With --from: the audience, such as vendor.")] = None,
    custody: opt.Custody = None,
) -> None:
    """Make the custodian's keys in three new files that only their owner can read.

    FILE holds the matching secret; FILE.publisher signs indexes; FILE.annex opens annexes. The last two stay with
    the custodian. Whoever holds FILE and an index can find out who is sealed. With --custody, FILE.annex opens
    annexes only for who has a grant in the signed roster.

    Examples: sealscrub keygen seal.key · sealscrub keygen vendor.key --from seal.key --audience vendor
    """
    from sealscrub.errors import ConfigError
    from sealscrub.identifiers import MatchingKey, generate_certifier, generate_keys, load_key

    if certifier is not None:
        files = generate_certifier(certifier)
    elif file is None:
        raise ConfigError("no file is named for the key", hint="sealscrub keygen seal.key")
    elif derive_from is not None or audience is not None:
        if derive_from is None or audience is None:
            raise ConfigError("--from and --audience go together")
        key = load_key(derive_from)
        if not isinstance(key, MatchingKey):
            raise ConfigError("an audience's key derives from the custodian's only", where=str(derive_from))
        key.save_audience(_audience(audience), file)
        files = [file]
    else:
        from sealscrub.custody import Terms

        files = generate_keys(file, custody=None if custody is None else Terms.from_file(custody).to_text())
    for made in files:
        typer.echo(f"wrote {made}", err=True)


def _audience(name: str) -> str:
    from sealscrub.errors import ConfigError
    from sealscrub.index import Audience

    if name not in list(Audience):
        raise ConfigError(f"no audience is called {name!r}", hint=f"one of {', '.join(Audience)}.")
    return name
