"""Which seals a notice is about: by its id, or by its keys if it ends a seal without naming it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from sealscrub.identifiers import Level, get_scheme

from .bulk_rows import Schema, lookup, lookup_frame
from .notice_rows import BEGINNING, ENDING, EventKind, Notices
from .schema import EVENT_KEYS, EVENTS

__all__: list[str] = []

_REGISTERED: Schema = {
    "seal_id": pl.String,
    "fingerprint": pl.Binary,
    "event_id": pl.Int64,
    "event": pl.String,
    "effective_from": pl.String,
}
_ASKED = ("row", "line", "seal_id", "event", "regime", "effective_from", "fingerprint")
_KEY_SCHEMA: Schema = {"seal_id": pl.String, "scheme": pl.String, "value": pl.String}
_BEGINNING = [str(kind) for kind in BEGINNING]
_ENDING = [str(kind) for kind in ENDING]


@dataclass(frozen=True, eq=False)
class Resolved:
    """Rows with the seal that each is about.

    Attributes
    ----------
    events : polars.DataFrame
        The rows to register, once for each seal that they are about, in the order of the file: ``row``, ``line``,
        ``seal_id``, ``event``, ``regime``, ``effective_from`` and ``fingerprint``.
    known : int
        How many rows are registered already, in this file or before.
    superseded : int
        How many of these no longer say how their seal stands, because an event that comes later says otherwise.
    unresolved : polars.DataFrame
        ``row``, ``line`` and ``reason`` of rows that are about no known seal.
    """

    events: pl.DataFrame
    known: int
    superseded: int
    unresolved: pl.DataFrame

    def __repr__(self) -> str:
        return f"Resolved({len(self.events)} events)"


def resolve_rows(connection: sa.Connection, notices: Notices) -> Resolved:
    """Find the seal of each row, and leave out the rows that are registered already."""
    rows = notices.rows.select(_ASKED)
    ending = rows.filter(pl.col("event").is_in(_ENDING))
    others = rows.filter(~pl.col("event").is_in(_ENDING))
    ended, unresolved = _resolve_endings(connection, ending, others, notices.keys)
    taken = _of_other_records(connection, others, notices.keys)
    others = others.join(taken.select("row"), on="row", how="anti", maintain_order="left")
    unresolved = pl.concat([unresolved, _reasons(taken, "has the seal_id of another record")])
    events = pl.concat([others, ended]).sort("row", "seal_id") if len(ended) else others
    registered = _known_seals(connection, events["seal_id"])
    fresh = _of_file(_not_registered(events, registered))
    known = events["row"].n_unique() - fresh["row"].n_unique()
    return Resolved(fresh, known, _superseded(events, registered), unresolved)


def _not_registered(events: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    if registered.is_empty():
        return events
    fresh = events.join(registered, on=["seal_id", "fingerprint"], how="anti", maintain_order="left")
    # A row that ended several seals is registered once one of them has it: seals that came later are not ended by it.
    partly = events.join(fresh.select("row", "seal_id"), on=["row", "seal_id"], how="anti").select("row").unique()
    return fresh.join(partly, on="row", how="anti", maintain_order="left")


def _of_file(events: pl.DataFrame) -> pl.DataFrame:
    """Leave out what the file says again; a file that says nothing twice, as its digests show, is not copied."""
    same = ["seal_id", "fingerprint"]
    if events.select(pl.struct(same).hash().n_unique()).item() == len(events):
        return events
    return events.unique(subset=same, keep="first", maintain_order=True)


def _known_seals(connection: sa.Connection, seal_ids: pl.Series) -> pl.DataFrame:
    if connection.execute(sa.select(EVENTS.c.event_id).limit(1)).first() is None:
        seal_ids = seal_ids.clear()
    query = sa.select(*(EVENTS.c[name] for name in _REGISTERED))
    return lookup_frame(connection, query, EVENTS.c.seal_id, seal_ids.unique(), _REGISTERED)


def _superseded(events: pl.DataFrame, registered: pl.DataFrame) -> int:
    """A notice that comes again may be a repeated file or a seal that is made again: the custodian knows."""
    last = registered.sort("effective_from", "event_id").unique(subset="seal_id", keep="last")
    repeated = events.join(registered, on=["seal_id", "fingerprint"], how="semi").select("row", "seal_id", "event")
    differing = repeated.join(last.select("seal_id", "event"), on=["seal_id", "event"], how="anti")
    return differing["row"].n_unique()


def _of_other_records(connection: sa.Connection, others: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Rows that would add to a seal of an earlier file what is of another record: a court may number files from 1."""
    of_seals = others.select("row", "line", "seal_id", "event")
    known = _known_seals(connection, of_seals["seal_id"].drop_nulls())["seal_id"].unique()
    if known.is_empty():
        return of_seals.clear()
    named = of_seals.filter(pl.col("event").is_in(_BEGINNING) & pl.col("seal_id").is_in(known.implode()))
    return _with_foreign_keys(connection, named, keys.filter("published"), pl.DataFrame(schema=_KEY_SCHEMA))


def _resolve_endings(
    connection: sa.Connection, ending: pl.DataFrame, others: pl.DataFrame, keys: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    if not len(ending):
        return ending, _reasons(ending, "")
    published = keys.filter("published")
    of_rows = published.join(ending.select("row"), on="row", how="semi")
    begun = others.filter(pl.col("event").is_in(_BEGINNING))
    in_file = published.join(begun.select("row", "seal_id"), on="row").select(*_KEY_SCHEMA)

    by_id = ending.filter(pl.col("seal_id").is_not_null())
    query = sa.select(EVENTS.c.seal_id).distinct()
    in_store = [seal_id for (seal_id,) in lookup(connection, query, EVENTS.c.seal_id, by_id["seal_id"].unique())]
    known_ids = pl.concat([pl.Series("seal_id", in_store, dtype=pl.String), others["seal_id"].drop_nulls()])
    named = by_id.filter(pl.col("seal_id").is_in(known_ids.unique().implode()))
    foreign = _with_foreign_keys(connection, named, of_rows, in_file)

    nameless = ending.join(named.select("row"), on="row", how="anti", maintain_order="left")
    found, lost, several = _by_keys(connection, nameless, of_rows, in_file)
    unresolved = pl.concat(
        [
            _reasons(foreign, "holds none of the keys of the seal that it names"),
            _reasons(lost, "is about no seal that is known"),
            _reasons(several, "is about several seals: say which by seal_id"),
        ]
    )
    return pl.concat([named.join(foreign, on="row", how="anti"), found]), unresolved


def _with_foreign_keys(
    connection: sa.Connection, named: pl.DataFrame, keys: pl.DataFrame, in_file: pl.DataFrame
) -> pl.DataFrame:
    """Rows whose record keys are all other ones than those of the seal that they name."""
    claimed = named.select("row", "line", "seal_id").join(keys.select("row", "scheme", "value"), on="row")
    query = sa.select(EVENTS.c.seal_id, EVENT_KEYS.c.scheme, EVENT_KEYS.c.value).join(
        EVENT_KEYS, EVENT_KEYS.c.event_id == EVENTS.c.event_id
    )
    stored = lookup_frame(connection, query, EVENTS.c.seal_id, claimed["seal_id"].unique(), _KEY_SCHEMA)
    held = pl.concat([stored, in_file]).unique()
    comparable = claimed.join(held.select("seal_id", "scheme").unique(), on=["seal_id", "scheme"], how="semi")
    agreeing = claimed.join(held, on=["seal_id", "scheme", "value"], how="semi")
    return comparable.join(agreeing, on="row", how="anti").unique(subset="row")


def _by_keys(
    connection: sa.Connection, rows: pl.DataFrame, keys: pl.DataFrame, in_file: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows with the seals that hold all their keys of the narrowest level; those with none, and with too many.

    An action's key may be on several notices of one action, which end together. An arrest's key names all the
    actions of the arrest: if it fits several seals, the row must say which.
    """
    narrow = _narrowest(keys.join(rows.select("row"), on="row", how="semi"))
    query = (
        sa.select(EVENTS.c.seal_id, EVENT_KEYS.c.scheme, EVENT_KEYS.c.value)
        .join(EVENTS, EVENTS.c.event_id == EVENT_KEYS.c.event_id)
        .where(EVENTS.c.event.in_(_BEGINNING))
    )
    stored = lookup_frame(connection, query, EVENT_KEYS.c.value, narrow["value"].unique(), _KEY_SCHEMA)
    corrected = lookup(
        connection,
        sa.select(EVENTS.c.seal_id).where(EVENTS.c.event == str(EventKind.MISTAKEN)).distinct(),
        EVENTS.c.seal_id,
        stored["seal_id"].unique(),
    )
    stored = stored.filter(~pl.col("seal_id").is_in([seal_id for (seal_id,) in corrected]))
    held = pl.concat([stored, in_file]).unique()
    wanted = narrow.group_by("row").agg(wanted=pl.len())
    fitting = (
        narrow.join(held, on=["scheme", "value"])
        .group_by("row", "seal_id", "level")
        .agg(fits=pl.len())
        .join(wanted, on="row")
        .filter(pl.col("fits") == pl.col("wanted"))
    )
    ambiguous = (
        fitting.filter(pl.col("level") == str(Level.ARREST)).group_by("row").agg(n=pl.len()).filter(pl.col("n") > 1)
    )
    several = rows.join(ambiguous, on="row", how="semi", maintain_order="left")
    lost = rows.join(fitting, on="row", how="anti", maintain_order="left")
    found = (
        rows.join(ambiguous, on="row", how="anti")
        .drop("seal_id")
        .join(fitting.select("row", "seal_id"), on="row")
        .select(rows.columns)
    )
    return found, lost, several


def _narrowest(keys: pl.DataFrame) -> pl.DataFrame:
    """The keys that name an action, of rows that have any; else those that name an arrest."""
    levels = {name: str(get_scheme(name).level) for name in keys["scheme"].unique()}
    levelled = keys.with_columns(level=pl.col("scheme").replace_strict(levels, return_dtype=pl.String))
    action = pl.col("level") == str(Level.ACTION)
    return levelled.filter(action | ~action.any().over("row"))


def _reasons(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    return rows.select("row", "line", reason=pl.lit(reason))
