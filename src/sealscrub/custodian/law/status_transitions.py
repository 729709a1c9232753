"""What each kind of event does to how a charge stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from .dispositions import CONVICTIONS, OPEN, SILENT, Disposition, DispositionMap
from .events import Event, EventKind
from .order_texts import read_order, sections_read, what_is_restored
from .state_declarations import EndingKind, Grade
from .three_values import Truth

__all__ = ["AMBIGUOUS", "GIVEN", "SIDES", "STATED", "Standing", "common_step", "contradicted", "step"]

#: How a charge stands of which the file says two things.
AMBIGUOUS = "AMBIGUOUS"

Standing = dict[str, object]

STATED = ("law_code", "court", "substance", "family_offense", "certified", "prints_sent")
_ENDED_IN_FAVOUR = frozenset(
    {
        Disposition.DISMISSED_ENTIRE,
        Disposition.DISMISSED_COUNT_ONLY,
        Disposition.DISMISSED_ON_APPEAL,
        Disposition.ACQUITTED_COMPLETE,
        Disposition.TRIAL_ORDER_DISMISSAL,
        Disposition.VERDICT_SET_ASIDE,
        Disposition.VACATED_DISMISSED,
        Disposition.HABEAS_DISCHARGE,
        Disposition.NO_TRUE_BILL,
        Disposition.DECLINED_PROSECUTION,
        Disposition.POLICE_DECLINED_VOIDED,
        Disposition.ACD_DISMISSED,
        Disposition.TERMINATED_180_85,
        Disposition.DISMISSED_215_40,
        Disposition.PETITION_WITHDRAWN,
        Disposition.ADJUSTED_PROBATION,
        Disposition.PRESENTMENT_DECLINED,
    }
)
# A count that is dismissed ends no instrument: what comes after it is not a second ending.
_FINAL_ENDINGS = (
    (_ENDED_IN_FAVOUR - {Disposition.DISMISSED_COUNT_ONLY})
    | CONVICTIONS
    | {
        Disposition.COVERED_BY,
        Disposition.ACQUITTED_PARTIAL,
        Disposition.ABATED_DEATH,
        Disposition.UNFIT_730,
        Disposition.NOT_RESPONSIBLE,
        Disposition.REMOVED_FAMILY_COURT,
        Disposition.YO_ADJUDICATED,
        Disposition.JD_ADJUDICATED,
    }
)
_LOCAL_COURTS = frozenset({Disposition.DISMISSED_ENTIRE, Disposition.TERMINATED_180_85})  # of a felony complaint
_UNDOES = frozenset(  # a text that itself says that an earlier ending fell
    {
        Disposition.DISMISSED_ON_APPEAL,
        Disposition.VERDICT_SET_ASIDE,
        Disposition.VACATED,
        Disposition.VACATED_DISMISSED,
        Disposition.VACATED_NEW_TRIAL,
        Disposition.HABEAS_DISCHARGE,
        Disposition.DISMISSAL_VACATED,
        Disposition.ACD_RESTORED,
    }
)
GIVEN = frozenset({*STATED, "severity", "law", "article", "subdivision", "attempt", "offense_class", "acd_until"})
#: What differs by the order of a day's events and leaves the ending alone.
SIDES = frozenset({"held", "supervised", "released_on"})
_ORDERS = ("no_seal_order", "ordered", "ordered_on")  # made before the first ending, they are about it


def step(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """Take one event into account."""
    if event.event == EventKind.SEAL_ORDER and read_order(mapping.place, event.text).denied:
        return state
    if event.notified_on is not None:
        state = {**state, "notified_on": event.notified_on}
    if event.more:
        state = {**state, **{name: _stored_value(value) for name, value in event.more}}
    if _of_family_court(event, mapping):
        state = {**state, "family_court": "Y"}
    if event.indictment and not state.get("indicted"):
        state = {**_indict(state, event, mapping), "indicted": "Y"}
    return mapping.place.events.get(event.event, common_step)(state, event, mapping)


def common_step(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """What a common kind of event does; any other changes nothing."""
    return _STEPS.get(event.event, _unchanged_state)(state, event, mapping)


def _of_family_court(event: Event, mapping: DispositionMap) -> bool:
    """By its column, or by words that only family court has."""
    told = event.event is EventKind.DISPOSITION and mapping.meaning(event.text).of_family_court
    return told or event.court == "family"


def contradicted(state: Standing, mapping: DispositionMap) -> bool:
    """Whether every way to read the events so far has ended the case, or they contradict one another."""
    return _is_ended(state["ending"], mapping) or state.get("contradicted") == "Y"


def _is_ended(ending: object, mapping: DispositionMap) -> bool:
    own = mapping.place.endings.get(str(ending))
    return ending in _FINAL_ENDINGS or own in (EndingKind.FAVOURABLE, EndingKind.OVER)


def _in_favour(ending: object, mapping: DispositionMap) -> bool:
    return ending in _ENDED_IN_FAVOUR or mapping.place.endings.get(str(ending)) is EndingKind.FAVOURABLE


def _goes_on(ending: object, mapping: DispositionMap) -> bool:
    return ending in OPEN or mapping.place.endings.get(str(ending)) is EndingKind.OPEN


def _indict(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """The superior court's stage: what the local court dismissed or let go, continues there."""
    if _in_favour(state["ending"], mapping) and state["ending"] not in _UNDOES:
        return _reopen(state, event, mapping)
    return state


def _unchanged_state(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return state


def _dispose(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    meaning = mapping.meaning(event.text)
    found = meaning.disposition
    if state["ending"] == Disposition.REMOVED_FAMILY_COURT and _of_family_court(event, mapping):
        state = _reopen(state, event, mapping)
    before = state["ending"]
    if found is Disposition.SENTENCED:
        if before in CONVICTIONS or before == Disposition.YO_ADJUDICATED:
            return _sentenced(state, event)
        found = Disposition.CONVICTED
    if found is Disposition.TRANSFERRED_SUPERIOR and event.indictment:
        found = Disposition.PENDING  # it is in superior court, in this very action
    if found in CONVICTIONS and event.youthful_offender:
        found = Disposition.YO_ADJUDICATED
    follows_plea = before in CONVICTIONS and found is Disposition.YO_ADJUDICATED
    ordered = state.get("ordered", "") != ""
    if found is Disposition.UNMAPPED and ((meaning.undoes and before in CONVICTIONS) or (meaning.restores and ordered)):
        return {**_reopen(state, event, mapping), "ending": str(found)}
    if (stands := _unended_state(state, event, found, mapping)) is not None:
        return stands
    over = _is_ended(before, mapping)
    if over and found not in _UNDOES and not follows_plea:
        return _second_ending(state, found, event, mapping)
    if before == Disposition.ACD_PENDING and found is Disposition.DISMISSED_ENTIRE and "restored_on" not in state:
        found = Disposition(mapping.tables.adjourned.get(str(state["statute"]), Disposition.ACD_DISMISSED))
        meaning = replace(meaning, statute=str(state["statute"]))
    begun = _reopened_state(state, mapping)
    if not over:
        begun |= {name: state.get(name) for name in _ORDERS}
    after = {**begun, "ending": str(found), "ended_on": event.event_date, **_stated(event, mapping)}
    after |= {"refers_to": meaning.docket, "elsewhere": _stored_value(meaning.elsewhere)}
    if meaning.joins:
        after["joined_with"] = meaning.docket
    after |= {"statute": meaning.statute or mapping.tables.unnamed_statute(found, after)}
    if found is Disposition.REMOVED_FAMILY_COURT:
        after |= {"removed": "Y", "removed_on": event.event_date}
    if found in CONVICTIONS:
        after["ending"] = str(Disposition.CONVICTED)
    if meaning.sentence or meaning.disposition is Disposition.SENTENCED:
        after["sentenced_on"] = event.event_date
    elif follows_plea and "sentenced_on" in state:
        after["sentenced_on"] = state["sentenced_on"]
    return after


def _unended_state(state: Standing, event: Event, found: str, mapping: DispositionMap) -> Standing | None:
    """What a text comes to that leaves the case as it stood, or in doubt; None if it says how it ended."""
    before = state["ending"]
    if found in SILENT or (state.get("contradicted") == "Y" and found not in _UNDOES):
        return state
    adjourned = before == Disposition.ACD_PENDING and "restored_on" not in state
    if found is Disposition.ACD_RESTORED and before == Disposition.ACD_PENDING:
        return _restore(state, event, mapping)
    if found is Disposition.WARRANT and (adjourned or _is_ended(before, mapping)):
        return _warrant(state, event, mapping)
    if found is Disposition.PENDING and adjourned:
        return {**state, "ending": AMBIGUOUS, "why": "pending after an adjournment that nothing restored"}
    if found in _LOCAL_COURTS and state.get("indicted") and not event.indictment and not _is_ended(before, mapping):
        return {**state, "ending": AMBIGUOUS, "why": "a row of the local court ends a case that superior court has"}
    return None


def _second_ending(state: Standing, found: str, event: Event, mapping: DispositionMap) -> Standing:
    """A second ending: the first stands where they come to the same, with the facts that both give."""
    before, stated = state["ending"], _stated(event, mapping)
    if _in_favour(before, mapping) and _in_favour(found, mapping):
        return state
    if before == found or (before == Disposition.CONVICTED and found in CONVICTIONS):
        agreed = {name: value if state.get(name) == value else None for name, value in stated.items()}
        return {**state, **agreed}
    why = "two final dispositions, and nothing between them opened the case"
    return {**state, "ending": AMBIGUOUS, "why": why, "contradicted": "Y"}


def _stated(event: Event, mapping: DispositionMap) -> Standing:
    """The facts that the row of a disposition holds; the offence that its text names wins over the columns."""
    meaning = mapping.meaning(event.text)
    facts: Standing = {name: _stored_value(getattr(event, name)) for name in STATED}
    facts["offense_class"] = event.offense_class
    facts |= {"acd_until": _not_before(event, event.acd_until), "served_on": _not_before(event, event.served_on)}
    facts["severity"] = event.severity
    place = mapping.place
    code = place.read_code(event.law_code)
    if meaning.names_offence:
        named = meaning.offence
        same = code is not None and named is not None and code.section == named.section
        if not same:
            facts |= {"severity": None, "offense_class": None, "substance": None}
        if not same or (named and named.subdivision):
            code = named
    elif place.is_crime(event.severity) is Truth.YES and place.grades.of(mapping.tables.class_of(code)) is Grade.PETTY:
        facts["severity"] = None  # the columns contradict each other: no crime is under that number
    if meaning.disposition in place.grades.convicted:
        facts["severity"] = place.grades.convicted[meaning.disposition]
    facts["law"] = f"{code.law} {code.section}" if code else None
    facts["article"] = f"{code.law} {code.article}" if code else None
    facts["subdivision"] = (code.subdivision or None) if code else None
    facts["attempt"] = _stored_value(code.attempt) if code else None
    return facts


def _not_before(event: Event, day: dt.date | None) -> dt.date | None:
    """A day that cannot come before the order is not known if it does."""
    return day if day is not None and day >= event.event_date else None


def _stored_value(value: object) -> object:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return value.strip().lower() if isinstance(value, str) else value


def _reopened_state(state: Standing, mapping: DispositionMap) -> Standing:
    """The case as it stands when an ending has fallen: its orders and appeals fell with it."""
    kept = (
        *("known_from", "begun_on", "charged_on", "notified_on", "new_charged"),
        *("new_charge_on", "new_charge_severity", "joined_with"),
        *("family_court", "removed", "removed_on", "indicted", "held", "supervised"),
        *mapping.place.kept,
        *(column.name for column in mapping.place.columns),
    )
    return {
        **{name: state[name] for name in kept if name in state},
        "appeal": "none",
        "no_seal_order": "N",
        "ordered": "",
    }


def _reopen(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return {**_reopened_state(state, mapping), "ending": str(Disposition.PENDING), "opened_on": event.event_date}


def _restore(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """An adjournment that is restored; whether it was in time is for its rule to say.

    After an order that seals, it is a guess whether the case, the record or a right of the person's was.
    """
    if state.get("ordered", "") != "" and (what := what_is_restored(event.text)) != "case":
        if what == "record":
            return _refuse(state, event, mapping)
        why = "the row does not say what was restored after an order that seals"
        return {**_reopened_state(state, mapping), "ending": AMBIGUOUS, "why": why}
    if state["ending"] != Disposition.ACD_PENDING:
        return _reopen(state, event, mapping)
    return {**state, "restored_on": event.event_date}


def _warrant(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    ending = state["ending"]
    if ending in CONVICTIONS or ending == Disposition.YO_ADJUDICATED or state.get("contradicted") == "Y":
        return state  # of a conviction, for not doing what its sentence asks
    if _is_ended(ending, mapping):
        return {**state, "ending": AMBIGUOUS, "why": "a warrant after the case had ended"}
    return {**state, "ending": str(Disposition.WARRANT)} if state["ending"] != Disposition.ACD_PENDING else state


def _sentence(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    if state["ending"] == Disposition.NO_DISPOSITION or _goes_on(state["ending"], mapping):
        state = {**_reopened_state(state, mapping), "ending": str(Disposition.CONVICTED), "ended_on": event.event_date}
        state |= _stated(event, mapping)
    if event.youthful_offender and state["ending"] in CONVICTIONS:
        state = {**state, "ending": str(Disposition.YO_ADJUDICATED)}
    return _sentenced(state, event)


def _sentenced(state: Standing, event: Event) -> Standing:
    """Sentence is imposed once; who was released before it served none of it."""
    if state.get("sentenced_on"):
        return state
    return {**{n: v for n, v in state.items() if n != "released_on"}, "sentenced_on": event.event_date}


def _appeal(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """A side that cannot be read is not known; one party's appeal leaves that of the People pending."""
    side = mapping.tables.appellant(event.text)
    if side is None and not event.text.split():
        side = "people" if _in_favour(state["ending"], mapping) else "defendant"
    return state if state["appeal"] == "people" else {**state, "appeal": side}


def _appeal_decided(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    text = " ".join(event.text.upper().split())
    if text == "REVERSED AND DISMISSED":
        ended = {"ending": str(Disposition.DISMISSED_ON_APPEAL), "ended_on": event.event_date}
        return {**_reopened_state(state, mapping), **ended, "served_on": _not_before(event, event.served_on)}
    if text == "NEW TRIAL ORDERED" or (text == "REVERSED" and state["appeal"] == "people"):
        return _reopen(state, event, mapping)
    if text == "AFFIRMED":
        return {**state, "appeal": "none" if state["appeal"] in ("none", "defendant") else "affirmed"}
    return {**state, "ending": AMBIGUOUS, "why": "an appeal was decided, and the file does not say what followed"}


def _vacate(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    text = " ".join(event.text.upper().split())
    if text in ("NEW TRIAL ORDERED", "RESTORED"):
        return _reopen(state, event, mapping)
    ending = Disposition.VACATED_DISMISSED if text == "DISMISSED" else Disposition.VACATED
    return {
        **_reopened_state(state, mapping),
        "ending": str(ending),
        "ended_on": event.event_date,
        "served_on": _not_before(event, event.served_on),
    }


def _refuse(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return {**state, "no_seal_order": "Y", "ordered": ""}


def _order_seal(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """Under which statute; not known if its text does not surely say, or no rule reads it: an order all the same."""
    section = read_order(mapping.place, event.text).section
    section = section if section in sections_read(mapping.place) else None
    return {**state, "no_seal_order": "N", "ordered": section, "ordered_on": event.event_date}


def _charge(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """It opens this docket; after an order that seals this docket, it is a new charge that bears on the order."""
    state = {**state, "charged_on": state.get("charged_on") or event.event_date}
    if not state["ordered"]:
        return state
    return {**state, "new_charged": "Y", "new_charge_on": event.event_date, "new_charge_severity": event.severity}


def _release(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """From serving a sentence: what comes before any conviction is release on bail."""
    if state["ending"] not in CONVICTIONS:
        return state
    return {**state, "released_on": event.event_date, "held": "N"}


def _hold(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return {**state, "held": "Y"}


def _supervise(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return {**state, "supervised": "Y" if event.event is EventKind.SUPERVISION_START else "N"}


_STEPS: dict[str, Callable[[Standing, Event, DispositionMap], Standing]] = {
    EventKind.NEW_CHARGE: _charge,
    EventKind.RELEASE: _release,
    EventKind.REINCARCERATED: _hold,
    EventKind.SUPERVISION_START: _supervise,
    EventKind.SUPERVISION_END: _supervise,
    EventKind.DISPOSITION: _dispose,
    EventKind.SENTENCE: _sentence,
    EventKind.RESTORED: _restore,
    EventKind.RE_PRESENTED: _reopen,
    EventKind.WARRANT: _warrant,
    EventKind.APPEAL_FILED: _appeal,
    EventKind.APPEAL_DECIDED: _appeal_decided,
    EventKind.VACATED: _vacate,
    EventKind.NO_SEAL_ORDER: _refuse,
    EventKind.SEAL_ORDER: _order_seal,
}
