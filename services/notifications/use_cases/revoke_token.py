"""Stop believing an API token."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.storage import revoked_tokens
from shared.contracts.events import ApiTokenRevoked


def revoke_token(message: ApiTokenRevoked, *, session: Session, now: datetime) -> None:
    """For good, that is until it would have ended by itself."""
    revoked_tokens.add(session, message.token_id, now=now, expires_at=message.expires_at)
