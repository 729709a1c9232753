"""Certificates: the paper that travels next to data and models, its restricted annex, and personal receipts.

A certificate is an in-toto statement in a DSSE envelope, signed with Ed25519, about a dataset by its content digest
and about model files by SHA-256. :func:`open_certificate` verifies one; :mod:`sealscrub.validators` issues them.
"""

from typing import TYPE_CHECKING

from sealscrub.boundary import bound_room, late_names
from sealscrub.file_system import sha256_of

from .annex import open_annex, seal_annex
from .envelope import Role, Signer, load_signer, seal_envelope

if TYPE_CHECKING:
    from .certificate import Certificate, Level, State, open_certificate
    from .content import ContentDigest, content_digest
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

if not TYPE_CHECKING:  # what signs or digests a file needs no tables
    __getattr__ = late_names(
        __name__,
        {
            "certificate": ("Certificate", "Level", "State", "open_certificate"),
            "content": ("ContentDigest", "content_digest"),
            "receipts": ("Receipts", "make_receipt", "verify_receipt"),
            "statement": ("Statement", "certificate_schema"),
            "structure": ("StructureDigest", "structure_digest"),
        },
    )

bound_room(__name__)
