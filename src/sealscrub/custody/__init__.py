"""Who may see what the custodian holds, on whose order, and the log of it that cannot be rewritten unseen.

A *roster* lists people and their purposes, an *order* opens single records to people; both are signed.
:func:`open_access` is the one door: it lets nobody in without a grant, and nobody without an entry in the
:class:`AuditLog`.
"""

from .annex_keys import annex_key, terms_of
from .approving import approve_file, require_second
from .asking import Asker, account
from .checkpoints import Checkpoint, open_checkpoint, read_checkpoints, sign_checkpoint, verifier_key
from .door import Asking, open_access
from .entries import Entry, Kind, Result
from .filing import file_paper
from .findings import Concern, Finding, Recorded, late_seals
from .hours import Hours
from .log import Act, AuditLog
from .papers import Approval, Grant, Listed, Order, Roster, make_grant, open_paper, read_order, read_roster, sign_paper
from .proofs import check_proof, make_checkpoint, prove_consistency, prove_entry
from .purposes import Purpose, Scope
from .receipt_files import open_receipts
from .references import ReferenceKey
from .report import AuditReport, Line, report_on, sample_entries
from .terms import Terms
from .verifying import Verdict, verify_log

__all__ = [
    "Act",
    "Approval",
    "Asker",
    "Asking",
    "AuditLog",
    "AuditReport",
    "Checkpoint",
    "Concern",
    "Entry",
    "Finding",
    "Grant",
    "Hours",
    "Kind",
    "Line",
    "Listed",
    "Order",
    "Purpose",
    "Recorded",
    "ReferenceKey",
    "Result",
    "Roster",
    "Scope",
    "Terms",
    "Verdict",
    "account",
    "annex_key",
    "approve_file",
    "check_proof",
    "file_paper",
    "late_seals",
    "make_checkpoint",
    "make_grant",
    "open_access",
    "open_checkpoint",
    "open_paper",
    "open_receipts",
    "prove_consistency",
    "prove_entry",
    "read_checkpoints",
    "read_order",
    "read_roster",
    "report_on",
    "require_second",
    "sample_entries",
    "sign_checkpoint",
    "sign_paper",
    "terms_of",
    "verifier_key",
    "verify_log",
]
