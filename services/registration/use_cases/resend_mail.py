"""Have the mail that says where somebody stands sent once more."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import Status
from services.registration.storage import events
from services.registration.storage.tables import Registration
from services.registration.use_cases.news import news_of, tell
from shared.contracts.message import Message
from shared.contracts.registration import AddressConfirmationRequested, RegistrationWaitlisted, TicketRequested


def resend_mail(registration: Registration, *, session: Session, now: datetime, links: Links) -> bool:
    """The ticket, the position, or the request to confirm, by the registration's status; False if it no longer counts.

    The caller holds the registration's lock.
    """
    message = _message(registration)
    if message is None:
        return False
    registration.version += 1
    registration.changed_at = now
    session.flush()
    about = {"registration": news_of(session, registration, links), "event": events.snapshot(registration.event)}
    if message is AddressConfirmationRequested:
        about |= {"confirm_url": links.confirmation(registration.id), "confirm_by": registration.confirm_by}
    tell(session, registration, message(**about))
    return True


def _message(registration: Registration) -> type[Message] | None:
    if registration.status == Status.PENDING and registration.confirm_by is not None:
        return AddressConfirmationRequested
    return {Status.CONFIRMED: TicketRequested, Status.WAITING: RegistrationWaitlisted}.get(Status(registration.status))
