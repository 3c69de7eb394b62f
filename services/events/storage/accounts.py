"""Accounts, their memberships and devices, and sign-in links."""

from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, joinedload

from services.events.domain import addresses
from services.events.domain.accounts import IDLE, hashed
from services.events.storage.tables import Account, AccountSession, CompanyContact, Membership, SignInLink
from shared.errors import NotFound
from shared.policy import Actor, Role


def get(session: Session, account_id: UUID) -> Account:
    """The account with this id. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    return account


def find_by_address(session: Session, address: str) -> Account | None:
    """The account that signs in with this address."""
    return session.scalar(select(Account).where(Account.email == addresses.key(address)))


def lock(session: Session, account_id: UUID) -> None:
    """Let nobody else work on this account until the transaction ends."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def actor_of(session: Session, account: Account) -> Actor:
    """The account with everything it may, as of now."""
    roles = session.execute(select(Membership.organisation_id, Membership.role).filter_by(account_id=account.id))
    companies = session.scalars(select(CompanyContact.company_id).filter_by(account_id=account.id))
    return Actor(
        id=account.id,
        kind="account",
        email=account.address,
        name=account.name,
        is_admin=account.is_admin,
        organisations=MappingProxyType({each.organisation_id: Role(each.role) for each in roles}),
        companies=frozenset(companies),
    )


def links_since(session: Session, account_id: UUID, since: datetime) -> int:
    """How many sign-in links were made for the account since then."""
    made = (
        select(func.count())
        .select_from(SignInLink)
        .where(SignInLink.account_id == account_id, SignInLink.created_at > since)
    )
    return session.scalar(made) or 0


def find_link(session: Session, token: str, now: datetime) -> SignInLink | None:
    """The unused, unexpired link with this token."""
    return session.scalar(
        select(SignInLink)
        .where(SignInLink.token_hash == hashed(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .options(joinedload(SignInLink.account))
    )


def use_link(session: Session, token: str, now: datetime) -> bool:
    """Consume the link; False if it was used, expired or never existed. Of two at once, one gets True."""
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == hashed(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def find_device(session: Session, token: str, now: datetime) -> AccountSession | None:
    """The account session with this token, unless it ended or was idle for too long."""
    return session.scalar(
        select(AccountSession)
        .where(AccountSession.token_hash == hashed(token), *_living(now))
        .options(joinedload(AccountSession.account))
    )


def devices(session: Session, account_id: UUID, now: datetime) -> list[AccountSession]:
    """Where the account is signed in, the latest first."""
    living = select(AccountSession).where(AccountSession.account_id == account_id, *_living(now))
    return list(session.scalars(living.order_by(AccountSession.seen_at.desc(), AccountSession.id)))


def end(session: Session, session_id: UUID, now: datetime) -> bool:
    """End an account session; False when somebody did so before."""
    living = update(AccountSession).where(AccountSession.id == session_id, AccountSession.revoked_at.is_(None))
    return session.scalar(living.values(revoked_at=now).returning(AccountSession.id)) is not None


def is_ended(session: Session, session_id: UUID) -> bool:
    """Whether this account session was signed out, or never begun in this database."""
    found = session.get(AccountSession, session_id)
    return found is None or found.revoked_at is not None


def _living(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return AccountSession.revoked_at.is_(None), AccountSession.expires_at > now, AccountSession.seen_at > now - IDLE
