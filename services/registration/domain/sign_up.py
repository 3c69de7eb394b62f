"""What a sign-up comes to before anything is stored: the rules that every way of storing it shares."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from services.registration.domain.consents import Purpose, given
from services.registration.domain.registrations import (
    SignUpWish,
    Status,
    Terms,
    choose_quotas,
    ensure_alive,
    ensure_open,
    search_text,
)
from services.registration.domain.secrets import fingerprint
from shared.contracts.events import EventSnapshot

GUESTS_MAY_THINK = timedelta(days=3)  # the company asked her, she does not expect the mail


@dataclass(frozen=True, kw_only=True)
class NewRegistration:
    """A registration as it is first stored: each field is the column of its name."""

    id: UUID
    version: int
    event_id: UUID
    status: Status
    name: str
    email: str
    ascii_email: str
    email_key: str
    search_text: str
    locale: str
    page_hash: str
    ticket_hash: str
    address_confirmed_at: datetime | None
    confirm_by: datetime | None
    created_at: datetime
    changed_at: datetime
    cancelled_by: str
    cancelled_reason: str
    source: str


COLUMNS = tuple(each.name for each in fields(NewRegistration))


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Who signs up, for which quotas in the order in which they are locked, and what she agreed to."""

    registration: NewRegistration
    quota_ids: tuple[UUID, ...]
    agreed: tuple[Purpose, ...]


def draft(
    wish: SignUpWish, told: EventSnapshot, *, new_id: UUID, now: datetime, terms: Terms, by_organiser: bool = False
) -> Draft:
    """The sign-up, if the event as we know it takes it.

    An organiser signs people up outside the window too, and the address counts at once. Raises the rejections of
    ensure_open, choose_quotas and given.
    """
    ensure_alive(told, now) if by_organiser else ensure_open(told, now)
    return Draft(
        quota_ids=choose_quotas(told, wish.quota_ids),
        agreed=given(told, wish.consents),
        registration=_registration(
            wish, told, new_id=new_id, now=now, terms=terms, at_once=by_organiser or not terms.confirm_address
        ),
    )


def _registration(
    wish: SignUpWish, told: EventSnapshot, *, new_id: UUID, now: datetime, terms: Terms, at_once: bool
) -> NewRegistration:
    return NewRegistration(
        id=new_id,
        version=1,
        event_id=told.id,
        status=Status.CONFIRMED if at_once else Status.PENDING,
        name=wish.name,
        email=wish.address.written,
        ascii_email=wish.address.ascii,
        email_key=wish.address.key,
        search_text=search_text(wish.name, wish.address),
        locale=wish.locale,
        page_hash=fingerprint(terms.links.page_token(new_id)),
        ticket_hash=fingerprint(terms.links.ticket_code(new_id)),
        address_confirmed_at=now if at_once else None,
        confirm_by=None if at_once else _confirm_by(wish, told, now, terms),
        created_at=now,
        changed_at=now,
        cancelled_by="",
        cancelled_reason="",
        source=wish.source,
    )


def _confirm_by(wish: SignUpWish, told: EventSnapshot, now: datetime, terms: Terms) -> datetime:
    if wish.source != "company":
        return now + terms.hold
    starts = min((each.starts_at for each in told.sessions), default=None)
    until = now + max(GUESTS_MAY_THINK, terms.hold)
    return until if starts is None else max(min(until, starts), now + terms.hold)
