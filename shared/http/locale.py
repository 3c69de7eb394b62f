"""The reader's language: chosen by ?lang=, kept in a cookie, else what the browser asks for.

In doors:  from shared.http.locale import _, ngettext     flash(_("Saved"))
In templates `_`, `ngettext`, `locale`, `dir`, `languages`, `in_language`, `when` and the like are always there.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.local import LocalProxy

from shared import languages
from shared.http.context import installed
from shared.http.cookies import read_cookie, set_cookie
from shared.languages import Language, Localised

COOKIE = "lang"
_SPOKEN = ("text/html", "application/problem+json")
_USUAL_LENGTH = 200  # of an Accept-Language header
_ISOLATED = Markup("\u2068%s\u2069")  # FSI and PDI of Unicode's bidirectional algorithm


def current_locale() -> str:
    """The language to answer in; English outside a request."""
    if not has_request_context():
        return languages.SOURCE
    known: str | None = g.get("locale")
    if known is None:
        known = g.locale = _negotiated()
    return known


def _(message: str, /, **facts: Any) -> str:
    """The sentence in the reader's language. Facts fill %(name)s."""
    return installed().catalogues.gettext(current_locale(), message, **facts) if has_request_context() else message


def ngettext(one: str, many: str, num: int, /, **facts: Any) -> str:
    """The sentence for this number in the reader's language; %(num)s is the number."""
    return installed().catalogues.ngettext(current_locale(), one, many, num, **facts)


def current_direction() -> str:
    """ltr or rtl, of the page."""
    return languages.direction(current_locale())


def in_language(texts: Mapping[str, str], locale: str | None = None) -> Localised:
    """A text of an event in the reader's language or the next best one."""
    return languages.in_language(texts, locale or current_locale())


def choices() -> list[Language]:
    """The languages the reader may switch to."""
    return installed().catalogues.languages


def when(starts_at: datetime, ends_at: datetime, zone: str | None = None) -> str:
    """From when to when in the zone, in the reader's language."""
    return languages.when(starts_at, ends_at, zone or _zone(), current_locale())


def format_date(day: date | datetime, zone: str | None = None, width: languages.Width = "full") -> str:
    """A day in the reader's language."""
    return languages.format_date(day, zone or _zone(), current_locale(), width)


def format_time(moment: datetime, zone: str | None = None) -> str:
    """A time of day in the reader's language."""
    return languages.format_time(moment, zone or _zone(), current_locale())


def format_datetime(moment: datetime, zone: str | None = None, width: languages.Width = "full") -> str:
    """Day and time of day in the reader's language."""
    return languages.format_datetime(moment, zone or _zone(), current_locale(), width)


def format_number(number: float) -> str:
    """A number in the reader's language."""
    return languages.format_number(number, current_locale())


def language_name(code: str) -> str:
    """What a language is called in the reader's language."""
    return languages.language_name(code, current_locale())


def country_name(code: str) -> str:
    """What a country is called in the reader's language."""
    return languages.country_name(code, current_locale())


def zone_name(zone: str) -> str:
    """What a time zone is called in the reader's language."""
    return languages.zone_name(zone, current_locale())


def zone_town(zone: str) -> str:
    """The town that a time zone is named after, in the reader's language."""
    return languages.zone_town(zone, current_locale())


def enumeration(items: Sequence[str], style: str = "standard") -> str:
    """Items as a list in a sentence of the reader's language; style "or" for a choice."""
    return languages.enumeration([str(item) for item in items], current_locale(), style)


def install(app: Flask) -> None:
    """Teach the templates to speak and remember the reader's choice."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_raw_gettext, _raw_ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(
        _=_sentence,
        gettext=_sentence,
        locale=LocalProxy(current_locale),
        dir=LocalProxy(current_direction),
        languages=LocalProxy(choices),
        in_language=in_language,
        when=when,
        format_date=format_date,
        format_time=format_time,
        format_datetime=format_datetime,
        format_number=format_number,
        language_name=language_name,
        country_name=country_name,
        zone_name=zone_name,
        enumeration=enumeration,
        direction=languages.direction,
    )
    app.after_request(_remember)


@pass_eval_context
def _sentence(template: EvalContext, message: str, /, **facts: Any) -> str:
    """As Jinja's newstyle gettext; what has no facts to be filled in is looked up and marked as safe once.

    On a page from right to left, a Latin name stands by itself, or the full stop of "e. V." would come before it.
    """
    if template.autoescape and not facts:
        return _marked(installed().catalogues, current_locale(), message)
    found = _raw_gettext(message)
    if not template.autoescape:
        return found % facts
    if current_direction() == "rtl":
        facts = {name: _ISOLATED % value if isinstance(value, str) else value for name, value in facts.items()}
    return Markup(found) % facts  # noqa: S704 - facts are escaped


@lru_cache(maxsize=5000)
def _marked(catalogues: languages.Catalogues, locale: str, message: str) -> Markup:
    return Markup(catalogues.gettext(locale, message) % {})  # noqa: S704 - our own sentence, no facts in it


def _raw_gettext(message: str) -> str:
    return installed().catalogues.gettext(current_locale(), message)


def _raw_ngettext(one: str, many: str, number: int) -> str:
    return installed().catalogues.pattern(current_locale(), one, many, number)


def _negotiated() -> str:
    parts = installed()
    available, default = parts.catalogues.available, parts.common.default_locale
    wanted = request.args.get("lang", "") if request.query_string else ""
    if wanted not in available:
        wanted = read_cookie(COOKIE) or ""
    accepted = request.headers.get("Accept-Language", "")
    fallback = default if default in available else languages.SOURCE
    negotiate = _negotiate if len(accepted) <= _USUAL_LENGTH else _negotiate.__wrapped__
    return negotiate(wanted if wanted in available else "", accepted, available, fallback)


@lru_cache(maxsize=1000)
def _negotiate(wanted: str, accepted: str, available: tuple[str, ...], fallback: str) -> str:
    """Remembered: browsers send few different headers, and send them with every request."""
    tags = parse_accept_header(accepted, LanguageAccept).values()
    return languages.negotiate(wanted, [tag for tag in tags if tag != "*"], available, fallback)


def _remember(response: Response) -> Response:
    chosen = request.args.get("lang") if request.query_string else None
    if chosen and chosen in installed().catalogues.available and chosen != read_cookie(COOKIE):
        set_cookie(response, COOKIE, chosen, lifetime=timedelta(days=365))
    if (response.headers.get("Content-Type") or "").startswith(_SPOKEN):
        response.headers.setdefault("Content-Language", current_locale())
    return response


def _zone() -> str:
    return installed().common.default_zone
