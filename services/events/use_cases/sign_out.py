"""Somebody leaves a device, or all of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage import accounts
from services.events.storage.tables import AccountSession
from shared.contracts.events import ApiTokenRevoked
from shared.messaging import outbox


def sign_out(sid: str, *, session: Session, now: datetime) -> None:
    """End the account session with this secret, if there is one."""
    device = accounts.find_device(session, sid, now)
    if device is not None:
        end_session(device, session=session, now=now)


def sign_out_everywhere(account_id: UUID, *, session: Session, now: datetime) -> None:
    """End all account sessions of the account."""
    for device in accounts.devices(session, account_id, now):
        end_session(device, session=session, now=now)


def sign_out_device(device_id: UUID, *, account_id: UUID, session: Session, now: datetime) -> None:
    """End one of the account's own sessions; another's is left alone."""
    for device in accounts.devices(session, account_id, now):
        if device.id == device_id:
            end_session(device, session=session, now=now)


def end_session(device: AccountSession, *, session: Session, now: datetime) -> None:
    """End an account session here, and have the other services refuse the proof that its browser still holds."""
    if accounts.end(session, device.id, now):
        revoked = ApiTokenRevoked(token_id=device.id, expires_at=device.expires_at)
        outbox.add(session, revoked, aggregate=f"account_session:{device.id}", version=1)
