"""Whole lists and people at the door as JSON. For organisers."""

from typing import Any, cast
from uuid import UUID, uuid4

from flask import Response
from sqlalchemy.orm import Session

from services.registration.api.first import own_event
from services.registration.domain.registrations import SignUpWish
from services.registration.schemas.answers import answered
from services.registration.schemas.house import terms
from services.registration.schemas.people_list import ImportJson, ImportSchema, WalkInJson
from services.registration.schemas.registrations import RegistrationSchema, registration_document
from services.registration.storage import attendee_list, events, idempotency, registrations
from services.registration.storage.tables import Event
from services.registration.use_cases.import_attendees import import_attendees, plan_import
from services.registration.use_cases.register_walk_in import register_walk_in
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import transaction
from shared.http.idempotency import IDEMPOTENCY, once
from shared.http.identity import current_actor
from shared.http.openapi import Blueprint

resource = Blueprint("people", __name__, url_prefix="/registration/api/v1", description="Lists, and people at the door")


@resource.post("/events/<uuid:event_id>/imports")
@own_event
@resource.arguments(ImportJson)
@resource.response(200, ImportSchema)
@resource.alt_response(404, description="No such event, or not yours")
@resource.doc(parameters=[IDEMPOTENCY])
def take_over(wish: dict[str, Any], event_id: UUID) -> Response:
    """Sign a list of people up: all of them, or nobody if anything is wrong. Known addresses are passed over.

    Required questions may stay open: people find them on their own pages, and their mail says so. Sensitive ones are
    answered there only.
    """

    def act() -> tuple[dict[str, Any], int]:
        how: dict[str, Any] = {"event": event, "actor": current_actor(), "session": session}
        people = _answered(session, event, wish["people"])
        if wish["dry_run"]:
            plan, added = plan_import(people, **how), None
        else:
            run, plan = import_attendees(uuid4(), people, now=clock.now(), terms=terms(), **how)
            added = run.added
        skipped = [{"row": place + 1, "reason": reason} for place, reason in plan.skipped]
        number = len(plan.wishes) if added is None else added
        return {"added": number, "skipped": skipped, "dry_run": wish["dry_run"]}, 200

    with transaction() as session:
        event = events.get(session, event_id)
        return once(session, act, answers=idempotency)


@resource.post("/events/<uuid:event_id>/walk-ins")
@own_event
@resource.arguments(WalkInJson)
@resource.response(201, RegistrationSchema)
@resource.alt_response(404, description="No such event, or not yours")
@resource.alt_response(409, description="No place is free, or the address is registered already")
@resource.doc(parameters=[IDEMPOTENCY])
def walk_in(wish: tuple[SignUpWish, UUID | None], event_id: UUID) -> Response:
    """Sign up and check in somebody who stands at the door. Never beyond the number of places.

    Questions of the form may stay open; sensitive ones must, she answers them on her own page.
    """

    def act() -> tuple[dict[str, Any], int]:
        receipt = register_walk_in(
            answered(wish[0], event, session, by_organiser=True),
            session_id=wish[1],
            event=event,
            actor=current_actor(),
            session=session,
            now=clock.now(),
            terms=terms(),
        )
        found = registrations.get(session, receipt.id)
        came = attendee_list.check_ins_of(session, [found.id]).get(found.id)
        return cast("dict[str, Any]", RegistrationSchema().dump(registration_document(found, {}, came))), 201

    with transaction() as session:
        event = events.get(session, event_id)
        return once(session, act, answers=idempotency)


def _answered(session: Session, event: Event, people: list[SignUpWish]) -> list[SignUpWish]:
    """All with their checked answers. Raises InvalidInput with `people.<number>.answers.<question id>`."""
    checked: list[SignUpWish] = []
    faults: dict[str, list[str]] = {}
    for number, each in enumerate(people):
        try:
            checked.append(answered(each, event, session, by_organiser=True))
        except InvalidInput as fault:
            faults |= {f"people.{number}.{name}": said for name, said in fault.errors.items()}
    if faults:
        raise InvalidInput(faults)
    return checked
