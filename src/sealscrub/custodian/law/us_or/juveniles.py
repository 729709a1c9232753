"""ORS 419A.260 to 419A.271: expunction of juvenile records, by a judgment or the juvenile department's notice."""

from __future__ import annotations

from ..clocks import Clock
from ..conditions import Every, Is, Not
from ..rules import Effect, Mode, RegimeRules, Rule, Unit
from ..ruling_types import Mark
from ..three_values import Truth
from .waiting_periods import DUTY

__all__ = ["REGIMES"]

_NAME = "us-or/ors-419a"
_FAMILY = Is("juvenile_court", "Y")
_SECTIONS = ("419A.260", "419A.261", "419A.262", "419A.265", "419A.267", "419A.269", "419A.271")

REGIMES = (
    RegimeRules(
        regime=_NAME,
        unit=Unit.CHARGE,
        mode=Mode.MOTION,
        effect=Effect("expunge", ("police", "prosecutor", "repository", "court", "prints and photos")),
        rules=(
            Rule(
                id=f"{_NAME}/notice",
                citation="ORS 419A.261, 419A.267, 419A.269",
                text="The juvenile department gave notice, or a court judgment orders, that the record is expunged. An "
                "agency has sixty days to comply, and then says that no record exists.",
                when=Every(_FAMILY, Is("ordered", *_SECTIONS)),
                starts=("ordered_on",),
                governed_by="ordered_on",
                mark=Mark.FOUND,
                uncertainty="The notice or judgment is a row of the kind seal_order whose text names the section.",
            ),
            Rule(
                id=f"{_NAME}/notice-of-no-court",
                citation="ORS 419A.261, 419A.267, 419A.269",
                text="A notice or judgment names a section on juvenile records, and no row says that the case is one "
                "of family court.",
                when=Every(Is("juvenile_court", "N"), Not(Is("court", "family")), Is("ordered", *_SECTIONS)),
                answer=Truth.UNKNOWN,
                starts=("ordered_on",),
                governed_by="ordered_on",
                mark=Mark.INFERENCE,
                uncertainty="A court that is blank may be family court; a court for adults and the section contradict "
                "each other.",
            ),
            Rule(
                id=f"{_NAME}/duty",
                version="3",
                citation="ORS 419A.261",
                text="The department's own duty, within ninety days of the eighteenth birthday: of a person never "
                "adjudicated, with no case pending and not waived to adult court. Of one who was eighteen by 2 January "
                "2022, once that person asks (a row of the kind expunction_requested).",
                when=Every(
                    _FAMILY,
                    Not(Is("ending", "JD_ADJUDICATED", "CONVICTED", "PENDING", "WARRANT", "TRANSFERRED_SUPERIOR")),
                    Is("adjudicated_elsewhere", "N"),
                    Is("pending_charge", "N"),
                    Is("removed", "N"),
                    Is("acts_unasked", "Y"),
                ),
                clock=Clock(start=("duty_from",), days=-1),
                answer=Truth.NO,
                in_force_from=DUTY,
                law_from=DUTY,
                governed_by="as_of",
                mark=Mark.FOUND,
                uncertainty="It says from when the department must act; without its notice the record is not expunged. "
                "A conviction as a minor may be one under ORS 137.707, or of a case that was waived: no day is given. "
                "An open informal case is weighed where the file has it.",
            ),
        ),
        doubtful=True,
    ),
)
