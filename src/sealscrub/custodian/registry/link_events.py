"""Links: rows of a named system that are about a sealed arrest and share no identifier with its notice.

A link is added and revoked by events, which have two times as a seal's have. It stands while its seal does. What a
clerk or an order has decided about a pair, a model does not change; but a pair that a clerk called different is asked
again once its row or its notices say something else than the clerk saw, or a model finds more in it than one did then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import sqlalchemy as sa

from sealscrub.certificates import sha256_of
from sealscrub.errors import ColumnError, ConfigError, SchemeError, UsageError
from sealscrub.identifiers import Status, canonicalise, get_scheme, scheme_names

from .bulk_rows import Schema, append, lookup_frame
from .notice_intake import close_epoch, unclosed_refused
from .registry_store import Store
from .schema import EVENTS, LINK_EVENTS
from .seal_state import known_rows, read_events, states

__all__ = ["LinkBasis", "Linked", "links_in_force"]

OPAQUE: Final = "opaque:"
BANDS: Final = ("sealed", "withheld")
_ADD, _REVOKE = "add", "revoke"
_PAIR = ("seal", "row")
_SEEN: Final = "^p[0-9a-f]{32}$"
_WEIGHT_ROUNDING: Final = 1e-6
_LINK_SCHEMA: Schema = {
    "event_id": pl.Int64,
    "epoch": pl.Int64,
    "seal_id": pl.String,
    "namespace": pl.String,
    "row_id": pl.String,
    "event": pl.String,
    "band": pl.String,
    "weight": pl.Float64,
    "model": pl.String,
    "basis": pl.String,
    "effective_from": pl.String,
    "seen": pl.String,
}


RecordRun = Callable[[sa.Connection, int, int], None]
"""Appends what was compared: the connection, the number of its event, and the epoch."""


class LinkBasis(StrEnum):
    """On what a link rests, or its end."""

    MODEL = "model"
    CLERK = "clerk"
    ORDER = "order"


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What happened to links that were handed in.

    Attributes
    ----------
    epoch : int
        The registry's epoch now.
    recorded : int
        Events that are recorded now.
    known : int
        Pairs of which the registry said the same already.
    decided : int
        Pairs that a clerk or an order has decided, so a model changes nothing.
    again : int
        Pairs that a clerk called different, and that say something else now, or in which a model finds more than it did
        then: they are withheld.

    Examples
    --------
    >>> linked = Linked(epoch=3, recorded=2, known=1)
    >>> linked.recorded, linked.decided
    (2, 0)
    """

    epoch: int
    recorded: int
    known: int
    decided: int = 0
    again: int = 0


def add_links(
    store: Store,
    links: pl.DataFrame,
    *,
    namespace: str,
    model: str | None,
    basis: str,
    effective_from: dt.date | None,
    file: Path,
    why: str = "",
    record_run: RecordRun | None = None,
) -> Linked:
    """Add links. See :meth:`sealscrub.custodian.registry.Registry.add_links`."""
    pairs = _pairs(links, namespace, (*_PAIR, "weight", "band"))
    if not pairs["band"].is_in(BANDS).fill_null(value=False).all():
        raise UsageError("unknown band of a link", hint="use sealed or withheld.")
    wanted = pairs.with_columns(
        pl.col("weight").cast(pl.Float64), event=pl.lit(_ADD), model=pl.lit(model, pl.String), basis=pl.lit(str(basis))
    )
    begins = pl.coalesce("begins", pl.lit(_today()))
    return _record(
        store,
        wanted,
        namespace,
        _effective_day(effective_from, begins),
        file,
        lambda digest: None,
        why=why,
        record_run=record_run,
    )


def revoke_links(
    store: Store,
    links: pl.DataFrame,
    *,
    namespace: str,
    basis: str,
    effective_from: dt.date | None,
    file: Path,
    approve: Callable[[str], None],
) -> Linked:
    """Revoke links. See :meth:`sealscrub.custodian.registry.Registry.revoke_links`."""
    pairs = _pairs(links, namespace, _PAIR)
    nothing = {"weight": pl.Float64, "band": pl.String, "model": pl.String}
    wanted = pairs.with_columns(
        *(pl.lit(None, kind).alias(name) for name, kind in nothing.items()),
        event=pl.lit(_REVOKE),
        basis=pl.lit(str(basis)),
    )
    return _record(store, wanted, namespace, _effective_day(effective_from, pl.lit(_today())), file, approve)


def system_name(namespace: str) -> str:
    """Give a namespace as its scheme has it.

    Raises
    ------
    SchemeError
        When it is not a name, or the name of a scheme.
    """
    name = get_scheme(f"{OPAQUE}{namespace}").name.removeprefix(OPAQUE)
    if name in scheme_names():
        raise SchemeError(
            "the namespace is the name of a scheme", hint="use the name of the system that holds the rows."
        )
    return name


def link_basis(basis: str) -> LinkBasis:
    """Give the basis of a name.

    Raises
    ------
    ConfigError
        When none has it.
    """
    if basis not in list(LinkBasis):
        raise ConfigError("unknown basis of a link", hint=f"use one of {', '.join(LinkBasis)}.")
    return LinkBasis(basis)


def links_in_force(connection: sa.Connection, epoch: int, as_of: dt.date, namespace: str | None = None) -> pl.DataFrame:
    """Links that stand on a day, as known at an epoch: not revoked, and of a seal that stands."""
    standing = standing_seals(read_events(connection, epoch), as_of)
    links = last_words(read_links(connection, epoch, namespace), as_of).filter(pl.col("event") == _ADD)
    return (
        links.join(standing, on="seal_id", how="semi")
        .sort("namespace", "seal_id", "row_id")
        .select(
            *("namespace", pl.col("seal_id").alias("seal"), pl.col("row_id").alias("row"), "band", "weight", "model"),
            *("basis", pl.col("effective_from").str.to_date(), "epoch", "seen"),
        )
    )


def standing_seals(events: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """``seal_id`` of the seals that are sealed or withheld on a day."""
    return states(events, as_of).filter(pl.col("event").cast(pl.String).is_in(BANDS)).select("seal_id")


def read_links(connection: sa.Connection, epoch: int, namespace: str | None = None) -> pl.DataFrame:
    """Every event of links that was known at an epoch."""
    only = [] if namespace is None else [LINK_EVENTS.c.namespace == system_name(namespace)]
    return known_rows(connection, LINK_EVENTS, _LINK_SCHEMA, epoch, *only)


def last_words(events: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """The last event of each pair that has taken effect by a day."""
    effective = events.filter(pl.col("effective_from") <= as_of.isoformat())
    pair = ["namespace", "seal_id", "row_id"]
    return effective.sort("effective_from", "event_id").unique(subset=pair, keep="last", maintain_order=True)


def _pairs(links: pl.DataFrame, namespace: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Pairs of seal and canonical row id, each once."""
    ColumnError.require(columns, links.columns)
    read = canonicalise(links["row"], f"{OPAQUE}{system_name(namespace)}")
    if links["seal"].null_count() or (read.status != Status.OK).any():
        raise UsageError("a link lacks its seal or its row", hint="give both of each link.")
    seen = pl.col("seen").cast(pl.String) if "seen" in links.columns else pl.lit(None, pl.String)
    if not links.select(seen.str.contains(_SEEN).fill_null(value=True).all()).item():
        raise UsageError("a mark of a pair is damaged", hint="give what pair_marks returned, or no column seen.")
    pairs = links.select(*columns, seen=seen).with_columns(pl.col("seal").cast(pl.String), row=read.values)
    if pairs.select(_PAIR).is_duplicated().any():
        raise UsageError("a link is listed twice", hint="give each pair of seal and row once.")
    return pairs


def _record(
    store: Store,
    wanted: pl.DataFrame,
    namespace: str,
    effective_from: pl.Expr,
    file: Path,
    approve: Callable[[str], None],
    *,
    why: str = "",
    record_run: RecordRun | None = None,
) -> Linked:
    """Append what the registry does not say yet, in an epoch of its own."""
    digest = sha256_of(file)
    with store.writing() as connection:
        last_epoch, last = unclosed_refused(connection)
        begins = _beginnings(connection, wanted)
        events = read_links(connection, last_epoch, namespace)
        held = wanted.join(_said_before(events), on=list(_PAIR), how="left", maintain_order="left")
        held = held.join(begins, on="seal", how="left", maintain_order="left").with_columns(since=effective_from)
        by_model = pl.col("basis") == str(LinkBasis.MODEL)
        held = held.with_columns(
            band=pl.when(by_model & pl.col("denied") & (pl.col("event") == _ADD))
            .then(pl.lit("withheld"))
            .otherwise("band"),
            more=(by_model & (_more_is_found() | _says_something_else())).fill_null(value=False),
        )
        same = pl.all_horizontal(
            pl.col(f"was{name}").eq_missing(pl.col(now))
            for name, now in {"": "event", "_band": "band", "_model": "model", "_basis": "basis"}.items()
        )
        same &= (
            pl.when(by_model)
            .then(pl.col("was_weight").eq_missing(pl.col("weight")))
            .otherwise(pl.col("was_seen").eq_missing(pl.col("seen")) | pl.col("seen").is_null())
        )
        never = (pl.col("event") == _REVOKE) & by_model & pl.col("was").is_null()
        known = held.select(same | never).to_series()
        settled = by_model & (pl.col("was_basis") != str(LinkBasis.MODEL)).fill_null(value=False) & ~pl.col("more")
        decided = held.select(settled).to_series() & ~known
        new = held.filter(~known & ~decided)
        again = int(new.select(pl.col("more") & (pl.col("was") == _REVOKE)).to_series().sum())
        epoch = last_epoch
        if (new["since"] < new["was_effective_from"]).any():
            raise UsageError(
                "a statement about a link already holds from a later day",
                hint="give no day, so the last statement wins; or give one that is as late.",
            )
        if len(new) or record_run is not None:
            approve(digest)
            epoch += 1
            written = last + len(new)
            added = new.select(
                event_id=pl.Series(np.arange(len(new), dtype=np.int64) + last + 1),
                epoch=pl.lit(epoch),
                seal_id="seal",
                namespace=pl.lit(system_name(namespace)),
                row_id="row",
                event="event",
                band="band",
                weight="weight",
                model="model",
                basis="basis",
                effective_from="since",
                seen=pl.when(~by_model).then("seen"),
            )
            append(connection, LINK_EVENTS, added)
            if record_run is not None:
                written += 1
                record_run(connection, written, epoch)
            close_epoch(
                connection,
                epoch=epoch,
                source_name=f"{file.name} (same extract: {why})" if why else file.name,
                source_sha256=digest,
                source_rows=len(wanted),
                last_event=written,
            )
    return Linked(epoch=epoch, recorded=len(new), known=int(known.sum()), decided=int(decided.sum()), again=again)


def _said_before(events: pl.DataFrame) -> pl.DataFrame:
    """Of each pair its last word, whether a clerk's last word on it was a denial, and what a model knew at that.

    Columns: ``seal``, ``row``, ``was`` and ``was_…`` of the last event, ``denied``, ``denied_seen``, and ``then_…`` of
    the last link by a model before the denial.
    """
    pair = {"seal": "seal_id", "row": "row_id"}
    told = (
        events.sort("effective_from", "event_id").with_row_index("at").rename({name: to for to, name in pair.items()})
    )
    last = told.unique(_PAIR, keep="last", maintain_order=True).select(
        *_PAIR,
        *(pl.col(name).alias(f"was_{name}") for name in ("band", "weight", "model", "basis", "effective_from", "seen")),
        was="event",
    )
    by_model = pl.col("basis") == str(LinkBasis.MODEL)
    decided = told.filter(~by_model).unique(_PAIR, keep="last", maintain_order=True)
    denials = decided.filter(event=_REVOKE, basis=str(LinkBasis.CLERK))
    denials = denials.select(*_PAIR, denied_at="at", denied_seen="seen")
    known = told.filter(by_model & (pl.col("event") == _ADD)).join(denials, on=list(_PAIR))
    known = known.filter(pl.col("at") < pl.col("denied_at")).unique(_PAIR, keep="last", maintain_order=True)
    then = known.select(*_PAIR, *(pl.col(name).alias(f"then_{name}") for name in ("band", "weight", "model")))
    denials = denials.select(*_PAIR, "denied_seen", denied=pl.lit(value=True)).join(then, on=list(_PAIR), how="left")
    return last.join(denials, on=list(_PAIR), how="left").with_columns(pl.col("denied").fill_null(value=False))


def _more_is_found() -> pl.Expr:
    """Whether a model finds more in a pair than one did when a clerk denied it; two models' weights do not compare."""
    heavier = pl.col("weight") > pl.col("then_weight") + _WEIGHT_ROUNDING
    higher = (pl.col("band") == "sealed") & (pl.col("then_band") == "withheld")
    found_then = pl.col("then_weight").is_not_null() | pl.col("then_model").is_null()
    more = pl.when(pl.col("model") == pl.col("then_model")).then(heavier).otherwise(higher)
    return pl.col("denied") & (more.fill_null(value=False) | ~found_then & pl.col("weight").is_not_null())


def _says_something_else() -> pl.Expr:
    """Whether a pair says something else than when a clerk denied it; so it counts if that is known of one alone."""
    return pl.col("denied") & pl.col("seen").ne_missing(pl.col("denied_seen"))


def _effective_day(day: dt.date | None, usual: pl.Expr) -> pl.Expr:
    """A day; without one the usual day, or that of what was said before if it is later."""
    return pl.max_horizontal(usual, "was_effective_from") if day is None else pl.lit(day.isoformat())


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


def _beginnings(connection: sa.Connection, wanted: pl.DataFrame) -> pl.DataFrame:
    """``seal`` and ``begins``, the first day on which each is sealed or withheld; an unknown seal is refused."""
    seals = wanted["seal"].unique()
    query = sa.select(EVENTS.c.seal_id, EVENTS.c.event, EVENTS.c.effective_from)
    schema: Schema = {"seal": pl.String, "event": pl.String, "effective_from": pl.String}
    events = lookup_frame(connection, query, EVENTS.c.seal_id, seals, schema)
    if events["seal"].n_unique() < len(seals):
        raise UsageError("a link names a seal that the registry does not know", hint="run linkage on this registry.")
    return events.filter(pl.col("event").is_in(BANDS)).group_by("seal").agg(begins=pl.col("effective_from").min())
