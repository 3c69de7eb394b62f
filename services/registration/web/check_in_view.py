"""What the scanner's page shows."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from services.registration.domain.check_in import choose_session
from services.registration.storage import attendance, events
from services.registration.storage.tables import Event
from services.registration.use_cases.access import scope_of
from services.registration.use_cases.check_in import Verdict
from shared import clock
from shared.errors import Rejection
from shared.http.context import installed
from shared.http.locale import format_datetime, format_time, in_language, when
from shared.http.problems import status_of
from shared.http.security import allow, keep_private
from shared.policy import Actor, may


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What stands on the stage: a verdict's name, its facts, and the scan that may be undone."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)
    scan_id: UUID | None = None
    status: int = 200


READY, UNDONE = Shown(name="ready"), Shown(name="undone")
UNREADABLE = Shown(name="unknown-ticket", status=422)


def shown(verdict: Verdict, event: Event) -> Shown:
    """A verdict with its facts as the reader writes them."""
    if verdict.rejection is not None:
        facts = _facts(verdict.rejection, event)
        return Shown(name=_name_of(verdict.rejection), facts=facts, status=status_of(verdict.rejection))
    facts = {"name": verdict.name, "session": _short_labels(event).get(verdict.session_id, "")}
    return Shown(name="admitted", facts=facts, scan_id=verdict.scan_id)


def door_page(session: Session, event: Event, *, actor: Actor, shown: Shown) -> Response:
    """The page, with the camera allowed."""
    allow(camera=True, worker=True)
    keep_private()
    told = events.snapshot(event)
    current = choose_session(told.sessions, clock.now())
    chosen = request.form.get("session_id") or (str(current.id) if current else "")
    counts = {str(each.session_id): each for each in attendance.counts(session, told)}
    short = _short_labels(event)
    html = render_template(
        "registration/check_in.html",
        event=event,
        title=in_language(told.title),
        zone=zone_of(event),
        sessions=[
            {"id": str(key), "label": label, "short": short[key]} for key, label in session_labels(event).items()
        ],
        chosen_session=request.form.get("session_id", ""),
        count=counts.get(chosen),
        device=request.form.get("device", actor.name if actor.kind == "device" else ""),
        scan_id=uuid4(),
        shown=shown.name,
        facts=shown.facts,
        shown_scan_id=shown.scan_id,
        may_manage=may(actor, "see_registrations", scope_of(event)),
    )
    return make_response(html, shown.status)


def session_labels(event: Event) -> dict[UUID, str]:
    """What sessions are called, by id; nothing where there is only one."""
    sessions = events.snapshot(event).sessions
    if len(sessions) == 1:
        return {sessions[0].id: ""}
    return {
        each.id: " · ".join(filter(None, (in_language(each.title).text, when(each.starts_at, each.ends_at, each.zone))))
        for each in sessions
    }


def _short_labels(event: Event) -> dict[UUID | None, str]:
    """The same in a word, for the verdict."""
    sessions = events.snapshot(event).sessions
    if len(sessions) == 1:
        return {sessions[0].id: ""}
    return {each.id: in_language(each.title).text or format_time(each.starts_at, each.zone) for each in sessions}


def zone_of(event: Event) -> str:
    """Whose clock hangs at the door."""
    return next((each.zone for each in events.snapshot(event).sessions), installed().common.default_zone)


def _name_of(no: Rejection) -> str:
    return f"{no.slug()}-{no.facts['state']}" if "state" in no.facts else no.slug()


def _facts(no: Rejection, event: Event) -> dict[str, str]:
    facts = {name: str(no.facts[name]) for name in ("name", "device") if no.facts.get(name)}
    if moment := no.facts.get("starts_at") or no.facts.get("scanned_at"):
        facts["time"] = _time(datetime.fromisoformat(moment), zone_of(event))
    return facts


def _time(moment: datetime, zone: str) -> str:
    is_recent = abs((clock.now() - moment).total_seconds()) < 12 * 3600
    return format_time(moment, zone) if is_recent else format_datetime(moment, zone, "short")
