"""An organiser plans an event."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.events.domain import event_rules, slugs
from services.events.domain.events import DRAFT, EventWish
from services.events.storage import audit, event_rows, events
from services.events.storage.tables import Event
from services.events.use_cases.choose_host import ensure_host
from shared.policy import ANONYMOUS, Actor


def create_event(
    wish: EventWish, *, organisation_id: UUID, session: Session, now: datetime, by: Actor = ANONYMOUS
) -> Event:
    """A draft, which may lack facts: they are named in `missing`. Raises InvalidInput where facts contradict."""
    event_rules.ensure_sound(wish)
    ensure_host(wish.company_id, organisation_id=organisation_id, session=session)
    event = Event(
        id=uuid4(),
        version=1,
        status=DRAFT,
        organisation_id=organisation_id,
        missing=event_rules.missing_facts(wish),
        cancelled_reason={},
        created_at=now,
        changed_at=now,
    )
    event_rows.write(event, wish)
    _add_with_slug(session, event, wish)
    audit.record(session, "create_event", by=by, object_id=event.id, organisation_id=organisation_id, now=now)
    return event


def _add_with_slug(session: Session, event: Event, wish: EventWish) -> None:
    """The slug from the title if it is free; a part of the id tells it from its namesakes otherwise."""
    mark = event.id.hex[:6]
    slug = slugs.slug_of(wish.slug or _main_text(wish), fallback=_fallback(wish), mark=mark)
    event.slug = slug if events.find_by_slug(session, slug) is None else slugs.with_mark(slug, mark)
    try:
        with session.begin_nested():
            session.add(event)
    except IntegrityError:  # somebody took the slug between look and leap
        event.slug = slugs.with_mark(slug, mark)
        session.add(event)
        session.flush()


def _main_text(wish: EventWish) -> str:
    return wish.title.get("de") or wish.title.get("en") or next(iter(wish.title.values()), "")


def _fallback(wish: EventWish) -> str:
    day = f"-{wish.sessions[0].local_start.date().isoformat()}" if wish.sessions else ""
    return f"{wish.format}{day}"
