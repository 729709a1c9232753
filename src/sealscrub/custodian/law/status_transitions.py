"""What each kind of event does to how a charge stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from .dispositions import CONVICTIONS, SILENT, Disposition, DispositionMap
from .ending_kinds import (
    in_favour,
    is_adjourned,
    is_convicted_or_instead,
    is_ended,
    is_of_local_court,
    is_open,
    undoes,
)
from .events import Event, EventKind
from .order_texts import read_order, sections_read, what_is_restored
from .state_declarations import Column, CourtKind, EndingKind, Grade
from .three_values import Truth

__all__ = ["AMBIGUOUS", "GIVEN", "SIDES", "STATED", "Standing", "common_step", "contradicted", "step"]

#: How a charge stands of which the file says two things.
AMBIGUOUS = "AMBIGUOUS"

Standing = dict[str, object]

STATED = ("law_code", "court")
GIVEN = frozenset({*STATED, "severity", "law", "article", "subdivision", "attempt", "offense_class"})
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
        lasting = mapping.place.lasting_columns
        state = {**state, **{name: _stored_value(value) for name, value in event.more if name in lasting}}
    if _of_juvenile_court(event, mapping):
        state = {**state, "juvenile_court": "Y"}
    if event.indictment and not state.get("indicted"):
        state = {**_indict(state, event, mapping), "indicted": "Y"}
    return mapping.place.events.get(event.event, common_step)(state, event, mapping)


def common_step(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """What a common kind of event does; any other changes nothing."""
    return _STEPS.get(event.event, _unchanged_state)(state, event, mapping)


def _of_juvenile_court(event: Event, mapping: DispositionMap) -> bool:
    """By its column, or by words that only a court for juveniles has."""
    told = event.event == EventKind.DISPOSITION and mapping.meaning(event.text).of_juvenile_court
    return told or mapping.place.courts.get(event.court or "") is CourtKind.JUVENILES


def contradicted(state: Standing, mapping: DispositionMap) -> bool:
    """Whether every way to read the events so far has ended the case, or they contradict one another."""
    return is_ended(state["ending"], mapping.place) or state.get("contradicted") == "Y"


def _found_instead(event: Event, mapping: DispositionMap) -> str | None:
    """What the row finds in place of a conviction; None if nothing."""
    return next((ending for column, ending in mapping.place.found_instead if event.said(column)), None)


def _indict(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    """The superior court's stage: what the local court dismissed or let go, continues there."""
    if in_favour(state["ending"], mapping.place) and not undoes(state["ending"], mapping.place):
        return _reopen(state, event, mapping)
    return state


def _unchanged_state(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return state


def _dispose(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    meaning = mapping.meaning(event.text)
    found = meaning.disposition
    if state["ending"] == Disposition.REMOVED_FAMILY_COURT and _of_juvenile_court(event, mapping):
        state = _reopen(state, event, mapping)
    before = state["ending"]
    if found is Disposition.SENTENCED:
        if is_convicted_or_instead(before, mapping.place):
            return _sentenced(state, event)
        found = Disposition.CONVICTED
    if found is Disposition.TRANSFERRED_SUPERIOR and event.indictment:
        found = Disposition.PENDING  # it is in superior court, in this very action
    if found in CONVICTIONS:
        found = _found_instead(event, mapping) or found
    follows_plea = before in CONVICTIONS and mapping.place.kind_of(found) is EndingKind.INSTEAD
    ordered = state.get("ordered", "") != ""
    if found is Disposition.UNMAPPED and ((meaning.undoes and before in CONVICTIONS) or (meaning.restores and ordered)):
        return {**_reopen(state, event, mapping), "ending": str(found)}
    if (stands := _unended_state(state, event, found, mapping)) is not None:
        return stands
    over = is_ended(before, mapping.place)
    if over and not undoes(found, mapping.place) and not follows_plea:
        return _second_ending(state, found, event, mapping)
    if (
        is_adjourned(state["ending"], mapping.place)
        and found is Disposition.DISMISSED_ENTIRE
        and "restored_on" not in state
    ):
        found = mapping.tables.dismissed_after(str(state["statute"])) or found
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
    if found is Disposition.STATUS_SEALED:
        return {**state, "said_sealed": "Y"}
    if found in SILENT or (state.get("contradicted") == "Y" and not undoes(found, mapping.place)):
        return state
    adjourned = is_adjourned(state["ending"], mapping.place) and "restored_on" not in state
    if mapping.place.kind_of(found) is EndingKind.RESTORED and is_adjourned(state["ending"], mapping.place):
        return _restore(state, event, mapping)
    if found is Disposition.WARRANT and (adjourned or is_ended(before, mapping.place)):
        return _warrant(state, event, mapping)
    if found is Disposition.PENDING and adjourned:
        return {**state, "ending": AMBIGUOUS, "why": "pending after an adjournment that nothing restored"}
    if is_of_local_court(found, mapping.place) and state.get("indicted") and not event.indictment:
        if is_ended(before, mapping.place):
            return None
        return {**state, "ending": AMBIGUOUS, "why": "a row of the local court ends a case that superior court has"}
    return None


def _second_ending(state: Standing, found: str, event: Event, mapping: DispositionMap) -> Standing:
    """A second ending: the first stands where they come to the same, with the facts that both give."""
    before, stated = state["ending"], _stated(event, mapping)
    if in_favour(before, mapping.place) and in_favour(found, mapping.place):
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
    facts |= _said_of_ending(event, mapping)
    facts["severity"] = event.severity
    place = mapping.place
    code = of_row = place.read_code(event.law_code)
    if meaning.names_offence:
        named = meaning.offence
        same = code is not None and named is not None and code.section == named.section
        if not same:
            facts |= {"severity": None, "offense_class": None, **dict.fromkeys(place.offence_columns)}
        if not same or (named and named.subdivision):
            code = named
    elif place.grades.of(by_number := mapping.tables.class_of(code)) is Grade.PETTY:
        if event.severity is None and code is not None and not code.attempt:
            facts["severity"] = by_number
        elif place.is_crime(event.severity) is Truth.YES:
            facts["severity"] = None  # the columns contradict each other: no crime is under that number
    graded = place.grades.convicted.get(meaning.disposition)
    repeated = mapping.tables.repeated.get(str(meaning.offence)) if meaning.offence == of_row else None
    if graded is not None and (meaning.says_grade or repeated is None or facts["severity"] != repeated):
        facts["severity"] = graded
    facts["law"] = f"{code.law} {code.section}" if code else None
    facts["article"] = f"{code.law} {code.article}" if code else None
    facts["subdivision"] = (code.subdivision or None) if code else None
    facts["attempt"] = _stored_value(code.attempt) if code else None
    return facts


def _said_of_ending(event: Event, mapping: DispositionMap) -> Standing:
    """What the row says about the ending that it gives, in columns of the state's own."""
    return {column.name: _of_ending(event, column) for column in mapping.place.ending_columns}


def _of_ending(event: Event, column: Column) -> object:
    said = event.said(column.name)
    return _not_before(event, said) if isinstance(said, dt.date) else _stored_value(said)


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
        *("juvenile_court", "said_sealed", "removed", "removed_on", "indicted", "held", "supervised"),
        *mapping.place.kept,
        *mapping.place.lasting_columns,
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
    if not is_adjourned(state["ending"], mapping.place):
        return _reopen(state, event, mapping)
    return {**state, "restored_on": event.event_date}


def _warrant(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    ending = state["ending"]
    if is_convicted_or_instead(ending, mapping.place) or state.get("contradicted") == "Y":
        return state  # of a conviction, for not doing what its sentence asks
    if is_ended(ending, mapping.place):
        return {**state, "ending": AMBIGUOUS, "why": "a warrant after the case had ended"}
    return state if is_adjourned(state["ending"], mapping.place) else {**state, "ending": str(Disposition.WARRANT)}


def _sentence(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    if state["ending"] == Disposition.NO_DISPOSITION or is_open(state["ending"], mapping.place):
        state = {**_reopened_state(state, mapping), "ending": str(Disposition.CONVICTED), "ended_on": event.event_date}
        state |= _stated(event, mapping)
    if state["ending"] in CONVICTIONS and (found := _found_instead(event, mapping)):
        state = {**state, "ending": found}
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
        side = "people" if in_favour(state["ending"], mapping.place) else "defendant"
    return state if state["appeal"] == "people" else {**state, "appeal": side}


def _appeal_decided(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    text = " ".join(event.text.upper().split())
    if text == "REVERSED AND DISMISSED":
        ended = {"ending": str(Disposition.DISMISSED_ON_APPEAL), "ended_on": event.event_date}
        return {**_reopened_state(state, mapping), **ended, **_said_of_ending(event, mapping)}
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
        **_said_of_ending(event, mapping),
    }


def _refuse(state: Standing, event: Event, mapping: DispositionMap) -> Standing:
    return {**state, "no_seal_order": "Y", "ordered": "", "said_sealed": "N"}


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
    return {**state, "supervised": "Y" if event.event == EventKind.SUPERVISION_START else "N"}


_STEPS: dict[str, Callable[[Standing, Event, DispositionMap], Standing]] = {
    EventKind.NEW_CHARGE: _charge,
    EventKind.RELEASE: _release,
    EventKind.REINCARCERATED: _hold,
    EventKind.SUPERVISION_START: _supervise,
    EventKind.SUPERVISION_END: _supervise,
    EventKind.DISPOSITION: _dispose,
    EventKind.SENTENCE: _sentence,
    EventKind.RESTORED: _restore,
    EventKind.WARRANT: _warrant,
    EventKind.APPEAL_FILED: _appeal,
    EventKind.APPEAL_DECIDED: _appeal_decided,
    EventKind.VACATED: _vacate,
    EventKind.NO_SEAL_ORDER: _refuse,
    EventKind.SEAL_ORDER: _order_seal,
}
