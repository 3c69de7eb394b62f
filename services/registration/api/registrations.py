"""Signing up, listing and cancelling registrations as JSON."""

from typing import Any, cast
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from services.registration.api.first import known_event, own_event, own_registration
from services.registration.domain.registrations import Receipt, SignUpWish
from services.registration.domain.selection import Order
from services.registration.schemas.answers import answered
from services.registration.schemas.house import terms
from services.registration.schemas.registrations import (
    CancelWish,
    ListedQuery,
    PlacesWish,
    ReceiptSchema,
    RegistrationSchema,
    RegistrationsPage,
    after,
    key,
    receipt_document,
    registration_document,
    selection,
)
from services.registration.schemas.sign_up import SignUpJson
from services.registration.schemas.signing_up import quick_receipt
from services.registration.schemas.told_answers import answer_documents
from services.registration.storage import answers, attendee_list, events, forms, idempotency, registrations
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.access import is_organiser
from services.registration.use_cases.cancel_for_attendee import cancel_for_attendee
from services.registration.use_cases.change_places_for_attendee import change_places_for_attendee, take_wish_back
from services.registration.use_cases.register_attendee import register_attendee
from services.registration.use_cases.sign_up import sign_up
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.http.app import reading, transaction
from shared.http.idempotency import IDEMPOTENCY, answer, once
from shared.http.identity import current_actor
from shared.http.openapi import Blueprint
from shared.http.paging import idempotency_key, next_cursor

resource = Blueprint(
    "registrations", __name__, url_prefix="/registration/api/v1", description="Sign-ups and what becomes of them"
)


@resource.post("/events/<uuid:event_id>/registrations")
@known_event
@resource.arguments(SignUpJson)
@resource.response(201, RegistrationSchema)
@resource.alt_response(404, description="No such event")
@resource.alt_response(409, description="Sign-up is closed, or (organisers only) the address is registered already")
@resource.doc(parameters=[IDEMPOTENCY])
def add(wish: SignUpWish, event_id: UUID) -> Response:
    """Sign somebody up.

    Without a token the answer is a receipt, the same whether the address was known or not, and the address has to be
    confirmed by the link in the mail. With an organiser's token it counts at once and the whole registration comes
    back; a known address is answered 409. Questions may then stay open, and sensitive ones must: she answers them
    on her own page.
    """
    if (receipt := _quick_receipt(wish, events.recall(event_id))) is not None:
        return answer(_public(receipt), 201)
    with transaction() as session:
        event = events.get(session, event_id)
        return once(session, lambda: (_sign_up(session, event, wish), 201), answers=idempotency)


@resource.get("/events/<uuid:event_id>/registrations")
@own_event
@resource.arguments(ListedQuery, location="query")
@resource.response(200, RegistrationsPage)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such event, or not yours")
def listed(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """The registrations of an event, filtered and sorted. For organisers."""
    with reading() as session:
        event = events.get(session, event_id)
        order, limit = Order(query["sort"]), query["limit"]
        start = after(query["cursor"], order)
        rows = attendee_list.listed(session, event.id, selection(query), limit=limit + 1, order=order, after=start)
        shown = rows[:limit]
        waits = attendee_list.positions_of(session, shown)
        came = attendee_list.check_ins_of(session, [each.id for each in shown])
        items = [registration_document(each, waits.get(each.id, {}), came.get(each.id)) for each in shown]
        if query["answers"]:
            given = answers.answers_of(session, [each.id for each in shown])
            closed = forms.ever_sensitive(session, event.id)
            told = (answer_documents(session, given.get(each.id, {}).values(), closed=closed) for each in shown)
            items = [item | {"answers": hers} for item, hers in zip(items, told, strict=True)]
        return {"items": items, "next": next_cursor(key(rows[limit - 1], order)) if len(rows) > limit else None}


@resource.get("/registrations/<uuid:registration_id>")
@own_registration
@resource.response(200, RegistrationSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such registration, or not yours")
def show(registration_id: UUID) -> dict[str, Any]:
    """One registration. For organisers."""
    with reading() as session:
        return _document(session, registrations.get(session, registration_id))


@resource.delete("/registrations/<uuid:registration_id>")
@own_registration
@resource.arguments(CancelWish, location="query")
@resource.response(204)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such registration, or not yours")
@resource.alt_response(409, description="The event is over")
def cancel(wish: dict[str, Any], registration_id: UUID) -> None:
    """Cancel for somebody; the place goes to the first who waits. Again is harmless. For organisers."""
    with transaction() as session:
        cancel_for_attendee(
            registration_id,
            reason=wish["reason"],
            actor=current_actor(),
            session=session,
            now=clock.now(),
            links=terms().links,
        )


@resource.put("/registrations/<uuid:registration_id>/places")
@own_registration
@resource.arguments(PlacesWish)
@resource.response(200, RegistrationSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such registration, or not yours")
@resource.alt_response(409, description="Her address is not confirmed, a place is kept for her, or the event is over")
@resource.alt_response(410, description="The registration was cancelled")
@resource.doc(parameters=[IDEMPOTENCY])
def change(wish: dict[str, Any], registration_id: UUID) -> Response:
    """Let somebody take part elsewhere. For organisers, also after the deadline for attendees.

    Where there is room she moves at once. Where there is none she waits and keeps the place that she has until the
    new one is hers: `replaced_by` says so. She is told by mail. What she has already changes nothing.
    """
    with transaction() as session:
        return once(session, lambda: (_changed(session, registration_id, wish["quota_ids"]), 200), answers=idempotency)


@resource.delete("/registrations/<uuid:registration_id>/places/wish")
@own_registration
@resource.response(200, RegistrationSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such registration, or not yours")
@resource.alt_response(409, description="A place is kept for her, or the event is over")
@resource.alt_response(410, description="The registration was cancelled")
def stay(registration_id: UUID) -> dict[str, Any]:
    """Take a wish to change back: she stays where she is and waits for nothing instead. Again is harmless."""
    with transaction() as session:
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "links": terms().links}
        return _document(session, take_wish_back(registration_id, **how))


def _quick_receipt(wish: SignUpWish, told: EventSnapshot | None) -> Receipt | None:
    if told is None or idempotency_key() is not None or is_organiser(current_actor(), told):
        return None
    return quick_receipt(wish, told)


def _sign_up(session: Session, event: Event, wish: SignUpWish) -> dict[str, Any]:
    actor, now = current_actor(), clock.now()
    wish = answered(wish, event, session, by_organiser=is_organiser(actor, event))
    if is_organiser(actor, event):
        receipt = register_attendee(wish, event=event, actor=actor, session=session, now=now, terms=terms())
        whole = _document(session, registrations.get(session, receipt.id))
        return cast("dict[str, Any]", RegistrationSchema().dump(whole))
    return _public(sign_up(wish, event=event, session=session, now=now, terms=terms()))


def _changed(session: Session, registration_id: UUID, wanted: list[UUID]) -> dict[str, Any]:
    how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "links": terms().links}
    whole = _document(session, change_places_for_attendee(registration_id, wanted, **how))
    return cast("dict[str, Any]", RegistrationSchema().dump(whole))


_RECEIPT = ReceiptSchema()


def _public(receipt: Receipt) -> dict[str, Any]:
    return cast("dict[str, Any]", _RECEIPT.dump(receipt_document(receipt)))


def _document(session: Session, registration: Registration) -> dict[str, Any]:
    came = attendee_list.check_ins_of(session, [registration.id])
    return registration_document(
        registration, registrations.positions(session, registration.id), came.get(registration.id)
    )
