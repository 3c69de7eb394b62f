"""She wants her mails in another language."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.registrations import LIVING
from services.registration.storage import registrations
from services.registration.use_cases.news import tell
from shared.contracts.registration import AttendeeLanguageChanged


def change_language(registration_id: UUID, locale: str, *, session: Session, now: datetime) -> bool:
    """Write to her in this language from now on; False if there is nothing to change."""
    (registration,) = registrations.lock(session, [registration_id])
    if registration.locale == locale or registration.status not in LIVING:
        return False
    registration.locale = locale
    registration.changed_at = now
    registration.version += 1
    message = AttendeeLanguageChanged(
        registration_id=registration.id, event_id=registration.event_id, version=registration.version, locale=locale
    )
    tell(session, registration, message)
    return True
