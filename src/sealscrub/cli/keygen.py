"""``sealscrub keygen``: make keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options as opt
from .declarations import formerly, needs, option, unless
from .remarks import remark

__all__ = ["keygen"]


def keygen(
    file: Annotated[
        Path | None, typer.Argument(help="The matching key to make, such as seal.key."), unless("--certifier")
    ] = None,
    *,
    certifier: Annotated[Path | None, option("Make a certifier's key and its .pub instead.")] = None,
    derive_from: Annotated[
        Path | None,
        option("Derive one audience's key from this one."),
        needs("--audience"),
        unless("--certifier"),
        formerly("--from"),
    ] = None,
    audience: Annotated[opt.OptionalAudience, needs("--derive-from")] = None,
    custody: Annotated[opt.CustodyTerms, unless("--certifier", "--derive-from")] = None,
) -> None:
    """Make the custodian's keys: three new files that only their owner can read, and two public ones.

    FILE holds the matching secret; FILE.publisher signs indexes; FILE.annex opens annexes and extracts. The last two
    stay with the custodian. Two files are public: FILE.publisher.pub verifies what FILE.publisher signed, and extracts
    for linkage are encrypted to FILE.pub. Anyone who holds FILE and an index can find out who is sealed. With
    --custody, FILE.annex opens only for who has a grant in the signed roster.

    Examples: sealscrub keygen seal.key · sealscrub keygen vendor.key --derive-from seal.key --audience vendor
    """
    from sealscrub.errors import ConfigError
    from sealscrub.identifiers import MatchingKey, generate_certifier, generate_keys, load_key

    if certifier is not None:
        files = generate_certifier(certifier)
    elif file is None:
        raise ConfigError("no file given for the key", hint="sealscrub keygen seal.key")
    elif derive_from is not None and audience is not None:
        key = load_key(derive_from)
        if not isinstance(key, MatchingKey):
            raise ConfigError("an audience's key can derive only from the custodian's", where=str(derive_from))
        key.save_audience(_audience(audience), file)
        files = [file]
    else:
        from sealscrub.custodian.custody import Terms

        files = generate_keys(file, custody=None if custody is None else Terms.from_file(custody).to_text())
    for made in files:
        remark(f"wrote {made}")


def _audience(name: str) -> str:
    from sealscrub.custodian.law import known_audiences
    from sealscrub.errors import ConfigError

    if name not in (known := known_audiences()):
        raise ConfigError(f"unknown audience {name!r}", hint=f"use one of {', '.join(known)}.")
    return name
