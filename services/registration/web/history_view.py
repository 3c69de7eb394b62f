"""A registration's history in words: what she did, what people did for her, which mails were ordered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.storage import audit, check_ins, events, history
from services.registration.storage.tables import AuditEntry, HistoryLine, Registration
from services.registration.web import words
from shared.contracts.events import EventSnapshot
from shared.errors import N_
from shared.http.locale import _, in_language

KINDS = {
    "address_confirmation_requested": N_("Asked again to confirm the address, by mail"),
    "application_received": N_("Has applied for a place; told by mail"),
    "attendance_asked": N_("Asked by mail whether she or he comes"),
    "attendee_reminded": N_("Reminded by mail"),
    "attendee_language_changed": N_("Changed the language of the mails"),
    "contacts_exchanged": N_("Exchanged contacts with the company; both got a mail"),
    "hand_over_lapsed": N_("A friend did not take the place in time, it stays; told by mail"),
    "organiser_message_written": N_("Got a message of the organiser by mail"),
    "place_change_noted": N_("Waits for another place and keeps this one, or no longer waits; told by mail"),
    "place_offered": N_("A place is kept; asked by mail whether she or he takes it"),
    "registration_cancelled": N_("Cancelled"),
    "registration_confirmed": N_("Has a place; the ticket goes out by mail"),
    "registration_waitlisted": N_("Is on the waiting list; told by mail"),
    "sign_up_repeated": N_("Somebody signed up with this address again; told by mail"),
    "ticket_requested": N_("The ticket goes out by mail again"),
}
_CANCELLED_BY = {
    "attendee": N_("Cancelled by the attendee"),
    "organiser": N_("Cancelled by an organiser"),
    "expiry": N_("Lapsed: the address was not confirmed in time"),
    "event": N_("The event was called off"),
    "quota": N_("What she or he waited for is no longer offered"),
    "hand_over": N_("Handed the place to somebody else"),
    "selection": N_("Was not chosen; told by mail"),
    "offer": N_("Did not take the place that was kept"),
    "no_answer": N_("The place was freed: no answer to the question who comes"),
}
_ENDED = N_("Waits no longer for a part that is not offered any more; told by mail")
_CHANGED = N_("Changed the place; the ticket goes out by mail")
_PROMOTED = N_("Got a place from the waiting list; the ticket goes out by mail")


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line. `who` is the colleague who did it, "" where nobody did."""

    at: datetime
    text: str
    who: str = ""


def happenings(session: Session, registration: Registration) -> list[Happening]:
    """Everything that is known, in order."""
    told = events.snapshot(registration.event)
    lines = history.of_registration(session, registration.id)
    found = [*_beginning(registration), *map(_of_line, lines), *_by_people(session, registration.id)]
    found += _ending(registration, lines)
    found += [_check_in(told, each.session_id, each.scanned_at) for each in check_ins.of(session, registration.id)]
    return sorted(found, key=lambda each: each.at)


def who_text(entry: AuditEntry, names: dict[UUID, str]) -> str:
    """Who did it: a colleague's name, a program, or somebody whose name was forgotten."""
    if entry.actor_kind == "token":
        return _("A program")
    if entry.actor_kind == "device":
        return _("A phone at the door")
    return names.get(entry.actor_id, "") if entry.actor_id and names.get(entry.actor_id) else _("A former colleague")


def action_text(action: str) -> str:
    """What was done."""
    return _(words.ACTIONS[action]) if action in words.ACTIONS else action.replace("_", " ")


def _beginning(registration: Registration) -> list[Happening]:
    source = _(words.SOURCES.get(registration.source, registration.source))
    found = [Happening(at=registration.created_at, text=_("Signed up (%(source)s)", source=source))]
    confirmed = registration.address_confirmed_at
    if confirmed is not None and confirmed > registration.created_at:
        found.append(Happening(at=confirmed, text=_("Confirmed the address")))
    return found


def _of_line(line: HistoryLine) -> Happening:
    text = KINDS.get(line.kind)
    if line.kind == "registration_cancelled":
        text = _CANCELLED_BY.get(line.facts.get("by", ""), text)
    if line.kind == "place_change_noted" and line.facts.get("ended"):
        text = _ENDED
    if line.kind == "registration_confirmed" and line.facts.get("changed"):
        text = _CHANGED
    elif line.kind == "registration_confirmed" and line.facts.get("from_waiting_list"):
        text = _PROMOTED
    return Happening(at=line.at, text=_(text) if text else line.kind.replace("_", " "))


def _ending(registration: Registration, lines: object) -> list[Happening]:
    """The end of one that ended before histories were written."""
    if registration.status not in {"cancelled", "expired"} or lines:
        return []
    text = _CANCELLED_BY.get(registration.cancelled_by, KINDS["registration_cancelled"])
    return [Happening(at=registration.changed_at, text=_(text))]


def _by_people(session: Session, registration_id: UUID) -> list[Happening]:
    entries = audit.of_object(session, registration_id)
    names = audit.names(session, {each.actor_id for each in entries if each.actor_id})
    return [Happening(at=each.at, text=action_text(each.action), who=who_text(each, names)) for each in entries]


def _check_in(told: EventSnapshot, session_id: UUID, at: datetime) -> Happening:
    title = next((in_language(each.title).text for each in told.sessions if each.id == session_id), "")
    return Happening(at=at, text=_("Checked in: %(session)s", session=title) if title else _("Checked in"))
