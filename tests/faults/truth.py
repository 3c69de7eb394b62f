"""What the three databases say, read once, as plain facts for the checks."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, or_, select
from sqlalchemy.orm import Session

from services.events.storage import snapshots
from services.events.storage import tables as events
from services.notifications.storage import tables as notifications
from services.registration.storage import tables as registration
from shared.contracts.events import EventSnapshot
from shared.contracts.message import schema_of
from shared.contracts.registration import RegistrationConfirmed
from shared.messaging.tables import inbox, inbox_cursor, outbox, outbox_stream


@dataclass
class Quota:
    """The counters of a quota, and what is counted by hand in the same moment."""

    id: str
    event_id: str
    event_status: str
    capacity: int
    taken: int
    waiting: int
    version: int
    held_by: int
    waited_for_by: int


@dataclass
class Registration:
    """A registration and its place in its only quota."""

    id: str
    event_id: str
    email: str
    status: str
    place: str  # held | waiting | released
    number: int | None
    is_ever_confirmed: bool = False


@dataclass
class Mail:
    """A mail in the queue of notifications."""

    message_id: str
    kind: str
    registration_id: str
    recipient: str
    state: str
    error: str


@dataclass
class Post:
    """The messages of one service."""

    unsent: int
    given: int  # numbers
    positions: dict[str, int]  # producer -> taken in up to
    waiting: list[str]  # descriptions of what waits in the inbox
    parked: list[tuple[str, str]]  # message id, description
    aggregates_parked: set[str] = field(default_factory=set)


@dataclass
class Truth:
    """Everything, at one moment when all is quiet."""

    quotas: list[Quota]
    registrations: list[Registration]
    scans: dict[str, str]  # scan id -> verdict
    check_ins: dict[str, int]  # registration -> how many
    events: dict[str, dict[str, Any]]  # as their owner would tell of them
    copies: dict[str, dict[str, dict[str, Any]]]  # service -> event -> as it was told
    availability: dict[str, tuple[int, int, int]]  # quota -> capacity, free, waiting, as the catalogue knows
    mails: list[Mail]
    posts: dict[str, Post]


def read(engines: dict[str, Engine], base: str) -> Truth:
    """Ask all three."""
    with Session(engines["registration"]) as session:
        mine = {
            "quotas": quotas(session.connection()),
            "registrations": _registrations(session),
            "scans": {str(row.scan_id): row.verdict for row in session.scalars(select(registration.Scan))},
            "check_ins": _check_ins(session),
        }
        copies = {str(row.id): row.snapshot for row in session.scalars(select(registration.Event))}
    with Session(engines["events"]) as session:
        owned = {str(row.id): _told(session, row, base) for row in session.scalars(select(events.Event))}
        availability = {
            str(row.quota_id): (row.capacity, row.free, row.waiting)
            for row in session.scalars(select(events.Availability))
        }
    with Session(engines["notifications"]) as session:
        others = {str(row.id): row.snapshot for row in session.scalars(select(notifications.EventCopy))}
        mails = [_mail(row) for row in session.scalars(select(notifications.MailRow))]
    return Truth(
        **mine,
        events=owned,
        copies={"registration": copies, "notifications": others},
        availability=availability,
        mails=mails,
        posts={name: post(engine) for name, engine in engines.items()},
    )


def quotas(connection: Connection) -> list[Quota]:
    """In one statement, so that all of it is of one moment."""
    quota, place, event = registration.Quota, registration.Place, registration.Event
    held = func.count().filter(place.state == "held").label("held_by")
    waiting = func.count().filter(place.state == "waiting").label("waited_for_by")
    query = (
        select(quota.id, quota.event_id, event.status, quota.capacity, quota.taken, quota.waiting, quota.version)
        .add_columns(held, waiting)
        .join(event, event.id == quota.event_id)
        .outerjoin(place, place.quota_id == quota.id)
        .group_by(quota.id, quota.event_id, event.status, quota.capacity, quota.taken, quota.waiting, quota.version)
    )
    return [Quota(str(row[0]), str(row[1]), *row[2:]) for row in connection.execute(query)]


def post(engine: Engine) -> Post:
    """Outbox and inbox of one service."""
    with engine.connect() as connection:
        unsent = select(func.count()).select_from(outbox).where(or_(outbox.c.seq.is_(None), outbox.c.sent_at.is_(None)))
        given = connection.scalar(select(outbox_stream.c.last_seq)) or 0
        cursors = connection.execute(select(inbox_cursor.c.producer, inbox_cursor.c.position))
        positions = {row.producer: row.position for row in cursors}
        rows = connection.execute(select(inbox).where(inbox.c.state != "done").order_by(inbox.c.seq)).all()
        return Post(
            unsent=connection.scalar(unsent) or 0,
            given=given,
            positions=positions,
            waiting=[_described(row) for row in rows if row.state == "pending"],
            parked=[(str(row.message_id), _described(row)) for row in rows if row.state == "parked"],
            aggregates_parked={row.aggregate for row in rows if row.state == "parked"},
        )


def _described(row: Row[Any]) -> str:
    return (
        f"{row.type} {row.seq} about {row.aggregate}, {row.attempts} attempts, next at {row.next_at}, {row.error or ''}"
    )


def _registrations(session: Session) -> list[Registration]:
    kind = RegistrationConfirmed.type_name()
    told = {row[0] for row in session.execute(select(outbox.c.aggregate).where(outbox.c.type == kind))}
    found = []
    for row in session.scalars(select(registration.Registration)):
        (place,) = row.places
        ever = f"registration:{row.id}" in told
        fact = Registration(str(row.id), str(row.event_id), row.email, row.status, place.state, place.number, ever)
        found.append(fact)
    return found


def _check_ins(session: Session) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in session.scalars(select(registration.CheckIn)):
        found[str(row.registration_id)] += 1
    return dict(found)


def _told(session: Session, event: events.Event, base: str) -> dict[str, Any]:
    told: dict[str, Any] = schema_of(EventSnapshot).dump(snapshots.snapshot(session, event, base_url=base))
    return told


def _mail(row: notifications.MailRow) -> Mail:
    return Mail(row.message_id, row.kind, str(row.registration_id), row.recipient, row.state, row.last_error)
