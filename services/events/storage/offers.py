"""Named queries for company offers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from services.events.domain.offers import IN_REVIEW, OfferStatus
from services.events.storage.tables import Account, Company, CompanyContact, Membership, Offer, OfferEntry, Organisation
from shared.contracts.events import Person
from shared.errors import NotFound
from shared.policy import Role

_WHOLE = (
    joinedload(Offer.organisation),
    joinedload(Offer.company),
    joinedload(Offer.account),
    selectinload(Offer.thread),
)


def get(session: Session, offer_id: UUID) -> Offer:
    """Raises NotFound."""
    return _one(session, select(Offer).where(Offer.id == offer_id).options(*_WHOLE))


def find(session: Session, offer_id: UUID) -> Offer | None:
    """The offer, if there is one."""
    return session.scalars(select(Offer).where(Offer.id == offer_id).options(*_WHOLE)).one_or_none()


def get_for_change(session: Session, offer_id: UUID) -> Offer:
    """The offer as it is now, held until the end of the transaction: of two who decide at once, one waits."""
    session.execute(select(Offer.id).where(Offer.id == offer_id).with_for_update())
    return _one(
        session, select(Offer).where(Offer.id == offer_id).options(*_WHOLE).execution_options(populate_existing=True)
    )


def find_by_event(session: Session, event_id: UUID) -> Offer | None:
    """The offer that an event came from."""
    return session.scalars(select(Offer).where(Offer.event_id == event_id).options(*_WHOLE)).one_or_none()


def last_of_company(session: Session, company_id: UUID) -> Offer | None:
    """Its latest offer that was sent: what it says there is what it would say again."""
    sent = (Offer.company_id == company_id, Offer.status != OfferStatus.DRAFT)
    return session.scalars(select(Offer).where(*sent).order_by(Offer.changed_at.desc()).limit(1)).one_or_none()


def of_companies(
    session: Session,
    company_ids: frozenset[UUID],
    account_id: UUID | None,
    *,
    statuses: Sequence[str] = (),
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[Offer]:
    """All offers of these companies, and those she began herself; newest first."""
    conditions = [or_(Offer.company_id.in_(company_ids), Offer.account_id == account_id)]
    if statuses:
        conditions.append(Offer.status.in_(statuses))
    if after is not None:
        conditions.append(_older(*after))
    query = select(Offer).where(*conditions).options(*_WHOLE).order_by(Offer.changed_at.desc(), Offer.id.desc())
    return session.scalars(query.limit(limit)).all()


def of_organisations(
    session: Session,
    organisation_ids: frozenset[UUID] | None,
    *,
    statuses: Sequence[str] = (),
    after: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Sequence[Offer]:
    """What these organisations (None: all) may see, newest first. A company's draft is its own until it is sent."""
    conditions: list[ColumnElement[bool]] = [or_(Offer.status != OfferStatus.DRAFT, _was_begun_by_organiser())]
    if organisation_ids is not None:
        conditions.append(Offer.organisation_id.in_(organisation_ids))
    if statuses:
        conditions.append(Offer.status.in_(statuses))
    if after is not None:
        conditions.append(_older(*after))
    query = select(Offer).where(*conditions).options(*_WHOLE).order_by(Offer.changed_at.desc(), Offer.id.desc())
    return session.scalars(query.limit(limit)).all()


def needing_decision(session: Session, organisation_ids: frozenset[UUID] | None) -> Sequence[Offer]:
    """Offers that wait for the organiser: sent or answered, or accepted with a revision. Longest waiting first."""
    waits = or_(
        Offer.status == OfferStatus.OFFERED,
        and_(Offer.status == OfferStatus.ACCEPTED, Offer.revision.is_not(None)),
    )
    query = select(Offer).where(waits).options(*_WHOLE).order_by(Offer.changed_at)
    if organisation_ids is not None:
        query = query.where(Offer.organisation_id.in_(organisation_ids))
    return [each for each in session.scalars(query) if each.status in IN_REVIEW or each.revision]


def organisations_to_choose(session: Session) -> Sequence[Organisation]:
    """To whom a tour can be offered, by name."""
    return session.scalars(select(Organisation).order_by(Organisation.name)).all()


def companies_of(session: Session, company_ids: frozenset[UUID]) -> Sequence[Company]:
    """These companies, by name."""
    return session.scalars(select(Company).where(Company.id.in_(company_ids)).order_by(Company.name)).all()


def organisers_to_tell(session: Session, organisation: Organisation) -> tuple[Person, ...]:
    """Who reviews offers there, each with her language; the organisation's own address if nobody does."""
    query = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == organisation.id, Membership.role.in_((Role.ADMIN, Role.ORGANISER)))
        .order_by(Account.email)
    )
    people = tuple(_person(each) for each in session.scalars(query))
    return people or (Person(name=organisation.name, email=organisation.email, locale=organisation.locale),)


def contacts_to_tell(session: Session, offer: Offer) -> tuple[Person, ...]:
    """Everybody who speaks for the company, and whoever began the offer."""
    query = select(Account).join(CompanyContact, CompanyContact.account_id == Account.id)
    contacts = session.scalars(query.where(CompanyContact.company_id == offer.company_id)).all()
    known = {each.id: each for each in (offer.account, *contacts)}
    return tuple(_person(each) for each in sorted(known.values(), key=lambda each: each.email))


def was_begun_by_organiser(offer: Offer) -> bool:
    """Whether an organiser wrote it down for the company, for example after a call."""
    return any(each.kind == "begun" and each.side == "organiser" for each in offer.thread)


def _older(changed_at: datetime, offer_id: UUID) -> ColumnElement[bool]:
    return or_(Offer.changed_at < changed_at, and_(Offer.changed_at == changed_at, Offer.id < offer_id))


def _was_begun_by_organiser() -> ColumnElement[bool]:
    return exists().where(OfferEntry.offer_id == Offer.id, OfferEntry.kind == "begun", OfferEntry.side == "organiser")


def _one(session: Session, query: Select[Offer]) -> Offer:
    offer = session.scalars(query).one_or_none()
    if offer is None:
        raise NotFound
    return offer


def _person(account: Account) -> Person:
    return Person(name=account.name, email=account.address, locale=account.locale)
