"""A program's right to act ends."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.events.storage import audit
from services.events.storage.tables import ApiToken
from shared.contracts.events import ApiTokenRevoked
from shared.messaging import outbox
from shared.policy import Actor


def revoke_token(token: ApiToken, *, session: Session, now: datetime, by: Actor) -> None:
    """Withdraw the token everywhere; a second time changes nothing."""
    if token.revoked_at is not None:
        return
    token.revoked_at = now
    revoked = ApiTokenRevoked(token_id=token.id, expires_at=token.expires_at)
    outbox.add(session, revoked, aggregate=f"api_token:{token.id}", version=1)
    audit.record(session, "revoke_token", by=by, object_id=token.id, organisation_id=token.organisation_id, now=now)
