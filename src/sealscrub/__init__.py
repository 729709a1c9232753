r"""sealscrub removes sealed arrest records from machine learning for policing, and proves it.

The principle is *nullity*: the result of every computation is, bit for bit, what it would have been had the sealed
records never existed.

A data scientist opens an index, which the custodian publishes, and scrubs a frame, or a file. An index holds keyed
digests and no identifiers; here it is an example's:

>>> import tempfile, pathlib, sealscrub as ss
>>> here = pathlib.Path(tempfile.mkdtemp())
>>> _ = ss.datasets.example_index(["K14612345"], folder=here)
>>> index = ss.open_index(here / "example.sealindex", key=here / "example.key")
>>> import polars as pl
>>> arrests = pl.DataFrame({"ARREST_NO": ["K14612345", "M14000017"], "precinct": [79, 14]})
>>> ss.scan(arrests, index, on={"arrest_number": "ARREST_NO"}).clean
False
>>> ss.scrub(arrests, index, on={"arrest_number": "ARREST_NO"})["precinct"].to_list()
[14]

The data scientist's rooms: :mod:`sealscrub.identifiers` (raw identifiers to keyed digests), :mod:`sealscrub.index`
(what the custodian publishes), :mod:`sealscrub.matching` (which rows), :mod:`sealscrub.transforms` (scan, scrub and
plans), :mod:`sealscrub.filters` (guards of what models answer), :mod:`sealscrub.certificates` (signed evidence),
:mod:`sealscrub.lineage` (which models were trained on what, and are trained again), :mod:`sealscrub.datasets` (a
generated city), :mod:`sealscrub.errors`.

The custodian makes keys, registers notices of seals, and publishes the index:

>>> _ = ss.identifiers.generate_keys(here / "seal.key")
>>> _ = (here / "notices.csv").write_text(
...     "seal_id,event,regime,effective_from,notified_on,basis,arrest_number\n"
...     "S1,sealed,us-ny/cpl-160.50,2015-03-02,2015-04-01,notice,K14612345\n"
... )
>>> with ss.custodian.registry.Registry.create(here / "seals.db") as seals:
...     _ = seals.add(here / "notices.csv")
...     _ = seals.publish(
...         here / "training.sealindex",
...         keys=ss.identifiers.load_key(here / "seal.key"),
...         publisher=ss.identifiers.load_publisher(here / "seal.key.publisher"),
...         uses=["training"],
...         audience="police",
...     )

:mod:`sealscrub.custodian` holds what only the custodian's people use: the law, the registry, custody, and figures for
annual reports.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import (
        certificates,
        custodian,
        datasets,
        errors,
        filters,
        identifiers,
        index,
        lineage,
        matching,
        transforms,
    )
    from .index import open_index
    from .lineage import refresh
    from .matching import Policy
    from .transforms import scan, scrub
    from .transforms.plans import Plan

__version__ = "0.1.0"

__all__ = [  # noqa: RUF022 - by reader: what a data scientist calls, then rooms as above, the custodian's last
    "open_index",
    "Policy",
    "scan",
    "scrub",
    "Plan",
    "refresh",
    "identifiers",
    "index",
    "matching",
    "transforms",
    "filters",
    "certificates",
    "lineage",
    "datasets",
    "errors",
    "custodian",
]

_HOMES = {
    "Plan": "transforms.plans",
    "Policy": "matching",
    "open_index": "index",
    "refresh": "lineage",
    "scan": "transforms",
    "scrub": "transforms",
}


if not TYPE_CHECKING:  # to a type checker a name that is not imported above is an error

    def __getattr__(name: str) -> Any:
        """Load a room, or a name of one, when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module 'sealscrub' has no attribute {name!r}")
        home = importlib.import_module(f"sealscrub.{_HOMES.get(name, name)}")
        value = getattr(home, name) if name in _HOMES else home
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
