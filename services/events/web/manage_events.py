"""The organiser's view of her events: the lists, and each event's home."""

import io
from uuid import UUID

import qrcode
from flask import Blueprint, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from qrcode.image.svg import SvgPathImage
from sqlalchemy.orm import Session

from services.events.domain import event_rules
from services.events.domain.formats import FORMATS
from services.events.storage import availability, event_rows, managed_events, offers
from services.events.storage.tables import Event
from services.events.use_cases.publish_event import publish_event
from services.events.web import manage_choices
from services.events.web.counts import counting
from services.events.web.manage_access import organiser, own_event
from services.events.web.moves import base_url, see_other
from services.events.web.shown import ShownEvent, address_text, shown, shown_all
from services.events.web.sign_up_words import told
from shared import clock
from shared.errors import Rejection
from shared.http.app import reading, transaction
from shared.http.identity import current_actor
from shared.http.locale import _, format_datetime
from shared.http.problems import sentence, status_of
from shared.http.security import keep_private

pages = Blueprint("manage_events", __name__, url_prefix="/events/manage/events")
pages.before_request(keep_private)

_PER_PAGE = 50


@pages.get("")
def show_all() -> str:
    """One list at a time: coming, drafts, past, cancelled."""
    _actor, hers = organiser()
    kind = request.args.get("list", "coming")
    kind = kind if kind in managed_events.LISTS else "coming"
    number = request.args.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 5 else 1
    now = clock.now()
    with reading() as session:
        offset = (max(page, 1) - 1) * _PER_PAGE
        found = managed_events.listed(session, hers, kind, now=now, limit=_PER_PAGE + 1, offset=offset)
        return render_template(
            "events/manage/events.html",
            events=shown_all(session, found[:_PER_PAGE], now),
            counts=counting(session, found),
            kind=kind,
            page=page,
            has_more=len(found) > _PER_PAGE,
        )


@pages.get("/<uuid:event_id>")
def show(event_id: UUID) -> str:
    """Where the event stands, what it lacks, and what can be done."""
    with reading() as session:
        return _home(session, own_event(session, event_id))


@pages.post("/<uuid:event_id>/publish")
def publish(event_id: UUID) -> ResponseReturnValue:
    """Into the catalogue."""
    try:
        with transaction() as session:
            event = own_event(session, event_id, "publish_event")
            publish_event(event, base_url=base_url(), session=session, now=clock.now(), by=current_actor())
            said = _published(_facts(session, event))
    except Rejection as rejection:
        if rejection.kind not in {"conflict", "invalid"}:
            raise
        with reading() as session:
            return _home(session, own_event(session, event_id), refused=rejection), status_of(rejection)
    flash(said, "success")
    return see_other(f"/events/manage/events/{event_id}")


@pages.get("/<uuid:event_id>/sign-up.svg")
def picture(event_id: UUID) -> Response:
    """The sign-up link as a QR code, for posters and slides."""
    with reading() as session:
        event = own_event(session, event_id)
    code = qrcode.QRCode(border=4, box_size=10)
    code.add_data(sign_up_url(event))
    drawn = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(drawn)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def sign_up_url(event: Event) -> str:
    """Where people sign up, for paper and slides."""
    return f"{base_url()}/registration/{event.slug}/sign-up"


def _home(session: Session, event: Event, refused: Rejection | None = None) -> str:
    facts, missing = _facts(session, event), _missing(event)
    offer = offers.find_by_event(session, event.id)
    return render_template(
        "events/manage/event.html",
        event=event,
        shown=facts,
        rules=[] if missing else told(event, _zone(facts)),
        zone=_zone(facts),
        format=FORMATS[event.format],
        missing=missing,
        count=counting(session, [event])(event),
        sign_up_url=sign_up_url(event),
        address_text=address_text,
        offer=offer,
        kinds=dict(manage_choices.kinds()),
        refused=(_(refused.title), sentence(refused)) if refused else None,
    )


def _facts(session: Session, event: Event) -> ShownEvent:
    return shown(event, availability.of_events(session, [event]), clock.now())


def _zone(facts: ShownEvent) -> str | None:
    return facts.next.zone if facts.next else None


def _published(facts: ShownEvent) -> str:
    opens = facts.event.sign_up_opens_at
    if facts.takes_sign_ups:
        return _("Published. Sign-up is open.")
    if opens and opens > facts.now:
        return _("Published. Sign-up opens on %(moment)s.", moment=format_datetime(opens, _zone(facts)))
    return _("Published. Sign-up is closed.")


def _missing(event: Event) -> list[str]:
    lacking = event_rules.missing_facts(event_rows.wish_of(event)) if event.status == "draft" else []
    return [_(event_rules.MISSING[each]) for each in lacking]
