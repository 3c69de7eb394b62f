"""The mailbox of a local run: every mail as its reader sees it. Only there when no mail server is configured."""

from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.notifications.domain.delivery import MailState
from services.notifications.schemas.mails import MailsQuery, before, key
from services.notifications.storage import mails
from services.notifications.storage.tables import MailRow
from services.notifications.web.opened_mail import open_mail, safe_html
from services.notifications.web.words import KINDS
from shared.errors import NotFound
from shared.http.app import reading
from shared.http.locale import _
from shared.http.paging import next_cursor
from shared.http.security import keep_private

pages = Blueprint("mailbox", __name__, url_prefix="/notifications/mailbox")


@pages.get("/")
def listed() -> ResponseReturnValue:
    """Newest first."""
    keep_private()
    query = MailsQuery().load({name: value for name, value in request.args.items() if value and name != "lang"})
    with reading() as session:
        rows = mails.page(
            session,
            organisations=None,
            state=MailState.SENT,
            before=before(query["cursor"]),
            limit=query["limit"] + 1,
        )
    shown = rows[: query["limit"]]
    more = next_cursor(key(shown[-1])) if len(rows) > len(shown) else ""
    following = url_for("mailbox.listed", cursor=more) if more else ""
    kinds = {kind: _(name) for kind, name in KINDS.items()}
    return render_template("notifications/mailbox.html", rows=shown, next=following, kinds=kinds)


@pages.get("/<uuid:mail_id>")
def shown(mail_id: UUID) -> ResponseReturnValue:
    """One mail: page, text, calendar part, attachments, headers."""
    keep_private()
    row = _row(mail_id)
    g.policy = {"frame-src": "'self'"}
    return render_template(
        "notifications/mailbox_mail.html", row=row, mail=open_mail(row.raw), kind=_(KINDS.get(row.kind, row.kind))
    )


@pages.get("/<uuid:mail_id>/page")
def page_of(mail_id: UUID) -> ResponseReturnValue:
    """The HTML part, for a frame that can run nothing and fetch nothing."""
    keep_private()
    response = make_response(safe_html(_row(mail_id).raw))
    g.policy = {
        "style-src": "'unsafe-inline'",
        "script-src": "'none'",
        "img-src": "data:",
        "font-src": "'none'",
        "connect-src": "'none'",
        "manifest-src": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }
    return response


@pages.get("/<uuid:mail_id>.eml")
def raw(mail_id: UUID) -> ResponseReturnValue:
    """The bytes as they were sent."""
    keep_private()
    row = _row(mail_id)
    response = Response(row.raw, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.kind}-{row.id}.eml"'
    return response


def _row(mail_id: UUID) -> MailRow:
    with reading() as session:
        row = mails.find(session, mail_id)
    if row is None or row.state != MailState.SENT:
        raise NotFound
    return row
