"""To whom an event belongs, and who may do what with its registrations."""

from services.registration.storage.tables import Event
from shared.contracts.events import EventSnapshot
from shared.policy import Actor, Scope, ensure, may


def scope_of(event: Event | EventSnapshot) -> Scope:
    """The owner of an event and all that hangs on it."""
    owner = event.organiser.id if isinstance(event, EventSnapshot) else event.organisation_id
    return Scope(organisation_id=owner, event_id=event.id)


def ensure_may(actor: Actor, action: str, event: Event | EventSnapshot) -> None:
    """Let the action pass or reject it; somebody else's event does not exist."""
    ensure(actor, action, scope_of(event))


def is_organiser(actor: Actor, event: Event | EventSnapshot) -> bool:
    """Whether the actor signs people up for others rather than for herself."""
    return may(actor, "change_registration", scope_of(event))
