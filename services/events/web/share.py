"""Bringing an event to people: its sign-up link, a poster, and a snippet for the organisation's own web site."""

from uuid import UUID

from flask import Blueprint, Response, render_template, request
from markupsafe import escape
from sqlalchemy.orm import Session

from services.events.domain.events import PUBLISHED
from services.events.domain.formats import FORMATS
from services.events.storage import availability
from services.events.storage.tables import Event
from services.events.web.manage_access import own_event
from services.events.web.manage_events import sign_up_url
from services.events.web.moves import base_url
from services.events.web.poster import Poster, drawn
from services.events.web.shown import ShownEvent, address_text, shown
from shared import clock
from shared.errors import NotFound
from shared.http.app import reading
from shared.http.locale import _, current_direction, in_language, when
from shared.http.security import keep_private

pages = Blueprint("share", __name__, url_prefix="/events/manage/events/<uuid:event_id>")
pages.before_request(keep_private)


@pages.get("/share")
def show(event_id: UUID) -> str:
    """All ways to bring it to people."""
    with reading() as session:
        facts = _published(session, event_id)
        return render_template(
            "events/manage/share.html",
            event=facts.event,
            shown=facts,
            sign_up_url=sign_up_url(facts.event),
            snippet=snippet(facts.event),
        )


@pages.get("/poster.pdf")
def poster(event_id: UUID) -> Response:
    """A page for the notice board, in the language the reader works in."""
    with reading() as session:
        facts = _published(session, event_id)
        answer = Response(drawn(_poster(facts)), mimetype="application/pdf")
    kind = "attachment" if "download" in request.args else "inline"
    answer.headers["Content-Disposition"] = f'{kind}; filename="{facts.event.slug}.pdf"'
    return answer


def snippet(event: Event) -> str:
    """HTML to paste: a link for everybody, which a script of ours turns into a card with the free places."""
    title = in_language(event.title)
    return (
        f'<script type="module" src="{base_url()}/events/embed.js"></script>\n'
        f'<werktor-event slug="{event.slug}">'
        f'<a href="{escape(base_url())}/events/{event.slug}" lang="{title.language}">{escape(title.text)}</a>'
        "</werktor-event>"
    )


def _published(session: Session, event_id: UUID) -> ShownEvent:
    event = own_event(session, event_id)
    if event.status != PUBLISHED:
        raise NotFound
    return shown(event, availability.of_events(session, [event]), clock.now())


def _poster(facts: ShownEvent) -> Poster:
    event = facts.event
    return Poster(
        overline=_(FORMATS[event.format].name),
        title=facts.title.text,
        summary=in_language(event.summary).text,
        facts=list(_lines(facts)),
        call=_("Scan the code and sign up, free of charge"),
        link=sign_up_url(event),
        footer=event.organisation.name,
        is_rtl=current_direction() == "rtl",
    )


def _lines(facts: ShownEvent) -> list[tuple[str, str]]:
    lines = []
    if facts.next:
        first = facts.when_text or when(facts.next.starts_at, facts.next.ends_at, facts.next.zone)
        place = address_text(facts.next) if facts.next.place else _("Online")
        lines = [(_("When"), first), (_("Where"), place)]
    if facts.event.company:
        lines.append((_("Host"), facts.event.company.name))
    if facts.languages:
        lines.append((_("Languages"), ", ".join(facts.languages)))
    return lines
