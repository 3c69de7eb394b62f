"""Builders that state only what differs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.addresses import address
from services.registration.domain.links import Links
from services.registration.domain.registrations import Receipt, SignUpWish, Terms
from services.registration.storage import events
from services.registration.storage.tables import Event
from services.registration.use_cases.learn_of_event import learn_of_event
from services.registration.use_cases.sign_up import sign_up
from services.registration.use_cases.sign_up_quickly import sign_up_quickly
from shared.contracts.events import EventSnapshot, Host, Organiser, Place, QuotaSnapshot, SessionSnapshot
from shared.contracts.message import REGISTRY, Message
from shared.database import sessions_for
from shared.direct import Direct
from shared.messaging.tables import outbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BASE_URL = "http://127.0.0.1:8000"
LINKS = Links(base_url=BASE_URL, key=b"k" * 32)
TERMS = Terms(links=LINKS)
AT_ONCE = Terms(links=LINKS, confirm_address=False)
ORGANISATION = UUID("0a000000-0000-4000-8000-000000000001")


def a_session(**differences: Any) -> SessionSnapshot:
    """14:00 to 16:30 in Pforzheim on 3 December 2026."""
    usual = SessionSnapshot(
        id=uuid4(),
        title={},
        starts_at=datetime(2026, 12, 3, 13, tzinfo=UTC),
        ends_at=datetime(2026, 12, 3, 15, 30, tzinfo=UTC),
        local_start="2026-12-03T14:00:00",
        local_end="2026-12-03T16:30:00",
        zone="Europe/Berlin",
        place=Place(name="Werk 2", street="Goldweg 7", postal_code="75172", city="Pforzheim", meeting_point="Tor 3"),
    )
    return replace(usual, **differences)


def a_quota(capacity: int = 10, **differences: Any) -> QuotaSnapshot:
    """Ten places for the whole event."""
    usual = QuotaSnapshot(id=uuid4(), name={}, kind="event", capacity=capacity)
    return replace(usual, **differences)


def a_snapshot(*, capacity: int = 10, **differences: Any) -> EventSnapshot:
    """A published company tour with one quota."""
    usual = EventSnapshot(
        id=uuid4(),
        version=1,
        slug="blick-in-die-goldschmiede",
        format="company_tour",
        status="published",
        title={"de": "Blick in die Goldschmiede", "en": "A look into the goldsmith's shop"},
        summary={"de": "Wie aus Draht ein Ring wird."},
        description={},
        organiser=Organiser(id=ORGANISATION, slug="bruecke", name="Brücke e. V.", email="post@bruecke.example.org"),
        sessions=(a_session(),),
        quotas=(a_quota(capacity),),
        host=Host(id=uuid4(), name="Goldschmiede Hartmann GmbH"),
        url=f"{BASE_URL}/events/blick-in-die-goldschmiede",
    )
    return replace(usual, **differences)


def an_event(session: Session, told: EventSnapshot | None = None, **differences: Any) -> Event:
    """Our copy of an event."""
    told = told or a_snapshot(**differences)
    learn_of_event(told, session=session, now=NOW, links=LINKS)
    return events.get(session, told.id)


def a_wish(name: str = "Олена Шевченко", email: str = "", **differences: Any) -> SignUpWish:
    """Somebody with an address of her own, who has read the privacy note and agreed to nothing else."""
    written = email or f"p{uuid4().hex[:12]}@example.org"
    usual = SignUpWish(name=name, address=address(written), locale="de", consents=frozenset({"privacy"}))
    return replace(usual, **differences)


def a_registration(
    session: Session, event: Event, wish: SignUpWish | None = None, *, terms: Terms = AT_ONCE, **more: Any
) -> Receipt:
    """Somebody signs up; the address counts at once unless the terms say else."""
    now = more.pop("now", NOW)
    return sign_up(wish or a_wish(**more), event=event, session=session, now=now, terms=terms)


def at_the_door(engine: Engine, event_id: UUID, wish: SignUpWish, *, terms: Terms, now: datetime = NOW) -> Receipt:
    """Somebody signs up as both doors have it: in one statement if that is possible, else in one transaction."""
    told = events.recall(event_id)
    if told and (receipt := sign_up_quickly(wish, told=told, direct=Direct(engine), now=now, terms=terms)):
        return receipt
    with sessions_for(engine).begin() as session:
        return sign_up(wish, event=events.get(session, event_id), session=session, now=now, terms=terms)


def messages(session: Session) -> list[Message]:
    """Everything that was told the other services, in order."""
    rows = session.execute(select(outbox.c.type, outbox.c.data).order_by(outbox.c.id))
    return [REGISTRY[each.type].load(each.data) for each in rows]


def names_of(told: Iterable[Message]) -> list[str]:
    """Which messages they are, without those about availability."""
    return [type(each).__name__ for each in told if type(each).__name__ != "AvailabilityChanged"]


def later(**duration: float) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(**duration)
