"""The options that several commands have, declared once: a name means the same in each."""

from . import (
    custody_options,
    data_options,
    evidence_options,
    narrative_options,
    output_options,
    plan_options,
    report_options,
    strictness,
    sweep_options,
)
from .custody_options import *
from .data_options import *
from .evidence_options import *
from .narrative_options import *
from .output_options import *
from .plan_options import *
from .report_options import *
from .strictness import *
from .sweep_options import *

_FILES = (
    custody_options, data_options, evidence_options, narrative_options, output_options, plan_options, report_options,
    strictness, sweep_options,
)  # fmt: skip

__all__ = sorted((name for each in _FILES for name in each.__all__), key=lambda name: (not name.isupper(), name))
