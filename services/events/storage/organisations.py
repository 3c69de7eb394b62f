"""Organisations, their members and API tokens."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from services.events.storage.tables import Account, ApiToken, Membership, Organisation
from shared.errors import NotFound
from shared.policy import Role


def get(session: Session, organisation_id: UUID) -> Organisation:
    """The organisation with this id. Raises NotFound."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    return organisation


def get_by_slug(session: Session, slug: str) -> Organisation:
    """The organisation with this slug. Raises NotFound."""
    organisation = find_by_slug(session, slug)
    if organisation is None:
        raise NotFound
    return organisation


def find_by_slug(session: Session, slug: str) -> Organisation | None:
    """The organisation with this slug, if there is one."""
    return session.scalar(select(Organisation).where(Organisation.slug == slug))


def of_ids(session: Session, ids: Collection[UUID]) -> list[Organisation]:
    """These organisations, by name."""
    return list(session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))


def lock(session: Session, organisation_id: UUID) -> None:
    """Let nobody else change this organisation's members until the transaction ends."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())


def members(session: Session, organisation_id: UUID) -> list[Membership]:
    """Who belongs to it, with accounts, by name."""
    belonging = select(Membership).join(Account).where(Membership.organisation_id == organisation_id)
    return list(
        session.scalars(belonging.options(joinedload(Membership.account)).order_by(Account.name, Account.email))
    )


def get_membership(session: Session, organisation_id: UUID, account_id: UUID) -> Membership:
    """The account's role in the organisation. Raises NotFound."""
    membership = session.get(Membership, (organisation_id, account_id))
    if membership is None:
        raise NotFound
    return membership


def admins(session: Session, organisation_id: UUID) -> int:
    """How many administrators the organisation has."""
    counted = select(func.count()).select_from(Membership).filter_by(organisation_id=organisation_id, role=Role.ADMIN)
    return session.scalar(counted) or 0


def tokens(session: Session, organisation_id: UUID, now: datetime) -> list[ApiToken]:
    """Its API tokens that still work, the latest first."""
    working = select(ApiToken).where(
        ApiToken.organisation_id == organisation_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
    )
    return list(session.scalars(working.order_by(ApiToken.created_at.desc(), ApiToken.id)))


def is_token_revoked(session: Session, token_id: UUID) -> bool:
    """Whether this token must not be believed: withdrawn, or never given out by this database."""
    token = session.get(ApiToken, token_id)
    return token is None or token.revoked_at is not None


def all_of_them(session: Session) -> list[Organisation]:
    """Every organisation, by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name, Organisation.id)))
