"""How full events are, summed over their quotas."""

from collections.abc import Callable, Collection

from sqlalchemy.orm import Session

from services.events.storage import availability
from services.events.storage.tables import Event


def counting(session: Session, events: Collection[Event]) -> Callable[[Event], dict[str, int]]:
    """Asks once for all of them; the answer gives {taken, capacity, waiting} of each."""
    places = availability.of_events(session, events)

    def count(event: Event) -> dict[str, int]:
        of_event = [places[each.id] for each in event.quotas]
        return {
            "taken": sum(each.taken for each in of_event),
            "capacity": sum(each.capacity for each in of_event),
            "waiting": sum(each.waiting for each in of_event),
        }

    return count
