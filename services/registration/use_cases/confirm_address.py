"""The link in the mail was used: the address is hers, and the place for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import LIVING, PlaceState, Status, standing
from services.registration.domain.rejections import ConfirmationExpired, RegistrationCancelled
from services.registration.storage import registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.expire_unconfirmed import is_lapsed
from services.registration.use_cases.news import tell_standing


def confirm_address(registration_id: UUID, *, session: Session, now: datetime, links: Links) -> Registration:
    """Make the place, or the position on the waiting list, count for good. Doing it again changes nothing.

    Raises ConfirmationExpired or RegistrationCancelled.
    """
    (registration,) = registrations.lock(session, [registration_id])
    ensure_confirmable(registration, now)
    if registration.status == Status.PENDING:
        registration.status = standing(PlaceState(each.state) for each in registration.places)
        registration.address_confirmed_at = registration.changed_at = now
        registration.confirm_by = None
        registration.version += 1
        tell_standing(session, registration, links=links)
    return registration


def ensure_confirmable(registration: Registration, now: datetime) -> None:
    """Let a confirmation pass, or say why not."""
    if registration.status == Status.EXPIRED or is_lapsed(registration.status, registration.confirm_by, now):
        raise ConfirmationExpired
    if registration.status not in LIVING:
        raise RegistrationCancelled
