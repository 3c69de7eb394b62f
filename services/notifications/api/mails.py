"""The mail log as JSON."""

from typing import Any
from uuid import UUID

from services.notifications.api.first import for_organisers
from services.notifications.schemas.mails import MailPage, MailSchema, MailsQuery, before, key
from services.notifications.storage import mails
from services.notifications.storage.tables import MailRow
from services.notifications.use_cases.retry_mail import retry_mail
from services.notifications.use_cases.whose_mails import whose_mails
from shared import clock
from shared.http.app import reading, transaction
from shared.http.identity import require_signed_in
from shared.http.openapi import Blueprint
from shared.http.paging import page

resource = Blueprint("mails", __name__, url_prefix="/notifications/api/v1", description="Mails that were sent")


@resource.get("/mails")
@for_organisers
@resource.arguments(MailsQuery, location="query")
@resource.response(200, MailPage)
@resource.alt_response(401, description="No token")
@resource.alt_response(403, description="A token without an organiser's role")
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """The mails of your organisation, newest first. For organisers."""
    organisations = whose_mails(require_signed_in())
    with reading() as session:
        rows = mails.page(
            session,
            organisations=organisations,
            state=query["state"] or "",
            event_id=query["event_id"],
            before=before(query["cursor"]),
            limit=query["limit"] + 1,
        )
        return page(rows, query["limit"], key=key)


@resource.post("/mails/<uuid:mail_id>/retry")
@for_organisers
@resource.response(200, MailSchema)
@resource.alt_response(401, description="No token")
@resource.alt_response(404, description="No such mail, or not yours")
@resource.alt_response(409, description="It was sent already, or is still on its way")
def retry(mail_id: UUID) -> MailRow:
    """Send a failed mail once more, at once."""
    actor = require_signed_in()
    with transaction() as session:
        return retry_mail(mail_id, actor=actor, session=session, now=clock.now())
