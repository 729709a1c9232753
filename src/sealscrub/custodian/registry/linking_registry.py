"""What a registry knows of links: rows of other systems that share no identifier with a seal's notice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from sealscrub.certificates import sha256_of
from sealscrub.custodian.custody import Purpose
from sealscrub.errors import Spelled, UsageError

from .link_candidates import pairs_ever_linked
from .link_events import Linked, add_links, link_basis, links_in_force, revoke_links, standing_seals
from .link_runs import LinkRun, LinkWork, append_run, work_of
from .notice_persons import persons_of
from .publishing_registry import PublishingRegistry
from .registry_questions import current_epoch, epoch_known_at
from .seal_state import read_events

__all__ = ["LinkingRegistry"]


class LinkingRegistry(PublishingRegistry):
    """A registry to which rows of other systems are linked."""

    def persons(
        self, as_of: dt.date | None = None, *, sample: Sequence[str] | None = None, seed: int | None = None
    ) -> pl.DataFrame:
        """Give who the notices of the seals in force name, as linkage takes them.

        Parameters
        ----------
        as_of : datetime.date, optional
            The day; today by default (UTC).
        sample : sequence of str, optional
            Seals that were drawn for a bound: only these, and the log notes that a sample was drawn, and how large.
        seed : int, optional
            Of the draw, for the log.

        Returns
        -------
        polars.DataFrame
            ``id`` (of the seal), ``last_name``, ``first_name``, ``middle_name``, ``birth_date``, ``arrest_date``,
            ``charge``, ``sex``, ``race``, ``nysid``, all text. A seal has a row for each name that it is known by, and
            none if its notices name nothing.

        Raises
        ------
        AccessDenied
            When no grant covers it.
        """
        what = "link persons" if sample is None else "link sample" if seed is None else f"link sample seed {seed}"
        with self._keeper.shown(what, purpose=Purpose.LINKING) as act, self._store.reading() as connection:
            found = persons_of(connection, current_epoch(connection), as_of or _today())
            act.count = found["id"].n_unique() if sample is None else len(sample)
        return found if sample is None else found.filter(pl.col("id").is_in(list(sample)))

    def link_work(self, namespace: str, *, extract: str, model: str, earlier: str = "") -> LinkWork:
        """Say which seals are to be compared with an extract, and which of them are new since it was compared before.

        Parameters
        ----------
        namespace : str
            The system that the rows are of.
        extract : str
            The content digest of the extract.
        model : str
            The digest of the model.
        earlier : str
            The content digest of another extract that may have been compared, with which the caller compares the rows.

        Returns
        -------
        LinkWork
            The seals in force today (UTC). It rests on a run before if this model and this release compared the
            extract, or else the earlier one; without such a run everything is to be compared.

        Raises
        ------
        AccessDenied
            When no grant covers it.
        SchemeError
            When the namespace is invalid.
        """
        with self._keeper.shown("link persons", purpose=Purpose.LINKING) as act, self._store.reading() as connection:
            work = work_of(connection, namespace, extract=extract, model=model, earlier=earlier, today=_today())
            act.count = work.seals["id"].n_unique()
        return work

    def seals_in_force(self, as_of: dt.date | None = None) -> list[str]:
        """List the seals in force, whatever their notices name.

        Parameters
        ----------
        as_of : datetime.date, optional
            The day; today by default (UTC).

        Returns
        -------
        list of str
            Ids of the seals that are sealed or withheld, sorted.

        Raises
        ------
        AccessDenied
            When no grant covers it.
        """
        with self._keeper.shown("link seals", purpose=Purpose.LINKING) as act, self._store.reading() as connection:
            events = read_events(connection, current_epoch(connection))
            found = sorted(standing_seals(events, as_of or _today())["seal_id"].to_list())
            act.count = len(found)
        return found

    def add_links(
        self,
        links: pl.DataFrame,
        *,
        namespace: str,
        file: str | Path,
        model: str | None = None,
        basis: str = "model",
        effective_from: dt.date | None = None,
        same_extract: str = "",
        run: LinkRun | None = None,
    ) -> Linked:
        """Link rows of a system to seals: all of them, or none.

        Parameters
        ----------
        links : polars.DataFrame
            ``seal``, ``row`` (the system's own id), ``weight``, and ``band``: ``sealed``, or ``withheld`` until a
            clerk has decided.
        namespace : str
            The system: an index holds the rows as ``opaque:NAMESPACE``.
        file : str or Path
            The extract or the review that they come from, which the registry names by its digest.
        model : str, optional
            The digest of the model that found them.
        basis : str
            A :class:`LinkBasis`. What a clerk or an order has decided about a pair, a model does not change.
        effective_from : datetime.date, optional
            From when on they hold. By default from the first day on which their seal is sealed or withheld, or from
            the day of what was said about the pair before, if that is later: what is said last wins.
        same_extract : str
            Why a model decides the rows that it was fitted on, by which sealed rows may move what happens to others:
            the log notes that it does, and the registry why.
        run : LinkRun, optional
            What was compared to find them, which the registry records, also if no link is new.

        Returns
        -------
        Linked
            The same links again change nothing.

        Raises
        ------
        UsageError
            When a seal is not known, a pair is there twice, a band is invalid, what was said about a pair before holds
            from a later day than ``effective_from``, or a run is to be recorded that no model made.
        ColumnError, ConfigError, SchemeError
            When a column is missing, or the basis or the namespace is invalid, or a scheme has the namespace's name.
        IncompleteError
            When another process is writing the registry.
        """
        if run is not None and model is None:
            raise UsageError("a run needs the model that decided", hint=Spelled("give model=.", "give the model."))
        record = None if run is None else partial(append_run, run=run, namespace=namespace, model=model or "")
        less = ("same extract",) if same_extract else ()
        with self._keeper.imported("link add", as_of=effective_from, less=less) as act:
            linked = add_links(
                self._store,
                links,
                namespace=namespace,
                model=model,
                basis=link_basis(basis),
                effective_from=effective_from,
                file=Path(file),
                why=same_extract,
                record_run=record,
            )
            act.count, act.epoch = linked.recorded, linked.epoch
        return linked

    def require_second(self, file: str | Path, what: str) -> None:
        """Refuse a file that bears one signature, if the terms of custody ask for two.

        Parameters
        ----------
        file : str or Path
            Such as the model by which rows are linked; the second signature is ``FILE.second``.
        what : str
            What is done by it, for the log.

        Raises
        ------
        AccessDenied
            When the second signature is missing.
        UnreadableInput
            When the file cannot be read.
        """
        self._keeper.require_second(file, sha256_of(file), what)

    def revoke_links(
        self,
        links: pl.DataFrame,
        *,
        namespace: str,
        file: str | Path,
        basis: str = "clerk",
        effective_from: dt.date | None = None,
    ) -> Linked:
        """End links, or keep pairs that were never linked from being so: all of them, or none.

        Parameters
        ----------
        links : polars.DataFrame
            ``seal`` and ``row``.
        namespace : str
            The system.
        file : str or Path
            What says so; if the terms of custody ask for a second signature, it is next to the file.
        basis : str
            A :class:`LinkBasis`.
        effective_from : datetime.date, optional
            From when on; today by default (UTC), or the day of what was said about the pair before if later.

        Returns
        -------
        Linked
            The same again changes nothing.

        Raises
        ------
        AccessDenied
            When no grant covers it, or the second signature is missing.
        UsageError, ColumnError, ConfigError, SchemeError, IncompleteError
            As :meth:`add_links`.
        """
        with self._keeper.imported("link revoke", as_of=effective_from) as act:
            linked = revoke_links(
                self._store,
                links,
                namespace=namespace,
                basis=link_basis(basis),
                effective_from=effective_from,
                file=Path(file),
                approve=lambda digest: self._keeper.require_second(file, digest, "link revoke"),
            )
            act.count, act.epoch = linked.recorded, linked.epoch
        return linked

    def links(
        self,
        namespace: str | None = None,
        *,
        as_of: dt.date | None = None,
        known_at: dt.datetime | dt.date | None = None,
        epoch: int | None = None,
    ) -> pl.DataFrame:
        """Say which links were in force as of a day, as known at a moment or an epoch.

        Parameters
        ----------
        namespace : str, optional
            Only one system.
        as_of : datetime.date, optional
            The day; today by default (UTC).
        known_at, epoch
            As of :meth:`Registry.seals`.

        Returns
        -------
        polars.DataFrame
            ``namespace``, ``seal``, ``row``, ``band``, ``weight``, ``model``, ``basis``, ``effective_from``, ``epoch``.
            A link of a seal that has ended does not stand.
        """
        purpose = self._keeper.purpose or Purpose.LINKING
        with self._keeper.shown("link links", purpose=purpose) as act, self._store.reading() as connection:
            known = epoch_known_at(connection, known_at=known_at, epoch=epoch)
            found = links_in_force(connection, known, as_of or _today(), namespace)
            act.count = len(found)
        return found

    def proposed_pairs(self, namespace: str) -> pl.DataFrame:
        """Say which pairs of a seal and a row were ever linked, so a clerk may decide them.

        Parameters
        ----------
        namespace : str
            The system.

        Returns
        -------
        polars.DataFrame
            ``seal`` and ``row``, also of links that have ended, and ``run``: the epoch of the system's last run, or 0.
        """
        purpose = self._keeper.purpose or Purpose.LINKING
        with self._keeper.shown("link pairs", purpose=purpose) as act, self._store.reading() as connection:
            found = pairs_ever_linked(connection, current_epoch(connection), namespace)
            act.count = len(found)
        return found


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
