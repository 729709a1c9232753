"""Drive what every guard asks: judges, what is known, and an index that follows its file."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

from sealscrub.filters import Judge, LiveIndex
from sealscrub.identifiers import OneDigest
from sealscrub.matching import Policy, RecordMatcher, parse_on

from .watch import NEAR, PAYLOAD, SEALED, UNPARSABLE, WITHHELD
from .world import ON, World

Calls = Iterator[Callable[[], object]]
IDS = {"arrest_no": [SEALED, WITHHELD, "M14000001", None]}


def judges(world: World) -> Calls:
    judge = Judge(world.index, ON)
    yield lambda: (judge, judge.columns, judge.start(), judge.start().gone_of(IDS).tolist())
    yield lambda: judge.start().gone(world.checkable)
    for bad in (NEAR, UNPARSABLE, PAYLOAD, 1.5, [SEALED], object()):
        yield lambda bad=bad: judge.start().is_gone(arrest_no=bad)
    yield lambda: judge.start().gone(world.arrests)
    yield lambda: judge.start().gone(world.arrests.drop("arrest_no"))
    yield lambda: Judge(world.index, ON, policy=Policy(quarantine=True)).start().gone(world.arrests).sum()
    yield lambda: Judge(world.index, {"docket": "d"})
    for known in ([SEALED, UNPARSABLE], {"docket": [SEALED]}, world.arrests, lambda ids: [PAYLOAD], lambda ids: 1 / 0):
        yield lambda known=known: Judge(world.index, ON, known=known).start().gone_of(IDS).tolist()


def singly(world: World) -> Calls:
    matcher = RecordMatcher(world.index, parse_on(ON), Policy())
    yield lambda: (repr(matcher), repr(OneDigest(world.index.scheme_key("arrest_number"))))
    for value in (SEALED, WITHHELD, NEAR, UNPARSABLE, PAYLOAD, None):
        yield lambda value=value: matcher.canonical({"arrest_no": value}) and None


def indexes(world: World) -> Calls:
    live = LiveIndex(world.made / "example.sealindex", world.made / "example.key")
    yield lambda: (live, live.current(), live.health(), pickle.dumps(live))
    yield lambda: LiveIndex(world.inputs / "train.csv", world.made / "example.key")
    yield lambda: Judge(live, ON).start()


DRIVES = (judges, singly, indexes)
