"""Somebody leaves a device, or all of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.storage import accounts


def sign_out(sid: str, *, session: Session, now: datetime) -> None:
    """End the account session with this secret, if there is one."""
    device = accounts.find_device(session, sid, now)
    if device is not None:
        device.revoked_at = now


def sign_out_everywhere(account_id: UUID, *, session: Session, now: datetime) -> None:
    """End all account sessions of the account."""
    for device in accounts.devices(session, account_id, now):
        device.revoked_at = now


def sign_out_device(device_id: UUID, *, account_id: UUID, session: Session, now: datetime) -> None:
    """End one of the account's own sessions; another's is left alone."""
    for device in accounts.devices(session, account_id, now):
        if device.id == device_id:
            device.revoked_at = now
