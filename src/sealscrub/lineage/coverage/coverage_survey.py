"""Coverage: what there is, when each was last scrubbed or checked, against which state, and what shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sealscrub.certificates.envelope import load_public_key
from sealscrub.errors import SealscrubError
from sealscrub.index import Index, read_header
from sealscrub.index.fitness import the_day
from sealscrub.matching.hidden_names import hide_names

from ..tracked_models import TrackingStore, read_store
from .coverage_report import Coverage
from .evidence_files import Beside, LoggedScrub, beside, logged_files
from .inventory import Inventory, ListedData, ListedService
from .last_checks import Evidence, Item, ItemKind, Proof, Standing, judge
from .models_in_use import addresses, in_use, things_of
from .planned_data import tables_of

__all__ = ["survey"]


def survey(
    inventory: Inventory,
    index: Index,
    *,
    public_keys: Sequence[str | Path] = (),
    tracking_uri: str | None = None,
    scrubs: Iterable[LoggedScrub] = (),
    use: str = "training",
    signed: bool = False,
    today: dt.date | None = None,
) -> Coverage:
    """Say of every data set, model and service when it was last checked, against which state, and what shows it.

    Parameters
    ----------
    inventory : Inventory
        From :func:`read_inventory`.
    index : Index
        The newest: what is older is stale.
    public_keys : sequence of str or Path
        Of certifiers who are trusted (PEM). A certificate that none of them signed proves nothing.
    tracking_uri : str, optional
        Of MLflow's tracking store: the models in it that are deployed or the newest of their name, and the data that
        their runs logged.
    scrubs : iterable of LoggedScrub
        Of an audit log, in its order: it knows files by their SHA-256.
    use : str
        What the things are for.
    signed : bool
        Whether of data sets and models only certificates count, and no record that anyone who runs things could write.
    today : datetime.date, optional
        By which dates are judged.

    Returns
    -------
    Coverage
        It holds no identifiers and no counts of records.

    Raises
    ------
    UnsuitableIndex
        When the index is for another use.
    IncompleteError
        When the tracking store refuses.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> found = survey(Inventory(version=1), example_index(["K14612345"]))
    >>> found.items, found.exit_code
    ((), 0)
    """
    index.require_use(use)
    for each in public_keys:
        load_public_key(each)  # unreadable: also if no certificate is found
    today = today or the_day()
    looking = _Survey(
        inventory=inventory,
        index=index,
        keys=tuple(Path(each) for each in public_keys),
        logged=logged_files(scrubs, index),
        use=use,
        signed=signed,
        today=today,
    )
    store = None if tracking_uri is None else read_store(tracking_uri)
    items = [*looking.listed(), *looking.planned()]
    models = list(looking.tracked(store)) if store is not None else []
    items += [item for item, _ in models]
    by_name = {item.name: item for item in items if item.kind is ItemKind.MODEL}
    by_name |= {address: item for item, known in models for address in known}
    items += [looking.service(each, by_name, asked=store is not None) for each in inventory.services]
    items += [looking.index_file(each.path, each.path) for each in inventory.indexes]
    found = Coverage(
        epoch=index.epoch,
        as_of=index.as_of,
        index=index.id,
        use=use,
        today=today,
        items=tuple(sorted(items, key=_place)),
    )
    return hide_names(found, index)


@dataclass(frozen=True, kw_only=True)
class _Survey:
    """What is needed to look at one thing after the other."""

    inventory: Inventory
    index: Index
    keys: tuple[Path, ...]
    logged: dict[str, Evidence | str]
    use: str
    signed: bool
    today: dt.date

    def listed(self) -> Iterator[Item]:
        for kind, entries in ((ItemKind.DATASET, self.inventory.datasets), (ItemKind.MODEL, self.inventory.models)):
            for each in entries:
                yield self._item(kind, each.name, each.path, self._looked_at(each, of_data=kind is ItemKind.DATASET))

    def planned(self) -> Iterator[Item]:
        for listed in self.inventory.plans:
            try:
                for name, place, gathered in tables_of(self.inventory, listed, self.index, self._evidence_beside):
                    yield self._item(ItemKind.DATASET, name, str(place), gathered)
            except SealscrubError as error:
                unread = Beside()
                unread.unread.append(f"the plan: {error.message}")
                yield self._item(ItemKind.DATASET, listed.plan, listed.output, unread)

    def tracked(self, store: TrackingStore) -> Iterator[tuple[Item, tuple[str, ...]]]:
        named = {each for service in self.inventory.services for each in service.models}
        models = in_use(store, named)
        known = {model.uri: addresses(model) for model in models}
        for thing in things_of(store, models, self.index):
            kind = ItemKind.MODEL if thing.is_model else ItemKind.DATASET
            item = self._item(kind, thing.name, thing.place, thing.gathered, served=thing.served, taint=thing.taint)
            yield item, known.get(thing.name, ()) if thing.is_model else ()

    def service(self, listed: ListedService, models: dict[str, Item], *, asked: bool) -> Item:
        """Say how a service stands: as badly as the worst of its models and its index."""
        parts = [self.index_file(listed.index, listed.index)] if listed.index is not None else []
        unknown = [each for each in listed.models if each not in models]
        parts += [models[each] for each in listed.models if each in models]
        standing, why, evidence = Standing.NEVER, "neither a model nor an index of it is listed", None
        if unknown:
            standing = Standing.NEVER if asked or not unknown[0].startswith("models:/") else Standing.UNCHECKED
            why = f"nothing is known of {unknown[0]}" + ("" if asked else "; no tracking store was named")
        elif parts:
            order = list(Standing)
            worst = min(parts, key=lambda each: order.index(each.standing))
            standing, evidence = worst.standing, worst.evidence
            why = f"{worst.name}: {worst.why}" if worst.why else ""
        tainted = next((each.taint for each in parts if each.taint and each.taint != "untainted"), "")
        return Item(
            kind=ItemKind.SERVICE,
            name=listed.name,
            place=", ".join(listed.models),
            standing=standing,
            why=why,
            evidence=evidence,
            served=(listed.name,),
            taint=tainted,
        )

    def index_file(self, name: str, written: str) -> Item:
        """Say how an index in use stands, by its header: its signature is looked at if it is opened."""
        place, gathered = self.inventory.place(written), Beside()
        try:
            facts = read_header(place).facts
        except SealscrubError as error:
            gathered.unread.append(error.message)
        else:
            gathered.found.append(
                Evidence(
                    proof=Proof.INDEX,
                    source=place.name,
                    epoch=facts.epoch,
                    as_of=facts.as_of,
                    not_after=facts.not_after,
                    registry=facts.registry,
                    audience=self.index.header.facts.audience,  # an epoch is the registry's, for every audience
                    uses=(self.use,),
                )
            )
        return self._item(ItemKind.INDEX, name, str(place), gathered)

    def _looked_at(self, listed: ListedData, *, of_data: bool) -> Beside:
        try:
            place, address = self.inventory.data_place(listed.path)
        except SealscrubError as error:
            unread = Beside()
            unread.unread.append(error.message)
            return unread
        return beside(
            place,
            self.index,
            certificate=None if listed.certificate is None else self.inventory.place(listed.certificate),
            report=None if listed.report is None else self.inventory.place(listed.report),
            public_keys=self.keys,
            logged=self.logged,
            of_data=of_data,
            address=address,
        )

    def _evidence_beside(self, path: Path) -> Beside:
        return beside(path, self.index, public_keys=self.keys, logged=self.logged)

    def _item(
        self, kind: ItemKind, name: str, place: str, gathered: Beside, *, served: tuple[str, ...] = (), taint: str = ""
    ) -> Item:
        found, doubts = gathered.found, gathered.doubts
        if self.signed and kind is not ItemKind.INDEX:
            found = [each for each in found if each.proof is Proof.CERTIFICATE]
            doubts = [*doubts, *(f"{each.source}: it is not signed" for each in gathered.found if each not in found)]
        standing, why, evidence = judge(found, doubts, self.index, use=self.use, today=self.today)
        if gathered.unread and standing in (Standing.NEVER, Standing.UNPROVEN):
            standing, why = Standing.UNCHECKED, gathered.unread[0]
        return Item(
            kind=kind,
            name=name,
            place=place,
            standing=standing,
            why=why,
            evidence=evidence,
            served=served,
            taint=taint,
        )


def _place(item: Item) -> tuple[int, int, str]:
    return list(Standing).index(item.standing), list(ItemKind).index(item.kind), item.name
