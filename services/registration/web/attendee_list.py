"""The organiser's list of attendees: search, filters, columns, order, pages, and files of what is shown."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.selection import MOST_SELECTED, Order
from services.registration.schemas.attendee_list import QUESTION, USUAL, ListQuery
from services.registration.schemas.registrations import after, key, selection
from services.registration.storage import attendee_list, events
from services.registration.storage.tables import Event
from services.registration.use_cases.export_attendees import export_attendees
from services.registration.web import answer_view, attendee_columns, attendee_export, manage_view, words
from services.registration.web.batch_words import OFFERED
from services.registration.web.personal import personal
from services.registration.web.question_words import answers_named
from services.registration.web.standing import standing
from shared import clock
from shared.errors import NotFound
from shared.http.app import reading, transaction
from shared.http.cookies import read_cookie, set_cookie
from shared.http.identity import require_signed_in
from shared.http.locale import _
from shared.http.paging import next_cursor

pages = Blueprint("attendee_list", __name__, url_prefix="/registration/manage")
_COOKIE = "attendee_columns"
_MOST_KEPT = 60  # columns; some kilobytes of cookie
_NOT_KEPT = {"cursor", "select", "lang"}


@pages.get("/<string:slug>/")
@pages.get("/<string:slug>/attendees")
@personal
def show(slug: str) -> ResponseReturnValue:
    """Everybody who matches, a page at a time."""
    query = manage_view.read_query(ListQuery)
    order = Order(query["sort"])
    start = after(query["cursor"], order)
    with reading() as session:
        event = manage_view.event_of(session, slug)
        questions = answer_view.open_questions(session, event)
        labels = attendee_columns.labels(questions)
        columns, wanted = _columns(query, labels), selection(query)
        rows = attendee_list.listed(session, event.id, wanted, limit=query["limit"] + 1, order=order, after=start)
        shown = rows[: query["limit"]]
        more = next_cursor(key(shown[-1], order)) if len(rows) > len(shown) else None
        facts = {
            **manage_view.context(session, event),
            "lines": attendee_columns.lines(session, event, shown, columns, now=clock.now()),
            "matching": _matching(session, event, query, shown),
            "query": query,
            "columns": columns,
            "labels": labels,
            "told_answers": answers_named(questions),
            "next": _address(slug, cursor=more) if more else "",
            **_words(slug, words.statuses(events.snapshot(event).sign_up.selection)),
        }
    return _remembering(make_response(render_template("registration/manage.html", **facts)), query, labels)


@pages.get("/<string:slug>/attendees.<string:form>")
@personal
def export(slug: str, form: str) -> ResponseReturnValue:
    """What the list shows, all pages of it, as a file."""
    if form not in attendee_export.FORMS:
        raise NotFound
    query = manage_view.read_query(ListQuery)
    wanted, actor, order = selection(query), require_signed_in(), Order(query["sort"])
    with transaction() as session:
        event = events.get_by_slug(session, slug)
        labels = attendee_columns.labels(answer_view.open_questions(session, event))
        columns = _columns(query, labels)
        export_attendees(event, wanted, form=form, columns=columns, actor=actor, session=session, now=clock.now())
        told = events.snapshot(event)
    heads = {each: labels[each] for each in columns}
    return attendee_export.attendee_file(told, wanted, form=form, columns=heads, order=order)


def _columns(query: dict[str, Any], offered: Iterable[str]) -> list[str]:
    """Those asked for, else those chosen last time, else the usual ones; always in the order of those offered."""
    asked = query["columns"]
    if asked is None:
        kept = read_cookie(_COOKIE)
        asked = USUAL if kept is None else kept.split(".")
    return [each for each in offered if each in asked]


def _remembering(response: Response, query: dict[str, Any], offered: Collection[str]) -> Response:
    """Keep the choice, and of other events the questions that were chosen there last."""
    if query["columns"] is not None:
        chosen = [each for each in query["columns"] if each in offered]
        before = (read_cookie(_COOKIE) or "").split(".")
        elsewhere = [each for each in before if each.startswith(QUESTION) and each not in offered]
        set_cookie(response, _COOKIE, ".".join((chosen + elsewhere)[:_MOST_KEPT]), lifetime=timedelta(days=180))
    return response


def _matching(session: Session, event: Event, query: dict[str, Any], shown: Any) -> int:
    """How many the filters leave; one more than MOST_SELECTED stands for "more"."""
    if query["cursor"] is None and len(shown) < query["limit"]:
        return len(shown)
    return attendee_list.count(session, event.id, selection(query), most=MOST_SELECTED)


def _address(slug: str, **changes: str | None) -> str:
    """This page's address with other parameters; None leaves one out."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in _NOT_KEPT | changes.keys()]
    asked = [*((name, value) for name, value in kept if value), *((k, v) for k, v in changes.items() if v)]
    return f"/registration/manage/{slug}/attendees?{urlencode(asked)}"


def _words(slug: str, statuses: dict[str, str]) -> dict[str, Any]:
    args = [(name, value) for name, value in request.args.items(multi=True) if value and name not in _NOT_KEPT]
    return {
        "cell": attendee_columns.cell,
        "standing": standing,
        "earlier_words": attendee_columns.earlier_words,
        "status_names": {name: _(label) for name, label in statuses.items()},
        "source_names": {name: _(label) for name, label in words.SOURCES.items()},
        "consent_names": {name: _(label) for name, label in words.CONSENTS.items()},
        "orders": [(name, _(label)) for name, label in words.ORDERS.items()],
        "offered": [(name, _(label)) for name, label in OFFERED.items()],
        "most": MOST_SELECTED,
        "filter_text": urlencode(args),
        "meant": urlencode([(name, value) for name, value in args if name != "columns"]),
        "select_page": _address(slug, select="page", cursor=request.args.get("cursor")),
        "files": {
            form: f"/registration/manage/{slug}/attendees.{form}?{urlencode(args)}" for form in attendee_export.FORMS
        },
    }
