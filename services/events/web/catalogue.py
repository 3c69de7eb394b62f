"""The catalogue: what is on, and for whom there is still a place."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from services.events.domain.formats import FORMATS
from services.events.schemas.searches import CatalogueWish, search_of
from services.events.storage import catalogue
from services.events.storage.catalogue_state import stamp, state_at
from services.events.web.catalogue_totals import totals
from services.events.web.kept_pages import Drawn
from services.events.web.public_pages import public_page
from services.events.web.shown import shown_all
from shared.http.forms import Form
from shared.http.locale import _, language_name
from shared.http.wording import flat

pages = Blueprint("catalogue", __name__)
PER_PAGE = 24
_FILTERS = ("format", "city", "language", "from", "to", "free", "text")


@pages.get("/events/")
def show_catalogue() -> Response:
    """Everything that is on and fits the filters; unsound filters are named and left out."""
    return public_page(_draw)


def _draw(session: Session, now: datetime) -> Drawn:
    wish, form = _asked()
    state = state_at(session, now)
    search = search_of(wish, upcoming_at=None if wish["first_day"] or wish["last_day"] else now)
    found = catalogue.find_cards(session, search, limit=PER_PAGE + 1, offset=(wish["page"] - 1) * PER_PAGE)
    events = found[:PER_PAGE]
    event_ids = None if search.free else [each.id for each in events]
    _version, places = stamp(session, event_ids)  # before the places are read: what is shown is at least as new
    known = totals(session, search, state, now, places=places)
    html = render_template(
        "events/catalogue.html",
        form=form,
        events=shown_all(session, events, now),
        count=known.count,
        city_options=[(each, each) for each in known.cities],
        spoken=_named(known.languages),
        format_options=[(each.key, _(each.name)) for each in FORMATS.values()],
        active=sum(bool(form.value(name)) for name in _FILTERS),
        previous=_page(wish["page"] - 1) if wish["page"] > 1 else "",
        next=_page(wish["page"] + 1) if len(found) > PER_PAGE else "",
    )
    return Drawn(
        html=html,
        status=422 if form.has_errors() else 200,
        version=state.version,
        event_ids=event_ids,
        places=places,
        until=state.until,
    )


def _asked() -> tuple[dict[str, Any], Form]:
    values = {name: text for name, text in request.args.items() if text.strip()}
    try:
        return CatalogueWish().load(values), Form(values)
    except ValidationError as fault:
        faults: dict[str, Any] = fault.messages_dict
        sound = {name: text for name, text in values.items() if name not in faults}
        return CatalogueWish().load(sound), Form(values, flat(faults))


def _named(languages: list[str]) -> list[tuple[str, str]]:
    return sorted(((each, language_name(each)) for each in languages), key=lambda pair: pair[1].casefold())


def _page(number: int) -> str:
    kept = [(name, text) for name, text in request.args.items() if name != "page" and text]
    return f"/events/?{urlencode([*kept, ('page', number)])}"
