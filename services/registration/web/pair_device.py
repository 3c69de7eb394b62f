"""Phones of helpers: the organiser makes a pairing link, the phone uses it up."""

import secrets
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from services.registration.domain.devices import LINK_LIFETIME, PairingLinkIsSpent, valid_until
from services.registration.domain.secrets import fingerprint
from services.registration.schemas.device import DeviceForm
from services.registration.schemas.house import terms
from services.registration.storage import devices, events
from services.registration.storage.tables import Device, Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.pair_device import offer_pairing, pair_device, pairing_token, revoke_device
from services.registration.web import event_view, qr
from services.registration.web.device_cookie import remember
from shared import clock
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import require_signed_in
from shared.http.locale import _, in_language
from shared.http.security import keep_private

pages = Blueprint("pair_device", __name__, url_prefix="/registration")


@pages.get("/check-in/pair/<token>")
def show_pairing(token: str) -> str:
    """A button, because programs that look into mails and chats must not use the link up."""
    keep_private()
    with reading() as session:
        device = devices.find_unpaired(session, fingerprint(token.lower()), clock.now())
        if device is None:
            raise PairingLinkIsSpent
        title = in_language(events.snapshot(events.get(session, device.event_id)).title)
        return render_template("registration/pair_device.html", title=title, name=device.name)


@pages.post("/check-in/pair/<token>")
def pair(token: str) -> Response:
    """Make the phone one of the door's."""
    wish, _form = read_form(DeviceForm)
    secret = secrets.token_urlsafe(32)
    with transaction() as session:
        name = wish["name"] if wish else ""
        device = pair_device(token, secret=secret, name=name, session=session, now=clock.now())
        slug = events.get(session, device.event_id).slug
    response = make_response(redirect(f"/registration/check-in/{slug}", 303))
    remember(response, secret)
    return response


@pages.get("/manage/<slug>/devices")
def show_devices(slug: str) -> str:
    """All phones of an event, and the codes that wait for one."""
    actor = require_signed_in()
    with reading() as session:
        event = events.get_by_slug(session, slug)
        ensure_may(actor, "pair_device", event)
        return _devices_page(session, event, Form())


@pages.post("/manage/<slug>/devices")
def add_device(slug: str) -> Response | tuple[str, int]:
    """Make a pairing link."""
    actor, now = require_signed_in(), clock.now()
    wish, form = read_form(DeviceForm)
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        ensure_may(actor, "pair_device", event)
        if wish is None:
            return _devices_page(session, event, form), 422
        offer_pairing(event, name=wish["name"], key=terms().links.key, actor=actor, session=session, now=now)
    return _back(slug)


@pages.post("/manage/<slug>/devices/<uuid:device_id>/revoke")
def remove_device(slug: str, device_id: UUID) -> Response:
    """Take a phone's right back."""
    actor = require_signed_in()
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        revoke_device(device_id, event=event, actor=actor, session=session, now=clock.now())
    flash(_("This phone can no longer scan."), "success")
    return _back(slug)


def _back(slug: str) -> Response:
    return make_response(redirect(f"/registration/manage/{slug}/devices", 303))


def _devices_page(session: Session, event: Event, form: Form) -> str:
    keep_private()
    told = events.snapshot(event)
    found = [each for each in devices.of_event(session, event.id) if each.revoked_at is None]
    return render_template(
        "registration/devices.html",
        event=told,
        slug=event.slug,
        title=in_language(told.title),
        when_text=event_view.when_text(told),
        form=form,
        waiting=[_offer(each) for each in found if each.pairing_hash and each.created_at > clock.now() - LINK_LIFETIME],
        paired=[each for each in found if each.token_hash],
        until=valid_until(event.ends_at, clock.now()),
        link_lifetime=LINK_LIFETIME,
    )


def _offer(device: Device) -> dict[str, object]:
    links = terms().links
    url = f"{links.base_url}/registration/check-in/pair/{pairing_token(device.id, links.key)}"
    # Drawn by us from an address that is ours: digits, letters and path data only.
    return {"id": device.id, "name": device.name, "url": url, "qr": Markup(qr.as_svg(url)), "made": device.created_at}  # noqa: S704
