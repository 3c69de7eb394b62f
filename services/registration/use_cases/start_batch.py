"""An organiser wants something done with many registrations at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.batches import Action, BatchState, BatchWish, due_at, ensure_whole
from services.registration.domain.selection import MOST_SELECTED
from services.registration.storage import attendee_list, audit, batches, events
from services.registration.storage.tables import Batch, Event
from services.registration.use_cases.access import ensure_may
from shared.errors import N_, InvalidInput
from shared.policy import Actor


def start_batch(wish: BatchWish, *, event: Event, actor: Actor, session: Session, now: datetime) -> Batch:
    """Write down what is to be done with whom. It takes effect after a while and until then leaves no trace.

    Who is meant is settled now; what has changed when it takes effect is looked at then. Raises InvalidInput.
    """
    ensure_may(actor, "change_registration", event)
    ensure_whole(wish)
    if wish.session_id and wish.session_id not in {each.id for each in events.snapshot(event).sessions}:
        raise InvalidInput({"session_id": [N_("The event has no such session")]})
    chosen = _chosen(session, event, wish)
    batch = Batch(
        event_id=event.id,
        action=str(wish.action),
        state=str(BatchState.WAITING),
        actor_id=actor.id,
        actor_kind=actor.kind,
        facts=_facts(wish),
        total=len(chosen),
        created_at=now,
        due_at=due_at(wish.action, now),
    )
    batches.add(session, batch, chosen)
    audit.record(
        session,
        actor,
        "start_batch",
        object_id=batch.id,
        organisation_id=event.organisation_id,
        event_id=event.id,
        now=now,
        what=batch.action,
        number=batch.total,
        reason=wish.reason if wish.action is Action.MOVE_UP else "",
    )
    return batch


def _chosen(session: Session, event: Event, wish: BatchWish) -> Sequence[UUID]:
    found = attendee_list.ids(session, event.id, wish.selection, most=MOST_SELECTED + 1)
    if not found:
        raise InvalidInput({"ids": [N_("Please tick at least one registration.")]})
    if len(found) > MOST_SELECTED:
        raise InvalidInput({"ids": [N_("These are too many at once: at most 10,000. Please filter further.")]})
    if wish.action is Action.MESSAGE:
        return batches.one_per_person(session, found)
    return batches.last_in_line_first(session, found) if wish.action is Action.MOVE_UP else found


def _facts(wish: BatchWish) -> dict[str, object]:
    return {
        "reason": wish.reason,
        "with_mail": wish.with_mail,
        "subject": wish.subject,
        "text": wish.text,
        "session_id": str(wish.session_id) if wish.session_id else "",
    }
