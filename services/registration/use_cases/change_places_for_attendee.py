"""An organiser moves somebody to another group, slot or date; the place that she has stays hers until then."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.domain.rejections import RegistrationCancelled
from services.registration.storage import audit, registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.change_places import change_places, living, without_wish
from services.registration.use_cases.end_registration import hold
from shared.policy import Actor


def change_places_for_attendee(
    registration_id: UUID, wanted: Iterable[UUID], *, actor: Actor, session: Session, now: datetime, links: Links
) -> Registration:
    """As change_places, for those who may, also after the deadline; a foreign registration does not exist."""
    before = _hold(registration_id, actor, session).version
    changed = change_places(registration_id, wanted, session=session, now=now, links=links, by_organiser=True)
    if changed.version != before:
        audit.record(
            session,
            actor,
            "change_places",
            object_id=registration_id,
            organisation_id=changed.event.organisation_id,
            event_id=changed.event_id,
            now=now,
            quota_ids=sorted(str(each.quota_id) for each in living(changed) if each.replaced_by is None),
        )
    return changed


def take_wish_back(
    registration_id: UUID, *, actor: Actor, session: Session, now: datetime, links: Links
) -> Registration:
    """She stays where she is and no longer waits for another place instead. Again is harmless."""
    found = _hold(registration_id, actor, session)
    if all(each.replaced_by is None for each in living(found)):
        return found
    stays = without_wish(found)
    return change_places_for_attendee(registration_id, stays, actor=actor, session=session, now=now, links=links)


def _hold(registration_id: UUID, actor: Actor, session: Session) -> Registration:
    """Fresh, and nothing happens to her places meanwhile."""
    ensure_may(actor, "change_registration", registrations.get(session, registration_id).event)
    held = hold(session, [registration_id])
    if not held:
        raise RegistrationCancelled
    return held[0]
