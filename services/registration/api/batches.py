"""Actions on many registrations as JSON. For organisers."""

from typing import Any, cast
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from services.registration.api.first import own_event
from services.registration.domain.batches import BatchWish
from services.registration.schemas.batches import BatchJson, BatchSchema, batch_document
from services.registration.storage import batches, events, idempotency
from services.registration.storage.tables import Batch
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.start_batch import start_batch
from services.registration.use_cases.undo_batch import undo_batch
from shared import clock
from shared.http.app import reading, transaction
from shared.http.idempotency import IDEMPOTENCY, once
from shared.http.identity import current_actor, require_signed_in
from shared.http.openapi import Blueprint

resource = Blueprint(
    "batches", __name__, url_prefix="/registration/api/v1", description="Actions on many registrations, with undo"
)


@resource.post("/events/<uuid:event_id>/batches")
@own_event
@resource.arguments(BatchJson)
@resource.response(202, BatchSchema)
@resource.alt_response(404, description="No such event, or not yours")
@resource.doc(parameters=[IDEMPOTENCY])
def start(wish: BatchWish, event_id: UUID) -> Response:
    """Cancel, write to, resend, move up or mark as present. It takes effect at `due_at`."""

    def act() -> tuple[dict[str, Any], int]:
        batch = start_batch(wish, event=event, actor=current_actor(), session=session, now=clock.now())
        return _dumped(session, batch), 202

    with transaction() as session:
        event = events.get(session, event_id)
        return once(session, act, answers=idempotency)


@resource.get("/batches/<uuid:batch_id>")
@resource.response(200, BatchSchema)
@resource.alt_response(404, description="No such action, or not yours")
def show(batch_id: UUID) -> dict[str, Any]:
    """What has become of it."""
    actor = require_signed_in()
    with reading() as session:
        batch = batches.get(session, batch_id)
        ensure_may(actor, "see_registrations", events.get(session, batch.event_id))
        return batch_document(batch, batches.counts(session, batch.id))


@resource.post("/batches/<uuid:batch_id>/undo")
@resource.response(200, BatchSchema)
@resource.alt_response(404, description="No such action, or not yours")
@resource.alt_response(409, description="It has taken effect, or was taken back before")
def undo(batch_id: UUID) -> dict[str, Any]:
    """Take it back before it takes effect: then nothing is done and nothing sent. Attendance also afterwards."""
    require_signed_in()
    with transaction() as session:
        batch = undo_batch(batch_id, actor=current_actor(), session=session, now=clock.now())
        return batch_document(batch, batches.counts(session, batch.id))


def _dumped(session: Session, batch: Batch) -> dict[str, Any]:
    return cast("dict[str, Any]", BatchSchema().dump(batch_document(batch, batches.counts(session, batch.id))))
