"""The published index: what everyone but the custodian works with.

It holds keyed digests of record keys, sorted, with a reason for each, and a signed header. :func:`write_index`
makes one, :func:`open_index` opens or refuses it, :func:`read_header` shows what it says of itself without a key.
"""

from .header import IndexFacts, IndexHeader, SchemeFacts
from .opening import open_index
from .purposes import Audience, Reason, Use
from .reading import Index, read_header
from .text_index import TextIndex, open_text_index, write_text_index
from .writing import SchemeEntries, write_index

__all__ = [
    "Audience",
    "Index",
    "IndexFacts",
    "IndexHeader",
    "Reason",
    "SchemeEntries",
    "SchemeFacts",
    "TextIndex",
    "Use",
    "open_index",
    "open_text_index",
    "read_header",
    "write_index",
    "write_text_index",
]
