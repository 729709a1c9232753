"""What courts write, and what it means: raw texts to canonical dispositions."""

from .canonical import CONVICTIONS, OPEN, SILENT, Disposition
from .mapping import DispositionMap, Meaning, map_disposition, read_map, unmapped

__all__ = [
    "CONVICTIONS",
    "OPEN",
    "SILENT",
    "Disposition",
    "DispositionMap",
    "Meaning",
    "map_disposition",
    "read_map",
    "unmapped",
]
