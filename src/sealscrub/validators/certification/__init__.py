"""Issuing certificates after checking what they say, and verifying them by checking it again."""

from sealscrub.boundary import bound_room

from .certificate_issue import Issued, certify
from .planted_verdict import planted_nullity
from .verification import Verification, verify

__all__ = ["Issued", "Verification", "certify", "planted_nullity", "verify"]

bound_room(__name__)
