"""Raw identifiers → record keys → keyed digests.

A *scheme* says how one kind of identifier is spelled and what it names; :func:`canonicalise` brings a column to
canonical values, a status for each row; :func:`digest_column` digests them under a key from :func:`load_key`.
"""

from sealscrub.boundary import bound_room

from .canonical import Canonicalised, canonicalise, canonicalise_one, canonicalise_parts
from .cleaned_text import Status
from .digest import OneDigest, digest_column
from .keys import (
    AnnexKey,
    AudienceKey,
    MatchingKey,
    Publisher,
    generate_keys,
    load_annex,
    load_key,
    load_publisher,
)
from .known_schemes import get_scheme, load_schemes, register_scheme, scheme_names
from .one_value import UNSETTLED, canonical_rule
from .pem_files import generate_certifier, load_certifier, load_recipient
from .scheme import Level, RecordKey, Scheme, Spelling
from .short_list_digests import plain_digests

__all__ = [
    "UNSETTLED",
    "AnnexKey",
    "AudienceKey",
    "Canonicalised",
    "Level",
    "MatchingKey",
    "OneDigest",
    "Publisher",
    "RecordKey",
    "Scheme",
    "Spelling",
    "Status",
    "canonical_rule",
    "canonicalise",
    "canonicalise_one",
    "canonicalise_parts",
    "digest_column",
    "generate_certifier",
    "generate_keys",
    "get_scheme",
    "load_annex",
    "load_certifier",
    "load_key",
    "load_publisher",
    "load_recipient",
    "load_schemes",
    "plain_digests",
    "register_scheme",
    "scheme_names",
]

bound_room(__name__)
