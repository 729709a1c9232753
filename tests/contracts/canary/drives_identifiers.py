"""Drive ``errors``, ``atomic_write``, ``identifiers``, ``law`` and ``index``."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from sealscrub import atomic_write, errors, identifiers, index
from sealscrub.custodian import law
from sealscrub.identifiers import Level, RecordKey, Scheme, Spelling

from .watch import NEAR, NUMBER, PAYLOAD, SEALED, UNPARSABLE, WITHHELD, Looked, Unwatched
from .world import World

Calls = Iterator[Callable[[], object]]
DIGIT = r"(?P<n>\d{6})"


def errors_and_placing(world: World) -> Calls:
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.SealscrubError):
            yield lambda kind=kind: pickle.loads(pickle.dumps(kind("a message", where="a place", hint="a hint")))
    yield lambda: errors.SchemeError.unknown("arrest", ["arrest_number"])
    yield lambda: errors.ColumnError.absent("arrest", ["arrest_no"])
    yield lambda: errors.ColumnError.absent(["arrest", "docket"], otherwise="a file of arrests has both.")
    yield lambda: errors.MissingExtra.of("duckdb", "plans")
    yield lambda: _fail_while_placing(world.made / "left.txt")
    yield lambda: _fail_while_placing(Path("/dev/null"))
    yield lambda: _place_all(world.made)


def _fail_while_placing(path: Path) -> None:
    with atomic_write.placed_file(path) as file:
        file.write(PAYLOAD.encode())
        raise OSError(28, "No space left on device")


def _place_all(folder: Path) -> None:
    with atomic_write.placed_path(folder / "placed.txt") as part:
        part.write_text("nothing")
    with atomic_write.placed_folder(folder / "placed") as part:
        (part / "file").write_text("nothing")


def columns(world: World) -> Calls:
    texts = [SEALED, WITHHELD, NEAR, UNPARSABLE, PAYLOAD, "", None]
    for scheme in [*identifiers.scheme_names(), "opaque:sys"]:
        if not identifiers.get_scheme(scheme).parts:
            yield lambda scheme=scheme: Looked(identifiers.canonicalise(pl.Series(PAYLOAD, texts), scheme))
    found = identifiers.canonicalise(pl.Series(texts), "arrest_number")
    yield lambda: found.count(identifiers.Status.NEAR)
    for column in (
        pl.Series([NUMBER]),
        pl.Series([float(NUMBER) + 0.5]),
        pl.Series([[SEALED]]),
        pl.Series([{"a": SEALED}]),
        pl.Series([SEALED.encode(), b"\xff"]),
        pl.Series([True]),
        pl.Series([dt.date(2014, 1, 1)]),
        pl.Series([object()], dtype=pl.Object),
        pl.Series([SEALED], dtype=pl.Categorical),
    ):
        yield lambda column=column: Looked(identifiers.canonicalise(column, "arrest_number"))
    parts = {"nysid": pl.Series([PAYLOAD, "07654321L"]), "date": pl.Series([PAYLOAD, SEALED])}
    yield lambda: Looked(identifiers.canonicalise_parts(parts, "person_arrest"))
    yield lambda: identifiers.canonicalise_parts({"nysid": parts["nysid"]}, "person_arrest")
    yield lambda: identifiers.canonicalise_parts({**parts, "date": pl.Series([SEALED])}, "person_arrest")
    yield lambda: identifiers.canonicalise(parts["nysid"], "person_arrest")
    key = identifiers.load_key(world.made / "example.key").for_audience("police").scheme_key("arrest_number")
    yield lambda: Unwatched(identifiers.digest_column(pl.Series([SEALED, None]), key))
    yield lambda: identifiers.digest_column(pl.Series([NUMBER]), key)
    yield lambda: identifiers.digest_column(pl.Series([SEALED]), b"short")


def schemes(world: World) -> Calls:
    yield lambda: Looked(RecordKey("arrest_number", SEALED))
    yield lambda: Looked({RecordKey("arrest_number", SEALED): [RecordKey("docket", PAYLOAD)]})
    yield lambda: identifiers.get_scheme("arrest")
    yield lambda: identifiers.register_scheme(Scheme(name="made", level=Level.ARREST, spellings=[Spelling(DIGIT)]))
    yield lambda: identifiers.register_scheme(Scheme(name="made", level=Level.ARREST, spellings=[Spelling(r"\d{7}")]))
    yield lambda: Spelling(DIGIT, "{n}").digit_groups
    made = identifiers.get_scheme("arrest_number")
    yield lambda: (made.published, made.opaque, made.fingerprint)
    for table in ("", "[schemes.x]\nlevel=1", "[schemes.x", '[schemes.x]\nlevel="arrest"\nbad=1'):
        file = world.made / "bad.toml"
        file.write_text(table)
        yield lambda file=file: identifiers.load_schemes(file)


def keys(world: World) -> Calls:
    own = world.made / "keys"
    own.mkdir()
    yield lambda: identifiers.generate_keys(own / "seal.key")
    yield lambda: identifiers.generate_keys(own / "seal.key")
    yield lambda: identifiers.generate_certifier(own / "team.key")
    yield lambda: identifiers.load_key(own / "absent.key")
    yield lambda: identifiers.load_key(own / "seal.key.publisher")
    yield lambda: identifiers.load_publisher(own / "seal.key").public_key
    yield lambda: identifiers.load_publisher(own / "seal.key.publisher").sign("canary", b"").hex()
    yield lambda: identifiers.load_annex(own / "seal.key.annex")
    yield lambda: identifiers.load_recipient(own / "seal.key.pub")
    yield lambda: identifiers.load_recipient(own / "seal.key")
    yield lambda: identifiers.load_key(own / "seal.key").save_audience("vendor", own / "vendor.key")
    yield lambda: identifiers.load_key(own / "vendor.key").for_audience("police")
    yield lambda: [identifiers.load_key(own / name) for name in ("seal.key", "vendor.key")]
    yield lambda: identifiers.load_publisher(own / "seal.key.publisher")
    yield lambda: (identifiers.load_key(own / "seal.key").key_id, identifiers.load_key(own / "vendor.key").key_id)
    yield lambda: pickle.dumps(identifiers.load_key(own / "vendor.key"))
    yield lambda: copy.deepcopy(identifiers.load_key(own / "seal.key"))


def laws(world: World) -> Calls:
    day = dt.date(2026, 11, 25)
    yield lambda: law.bars("us-ny/cpl-160.50", use="training", audience="police", on=day)
    yield lambda: law.ruling("us-ny/cpl-160.50", use="output", audience="court", on=day).in_force(day)
    yield lambda: law.bars("us-ny/cpl-160.50", use="nothing", audience="nobody", on=day)
    yield lambda: (law.known_regimes(), law.rulings(), law.known_uses(), law.known_audiences(), law.access_provisions())
    yield lambda: law.uses_of("us-or/ors-137.225")


def indexes(world: World) -> Calls:
    file, key = world.made / "example.sealindex", world.made / "example.key"
    held = world.index
    digests = identifiers.digest_column(pl.Series([SEALED, WITHHELD]), held.scheme_key("arrest_number"))
    yield lambda: index.open_index(file, key, use="training").publisher_public_key
    yield lambda: index.open_index(file, key, use="aggregate_report")
    yield lambda: index.open_index(file, key, min_epoch=99)
    yield lambda: index.open_index(file, key, today=dt.date(2100, 1, 1))
    yield lambda: index.open_index(file, key, today=dt.date(2000, 1, 1))
    yield lambda: index.open_index(file, world.made / "keys" / "seal.key")
    yield lambda: index.open_index(world.inputs / "train.csv", key)
    yield lambda: index.open_index(world.made / "absent", key)
    yield lambda: [pickle.loads(pickle.dumps(held)), copy.copy(held), copy.deepcopy(held)]
    yield lambda: (held.epoch, held.as_of, held.not_after, held.uses, held.audience, held.schemes, held.id)
    yield lambda: held.lookup("arrest_number", digests)
    yield lambda: held.lookup("docket", digests)
    yield lambda: (held.coverage(["arrest_number"]), held.require("docket"))
    yield lambda: held.require_use("nothing")
    yield lambda: index.read_header(file)
    yield lambda: index.read_header(world.inputs / "train.parquet")
    yield lambda: index.IndexHeader.from_bytes(held.header.to_bytes(), "a place").covered(["arrest_number"])
    yield lambda: index.IndexHeader.from_bytes(f'{{"{PAYLOAD}": "{SEALED}"}}'.encode(), "a place")
    changed = bytearray(file.read_bytes())
    changed[-1] ^= 1
    (world.made / "changed.sealindex").write_bytes(changed)
    yield lambda: index.open_index(world.made / "changed.sealindex", key).verify()
    yield lambda: index.SchemeEntries("arrest_number", digests, np.ones(2, np.uint8))
    yield lambda: _write(world, index.SchemeEntries("arrest_number", digests, np.ones(2, np.uint8)))
    yield lambda: _write(world, index.SchemeEntries("nysid", digests, np.ones(2, np.uint8)))
    yield lambda: _write(world, index.SchemeEntries("arrest_number", digests, np.zeros(2, np.uint8)))
    yield lambda: _write(world, index.SchemeEntries("arrest_number", digests[:0], np.zeros(0, np.uint8)))


def _write(world: World, entries: index.SchemeEntries) -> index.IndexHeader:
    key = identifiers.load_key(world.made / "example.key").for_audience("police")
    publisher = identifiers.load_publisher(world.made / "example.key.publisher")
    facts = world.index.header.facts
    return index.write_index(world.made / "own.sealindex", [entries], facts, publisher, audience_key=key)


DRIVES = (errors_and_placing, columns, schemes, keys, laws, indexes)
