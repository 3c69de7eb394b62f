"""A helper's phone gets the right to scan one event's tickets, and loses it again."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.devices import LINK_LIFETIME, PairingLinkIsSpent, valid_until
from services.registration.domain.secrets import derive, fingerprint
from services.registration.storage import audit, devices, events
from services.registration.storage.tables import Device, Event
from services.registration.use_cases.access import ensure_may
from shared.errors import NotFound
from shared.policy import Actor


def offer_pairing(event: Event, *, name: str, key: bytes, actor: Actor, session: Session, now: datetime) -> Device:
    """Make a pairing link for one phone. The database keeps only its fingerprint."""
    ensure_may(actor, "pair_device", event)
    device_id = uuid4()
    device = Device(
        id=device_id,
        event_id=event.id,
        name=name,
        pairing_hash=fingerprint(pairing_token(device_id, key)),
        created_at=now,
        expires_at=now + LINK_LIFETIME,
    )
    session.add(device)
    _note(session, actor, "offer_pairing", device=device, event=event, now=now)
    return device


def pairing_token(device_id: UUID, key: bytes) -> str:
    """What a pairing link carries."""
    return derive(key, "pairing", device_id).lower()


def pair_device(token: str, *, secret: str, name: str, session: Session, now: datetime) -> Device:
    """Use a pairing link up: `secret` is what the phone will show from now on. Raises PairingLinkIsSpent."""
    pairing_hash = fingerprint(token.lower())
    device = devices.find_unpaired(session, pairing_hash, now)
    event = events.find(session, device.event_id) if device else None
    until = valid_until(event.ends_at, now) if event else now
    if device is None or until <= now:
        raise PairingLinkIsSpent
    facts = {"token_hash": fingerprint(secret), "name": name or device.name, "expires_at": until}
    if not devices.pair(session, device.id, pairing_hash=pairing_hash, **facts):
        raise PairingLinkIsSpent
    session.refresh(device)
    return device


def revoke_device(device_id: UUID, *, event: Event, actor: Actor, session: Session, now: datetime) -> None:
    """Take the right back, or the link before it was used. Raises NotFound."""
    ensure_may(actor, "pair_device", event)
    device = devices.get(session, device_id)
    if device.event_id != event.id:
        raise NotFound
    if device.revoked_at is None:
        device.revoked_at = now
        device.pairing_hash = None
        _note(session, actor, "revoke_device", device=device, event=event, now=now)


def _note(session: Session, actor: Actor, action: str, *, device: Device, event: Event, now: datetime) -> None:
    audit.record(session, actor, action, object_id=device.id, organisation_id=event.organisation_id, now=now)
