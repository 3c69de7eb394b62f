"""An event, its attendees and its door, in a real database: what the tests of check-in stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from services.registration.domain.check_in import WantedScan
from services.registration.domain.secrets import derive, fingerprint
from services.registration.storage.tables import Consent, Event, Place, Quota, Registration, Row, Scan
from services.registration.use_cases.check_in import Verdict, check_in
from services.registration.use_cases.undo_check_in import undo_check_in
from shared.contracts.events import EventSnapshot, Organiser, QuotaSnapshot, SessionSnapshot
from shared.contracts.message import schema_of
from shared.database import connect, sessions_for
from shared.messaging.tables import outbox
from shared.policy import Actor, Role

START = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)  # 14:00 in Berlin
KEY = b"the key of the test installation"


def at(minutes: float = 0, *, seconds: float = 0) -> datetime:
    """A moment, counted from the start of the first session."""
    return START + timedelta(minutes=minutes, seconds=seconds)


@dataclass
class Attendee:
    """Somebody with a ticket in her pocket."""

    id: UUID
    name: str
    code: str


@dataclass
class Door:
    """A database with one event; `helper` stands at its door, `organiser` owns it."""

    sessions: sessionmaker[Session]
    engine: Engine
    event: EventSnapshot
    helper: Actor
    organiser: Actor
    made: dict[str, Any] = field(default_factory=dict)

    def attendee(
        self,
        name: str = "Олена Шевченко",
        *,
        status: str = "confirmed",
        quota_ids: tuple[UUID, ...] | None = None,
        consents: tuple[str, ...] = ("privacy",),
        email: str = "",
        event: EventSnapshot | None = None,
    ) -> Attendee:
        """Sign somebody up, with places in the event's first quota if nothing else is said."""
        event, new = event or self.event, uuid4()
        code = derive(KEY, "ticket", new)
        state = {"waiting": "waiting", "cancelled": "released", "expired": "released"}.get(status, "held")
        with self.sessions.begin() as session:
            session.add(
                Registration(
                    id=new,
                    event_id=event.id,
                    status=status,
                    name=name,
                    email=email or f"{new}@example.org",
                    ascii_email=email or f"{new}@example.org",
                    email_key=email or f"{new}@example.org",
                    search_text=name.casefold(),
                    locale="de",
                    page_hash=fingerprint(derive(KEY, "page", new)),
                    ticket_hash=fingerprint(code),
                    created_at=START - timedelta(days=10),
                    changed_at=START - timedelta(days=10),
                )
            )
            session.flush()
            for quota_id in (event.quotas[0].id,) if quota_ids is None else quota_ids:
                session.add(Place(registration_id=new, quota_id=quota_id, state=state, number=None))
            for purpose in consents:
                session.add(
                    Consent(registration_id=new, purpose=purpose, text_version="1", locale="de", given_at=START)
                )
        return Attendee(new, name, code)

    def scan(
        self,
        ticket: str,
        *,
        now: datetime = START,
        scan_id: UUID | None = None,
        actor: Actor | None = None,
        **wanted: Any,
    ) -> Verdict:
        """Scan at this event's door."""
        wanted.setdefault("event_id", self.event.id)
        with self.sessions.begin() as session:
            return check_in(
                WantedScan(scan_id=scan_id or uuid4(), ticket=ticket, **wanted),
                actor=actor or self.helper,
                session=session,
                now=now,
            )

    def undo(self, scan_id: UUID, *, now: datetime = START, actor: Actor | None = None) -> None:
        """Take a scan back."""
        with self.sessions.begin() as session:
            undo_check_in(scan_id, actor=actor or self.helper, session=session, now=now)

    def log(self) -> list[Scan]:
        """All lines of the scan log, in the order of the phones' clocks."""
        with self.sessions() as session:
            return list(session.scalars(select(Scan).order_by(Scan.scanned_at, Scan.received_at)))

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table."""
        with self.sessions() as session:
            return list(session.scalars(select(table)))

    def told(self) -> list[tuple[str, Mapping[str, Any]]]:
        """What the other services will hear: type and body, in order."""
        with self.sessions() as session:
            rows = session.execute(select(outbox.c.type, outbox.c.data).order_by(outbox.c.id))
            return [(str(row.type), row.data) for row in rows]

    def add_event(self, event: EventSnapshot) -> EventSnapshot:
        """Keep a copy of another event."""
        with self.sessions.begin() as session:
            _store(session, event)
        return event

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def open_door(url: str, *, event: EventSnapshot | None = None, create: bool = True) -> Door:
    """A new database with the event in it; without `create` the tables are there already."""
    engine = connect(url)
    if create:
        Row.metadata.create_all(engine)
    event = event or an_event()
    sessions = sessions_for(engine)
    door = Door(sessions, engine, event, _member(event, Role.HELPER), _member(event, Role.ORGANISER))
    door.add_event(event)
    return door


def an_event(
    *,
    slug: str = "betriebserkundung-metallbau",
    sessions: tuple[SessionSnapshot, ...] | None = None,
    quotas: tuple[QuotaSnapshot, ...] | None = None,
    status: str = "published",
    organiser: Organiser | None = None,
    title: dict[str, str] | None = None,
) -> EventSnapshot:
    """A company tour of two hours with 25 places."""
    return EventSnapshot(
        id=uuid4(),
        version=1,
        slug=slug,
        format="company_tour",
        status=status,
        title=title or {"de": "Betriebserkundung bei Metallbau Öztürk", "ar": "زيارة شركة أوزتورك للأعمال المعدنية"},
        summary={"de": "Ein Blick hinter das Tor."},
        description={},
        organiser=organiser or Organiser(id=uuid4(), slug="bruecke", name="Brücke e. V.", email="post@bruecke.example"),
        sessions=(a_session(),) if sessions is None else sessions,
        quotas=quotas or (a_quota(),),
        languages=("de",),
    )


def a_session(start: int = 0, *, minutes: int = 120, title: dict[str, str] | None = None) -> SessionSnapshot:
    """A session that starts so many minutes after START."""
    starts_at, ends_at = at(start), at(start + minutes)
    return SessionSnapshot(
        id=uuid4(),
        title=title or {},
        starts_at=starts_at,
        ends_at=ends_at,
        local_start=(starts_at + timedelta(hours=1)).replace(tzinfo=None).isoformat(),
        local_end=(ends_at + timedelta(hours=1)).replace(tzinfo=None).isoformat(),
        zone="Europe/Berlin",
    )


def a_quota(capacity: int = 25, *, session_id: UUID | None = None) -> QuotaSnapshot:
    """Places of the whole event, or of one session."""
    return QuotaSnapshot(
        id=uuid4(),
        name={"de": "Plätze"},
        kind="session" if session_id else "event",
        capacity=capacity,
        session_id=session_id,
    )


def _member(event: EventSnapshot, role: Role) -> Actor:
    return Actor(id=uuid4(), kind="account", organisations={event.organiser.id: role})


def _store(session: Session, event: EventSnapshot) -> None:
    session.add(
        Event(
            id=event.id,
            version=event.version,
            slug=event.slug,
            status=event.status,
            organisation_id=event.organiser.id,
            starts_at=min((each.starts_at for each in event.sessions), default=None),
            ends_at=max((each.ends_at for each in event.sessions), default=None),
            snapshot=schema_of(EventSnapshot).dump(event),
        )
    )
    session.flush()
    for position, quota in enumerate(event.quotas):
        session.add(Quota(id=quota.id, event_id=event.id, position=position, capacity=quota.capacity))


def a_zone() -> ZoneInfo:
    """Where the events of the tests happen."""
    return ZoneInfo("Europe/Berlin")
