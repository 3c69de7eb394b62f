"""Have the mail that says where somebody stands sent once more."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import LIVING, Status
from services.registration.storage import events
from services.registration.storage.tables import Registration
from services.registration.use_cases.news import confirmation, news_of, tell, tell_offer, tell_standing
from shared.contracts.message import Message
from shared.contracts.registration import AddressConfirmationRequested, TicketRequested


def resend_mail(registration: Registration, *, session: Session, now: datetime, links: Links) -> bool:
    """The ticket, where she stands, or the request to confirm, by her status; False if it no longer counts.

    The caller holds the registration's lock.
    """
    if registration.status not in LIVING:
        return False
    registration.version += 1
    registration.changed_at = now
    session.flush()
    kept_until = max((each.offered_until for each in registration.places if each.offered_until), default=None)
    if registration.status == Status.WAITING and kept_until is not None:
        tell_offer(session, registration, kept_until, links=links)
    elif registration.status == Status.WAITING:
        tell_standing(session, registration, links=links)
    else:
        tell(session, registration, _message(session, registration, links))
    return True


def _message(session: Session, registration: Registration, links: Links) -> Message:
    told = events.snapshot(registration.event)
    about: dict[str, Any] = {"registration": news_of(session, registration, links), "event": told}
    if registration.status == Status.CONFIRMED:
        return TicketRequested(**about)
    return AddressConfirmationRequested(**about, **confirmation(registration, told, links))
