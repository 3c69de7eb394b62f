"""The catalogue: what is on, and for whom there is still a place."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from marshmallow import ValidationError

from services.events.domain.formats import FORMATS
from services.events.schemas.searches import CatalogueWish, search_of
from services.events.storage import catalogue
from services.events.web.shown import shown_all
from shared import clock
from shared.http.app import reading
from shared.http.forms import Form
from shared.http.locale import _, language_name
from shared.http.wording import flat

pages = Blueprint("catalogue", __name__)
PER_PAGE = 24
_FILTERS = ("format", "city", "language", "from", "to", "free", "text")


@pages.get("/events/")
def show_catalogue() -> Response:
    """Everything that is on and fits the filters; unsound filters are named and left out."""
    wish, form = _asked()
    now = clock.now()
    search = search_of(wish, upcoming_at=None if wish["first_day"] or wish["last_day"] else now)
    with reading() as session:
        found = catalogue.find(session, search, limit=PER_PAGE + 1, offset=(wish["page"] - 1) * PER_PAGE)
        facts: dict[str, Any] = {
            "events": shown_all(session, found[:PER_PAGE], now),
            "count": catalogue.count(session, search),
            "city_options": [(each, each) for each in catalogue.cities(session, now)],
            "spoken": _named(catalogue.languages(session, now)),
        }
    html = render_template(
        "events/catalogue.html",
        form=form,
        format_options=[(each.key, _(each.name)) for each in FORMATS.values()],
        active=sum(bool(form.value(name)) for name in _FILTERS),
        previous=_page(wish["page"] - 1) if wish["page"] > 1 else "",
        next=_page(wish["page"] + 1) if len(found) > PER_PAGE else "",
        **facts,
    )
    return _unless_known(make_response(html, 422 if form.has_errors() else 200))


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


def _unless_known(response: Response) -> Response:
    """304 for a reader who has this page already."""
    response.add_etag()
    response.make_conditional(request)
    return response
