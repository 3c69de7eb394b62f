"""Builders that state only what differs."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.domain.events import EventWish, Place, QuotaWish, SessionWish
from services.events.storage.tables import Account, Event, Membership, Organisation
from services.events.use_cases.create_event import create_event
from services.events.use_cases.publish_event import publish_event
from shared.contracts.message import REGISTRY, Message
from shared.messaging.tables import outbox

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
BASE_URL = "http://127.0.0.1:8000"


def a_session(**differences: Any) -> SessionWish:
    """14:00 to 16:30 in Pforzheim on 3 December 2026."""
    usual = SessionWish(
        local_start=datetime(2026, 12, 3, 14),  # noqa: DTZ001 - local time
        local_end=datetime(2026, 12, 3, 16, 30),  # noqa: DTZ001 - local time
        zone="Europe/Berlin",
        place=Place(name="Werk 2", city="Pforzheim"),
    )
    return replace(usual, **differences)


def a_wish(**differences: Any) -> EventWish:
    """A complete company tour with ten places."""
    usual = EventWish(
        format="company_tour",
        title={"de": "Blick in die Goldschmiede"},
        sessions=(a_session(),),
        quotas=(QuotaWish(capacity=10),),
    )
    return replace(usual, **differences)


def an_organisation(session: Session, slug: str = "bruecke", **differences: Any) -> Organisation:
    """An organisation in the middle."""
    facts = {"name": "Brücke e. V.", "email": "post@bruecke.example.org", "locale": "de"} | differences
    organisation = Organisation(id=uuid4(), slug=slug, created_at=NOW, **facts)
    session.add(organisation)
    session.flush()
    return organisation


def a_member(session: Session, organisation: Organisation, role: str = "organiser", **differences: Any) -> Account:
    """An account with a role in the organisation."""
    email = differences.pop("email", f"{role}@{organisation.slug}.example.org")
    account = Account(id=uuid4(), email=email, address=email, created_at=NOW, **({"name": "Mina Öz"} | differences))
    session.add(account)
    session.flush()
    session.add(Membership(organisation_id=organisation.id, account_id=account.id, role=role, created_at=NOW))
    session.flush()
    return account


def a_draft(session: Session, organisation: Organisation | None = None, **differences: Any) -> Event:
    """A draft that could be published."""
    organisation = organisation or session.scalar(select(Organisation)) or an_organisation(session)
    return create_event(a_wish(**differences), organisation_id=organisation.id, session=session, now=NOW)


def a_published(session: Session, organisation: Organisation | None = None, **differences: Any) -> Event:
    """A published event."""
    event = a_draft(session, organisation, **differences)
    publish_event(event, base_url=BASE_URL, session=session, now=NOW)
    return event


def messages(session: Session) -> list[Message]:
    """Everything that was told the other services, in order."""
    rows = session.execute(select(outbox.c.type, outbox.c.data).order_by(outbox.c.id))
    return [REGISTRY[each.type].load(each.data) for each in rows]
