"""A program may act for an organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.events.domain.accounts import TOKEN_LIFETIME, ensure_grantable
from services.events.storage import audit
from services.events.storage.tables import ApiToken
from shared.policy import Actor, Role


def create_token(
    *, organisation_id: UUID, role: Role, session: Session, now: datetime, by: Actor, name: str = ""
) -> ApiToken:
    """Note that a token is given out for a year; the door signs it with this row's id. Raises RoleAboveOwn."""
    ensure_grantable(role, by=by.organisations.get(organisation_id), actor=by)
    token = ApiToken(
        organisation_id=organisation_id, role=role, name=name, created_at=now, expires_at=now + TOKEN_LIFETIME
    )
    session.add(token)
    session.flush()
    audit.record(
        session, "create_token", by=by, object_id=token.id, organisation_id=organisation_id, now=now, role=str(role)
    )
    return token
