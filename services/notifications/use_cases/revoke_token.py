"""Stop believing an API token."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.storage.tables import RevokedToken
from shared.contracts.events import ApiTokenRevoked
from shared.database import insert_if_new


def revoke_token(message: ApiTokenRevoked, *, session: Session, now: datetime) -> None:
    """For good; said twice is said once."""
    insert_if_new(
        session,
        RevokedToken.__table__,  # type: ignore[arg-type]
        id=message.token_id,
        revoked_at=now,
    )
