"""People who hold a place and wait for another one of the same event."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.domain.registrations import PlaceState
from services.registration.storage.tables import Place


def wishes(session: Session, quota_ids: Iterable[UUID]) -> Sequence[tuple[UUID, UUID, UUID]]:
    """(registration, quota that she holds, quota that she waits for). The caller holds the quotas."""
    rows = session.execute(
        select(Place.registration_id, Place.quota_id, Place.replaced_by)
        .where(Place.quota_id.in_(list(quota_ids)), Place.replaced_by.is_not(None), Place.state == PlaceState.HELD)
        .order_by(Place.registration_id, Place.quota_id)
    )
    return [(registration_id, held, wanted) for registration_id, held, wanted in rows if wanted is not None]
