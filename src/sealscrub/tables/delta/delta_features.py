"""What a Delta table may need of its readers and writers: read, written again, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sealscrub.errors import UnreadableInput, UsageError

__all__ = ["refuse_unread", "refuse_unwritten"]

_READ_FEATURES = frozenset({"columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"})
_WRITTEN_FEATURES = _READ_FEATURES - {"vacuumProtocolCheck"} | {
    "appendOnly",
    "invariants",
    "checkConstraints",
    "generatedColumns",
    "changeDataFeed",
    "inCommitTimestamp",  # of which the protocol asks nothing unless it is on
}
_ROW_STATE = {  # what the table keeps of rows next to them, by the property that turns it on
    "delta.enableRowTracking": "rowTracking",
    "delta.enableInCommitTimestamps": "inCommitTimestamp",
    "delta.enableIcebergCompatV1": "icebergCompatV1",
    "delta.enableIcebergCompatV2": "icebergCompatV2",
}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z\-]{2,50}(?:V\d)?")


def refuse_unread(protocol: Mapping[str, Any], configuration: Mapping[str, str], where: str) -> None:
    """Refuse a table that cannot be read without a wrong answer.

    Raises
    ------
    UnreadableInput
    """
    if int(protocol.get("minReaderVersion") or 1) > 3:
        raise _unread_features(["a newer protocol"], where)
    unknown = set(protocol.get("readerFeatures") or ()) - _READ_FEATURES
    if unknown:
        raise _unread_features(unknown, where)
    if configuration.get("delta.columnMapping.mode", "none") not in ("none", "name"):
        raise _unread_features(["columnMapping by id"], where)


def refuse_unwritten(protocol: Mapping[str, Any], configuration: Mapping[str, str], schema: str, where: str) -> None:
    """Refuse a table of which a copy cannot keep what the protocol asks of its writers.

    Raises
    ------
    UsageError
    """
    features = set(protocol.get("writerFeatures") or ()) - _WRITTEN_FEATURES
    features |= {feature for key, feature in _ROW_STATE.items() if configuration.get(key, "").lower() == "true"}
    if '"delta.identity.' in schema:
        features.add("identityColumns")
    if int(protocol.get("minWriterVersion") or 2) > 7:
        features.add("a newer protocol")
    if features:
        raise UsageError(
            f"the table uses features that cannot be written: {_shown_features(features)}",
            where=where,
            hint="scan it, and scrub a copy without this: read it with its own engine and write a plain Delta table.",
        )


def _unread_features(features: Iterable[str], where: str) -> UnreadableInput:
    return UnreadableInput(
        f"the table uses unsupported features: {_shown_features(features)}",
        where=where,
        hint="drop the feature with its own engine, or write a plain Delta table with that, and scan this.",
    )


def _shown_features(features: Iterable[str]) -> str:
    """Name features; a name that can be data is not shown."""
    known = {each if _PLAIN.fullmatch(each) or " " in each else "an unknown feature" for each in map(str, features)}
    return ", ".join(sorted(known))
