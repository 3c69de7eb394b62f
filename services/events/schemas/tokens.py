"""API tokens as programs get them."""

from joserfc.jwk import OKPKey

from services.events.storage.tables import ApiToken
from shared.http.identity import issue_api_token
from shared.policy import Role


def signed_token(row: ApiToken, key: OKPKey) -> str:
    """The token itself: shown once, stored nowhere."""
    return issue_api_token(
        key=key,
        jti=row.id,
        organisation_id=row.organisation_id,
        role=Role(row.role),
        now=row.created_at,
        expires_at=row.expires_at,
    )
