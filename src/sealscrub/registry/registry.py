"""The registry: the custodian's append-only, bitemporal record of seals."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import polars as pl

from sealscrub.custody import Terms
from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher, RecordKey, canonicalise_one

from .adding import AddResult, add_file
from .answers import Changes, Event, Seal
from .asking import changes_between, current_epoch, epoch_known_at, history_of, seals_as_of
from .bulk import Progress
from .custodied import FACT, Keeper
from .deriving import Derived, derive_file
from .publishing import Published, publish_index
from .publishing_names import PublishedText, publish_names
from .reconciling import reconciled, status_of
from .schema import SCHEMA_VERSION
from .store import DEFAULT_WAIT, Store, create_store, open_store

__all__ = ["Registry"]


class Registry:
    r"""An open registry. Made by :meth:`create` and :meth:`open`; closes itself as a context manager.

    Nothing in it is ever changed or taken out: what ends a seal is another event. Questions have two times: the
    day as of which something was sealed, and the epoch (or moment) at which that was known.

    Examples
    --------
    >>> import datetime as dt, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> notices = folder / "notices.csv"
    >>> _ = notices.write_text(
    ...     "seal_id,event,regime,effective_from,arrest_number\n"
    ...     "S1,sealed,us-ny/cpl-160.50,2020-03-01,K14-612345\n"
    ... )
    >>> with Registry.create(folder / "seals.db") as registry:
    ...     added = registry.add(notices)
    ...     again = registry.add(notices)
    ...     seals = registry.seals(as_of=dt.date(2020, 3, 1))
    >>> added.registered, again.registered, again.known
    (1, 0, 1)
    >>> seals[0].state, seals[0].keys
    ('sealed', (RecordKey('arrest_number', …),))
    """

    def __init__(self, store: Store, facts: Mapping[str, str], purpose: str | None = None) -> None:
        self._store = store
        self._facts = dict(facts)
        self._keeper = Keeper(facts, purpose)

    @classmethod
    def create(
        cls, place: str | Path, *, wait: float = DEFAULT_WAIT, custody: Terms | None = None, purpose: str | None = None
    ) -> Registry:
        """Make an empty registry.

        Parameters
        ----------
        place : str or Path
            A file that does not exist yet (it is made 0600), or ``postgresql://HOST/DATABASE``.
        wait : float
            Seconds to wait for another process that is writing.
        custody : Terms, optional
            Whose roster says who may see what is in it. It stands in the registry for good.
        purpose
            As in :meth:`open`.

        Raises
        ------
        RegistryError
            When there is something already.
        WriteFailed
            When the file cannot be made.
        """
        facts = {"schema_version": str(SCHEMA_VERSION), "registry_id": secrets.token_hex(8)}
        if custody is not None:
            facts[FACT] = custody.to_text()
        return cls(create_store(place, facts, wait=wait), facts, purpose)

    @classmethod
    def open(cls, place: str | Path, *, wait: float = DEFAULT_WAIT, purpose: str | None = None) -> Registry:
        """Open a registry.

        Parameters
        ----------
        place, wait
            As in :meth:`create`.
        purpose : str, optional
            A :class:`~sealscrub.custody.Purpose`: where a roster governs it, each question needs a grant for that.

        Raises
        ------
        RegistryError
            When there is none, or one of another schema version.
        IncompleteError
            When another process is writing it and does not finish in time.
        """
        return cls(*open_store(place, wait=wait), purpose)

    @property
    def custody(self) -> Terms | None:
        """Under whose custody it is; None: whoever can read it sees all of it."""
        return self._keeper.terms

    @property
    def id(self) -> str:
        """Random name of the registry, which tells its epochs from another's."""
        return self._facts["registry_id"]

    @property
    def epoch(self) -> int:
        """Number of the last committed change; 0 for an empty registry."""
        with self._store.reading() as connection:
            return current_epoch(connection)

    def add(
        self,
        path: str | Path,
        *,
        map: Mapping[str, str] | None = None,
        reject_file: str | Path | None = None,
        progress: Progress | None = None,
    ) -> AddResult:
        """Register a file of notices: all of it, or nothing.

        Parameters
        ----------
        path : str or Path
            CSV, TSV, Parquet or JSON Lines with the columns ``seal_id``, ``event``, ``regime``,
            ``effective_from``, ``notified_on``, ``basis``, one for each scheme of keys, and optionally
            ``last_name``, ``first_name``, ``aliases``, ``birth_date``, ``arrest_date``, ``charge``,
            ``rule_version`` and ``source_document``. A NYSID and an arrest date together are a key too.
        map : mapping of str to str, optional
            The file's name of a column → ours; an empty name leaves the column unread.
        reject_file : str or Path, optional
            Where rows go that cannot be registered, as they were (0600); the others are registered then.
        progress : callable, optional
            Told a phase, how much of it is done, and of how much (0 where that is not known).

        Returns
        -------
        AddResult
            The same rows again change nothing and make no new epoch.

        Raises
        ------
        NoticeError
            When a row cannot be registered and there is no reject file. Its ``problems`` name line, column and
            reason, never a value. Nothing was registered.
        ColumnError, ConfigError
            When a column is unknown, absent or there twice.
        UnreadableInput
            When the file is damaged.
        IncompleteError
            When another process is writing the registry.
        """
        with self._keeper.imported("registry add") as act:
            added = add_file(self._store, path, renamed=map or {}, reject_file=reject_file, progress=progress)
            act.count = added.registered
        return added

    def derive(
        self,
        path: str | Path,
        *,
        as_of: dt.date,
        known_at: dt.date | None = None,
        law: str = "us-ny",
        map: Mapping[str, str] | None = None,
        aliases: str | Path | None = None,
        explain: str | Path | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Derived:
        """Derive seals from a file of dispositions: all of it, or nothing. It is no legal advice.

        Every action of the file gets a record, whose state is brought to what the law makes of it: sealed, withheld or
        open. An open one holds back the keys of its arrest. The same file again changes nothing. What notices and
        orders say is compared and never changed.

        Parameters
        ----------
        path : str or Path
            CSV, TSV, Parquet or JSON Lines, as :func:`sealscrub.law.read_charges` reads it.
        as_of : datetime.date
            The day that is asked about; what happened later does not count.
        known_at : datetime.date, optional
            What was recorded later does not count; by default `as_of`.
        law : str
            The jurisdiction.
        map : mapping of str to str, optional
            The file's name of a column → ours; an empty name leaves the column unread.
        aliases : str or Path, optional
            Your own TOML file of dispositions; its version goes into each record.
        explain : str or Path, optional
            Where decisions go as JSON Lines, with their reasons (0600).
        dry_run : bool
            Whether nothing is appended.
        progress : callable, optional
            As in :meth:`add`.

        Returns
        -------
        Derived

        Raises
        ------
        UsageError
            When a day, a flag or a kind of event is none, or the day lies ahead.
        ColumnError, ConfigError, UnreadableInput
            When the file, the law or the aliases cannot be read.
        NoticeError
            When a number does not parse; the error says in which rows, and nothing was appended.
        IncompleteError
            When another process is writing the registry.
        """
        with self._keeper.imported("registry derive"):
            return derive_file(
                self._store,
                path,
                as_of=as_of,
                known_at=known_at,
                law=law,
                renamed=map or {},
                aliases=aliases,
                explain=explain,
                dry_run=dry_run,
                progress=progress,
            )

    def status(self, as_of: dt.date | None = None, *, epoch: int | None = None) -> pl.DataFrame:
        """Count the seals by regime, basis, certainty and year.

        Parameters
        ----------
        as_of : datetime.date, optional
            The day; today by default (UTC).
        epoch : int, optional
            What had been recorded up to this change.

        Returns
        -------
        polars.DataFrame
            ``regime``, ``basis``, ``certainty`` (``sealed``, ``withheld``, ``open``, …), ``year``, ``seals``.

        Raises
        ------
        UsageError
            When the epoch is not one of this registry.
        """
        with self._keeper.shown("registry status"), self._store.reading() as connection:
            return status_of(connection, epoch_known_at(connection, known_at=None, epoch=epoch), as_of or _today())

    def reconcile(self, as_of: dt.date | None = None, *, grace: int = 30) -> pl.DataFrame:
        """List where notices and dispositions do not meet.

        Parameters
        ----------
        as_of : datetime.date, optional
            The day; today by default (UTC).
        grace : int
            Days after which a derived seal should have a notice.

        Returns
        -------
        polars.DataFrame
            ``kind`` (``conflict``, ``notice alone``, ``derived alone``, ``split``), ``seal_id``, ``state``, ``scheme``
            and ``value`` of a key, ``what``.
        """
        with self._keeper.shown("registry reconcile") as act, self._store.reading() as connection:
            found = reconciled(connection, current_epoch(connection), as_of or _today(), grace)
            act.count = len(found)
        return found

    def seals(
        self,
        as_of: dt.date | None = None,
        *,
        known_at: dt.datetime | dt.date | None = None,
        epoch: int | None = None,
    ) -> tuple[Seal, ...]:
        """Say what stood as of a day, as known at a moment or an epoch.

        Parameters
        ----------
        as_of : datetime.date, optional
            The day; today by default (UTC).
        known_at : datetime.datetime or datetime.date, optional
            What had been recorded by then; a day counts whole, in UTC.
        epoch : int, optional
            What had been recorded up to this change.

        Returns
        -------
        tuple of Seal
            Every seal of which an event had taken effect, whatever its state, in the order of their ids.

        Raises
        ------
        UsageError
            When both moment and epoch are given, or the epoch is not one of this registry.
        """
        with self._keeper.shown("registry seals") as act, self._store.reading() as connection:
            known = epoch_known_at(connection, known_at=known_at, epoch=epoch)
            found = seals_as_of(connection, as_of or _today(), known)
            act.count = len(found)
        return found

    def history(self, scheme: str, value: str) -> tuple[Event, ...]:
        """Give all events of the seals that one key belongs to, in the order in which they were recorded.

        Parameters
        ----------
        scheme : str
            Name of a scheme; a person's or an event's will do here.
        value : str
            The identifier, in any spelling; of a person's arrest, ``NYSID+DATE``.

        Raises
        ------
        UsageError
            When the value does not parse.
        """
        record = RecordKey(scheme, canonicalise_one(value, scheme))
        with self._keeper.shown("registry history", record=record) as act, self._store.reading() as connection:
            found = history_of(connection, scheme, value)
            act.count = len(found)
        return found

    def changes(self, since: int, until: int | None = None, *, as_of: dt.date | None = None) -> Changes:
        """Say what changed between two epochs.

        Parameters
        ----------
        since : int
            The epoch before the first change; 0 is the empty registry.
        until : int, optional
            The last change; by default the registry's last.
        as_of : datetime.date, optional
            The day for which states are compared; today by default (UTC).

        Raises
        ------
        UsageError
            When an epoch is not one of this registry, or the second is before the first.
        """
        with self._keeper.shown("registry changes") as act, self._store.reading() as connection:
            found = changes_between(connection, since, until, as_of or _today())
            act.count = len(found.events)
        return found

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
        progress: Progress | None = None,
    ) -> Published:
        """Publish an index of the seals that bar some uses to an audience.

        The key of an arrest goes out only while every action of the arrest that the registry knows is barred;
        keys of persons and events never do, and neither do names. The same epoch, day and last day give the same
        bytes.

        Parameters
        ----------
        path : str or Path
            Where the index goes (0640); a reader of the one before goes on with that.
        keys : MatchingKey or AudienceKey
            Under which digests are made.
        publisher : Publisher
            Whose signature the index bears.
        uses : sequence of str
            ``training``, ``inference_input``, ``output``, ``aggregate_report``, ``gun_licence``; the index holds what
            any of them is barred from.
        audience : str
            ``police``, ``prosecutor``, ``vendor``, ``researcher`` or ``court``.
        as_of : datetime.date, optional
            The day whose law and facts it gives; today by default (UTC).
        valid_days : int
            For how many days it may be trusted.
        not_after : datetime.date, optional
            The last of these days, instead.
        allow_empty : bool
            Whether an index without entries is meant.
        law_enforcement_duties : {"allow", "deny"}
            Whether police rely on access within law enforcement's duties (CPL 160.57 to 160.59) for models; that they
            may is [inference], and the index says which was chosen.
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
            When a use, the audience or the dates make no sense.
        KeyFileError
            When the publisher's key is not the one that the matching key names.
        WriteFailed
            When the file could not be completed; what was there is as it was.
        """
        with self._keeper.published("publish") as act:
            published = publish_index(
                self._store,
                self.id,
                path,
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
            act.count = published.seals
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
        with self._keeper.published("publish text") as act:
            published = publish_names(
                self._store,
                self.id,
                path,
                keys=keys,
                publisher=publisher,
                uses=uses,
                audience=audience,
                as_of=as_of,
                valid_days=valid_days,
                not_after=not_after,
                allow_empty=allow_empty,
                law_enforcement_duties=law_enforcement_duties,
                plain=plain,
                progress=progress,
            )
            act.count = published.seals
        return published

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Registry({self._store.label!r})"


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
