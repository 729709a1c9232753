"""The registry: the custodian's append-only, bitemporal record of seals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from sealscrub.custodian.custody import Recorded
from sealscrub.identifiers import RecordKey, canonicalise_one

from .bulk_rows import Progress
from .corrections import Corrected, correct_file
from .derivation import Derived, derive_file
from .notice_intake import AddResult, add_file
from .recall_registry import RecallRegistry
from .reconciliation import reconciled, status_of
from .registry_answers import Changes, Event, Seal
from .registry_questions import changes_between, current_epoch, epoch_known_at, epochs_of, history_of, seals_as_of

__all__ = ["Registry"]


class Registry(RecallRegistry):
    r"""An open registry. Made by :meth:`create` and :meth:`open`; closes itself as a context manager.

    Nothing in it is ever changed or removed: what ends a seal is another event. Questions have two times: the
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
            ``rule_version`` and ``source_document``. A number of a person and an arrest date make a key too.
        map : mapping of str to str, optional
            The file's name of a column → ours; an empty name leaves the column unread.
        reject_file : str or Path, optional
            Where rows go that cannot be registered, as they were (0600); the others are registered then.
        progress : callable, optional
            Called with a phase, how much of it is done, and of how much (0 if that is not known).

        Returns
        -------
        AddResult
            The same rows again change nothing and make no new epoch.

        Raises
        ------
        AccessDenied
            When it ends seals, and the terms of custody ask for a second signature that is not next to the file.
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
            added = add_file(
                self._store,
                path,
                renamed=map or {},
                reject_file=reject_file,
                approve=lambda digest: self._keeper.require_second(path, digest, "registry add"),
                progress=progress,
            )
            act.count, act.epoch = added.registered, added.epoch
        return added

    def correct(self, path: str | Path) -> Corrected:
        """Withdraw seals as if they never were: a wrong notice, or a mistaken match. All of a file, or nothing.

        As known from now on, the seal bars nothing on any day, and the next index lets the record back in. As known at
        an earlier epoch it stands as it did.

        Parameters
        ----------
        path : str or Path
            CSV, TSV, Parquet or JSON Lines with the columns ``seal_id`` and ``reason``, a :class:`CorrectionReason`.
            If the terms of custody ask for a second signature, it is next to the file.

        Returns
        -------
        Corrected
            The same file again changes nothing.

        Raises
        ------
        NoticeError
            When a row names no known seal, or no reason. Nothing was corrected.
        ColumnError
            When there are other columns.
        AccessDenied
            When no grant covers it, or the second signature is missing.
        IncompleteError
            When another process is writing the registry.
        """
        with self._keeper.imported("registry correct") as act:
            corrected = correct_file(
                self._store,
                path,
                approve=lambda digest: self._keeper.require_second(path, digest, "registry correct"),
            )
            act.count, act.epoch = corrected.corrected, corrected.epoch
        return corrected

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
        reject_file: str | Path | None = None,
        dry_run: bool = False,
        reviewed: Collection[str] | None = None,
        progress: Progress | None = None,
    ) -> Derived:
        """Derive seals from a file of dispositions: all of it, or nothing. It is not legal advice.

        Every action of the file gets a record, whose state is brought to what the law makes of it: sealed, withheld or
        open. An open one holds back the keys of its arrest. The same file again changes nothing. What notices and
        orders say is compared and never changed.

        Parameters
        ----------
        path : str or Path
            CSV, TSV, Parquet or JSON Lines, as :func:`sealscrub.custodian.law.read_charges` reads it.
        as_of : datetime.date
            The day that is asked about; what happened later does not count.
        known_at : datetime.date, optional
            What was recorded later does not count, nor, of a day in the past, what does not say when; by default
            `as_of`. Records are brought to what was known then: look back with `dry_run`.
        law : str
            The jurisdiction.
        map : mapping of str to str, optional
            The file's name of a column → ours; an empty name leaves the column unread.
        aliases : str or Path, optional
            Your own TOML file of dispositions; its version goes into each record.
        explain : str or Path, optional
            Where decisions go as JSON Lines, with their reasons (0600).
        reject_file : str or Path, optional
            Where rows go that cannot be read or registered, as they were (0600), and with them all rows of the same
            person, docket or arrest, which they may bear on. The others are derived from then.
        dry_run : bool
            Whether nothing is appended.
        reviewed : collection of str, optional
            Rules that were reviewed, each as ``RULE@VERSION``: if it is given, decisions that rest on others are
            refused.
        progress : callable, optional
            As in :meth:`add`.

        Returns
        -------
        Derived

        Raises
        ------
        AccessDenied
            When it ends seals, and the terms of custody ask for a second signature that is not next to the file,
            or the aliases.
        UsageError
            When the day is in the future, no row says when it was recorded and `known_at` is in the past, or the law
            is a demonstration.
        ColumnError, ConfigError, UnreadableInput
            When the file, the law or the aliases cannot be read, or a rule was to be reviewed and was not.
        NoticeError
            When a day, flag or kind of event is invalid, or a number does not parse, and there is no reject file; the
            error says in which lines, and nothing was appended.
        IncompleteError
            When another process is writing the registry.
        """
        with self._keeper.imported("registry derive", as_of=as_of) as act:
            derived = derive_file(
                self._store,
                path,
                as_of=as_of,
                known_at=known_at,
                law=law,
                renamed=map or {},
                aliases=aliases,
                explain=explain,
                reject_file=reject_file,
                dry_run=dry_run,
                reviewed=reviewed,
                approve=lambda file, digest: self._keeper.require_second(file, digest, "registry derive"),
                progress=progress,
            )
            act.count, act.epoch = derived.appended, derived.epoch
        return derived

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
        """Say what was sealed as of a day, as known at a moment or an epoch.

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
            The identifier, in any spelling; of a key of several parts, ``PERSON+DATE``.

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

    def epochs(self) -> tuple[Recorded, ...]:
        """Say when each change was recorded: what :func:`sealscrub.custodian.custody.late_seals` takes.

        Returns
        -------
        tuple of Recorded
            In order.
        """
        with self._keeper.shown("registry epochs") as act, self._store.reading() as connection:
            found = epochs_of(connection)
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


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
