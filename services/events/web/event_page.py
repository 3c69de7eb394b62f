"""One event, for everybody: what, when, where, for whom, and whether there is a place."""

from flask import Blueprint, Response, make_response, render_template, request

from services.events.domain.events import DRAFT
from services.events.domain.formats import FORMATS
from services.events.storage import availability, catalogue
from services.events.storage.tables import Event
from services.events.web.json_ld import json_ld
from services.events.web.shown import address_text, shown
from shared import clock, policy
from shared.errors import NotFound
from shared.http.app import reading
from shared.http.context import installed
from shared.http.identity import current_actor
from shared.http.locale import in_language

pages = Blueprint("event_page", __name__)


@pages.get("/events/<slug>")
def show_event(slug: str) -> Response:
    """Published and cancelled events for everybody, drafts for those who plan them."""
    with reading() as session:
        event = catalogue.get_whole(session, Event.slug == slug)
        if event is None or not _is_visible(event):
            raise NotFound
        places = availability.of_events(session, [event])
        facts = shown(event, places, clock.now())
        html = render_template(
            "events/event.html",
            shown=facts,
            event=event,
            format=FORMATS[event.format],
            address_text=address_text,
            reason=in_language(event.cancelled_reason),
            structured=json_ld(facts, installed().common.public_base_url),
            may_manage=_may_manage(event),
        )
    response = make_response(html)
    response.add_etag()
    response.make_conditional(request)
    return response


def _is_visible(event: Event) -> bool:
    is_public = event.status != DRAFT and event.published_at is not None
    return is_public or _may_manage(event)


def _may_manage(event: Event) -> bool:
    scope = policy.Scope(organisation_id=event.organisation_id, event_id=event.id)
    return policy.may(current_actor(), "see_event", scope)
