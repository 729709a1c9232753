"""The published index: what everyone but the custodian works with.

It holds keyed digests of record keys, sorted, with a reason for each, and a signed header. :func:`write_index`
makes one, :func:`open_index` opens or refuses it, :func:`read_header` shows what it says about itself without a key.
"""

from sealscrub.boundary import bound_room

from .header import IndexFacts, IndexHeader, SchemeFacts
from .index_file import read_header
from .index_lookup import Index
from .index_trust import open_index
from .index_writer import SchemeEntries, write_index
from .recall_bounds import RecallBound
from .text_index import TextIndex, open_text_index, write_text_index
from .uses import Audience, Reason, Use

__all__ = [
    "Audience",
    "Index",
    "IndexFacts",
    "IndexHeader",
    "Reason",
    "RecallBound",
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

bound_room(__name__)
