"""What a registry gives out: an index of keys, and the names that texts are guarded with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from sealscrub.certificates import sha256_of
from sealscrub.custodian.custody import Act
from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher

from .bulk_rows import Progress
from .index_publication import Published, publish_index
from .name_publication import PublishedText, publish_names
from .publication_request import Publication
from .registry_session import StoredRegistry

__all__ = ["PublishingRegistry"]


class PublishingRegistry(StoredRegistry):
    """A registry from which indexes are published."""

    def publish(
        self,
        path: str | Path,
        *,
        keys: MatchingKey | AudienceKey,
        publisher: Publisher,
        uses: Sequence[str],
        audience: str,
        as_of: dt.date | None = None,
        valid_days: int = 30,
        not_after: dt.date | None = None,
        allow_empty: bool = False,
        law_enforcement_duties: str = "allow",
        holds_prints: bool = True,
        reviewed: Mapping[str, dt.date] | None = None,
        progress: Progress | None = None,
    ) -> Published:
        """Publish an index of the seals that bar some uses to an audience.

        The key of an arrest goes out only while every action of the arrest that the registry knows is barred;
        keys of persons and events never do, and neither do names. The same epoch, day and last day give the same
        bytes.

        Parameters
        ----------
        path : str or Path
            Where the index goes (0640); a reader of the one before continues with that.
        keys : MatchingKey or AudienceKey
            Under which digests are made.
        publisher : Publisher
            Whose signature the index bears.
        uses : sequence of str
            ``training``, ``inference_input``, ``output``, ``aggregate_report`` or a state's own, such as
            ``gun_licence``; the index holds what any of them is barred from.
        audience : str
            ``police``, ``prosecutor``, ``vendor``, ``researcher``, ``court`` or a state's own.
        as_of : datetime.date, optional
            The day whose law and facts it gives; today by default (UTC).
        valid_days : int
            For how many days it may be trusted.
        not_after : datetime.date, optional
            The last of these days, instead.
        allow_empty : bool
            Whether the index may be empty.
        law_enforcement_duties : {"allow", "deny"}
            Whether police rely on access within law enforcement's duties (a statute's exception) for models; that they
            may is [inference], and the index says which was chosen.
        holds_prints : bool
            Whether the data may hold fingerprints, palmprints or photographs. For data that holds none, seals that
            reach only these (such as an order to destroy prints) are left out, and the index says so.
        reviewed : mapping of str to datetime.date, optional
            Rules that were reviewed as they are, ``RULE@VERSION``, and when. The index then says how many of the
            regimes that bar the uses were reviewed with all their rules.
        progress : callable, optional
            As in :meth:`add`.

        Returns
        -------
        Published

        Raises
        ------
        EmptyIndex
            When there would be no entry, and that is not allowed.
        ConfigError
            When a use, the audience, the dates or `reviewed` make no sense.
        KeyFileError
            When the publisher's key is not the one that the matching key names.
        WriteFailed
            When the file could not be completed; what was there is as it was.
        """
        with self._keeper.published("publish", as_of=as_of, allow_empty=allow_empty) as act:
            publication = Publication.of(
                keys=keys,
                publisher=publisher,
                uses=uses,
                audience=audience,
                as_of=as_of,
                valid_days=valid_days,
                not_after=not_after,
                allow_empty=allow_empty,
                law_enforcement_duties=law_enforcement_duties,
                holds_prints=holds_prints,
                reviewed=reviewed,
                progress=progress,
            )
            published = publish_index(self._store, self.id, path, publication)
            self._say(act, published)
        return published

    def publish_text(
        self,
        path: str | Path,
        *,
        keys: MatchingKey | AudienceKey,
        publisher: Publisher,
        uses: Sequence[str],
        audience: str,
        as_of: dt.date | None = None,
        valid_days: int = 30,
        not_after: dt.date | None = None,
        allow_empty: bool = False,
        law_enforcement_duties: str = "allow",
        plain: bool = False,
        progress: Progress | None = None,
    ) -> PublishedText:
        """Publish the names on the notices of the seals that bar some uses to an audience, to guard texts with.

        Parameters
        ----------
        path : str or Path
            Where the file goes.
        keys, publisher, uses, audience, as_of, valid_days, not_after, allow_empty, law_enforcement_duties, progress
            As of :meth:`publish`.
        plain : bool
            Whether the file holds the names themselves (0600) and no digests: for a host that may hold them.

        Returns
        -------
        PublishedText

        Raises
        ------
        EmptyIndex, ConfigError, KeyFileError, WriteFailed
            As :meth:`publish`.
        """
        what = "publish text plain" if plain else "publish text"
        with self._keeper.published(what, as_of=as_of, allow_empty=allow_empty) as act:
            publication = Publication.of(
                keys=keys,
                publisher=publisher,
                uses=uses,
                audience=audience,
                as_of=as_of,
                valid_days=valid_days,
                not_after=not_after,
                allow_empty=allow_empty,
                law_enforcement_duties=law_enforcement_duties,
                progress=progress,
            )
            published = publish_names(self._store, self.id, path, publication, plain=plain)
            self._say(act, published)
        return published

    def _say(self, act: Act, published: Published | PublishedText) -> None:
        """Say in the log what was published."""
        act.count, act.epoch = published.seals, published.epoch
        if self._keeper.terms is not None:
            act.digest = sha256_of(published.path)
