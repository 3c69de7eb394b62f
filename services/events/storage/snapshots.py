"""What the other services are told of an event."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.storage.event_rows import rules_of
from services.events.storage.tables import Account, Company, CompanyContact, Event, EventSession, Organisation, Quota
from shared.contracts.events import (
    EventSnapshot,
    Host,
    Organiser,
    Person,
    Place,
    QuotaSnapshot,
    SessionSnapshot,
)


def snapshot(session: Session, event: Event, *, base_url: str) -> EventSnapshot:
    """The whole event as it stands, with its version."""
    return EventSnapshot(
        id=event.id,
        version=event.version,
        slug=event.slug,
        format=event.format,
        status=event.status,
        title=event.title,
        summary=event.summary,
        description=event.description,
        organiser=_organiser(session.get_one(Organisation, event.organisation_id)),
        host=_host(session, event),
        sessions=sessions(event.sessions),
        quotas=tuple(_quota(each) for each in event.quotas),
        quota_choice=event.quota_choice,
        languages=tuple(event.languages),
        german_level=event.german_level,
        safety=tuple(event.safety),
        safety_notes=event.safety_notes,
        accessibility=event.accessibility,
        sign_up_opens_at=event.sign_up_opens_at,
        sign_up_closes_at=event.sign_up_closes_at,
        cancelled_reason=event.cancelled_reason,
        url=f"{base_url}/events/{event.slug}",
        fields_of_study=tuple(event.fields_of_study),
        sign_up=rules_of(event),
    )


def sessions(rows: Iterable[EventSession]) -> tuple[SessionSnapshot, ...]:
    """The sessions in the order in which they happen."""
    return tuple(_session(each) for each in sorted(rows, key=lambda each: (each.starts_at, each.id)))


def _session(row: EventSession) -> SessionSnapshot:
    return SessionSnapshot(
        id=row.id,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        local_start=row.local_start,
        local_end=row.local_end,
        zone=row.zone,
        place=None if row.place is None else Place(**row.place),
        join_url=row.join_url,
    )


def _quota(row: Quota) -> QuotaSnapshot:
    return QuotaSnapshot(
        id=row.id,
        name=row.name,
        kind=row.kind,
        capacity=row.capacity,
        session_id=row.session_id,
        language=row.language,
    )


def _organiser(row: Organisation) -> Organiser:
    return Organiser(id=row.id, slug=row.slug, name=row.name, email=row.email, website=row.website)


def _host(session: Session, event: Event) -> Host | None:
    if event.company_id is None:
        return None
    contacts = session.scalars(
        select(Account)
        .join(CompanyContact, CompanyContact.account_id == Account.id)
        .where(CompanyContact.company_id == event.company_id)
        .order_by(CompanyContact.created_at, Account.id)
    )
    people = tuple(Person(name=each.name, email=each.address, locale=each.locale) for each in contacts)
    return Host(id=event.company_id, name=session.get_one(Company, event.company_id).name, contacts=people)
