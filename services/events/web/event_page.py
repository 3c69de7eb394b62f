"""One event, for everybody: what, when, where, for whom, and whether there is a place."""

from datetime import datetime
from functools import partial

from flask import Blueprint, Response, render_template
from sqlalchemy.orm import Session

from services.events.domain.events import DRAFT
from services.events.domain.formats import FORMATS
from services.events.storage import availability, catalogue
from services.events.storage.catalogue_state import stamp, state_at
from services.events.storage.tables import Event
from services.events.web.json_ld import json_ld
from services.events.web.kept_pages import Drawn
from services.events.web.public_pages import public_page
from services.events.web.shown import address_text, shown
from services.events.web.sign_up_words import told
from shared import policy
from shared.errors import NotFound
from shared.http.context import installed
from shared.http.identity import current_actor
from shared.http.locale import in_language

pages = Blueprint("event_page", __name__)


@pages.get("/events/<slug>")
def show_event(slug: str) -> Response:
    """Published and cancelled events for everybody, drafts for those who plan them."""
    return public_page(partial(_draw, slug))


def _draw(slug: str, session: Session, now: datetime) -> Drawn:
    state = state_at(session, now)
    event = catalogue.get_whole(session, Event.slug == slug)
    if event is None or not _is_visible(event):
        raise NotFound
    _version, places = stamp(session, [event.id])  # before the places are read: what is shown is at least as new
    facts = shown(event, availability.of_events(session, [event]), now)
    html = render_template(
        "events/event.html",
        shown=facts,
        event=event,
        format=FORMATS[event.format],
        address_text=address_text,
        reason=in_language(event.cancelled_reason),
        rules=told(event, facts.next.zone if facts.next else None),
        structured=json_ld(facts, installed().common.public_base_url),
        may_manage=_may_manage(event),
    )
    return Drawn(html=html, version=state.version, event_ids=[event.id], places=places, until=_until(event, now))


def _until(event: Event, now: datetime) -> datetime | None:
    """When the page says something else without anybody changing the event."""
    moments = [event.sign_up_opens_at, event.sign_up_closes_at, *(each.ends_at for each in event.sessions)]
    return min((each for each in moments if each is not None and each > now), default=None)


def _is_visible(event: Event) -> bool:
    is_public = event.status != DRAFT and event.published_at is not None
    return is_public or _may_manage(event)


def _may_manage(event: Event) -> bool:
    scope = policy.Scope(organisation_id=event.organisation_id, event_id=event.id)
    return policy.may(current_actor(), "see_event", scope)
