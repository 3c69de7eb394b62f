"""The event that a request is about, as this process knows it: read once, remembered until it changes."""

from uuid import UUID

from services.registration.storage import events
from shared.contracts.events import EventSnapshot
from shared.http.app import single_statement


def told_event(event_id: UUID | None) -> EventSnapshot | None:
    """The event, perhaps an old version of it (storage.events.recall); None if there is none."""
    if event_id is None:
        return None
    if (told := events.recall(event_id)) is not None:
        return told
    with single_statement() as direct:
        return events.read(direct, event_id)
