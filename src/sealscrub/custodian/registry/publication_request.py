"""What is asked for when something is published: for which uses, for whom, as of which day, under whose keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sealscrub.custodian.law import DUTIES, bars, known_audiences, known_uses, table_versions
from sealscrub.errors import ConfigError, KeyFileError, Spelled
from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher
from sealscrub.index import IndexFacts
from sealscrub.index.uses import DECLARED

from .bulk_rows import Progress

__all__ = ["Publication"]

_PRINTS = "prints"  # an extension of the header: for which records it does not serve


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A request to publish that makes sense; made by :meth:`of`."""

    uses: tuple[str, ...]
    audience: str
    law_enforcement_duties: str
    holds_prints: bool
    as_of: dt.date
    not_after: dt.date
    allow_empty: bool
    publisher: Publisher
    audience_key: AudienceKey
    tell: Progress
    reviewed: Mapping[str, dt.date] | None = None

    @classmethod
    def of(
        cls,
        *,
        keys: MatchingKey | AudienceKey,
        publisher: Publisher,
        uses: Sequence[str],
        audience: str,
        as_of: dt.date | None,
        valid_days: int,
        not_after: dt.date | None,
        allow_empty: bool,
        law_enforcement_duties: str,
        progress: Progress | None,
        holds_prints: bool = True,
        reviewed: Mapping[str, dt.date] | None = None,
    ) -> Self:
        """Check what is asked for. See :meth:`sealscrub.custodian.registry.Registry.publish`.

        Raises
        ------
        ConfigError
            When a use, the audience, the policy or the dates make no sense.
        KeyFileError
            When no reader would trust the publisher's signature.
        """
        if law_enforcement_duties not in DUTIES:
            raise ConfigError("unknown policy on law enforcement duties", hint=f"use one of {', '.join(DUTIES)}.")
        wanted, who = _uses(uses), _audience(audience)
        as_of, not_after = _validity(as_of, valid_days, not_after)
        if publisher.public_key != keys.publisher_public_key:
            raise KeyFileError(
                "readers will not trust this publisher's key",
                hint="use the .publisher file that was made with this matching key.",
            )
        return cls(
            uses=wanted,
            audience=who,
            law_enforcement_duties=law_enforcement_duties,
            holds_prints=holds_prints,
            as_of=as_of,
            not_after=not_after,
            allow_empty=allow_empty,
            publisher=publisher,
            audience_key=keys.for_audience(who),
            tell=progress or (lambda phase, done, total: None),
            reviewed=reviewed,
        )

    def is_barred_by(self, regime: str) -> bool:
        """Whether a seal of a regime bars any of the uses."""
        return any(
            bars(
                regime, use=use, audience=self.audience, on=self.as_of,
                law_enforcement_duties=self.law_enforcement_duties, holds_prints=self.holds_prints,
            )
            for use in self.uses
        )  # fmt: skip

    def facts(self, registry: str, epoch: int, known_at: str, seals: int, regimes: Iterable[str]) -> IndexFacts:
        """What the header of the published file says, of seals under some regimes."""
        extensions: dict[str, Any] = {} if self.holds_prints else {_PRINTS: "none"}
        if declared := known_audiences()[self.audience]:
            extensions[DECLARED] = list(declared)
        return IndexFacts(
            uses=self.uses,
            audience=self.audience,
            jurisdictions=table_versions(regimes),
            law_enforcement_duties=self.law_enforcement_duties,
            registry=registry,
            epoch=epoch,
            as_of=self.as_of,
            known_at=known_at,
            not_after=self.not_after,
            seals=seals,
            allow_empty=self.allow_empty,
            extensions=extensions,
            critical=tuple(extensions),
        )


def _uses(uses: Sequence[str]) -> tuple[str, ...]:
    """What is asked for: uses of any state's table."""
    wanted = tuple(sorted({str(use) for use in ([uses] if isinstance(uses, str) else uses)}))
    known = known_uses()
    if not set(wanted) <= set(known):
        raise ConfigError("unknown use", hint=f"use one of {', '.join(known)}.")
    if not wanted:
        raise ConfigError(
            "an index needs a use",
            hint=Spelled(
                f"set uses= to one or more of {', '.join(known)}.", f"set --use to one of {', '.join(known)}."
            ),
        )
    return wanted


def _audience(audience: str) -> str:
    """For whom: an audience of any state's table."""
    if audience not in (known := known_audiences()):
        raise ConfigError("unknown audience", hint=f"use one of {', '.join(known)}.")
    return str(audience)


def _validity(as_of: dt.date | None, valid_days: int, not_after: dt.date | None) -> tuple[dt.date, dt.date]:
    """The day that is meant, and the last on which what is published may be trusted."""
    as_of = as_of or dt.datetime.now(dt.UTC).date()
    not_after = not_after or _last_day(as_of, valid_days)
    if not_after < as_of:
        raise ConfigError(
            "the index would expire before its day",
            hint=Spelled("choose a later not_after.", "choose a later --not-after."),
        )
    return as_of, not_after


def _last_day(as_of: dt.date, days: int) -> dt.date:
    if days < 0:
        raise ConfigError(
            Spelled("valid_days is below zero", "--valid-days is below zero"),
            hint="give the number of days that the index may be trusted.",
        )
    try:
        return as_of + dt.timedelta(days=days)
    except OverflowError:
        raise ConfigError(
            Spelled("valid_days is too large", "--valid-days is too large"), hint="30 is usual."
        ) from None
