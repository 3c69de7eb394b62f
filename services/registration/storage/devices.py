"""Paired phones, known by the hashes of their secrets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.registration.domain.devices import LINK_LIFETIME
from services.registration.storage.tables import Device
from shared.errors import NotFound


def get(session: Session, device_id: UUID) -> Device:
    """A phone by its id. Raises NotFound."""
    if (device := session.get(Device, device_id)) is None:
        raise NotFound
    return device


def of_event(session: Session, event_id: UUID) -> Sequence[Device]:
    """All phones of an event, the newest first."""
    return session.scalars(
        select(Device).where(Device.event_id == event_id).order_by(Device.created_at.desc(), Device.id)
    ).all()


def find_unpaired(session: Session, pairing_hash: str, now: datetime) -> Device | None:
    """The phone-to-be that a pairing link is for, as long as the link is good."""
    return session.scalars(
        select(Device).where(
            Device.pairing_hash == pairing_hash,
            Device.revoked_at.is_(None),
            Device.created_at > now - LINK_LIFETIME,
        )
    ).one_or_none()


def find_paired(session: Session, token_hash: str) -> Device | None:
    """The phone that holds a token, unless it was taken back."""
    return session.scalars(
        select(Device).where(Device.token_hash == token_hash, Device.revoked_at.is_(None))
    ).one_or_none()


def pair(session: Session, device_id: UUID, *, pairing_hash: str, **facts: Any) -> bool:
    """Use the link up; False if another phone was faster."""
    result: Any = session.execute(
        update(Device)
        .where(Device.id == device_id, Device.pairing_hash == pairing_hash)
        .values(pairing_hash=None, **facts)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)
