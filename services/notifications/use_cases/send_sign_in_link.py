"""Send a single-use link: to sign in, to go on with a tour offer, or to accept an invitation."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from services.notifications.rendering.calendar import Mailbox
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.events import SignInRequested
from shared.errors import N_
from shared.languages import format_datetime

_KINDS = {
    "sign_in": ("sign_in", N_("Sign in")),
    "offer_tour": ("sign_in_offer_tour", N_("Go on")),
    "invitation": ("sign_in_invitation", N_("Accept the invitation")),
}


def send_sign_in_link(message: SignInRequested, *, zone: str, desk: Desk, session: Session, now: datetime) -> None:
    """Nothing once the link has expired: it would only disappoint."""
    if message.expires_at <= now:
        return
    person = message.person
    speaker = desk.stationery.speaker(person.locale)
    kind, button = _KINDS.get(message.purpose, _KINDS["sign_in"])
    order = MailOrder(
        kind=kind,
        cause=f"sign_in:{message.request_id}",
        to=Mailbox(name=person.name, email=person.email),
        locale=person.locale,
        from_name="Werktor",
        facts={
            "name": person.name,
            "link": message.link,
            "button": speaker.gettext(button),
            "deadline": format_datetime(message.expires_at, zone, speaker.locale),
            "site": urlsplit(desk.sender.public_base_url).netloc,
        },
    )
    write_mail(order, desk=desk, session=session, now=now)
