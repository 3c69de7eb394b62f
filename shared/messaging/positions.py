"""Where this reader stands with each producer: always asked of the database, never remembered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from shared.contracts.envelope import SERVICES, Position
from shared.database import reading_sessions_for
from shared.messaging.tables import inbox, inbox_cursor


@dataclass(frozen=True)
class Standing:
    """`gap_since`: when something beyond a gap was stored first; None if there is no gap."""

    producer: str
    epoch: str
    position: int
    before: int | None
    gap_since: datetime | None

    def report(self, reader: str, *, resend: bool) -> Position:
        """What to tell the producer."""
        return Position(reader=reader, epoch=self.epoch, position=self.position, before=self.before, resend=resend)


def standings(engine: Engine, reader: str) -> list[Standing]:
    """One for each of the other services."""
    with reading_sessions_for(engine).begin() as session:
        return [_standing(session, producer) for producer in SERVICES if producer != reader]


def _standing(session: Session, producer: str) -> Standing:
    columns = (inbox_cursor.c.epoch, inbox_cursor.c.position)
    found = session.execute(select(*columns).where(inbox_cursor.c.producer == producer)).one_or_none()
    epoch, position = found or ("", 0)
    beyond = (inbox.c.producer == producer, inbox.c.epoch == epoch, inbox.c.seq > position)
    query = select(inbox.c.seq, inbox.c.received_at).where(*beyond).order_by(inbox.c.seq).limit(1)
    first = session.execute(query).one_or_none()
    return Standing(producer, epoch, position, first.seq if first else None, first.received_at if first else None)
