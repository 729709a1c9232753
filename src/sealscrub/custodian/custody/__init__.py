"""Who may see what the custodian holds, on whose order, and the log of it that cannot be rewritten unseen.

A *roster* lists people and their purposes, an *order* opens single records to people; both are signed.
:func:`open_access` is the one door: it lets no one in without a grant, and no one without an entry in the
:class:`AuditLog`.
"""

from typing import TYPE_CHECKING

from sealscrub.boundary import bound_room, late_names

from .access_purposes import Purpose, Scope, known_purposes
from .audit_log import Act, AuditLog
from .entries import Entry, Kind, Result
from .hours import Hours
from .monitor_findings import Concern, Finding, Recorded, late_seals
from .references import ReferenceKey
from .requester import Asker, account
from .terms import Terms

if TYPE_CHECKING:
    from .access_control import Asking, open_access
    from .access_report import AuditReport, Line
    from .annex_keys import annex_key, terms_of
    from .checkpoints import Checkpoint, open_checkpoint, read_checkpoints, sign_checkpoint, verifier_key
    from .four_eyes import approve_file, require_second
    from .log_verification import Verdict, verify_log
    from .monitor_report import report_on, sample_entries
    from .paper_files import make_grant, open_paper, read_order, read_roster, sign_paper
    from .paper_filing import file_paper
    from .papers import Approval, Grant, Listed, Order, Roster, RuleReview
    from .proofs import check_proof, make_checkpoint, prove_consistency, prove_entry
    from .receipt_files import open_receipts
    from .record_accesses import RecordAccesses, accesses_to

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
    "RecordAccesses",
    "Recorded",
    "ReferenceKey",
    "Result",
    "Roster",
    "RuleReview",
    "Scope",
    "Terms",
    "Verdict",
    "accesses_to",
    "account",
    "annex_key",
    "approve_file",
    "check_proof",
    "file_paper",
    "known_purposes",
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

if not TYPE_CHECKING:  # who asks a registry without a roster needs no papers
    __getattr__ = late_names(
        __name__,
        {
            "access_control": ("Asking", "open_access"),
            "access_report": ("AuditReport", "Line"),
            "annex_keys": ("annex_key", "terms_of"),
            "checkpoints": ("Checkpoint", "open_checkpoint", "read_checkpoints", "sign_checkpoint", "verifier_key"),
            "four_eyes": ("approve_file", "require_second"),
            "log_verification": ("Verdict", "verify_log"),
            "monitor_report": ("report_on", "sample_entries"),
            "paper_files": ("make_grant", "open_paper", "read_order", "read_roster", "sign_paper"),
            "paper_filing": ("file_paper",),
            "papers": ("Approval", "Grant", "Listed", "Order", "Roster", "RuleReview"),
            "proofs": ("check_proof", "make_checkpoint", "prove_consistency", "prove_entry"),
            "receipt_files": ("open_receipts",),
            "record_accesses": ("RecordAccesses", "accesses_to"),
        },
    )

bound_room(__name__)
