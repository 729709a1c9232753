"""What a registry knows of how many seals the links of a system find: samples, known pairs and bounds."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from sealscrub.certificates import sha256_of
from sealscrub.custodian.custody import Purpose

from .clerk_controls import read_known, record_known
from .link_bounds import MadeBound, record_bound
from .link_draws import LinkDraw, checked_draw, record_draw, refuse_unlinked
from .linking_registry import LinkingRegistry
from .registry_questions import current_epoch

__all__ = ["RecallRegistry"]

_FILE_NAMED = 16
"""Hexadecimal digits of a file's SHA-256 by which the log names it."""


class RecallRegistry(LinkingRegistry):
    """A registry that bounds how many of the seals its links find."""

    def require_linked(self, namespace: str, extract: str) -> None:
        """Refuse an extract other than the one that the links of a system are of.

        Parameters
        ----------
        namespace : str
            The system.
        extract : str
            The content digest of the extract.

        Raises
        ------
        UsageError
            When the last run of the system was of another extract, or there was none.
        """
        purpose = self._keeper.purpose or Purpose.LINKING
        with self._keeper.shown("link runs", purpose=purpose), self._store.reading() as connection:
            refuse_unlinked(connection, namespace, extract)

    def record_draw(
        self,
        namespace: str,
        pairs: pl.DataFrame,
        *,
        extract: str,
        model: str,
        frame: Collection[str] | None,
        seed: int,
        chosen: bool = True,
        seals_epoch: int,
        file: str | Path,
    ) -> LinkDraw:
        """Record that seals were drawn for a bound: by whom, when, with which seed, and from which extract.

        Parameters
        ----------
        namespace : str
            The system.
        pairs : polars.DataFrame
            ``seal`` and ``row`` of each line that a clerk is given to read; a seal without a row has one with null.
        extract : str
            The content digest of the extract, which must be the one that was linked last.
        model : str
            The digest of the model that chose the rows.
        frame : collection of str or None
            The seals that the system should hold, from which was drawn; None if those are all in force.
        seed : int
            Of the draw.
        chosen : bool
            Whether someone chose the seed, who could know what it draws. A bound of such a sample says so.
        seals_epoch : int
            The registry's epoch before the seals were read.
        file : str or Path
            The extract.

        Returns
        -------
        LinkDraw
            The sample names it by its epoch.

        Raises
        ------
        UsageError
            When the last run of the system was of another extract.
        SchemeError, IncompleteError
            As :meth:`add_links`.
        """
        what = f"link draw seed {seed} extract {sha256_of(file)[:_FILE_NAMED]}"
        with self._keeper.imported(what) as act:
            draw = record_draw(
                self._store,
                pairs,
                namespace=namespace,
                extract=extract,
                model=model,
                frame=frame,
                seed=seed,
                chosen=chosen,
                seals_epoch=seals_epoch,
                who=self._keeper.asker.name,
                file=Path(file),
            )
            act.count, act.epoch = draw.sampled, draw.epoch
        return draw

    def drawn(self, namespace: str, epoch: int, pairs: pl.DataFrame) -> LinkDraw:
        """Give the draw that a sample names.

        Parameters
        ----------
        namespace : str
            The system.
        epoch : int
            Which the sample names.
        pairs : polars.DataFrame
            ``seal`` and ``row`` of each of its lines.

        Returns
        -------
        LinkDraw

        Raises
        ------
        UsageError
            When no such draw is recorded, or the sample does not hold the seals and rows that were drawn.
        """
        purpose = self._keeper.purpose or Purpose.LINKING
        with self._keeper.shown("link draws", purpose=purpose), self._store.reading() as connection:
            return checked_draw(connection, namespace, epoch, pairs)

    def record_known_pairs(self, namespace: str, pairs: pl.DataFrame, *, batch: str, file: str | Path) -> int:
        """Record pairs that are shown to a clerk unmarked, and of which it is known whether they are the same.

        Parameters
        ----------
        namespace : str
            The system.
        pairs : polars.DataFrame
            ``seal``, ``row``, and ``known``: ``same`` or ``not``. Their rows are invented.
        batch : str
            The epoch of the draw that they are added to, as text; empty for a review.
        file : str or Path
            The extract.

        Returns
        -------
        int
            The registry's epoch now. Such a pair is never linked by an answer.

        Raises
        ------
        ColumnError, UsageError
            When a column is missing, or a pair is not whole.
        SchemeError, IncompleteError
            As :meth:`add_links`.
        """
        with self._keeper.imported("link known pairs") as act:
            act.epoch = record_known(self._store, pairs, namespace=namespace, batch=batch, file=Path(file))
            act.count = len(pairs)
        return act.epoch

    def known_pairs(self, namespace: str) -> pl.DataFrame:
        """Give the pairs that were shown to a clerk.

        Parameters
        ----------
        namespace : str
            The system.

        Returns
        -------
        polars.DataFrame
            ``batch``, ``seal``, ``row`` and ``known``.
        """
        purpose = self._keeper.purpose or Purpose.LINKING
        with self._keeper.shown("link pairs", purpose=purpose) as act, self._store.reading() as connection:
            found = read_known(connection, current_epoch(connection), namespace)
            act.count = len(found)
        return found

    def record_bound(self, namespace: str, bound: MadeBound, *, file: str | Path, draw: LinkDraw | None = None) -> int:
        """Record how many of the seals the links of a system find, at least: what indexes and reports say.

        Parameters
        ----------
        namespace : str
            The system.
        bound : Bound
            What :func:`sealscrub.custodian.linkage.recall_bound` returned.
        file : str or Path
            The sample, as it was decided.
        draw : LinkDraw, optional
            Of the sample, as :meth:`drawn` gives it; without it the bound is of the seals in force now, and its frame
            is not declared.

        Returns
        -------
        int
            The registry's epoch now. A bound is not changed; one made later is in its place. It holds until a
            link of the system is revoked or withheld again, or a new seal is registered or takes effect: then recall
            is not known.

        Raises
        ------
        UsageError
            When it is not a bound, or no longer held since the draw.
        SchemeError
            When the namespace is invalid.
        IncompleteError
            When another process is writing the registry.
        """
        with self._keeper.imported("link bound") as act:
            act.epoch = record_bound(self._store, namespace, bound, Path(file), draw)
            act.count = bound.n
        return act.epoch
