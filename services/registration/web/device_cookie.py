"""The cookie of a paired phone."""

from datetime import timedelta

from flask import Response

from services.registration.domain.devices import valid_until
from services.registration.domain.secrets import fingerprint
from services.registration.storage import devices, events
from shared import clock
from shared.http.app import reading
from shared.http.cookies import read_cookie, set_cookie
from shared.policy import Actor

DEVICE_COOKIE = "registration_device"
_LIFETIME = timedelta(days=400)  # the longest that browsers grant; each request asks the database anyway


def device_actor() -> Actor | None:
    """Whom the phone's cookie stands for: one event's door. The hook that app.py hangs in."""
    secret = read_cookie(DEVICE_COOKIE)
    if not secret or len(secret) > 100:
        return None
    with reading() as session:
        device = devices.find_paired(session, fingerprint(secret))
        event = events.find(session, device.event_id) if device else None
        if device is None or event is None or valid_until(event.ends_at, device.created_at) <= clock.now():
            return None
        return Actor(id=device.id, kind="device", name=device.name, event_id=event.id)


def remember(response: Response, secret: str) -> None:
    """Give the phone its secret."""
    set_cookie(response, DEVICE_COOKIE, secret, lifetime=_LIFETIME)
