"""Certificates: the paper that travels next to data and models, its restricted annex, and personal receipts.

A certificate is an in-toto statement in a DSSE envelope, signed with Ed25519, about a dataset by its content digest
and about model files by SHA-256. :func:`open_certificate` verifies one; :mod:`sealscrub.validators` issues them.
"""

from sealscrub.boundary import bound_room

from .annex import open_annex, seal_annex
from .certificate import Certificate, Level, State, open_certificate, sha256_of
from .content import ContentDigest, content_digest
from .envelope import Role, Signer, load_signer, seal_envelope
from .receipts import Receipts, make_receipt, verify_receipt
from .statement import Statement, certificate_schema
from .structure import StructureDigest, structure_digest

__all__ = [
    "Certificate",
    "ContentDigest",
    "Level",
    "Receipts",
    "Role",
    "Signer",
    "State",
    "Statement",
    "StructureDigest",
    "certificate_schema",
    "content_digest",
    "load_signer",
    "make_receipt",
    "open_annex",
    "open_certificate",
    "seal_annex",
    "seal_envelope",
    "sha256_of",
    "structure_digest",
    "verify_receipt",
]

bound_room(__name__)
