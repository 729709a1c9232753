"""What courts write, and what it means: raw texts to canonical dispositions."""

from sealscrub.boundary import bound_room

from .canonical_dispositions import CONVICTIONS, MAY_BE_CONVICTED, OPEN, SILENT, Disposition
from .court_tables import all_counted
from .disposition_phrases import DispositionMap, Meaning, map_disposition, read_map, unmapped

__all__ = [
    "CONVICTIONS",
    "MAY_BE_CONVICTED",
    "OPEN",
    "SILENT",
    "Disposition",
    "DispositionMap",
    "Meaning",
    "all_counted",
    "map_disposition",
    "read_map",
    "unmapped",
]

bound_room(__name__)
