"""Hand out a list of attendees, and write down that it was."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.selection import Selection
from services.registration.storage import audit
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from shared.policy import Actor


def export_attendees(
    event: Event,
    wanted: Selection,
    *,
    form: str,
    columns: list[str],
    actor: Actor,
    session: Session,
    now: datetime,
) -> None:
    """Let an export pass, and record its form (csv, xlsx or json), columns and filters."""
    ensure_may(actor, "export", event)
    audit.record(
        session,
        actor,
        "export_attendees",
        object_id=event.id,
        organisation_id=event.organisation_id,
        event_id=event.id,
        now=now,
        form=form,
        columns=columns,
        filters=wanted.narrowed(),
        ticked=len(wanted.ids) if wanted.ids is not None else 0,
    )
