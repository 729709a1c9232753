"""The published index: what everyone but the custodian works with.

It holds keyed digests of record keys, sorted, with a reason for each, and a signed header. :func:`write_index`
makes one, :func:`open_index` opens or refuses it, :func:`read_header` shows what it says of itself without a key.
"""

from .header import IndexFacts, IndexHeader, SchemeFacts
from .opening import open_index
from .purposes import Audience, Reason, Use
from .reading import Index, read_header
from .writing import SchemeEntries, write_index

__all__ = [
    "Audience",
    "Index",
    "IndexFacts",
    "IndexHeader",
    "Reason",
    "SchemeEntries",
    "SchemeFacts",
    "Use",
    "open_index",
    "read_header",
    "write_index",
]
