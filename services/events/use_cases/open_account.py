"""Somebody becomes known by a mail address."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.events.domain import addresses
from services.events.storage import accounts
from services.events.storage.tables import Account


def open_account(address: str, *, session: Session, now: datetime, name: str = "", locale: str = "de") -> Account:
    """The account of this address: the known one unchanged, or a new one that may nothing yet."""
    known = accounts.find_by_address(session, address)
    if known is not None:
        return known
    account = Account(
        email=addresses.key(address), address=address.strip(), name=name, locale=locale, is_admin=False, created_at=now
    )
    session.add(account)
    session.flush()
    return account
