"""What must be known of an event before people see it."""

from services.events.domain import event_rules
from services.events.domain.events import EventIsIncomplete, EventWish
from services.events.storage import event_rows
from services.events.storage.tables import Event


def ensure_complete(event: Event, wish: EventWish | None = None) -> None:
    """Raises EventIsIncomplete for the event as it stands, or as it is wished to be."""
    missing = event_rules.missing_facts(wish or event_rows.wish_of(event))
    if missing:
        raise EventIsIncomplete(missing=", ".join(missing))
