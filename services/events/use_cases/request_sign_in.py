"""Somebody wants to sign in and gets a link by mail."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from services.events.domain.accounts import INVITATION_LIFETIME, LINK_LIFETIME, LINKS_PER, MOST_LINKS, hashed
from services.events.storage import accounts
from services.events.storage.tables import Account, SignInLink
from shared.contracts.events import Person, SignInRequested
from shared.messaging import outbox


def request_sign_in(
    address: str, *, token: str, base_url: str, session: Session, now: datetime, next_path: str = ""
) -> None:
    """Send a link if the address has an account.

    Nothing tells the asker whether it has one: there is no answer and no rejection, also when the hour's mails
    are used up. `token` is a fresh secret of 256 bits.
    """
    account = accounts.find_by_address(session, address)
    if account is not None:
        send_link(account, token=token, base_url=base_url, session=session, now=now, next_path=next_path)


def send_link(
    account: Account,
    *,
    token: str,
    base_url: str,
    session: Session,
    now: datetime,
    purpose: str = "sign_in",
    next_path: str = "",
) -> bool:
    """Mail a sign-in link to the account; False when three were sent within the hour. purpose: see SignInRequested."""
    accounts.lock(session, account.id)
    if accounts.links_since(session, account.id, now - LINKS_PER) >= MOST_LINKS:
        return False
    link = make_link(account, token=token, session=session, now=now, purpose=purpose, next_path=next_path)
    message = SignInRequested(
        request_id=uuid4(),
        person=Person(name=account.name, email=account.address, locale=account.locale),
        link=url_of(token, base_url),
        expires_at=link.expires_at,
        purpose=purpose,
    )
    outbox.add(session, message, aggregate=f"sign_in:{message.request_id}", version=1)
    return True


def make_link(
    account: Account, *, token: str, session: Session, now: datetime, purpose: str = "sign_in", next_path: str = ""
) -> SignInLink:
    """A link that nobody is sent: for the command line."""
    lifetime = INVITATION_LIFETIME if purpose == "invitation" else LINK_LIFETIME
    link = SignInLink(
        token_hash=hashed(token),
        account_id=account.id,
        purpose=purpose,
        next_path=next_path,
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(link)
    session.flush()
    return link


def url_of(token: str, base_url: str) -> str:
    """The address that a link's mail shows."""
    return f"{base_url}/events/account/link/{token}"
