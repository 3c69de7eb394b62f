"""The link in the mail was used: the address is hers, and the place for good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.registrations import LIVING, PlaceState, Status, standing
from services.registration.domain.rejections import ConfirmationExpired, RegistrationCancelled
from services.registration.storage import events, quotas, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.draw_places import line_up
from services.registration.use_cases.expire_unconfirmed import is_lapsed
from services.registration.use_cases.free_places import move_up
from services.registration.use_cases.giving import is_applied_for
from services.registration.use_cases.news import tell_availability, tell_standing


def confirm_address(registration_id: UUID, *, session: Session, now: datetime, links: Links) -> Registration:
    """Make the place, or the position on the waiting list, count for good. Doing it again changes nothing.

    Raises ConfirmationExpired or RegistrationCancelled.
    """
    if registrations.has_applied(session, registration_id):  # she may join a line: quotas before registrations
        quotas.lock(session, registrations.concerned_quotas(session, [registration_id]))
    (registration,) = registrations.lock(session, [registration_id])
    ensure_confirmable(registration, now)
    if registration.status == Status.PENDING:
        registration.status = standing(PlaceState(each.state) for each in registration.places)
        registration.address_confirmed_at = registration.changed_at = now
        registration.confirm_by = None
        registration.version += 1
        _join_line(session, registration, now=now, links=links)
    return registration


def _join_line(session: Session, registration: Registration, *, now: datetime, links: Links) -> None:
    """Who applied and confirms only after the draw comes after all who were drawn."""
    has_applied = any(each.state == PlaceState.APPLIED for each in registration.places)
    if not has_applied or is_applied_for(registration.event, events.snapshot(registration.event)):
        tell_standing(session, registration, links=links)
        return
    changed = line_up(session, [registration])
    (registration,) = registrations.lock(session, [registration.id])
    registration.untold = False
    session.flush()
    tell_standing(session, registration, links=links)
    move_up(session, changed, {registration.event_id: registration.event}, links=links, now=now)
    tell_availability(session, changed.values())


def ensure_confirmable(registration: Registration, now: datetime) -> None:
    """Let a confirmation pass, or say why not."""
    if registration.status == Status.EXPIRED or is_lapsed(registration.status, registration.confirm_by, now):
        raise ConfirmationExpired
    if registration.status not in LIVING:
        raise RegistrationCancelled
