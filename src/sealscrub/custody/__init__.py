"""Who may see what the custodian holds, on whose order, and the log of it that cannot be rewritten unseen."""

from .asking import account
from .checkpoints import Checkpoint, open_checkpoint, read_checkpoints, sign_checkpoint, verifier_key
from .entries import Entry, Kind, Result
from .log import Act, AuditLog
from .proofs import check_proof, make_checkpoint, prove_consistency, prove_entry
from .references import ReferenceKey
from .verifying import Verdict, verify_log

__all__ = [
    "Act",
    "AuditLog",
    "Checkpoint",
    "Entry",
    "Kind",
    "ReferenceKey",
    "Result",
    "Verdict",
    "account",
    "check_proof",
    "make_checkpoint",
    "open_checkpoint",
    "prove_consistency",
    "prove_entry",
    "read_checkpoints",
    "sign_checkpoint",
    "verifier_key",
    "verify_log",
]
