"""The queue of mails: written in the transaction that gives the reason, claimed under a lease, never lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from services.notifications.domain.delivery import LEASE, UNDERWAY, MailState, Outcome
from services.notifications.storage import wakeup
from services.notifications.storage.tables import MailRow
from shared.database import delete_some

PAGE = 50
KEPT = timedelta(days=180)


def is_written(session: Session, cause: str) -> bool:
    """Whether the mail for this cause exists already."""
    return session.scalar(select(MailRow.number).where(MailRow.cause == cause)) is not None


def add(session: Session, mail: MailRow) -> None:
    """Put a mail into the queue; the postman is woken after the commit."""
    session.add(mail)
    session.flush()
    wakeup.after_commit(session)


def supersede(session: Session, uid: str) -> None:
    """Drop what has not left yet of an entry: a REQUEST must never arrive after a newer REQUEST or CANCEL."""
    session.execute(
        update(MailRow).where(MailRow.uid == uid, _is_waiting()).values(state=MailState.SUPERSEDED, next_at=None)
    )


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether it is worth taking a writer's lock."""
    return bool(
        session.scalar(
            select(
                or_(
                    exists().where(_is_waiting(), MailRow.next_at <= now),
                    exists().where(MailRow.state == MailState.SENDING, MailRow.lease_until <= now),
                )
            )
        )
    )


def claim(session: Session, now: datetime, *, lapse: bool = True) -> MailRow | None:
    """Take the next mail that is due; until the lease ends nobody else has it.

    `lapse`: first look for those that a dead process left behind.
    """
    if lapse:
        _lapse(session, now)
    first = (
        select(MailRow.number)
        .where(_is_waiting(), MailRow.next_at <= now, ~_waits_for_another())
        .order_by(MailRow.next_at, MailRow.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    until = now + LEASE
    return session.scalars(
        update(MailRow)
        .where(MailRow.number == first.scalar_subquery())
        .values(next_at=until, lease_until=until, attempts=MailRow.attempts + 1)
        .returning(MailRow),
        execution_options={"synchronize_session": False},
    ).one_or_none()


def begin(session: Session, mail: MailRow, *, now: datetime, resend_after: timedelta) -> bool:
    """Write down that the bytes leave now; False if the mail was superseded or passed on meanwhile.

    Whatever dies from here on leaves `sending` behind: the mail may have arrived, so it is tried again only
    after a while, with the same bytes.
    """
    result = session.execute(
        update(MailRow)
        .where(MailRow.number == mail.number, _is_waiting(), MailRow.lease_until == mail.lease_until)
        .values(state=MailState.SENDING, lease_until=now + resend_after)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def settle(session: Session, number: int, result: Outcome, *, error: str, now: datetime) -> None:
    """Write down what came of an attempt, unless the mail was superseded before it left."""
    session.execute(
        update(MailRow)
        .where(MailRow.number == number, MailRow.state.in_(UNDERWAY))
        .values(
            state=result.state,
            next_at=result.next_at,
            lease_until=None,
            last_error=error[:500],
            sent_at=now if result.state is MailState.SENT else None,
        )
    )


def give_back(session: Session, number: int, *, error: str, now: datetime) -> None:
    """Nobody was at home: the attempt does not count."""
    session.execute(
        update(MailRow)
        .where(MailRow.number == number, _is_waiting())
        .values(next_at=now, lease_until=None, last_error=error[:500], attempts=MailRow.attempts - 1)
    )


def retry(session: Session, mail: MailRow, now: datetime) -> None:
    """Send once more what failed, at once and with its whole patience: its age counts from now."""
    mail.state, mail.next_at, mail.attempts, mail.retried_at = MailState.QUEUED, now, 0, now
    wakeup.after_commit(session)


def next_due(session: Session, within: timedelta, now: datetime) -> datetime | None:
    """When the next waiting mail wants to leave, if that is soon."""
    return session.scalar(
        select(MailRow.next_at).where(_is_waiting(), MailRow.next_at <= now + within).order_by(MailRow.next_at).limit(1)
    )


def forget_old(*, session: Session, now: datetime) -> bool:
    """Mails are personal data: half a year after they were written they go; whether there may be more."""
    done = MailRow.state.not_in(UNDERWAY)
    return delete_some(session, cast("Table", MailRow.__table__), MailRow.created_at < now - KEPT, done)


def find(session: Session, mail_id: UUID, *, lock: bool = False) -> MailRow | None:
    """One mail by its public id."""
    query = select(MailRow).where(MailRow.id == mail_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def page(
    session: Session,
    *,
    organisations: Sequence[UUID] | None,
    state: str = "",
    before: int | None = None,
    limit: int = PAGE,
    event_id: UUID | None = None,
) -> Sequence[MailRow]:
    """Mails, newest first; None for `organisations` means all."""
    query = select(MailRow).order_by(MailRow.number.desc()).limit(limit)
    if organisations is not None:
        query = query.where(MailRow.organisation_id.in_(organisations))
    if state:
        query = query.where(MailRow.state == state)
    if event_id is not None:
        query = query.where(MailRow.event_id == event_id)
    if before is not None:
        query = query.where(MailRow.number < before)
    return session.scalars(query).all()


def _lapse(session: Session, now: datetime) -> None:
    """What a dead process was sending may have arrived: it is due once more."""
    session.execute(
        update(MailRow)
        .where(MailRow.state == MailState.SENDING, MailRow.lease_until <= now)
        .values(
            state=MailState.UNCERTAIN,
            lease_until=None,
            next_at=now,
            last_error="the sending process ended in the middle",
        )
    )


def _is_waiting() -> ColumnElement[bool]:
    return MailRow.state.in_((MailState.QUEUED, MailState.UNCERTAIN))


def _waits_for_another() -> ColumnElement[bool]:
    """An earlier mail of the same registration is still underway."""
    earlier = aliased(MailRow)
    return and_(
        MailRow.registration_id.is_not(None),
        exists().where(
            earlier.registration_id == MailRow.registration_id,
            earlier.number < MailRow.number,
            earlier.state.in_(UNDERWAY),
        ),
    )
