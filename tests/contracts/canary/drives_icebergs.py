"""Drive tables of Iceberg: whole, doubtful, with ids in properties, partitions and deletes, and damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sealscrub as ss
from sealscrub.certificates import content_digest, load_signer
from sealscrub.identifiers import generate_certifier
from sealscrub.validators.certification import certify

from ...tables.iceberg.lakehouse import Lakehouse, commit_deletes, data_paths, delete_file, edit_metadata
from .watch import PAYLOAD, SEALED
from .world import ON, World

Calls = Iterator[Callable[[], object]]
UNREADABLE = 4
"""Tables at the end, of which one way is as good as another."""


def icebergs(world: World) -> Calls:
    """Read from one warehouse, which holds canaries, and write to another, which must hold none."""
    (world.out / "icebergs").mkdir()
    source, target = Lakehouse(world.inputs, "canary"), Lakehouse(world.out / "icebergs", "canarymade")
    try:
        yield from _driven(world, source, target)
    finally:
        source.close()
        target.close()


def _driven(world: World, source: Lakehouse, target: Lakehouse) -> Calls:
    generate_certifier(world.made / "icebergs.key")
    signer = load_signer(world.made / "icebergs.key")
    names = _tables(world, source)
    for name in (*names, "absent"):
        address = source.address(name)
        yield lambda address=address: ss.scan(address, world.index, ON, positions=True).to_text()
        yield lambda address=address: ss.scan(address, world.index, ON, history=True, positions=True).to_text()
        yield lambda address=address: certify(address, world.index, ON, signer=signer)
        yield lambda address=address: content_digest(address)
        how: list[dict[str, Any]] = [
            {},
            {"quarantine": world.aside / f"iceberg-{name}.parquet"},
            {"null_columns": ["arrest_no"]},
            {"set_values": {"n": PAYLOAD}},
            {"keep_metadata": ["comment"]},
        ]
        for at, more in enumerate(how if name in names[:-UNREADABLE] else how[:1]):
            new = target.address(f"{name}_{at}")
            yield lambda address=address, new=new, more=more: ss.scrub(address, world.index, ON, output=new, **more)
        out = world.path_of_output(f"iceberg-{name}.parquet")
        yield lambda address=address, out=out: ss.scrub(address, world.index, ON, output=out)
        yield lambda address=address: ss.scrub(address, world.index, ON, output=address)
        for dry in (True, False):
            yield lambda address=address, dry=dry: ss.scrub(
                address, world.index, ON, in_place=True, purge_history=True, dry_run=dry
            ).to_text()
        yield lambda address=address: ss.scrub(address, world.index, ON, in_place=True)
    held = source.catalog.load_table("police.checkable")
    yield lambda: ss.scan(held, world.index, ON).to_text()
    for text in (f"s3://{PAYLOAD}:{SEALED}@bucket/table", f"{PAYLOAD}", f"unknown/police.{PAYLOAD[:4]}"):
        yield lambda text=text: ss.scan(f"iceberg:{text}", world.index, ON)


def _tables(world: World, source: Lakehouse) -> list[str]:
    columns = [name for name in world.arrests.columns if name not in ("words", "level")]
    for name, rows in (("checkable", world.checkable), ("doubtful", world.arrests)):
        held = rows.select(columns).to_arrow()
        noted = {"comment": f"{PAYLOAD} {SEALED}"}
        source.create(name, held.schema, rows=held, properties=noted)
        few = rows.select(columns).drop_nulls("arrest_no").tail(8).to_arrow()
        source.create(f"{name}_by_key", few.schema, rows=few, by=["arrest_no"])
        deleted = source.create(f"{name}_deleted", held.schema, rows=held)
        commit_deletes(deleted, delete_file(deleted, data_paths(deleted)[0], range(held.num_rows)))
    plain = world.checkable.select(columns).to_arrow()
    lost, cut, newer, stored = (
        source.create(name, plain.schema, rows=plain) for name in ("lost", "cut", "newer", "stored")
    )
    Path(data_paths(lost)[0].removeprefix("file://")).unlink()
    place = Path(data_paths(cut)[0].removeprefix("file://"))
    place.write_bytes(place.read_bytes()[:-40] + SEALED.encode())
    edit_metadata(newer, {"format-version": 3, "next-row-id": 0})
    edit_metadata(stored, {"location": f"s3://{PAYLOAD}/{SEALED}"})
    kinds = [f"{name}{kind}" for name in ("checkable", "doubtful") for kind in ("", "_by_key", "_deleted")]
    return [*kinds, "lost", "cut", "newer", "stored"]


DRIVES = (icebergs,)
