"""How an event gives its places right now."""

from services.registration.storage.tables import Event
from shared.contracts.events import EventSnapshot


def is_applied_for(event: Event, told: EventSnapshot) -> bool:
    """Whether a sign-up is an application: somebody chooses, or the places are given later all at once."""
    if told.sign_up.selection == "approval":
        return True
    return told.sign_up.selection in {"lottery", "priority"} and event.drawn_at is None
