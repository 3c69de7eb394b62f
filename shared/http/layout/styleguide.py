"""The living style guide: every part of the layout on a few pages, for tests and local runs only.

app.register_blueprint(styleguide("/events"))        # -> /events/styleguide/
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, flash, make_response, render_template

from shared.http.forms import Form
from shared.languages import Localised

PAGES = ("parts", "catalogue", "event", "form", "attendance")
FORMATS = (
    "company_tour",
    "career_walk",
    "labour_market_talk",
    "application_workshop",
    "career_workshop",
    "consultation_hour",
    "training_series",
    "mentoring_programme",
    "conference",
    "fair",
)
_TITLES = {
    "company_tour": {
        "de": "Betriebserkundung: Präzision aus Neukölln",
        "en": "Company tour: precision from Neukölln",
        "ar": "زيارة مصنع: دقّة من نويكولن",
    },
    "career_walk": {"de": "Career-Walk auf der Jobmesse Berlin", "ar": "جولة مهنية في معرض الوظائف ببرلين"},
    "labour_market_talk": {"de": "Arbeitsmarktgespräch: Anerkennung ausländischer Berufsqualifikationen beschleunigen"},
    "application_workshop": {"en": "Application workshop for engineers", "ar": "ورشة كتابة طلبات التوظيف للمهندسين"},
}
_PLACES = ("Feinwerk Neukölln GmbH, Werk 2", "Messe Berlin, Halle 5.2", "Jobcenter Mitte", "Online")


class Session(NamedTuple):
    """What templates need to know of a session."""

    starts_at: datetime
    ends_at: datetime
    zone: str = "Europe/Berlin"


def styleguide(prefix: str) -> Blueprint:
    """The pages under <prefix>/styleguide/."""
    blueprint = Blueprint("styleguide", __name__, url_prefix=f"{prefix}/styleguide")

    @blueprint.get("/")
    @blueprint.get("/<page>")
    def show(page: str = "parts") -> Response:
        if page not in PAGES:
            abort(404)
        if page == "parts":
            flash("Your change is saved.", "success")
        return make_response(render_template(_template(page), **_sample()))

    @blueprint.get("/qr.svg")
    def qr() -> Response:
        return Response(_chequered(), mimetype="image/svg+xml")

    return blueprint


def _template(page: str) -> str:
    return "layout/styleguide.html" if page == "parts" else f"layout/styleguide_{page}.html"


def _sample() -> dict[str, Any]:
    return {
        "formats": FORMATS,
        "events": [_event(number, format_) for number, format_ in enumerate(FORMATS)],
        "session": _session(0),
        "form": Form({"language": "ar", "people": "8", "topics": ["training"], "privacy": "true"}),
        "faulty": Form(
            {"email": "lena@", "language": "de"},
            {
                "email": ["This is not a valid e-mail address."],
                "day": ["Please fill this in."],
                "form": ["Places ran out."],
            },
        ),
        "people": _people(),
    }


def _event(number: int, format_: str) -> dict[str, Any]:
    titles = _TITLES.get(format_, {"en": format_.replace("_", " ").capitalize() + " with a title of usual length"})
    return {
        "format": format_,
        "slug": f"{format_}-{number}",
        "title": {language: Localised(text, language) for language, text in titles.items()},
        "session": _session(number),
        "place": _PLACES[number % len(_PLACES)],
        "host": "Feinwerk Neukölln GmbH" if format_ == "company_tour" else "",
        "free": (4, 0, 11, 1)[number % 4],
        "capacity": (10, 12, 24, 8)[number % 4],
    }


def _session(number: int) -> Session:
    start = datetime(2026, 12, 3, 13, tzinfo=UTC) + timedelta(days=number * 9)
    return Session(start, start + timedelta(hours=2, minutes=30))


def _people() -> list[dict[str, Any]]:
    names = ("Olena Kovalenko", "محمد الأحمد", "Nguyễn Thị Minh Khai", "Sofía Hernández-Müller", "Wolfgang Kühn")
    states = ("confirmed", "waiting", "pending", "confirmed", "cancelled")
    return [
        {"name": name, "status": status, "language": language, "number": number}
        for number, (name, status, language) in enumerate(
            zip(names, states, ("uk", "ar", "vi", "es", "de"), strict=True), 1
        )
    ]


def _chequered() -> str:
    """A picture that looks like a QR code and is none."""
    dark = [(x, y) for x in range(29) for y in range(29) if (x * 7 + y * 13 + x * y) % 5 < 2]
    squares = "".join(f'<path d="M{x} {y}h1v1h-1z"/>' for x, y in dark)
    corners = "".join(_corner(x, y) for x, y in ((0, 0), (22, 0), (0, 22)))
    ground = '<path fill="#fff" d="M-2-2h33v33h-33z"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 33 33">{ground}{squares}{corners}</svg>'


def _corner(x: int, y: int) -> str:
    ring = f'<path fill-rule="evenodd" d="M{x} {y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z"/>'
    return f'<path fill="#fff" d="M{x - 1} {y - 1}h9v9h-9z"/>{ring}'
