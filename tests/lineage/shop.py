"""A custodian who seals and publishes, and a shop that trains and asks."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import sealscrub as ss
from sealscrub.custodian.registry import Registry
from sealscrub.identifiers import generate_keys, load_annex, load_key, load_publisher
from sealscrub.lineage import log_dataset, taint

from .tracking import ON, Store, rows

DAY = dt.date.today() - dt.timedelta(days=40)
_NUMBERS = itertools.count(1)


class Custodian:
    """A registry that seals one number after the other, and publishes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.epoch = folder, 0
        generate_keys(folder / "seal.key")
        self.keys, self.publisher = load_key(folder / "seal.key"), load_publisher(folder / "seal.key.publisher")
        self.annex = load_annex(folder / "seal.key.annex")
        self.registry = Registry.create(folder / "seals.db")

    def seal(self, *ids: str, day: dt.date = DAY, event: str = "sealed", seal: str = "") -> None:
        self.epoch += 1
        lines = [
            f"{seal or f'S{self.epoch}-{at}'},{event},us-ny/cpl-160.50,{day},{DAY},notice,{each}"
            for at, each in enumerate(ids)
        ]
        notices = self.folder / "notices.csv"
        notices.write_text(
            "seal_id,event,regime,effective_from,notified_on,basis,arrest_number\n" + "\n".join(lines) + "\n"
        )
        self.registry.add(notices)

    def publish(self, as_of: dt.date | None = None) -> Any:
        path = self.folder / f"{self.epoch}-{as_of}.sealindex"
        self.registry.publish(
            path,
            keys=self.keys,
            publisher=self.publisher,
            uses=["training"],
            audience="police",
            as_of=as_of,
            valid_days=400,
        )
        return ss.open_index(path, self.keys, outdated=True)


class Shop:
    """Trains "models" and asks what became of them."""

    def __init__(self, store: Store, custodian: Custodian) -> None:
        self.store, self.custodian = store, custodian
        self.members = custodian.folder / "seals.members"
        self.name = f"risk-{next(_NUMBERS)}"
        store.client.create_registered_model(self.name)

    def model(self, ids: list[str], index: Any, **options: Any) -> str:
        with self.store.run() as run:
            log_dataset(rows(*ids), index, ON, **{"members": self.members} | options)
        return self.register(run.info.run_id)

    def register(self, run_id: str | None, source: str = "") -> str:
        at = self.store.client.create_model_version(self.name, source or f"file://{self.store.folder}/m", run_id)
        return f"models:/{self.name}/{at.version}"

    def states(self, index: Any, *uris: str, **options: Any) -> list[str]:
        report = self.ask(index, *uris, **options)
        by_uri = {each.uri: str(each.reason or each.state) for each in report.models}
        return [by_uri[uri] for uri in uris]

    def ask(self, index: Any, *uris: str, **options: Any) -> Any:
        given = {"members": self.members, "annex_key": self.custodian.annex, "tracking_uri": self.store.uri}
        return taint(index, models=uris, **given | options)
