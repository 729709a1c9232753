"""Issuing certificates after checking what they say, and verifying them by checking it again."""

from .issuing import Issued, certify
from .planted import planted_nullity
from .verifying import Verification, verify

__all__ = ["Issued", "Verification", "certify", "planted_nullity", "verify"]
