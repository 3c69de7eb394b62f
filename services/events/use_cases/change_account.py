"""Somebody changes what her account says of her."""

from sqlalchemy.orm import Session

from services.events.storage.tables import Account


def change_account(account: Account, *, name: str, locale: str, session: Session) -> None:
    """The name that others see, and the language of pages and mails."""
    account.name, account.locale = name, locale
    session.flush()
