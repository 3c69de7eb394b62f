"""The organiser's mail log: what was sent to whom, and what is stuck."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.notifications.domain.delivery import MailState
from services.notifications.schemas.mails import STATES, MailsQuery, before, key
from services.notifications.storage import mails
from services.notifications.use_cases.retry_mail import retry_mail
from services.notifications.use_cases.whose_mails import whose_mails
from services.notifications.use_cases.whose_webhooks import ACTION
from services.notifications.web.words import KINDS, STATE_NAMES
from shared import clock
from shared.http.app import reading, transaction
from shared.http.identity import current_actor, require_signed_in
from shared.http.locale import _
from shared.http.paging import next_cursor
from shared.http.security import keep_private
from shared.policy import Scope, may

pages = Blueprint("mail_log", __name__, url_prefix="/notifications/manage")


@pages.get("/")
def listed() -> ResponseReturnValue:
    """Newest first, by state if wished."""
    keep_private()
    organisations = whose_mails(require_signed_in())
    query = MailsQuery().load({name: value for name, value in request.args.items() if value and name != "lang"})
    with reading() as session:
        rows = mails.page(
            session,
            organisations=organisations,
            state=query["state"] or "",
            event_id=query["event_id"],
            before=before(query["cursor"]),
            limit=query["limit"] + 1,
        )
    shown = rows[: query["limit"]]
    more = next_cursor(key(shown[-1])) if len(rows) > len(shown) else ""
    return render_template(
        "notifications/mail_log.html", rows=shown, next=_next_page(more), state=query["state"] or "", **_words()
    )


@pages.post("/mails/<uuid:mail_id>/retry")
def retry(mail_id: UUID) -> ResponseReturnValue:
    """Send a failed mail once more."""
    require_signed_in()
    with transaction() as session:
        retry_mail(mail_id, actor=current_actor(), session=session, now=clock.now())
    flash(_("The mail is on its way again."), "success")
    return redirect(url_for("mail_log.listed"), 303)


def _next_page(cursor: str) -> str:
    if not cursor:
        return ""
    kept = {name: value for name, value in request.args.items() if name in {"state", "event_id", "limit"}}
    return f"{request.path}?{urlencode({**kept, 'cursor': cursor})}"


def _words() -> dict[str, Any]:
    return {
        "states": [(state, _(STATE_NAMES[MailState(state)])) for state in STATES],
        "state_names": {str(state): _(name) for state, name in STATE_NAMES.items()},
        "kinds": {kind: _(name) for kind, name in KINDS.items()},
        "failed": MailState.FAILED,
        "has_webhooks": _manages_webhooks(),
    }


def _manages_webhooks() -> bool:
    actor = current_actor()
    own = (Scope(organisation_id=each) for each in actor.organisations)
    return actor.is_admin or any(may(actor, ACTION, each) for each in own)
