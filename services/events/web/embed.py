"""An event's card on other web sites: no frame, no cookie, nothing that follows the reader."""

from pathlib import Path

from flask import Blueprint, Response, jsonify, request, send_file

from services.events.domain.events import DRAFT
from services.events.storage import availability, catalogue
from services.events.storage.tables import Event
from services.events.web.shown import ShownEvent, shown
from shared import clock
from shared.errors import NotFound
from shared.http.app import reading
from shared.http.context import installed
from shared.http.locale import _, current_direction, current_locale, ngettext, when
from shared.http.security import allow

pages = Blueprint("embed", __name__)
SCRIPT = Path(__file__).parent / "static" / "embed.js"
_MINUTES = 5


@pages.get("/events/embed.js")
def script() -> Response:
    """The script that the snippet names."""
    allow(everywhere=True)
    answer = send_file(SCRIPT, mimetype="text/javascript", max_age=60 * _MINUTES, etag=True)
    answer.headers["Cache-Control"] = f"public, max-age={60 * _MINUTES}"
    return answer


@pages.get("/events/embed/<slug>.json")
def card(slug: str) -> Response:
    """What the card says, in the language of the reader's browser."""
    allow(everywhere=True)
    with reading() as session:
        event = catalogue.get_whole(session, Event.slug == slug)
        if event is None or event.status == DRAFT:
            raise NotFound
        facts = shown(event, availability.of_events(session, [event]), clock.now())
        answer = jsonify(_card(facts))
    answer.headers["Cache-Control"] = "public, max-age=30"
    answer.vary.add("Accept-Language")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _card(facts: ShownEvent) -> dict[str, object]:
    event, base = facts.event, installed().common.public_base_url
    return {
        "language": current_locale(),
        "direction": current_direction(),
        "title": {"text": facts.title.text, "language": facts.title.language},
        "when": when(facts.next.starts_at, facts.next.ends_at, facts.next.zone) if facts.next else facts.when_text,
        "place": facts.place,
        "places": _places(facts),
        "url": f"{base}/events/{event.slug}",
        "sign_up_url": f"{base}{facts.sign_up_url}" if facts.takes_sign_ups else "",
        "sign_up": _("Sign up"),
    }


def _places(facts: ShownEvent) -> str:
    if facts.status_name:
        return _("This event has been cancelled")
    if facts.is_over:
        return _("This event is over.")
    if facts.free:
        return ngettext("%(num)s place free", "%(num)s places free", facts.free)
    return _("Waiting list")
