"""Who did what with an event's registrations: read, filtered, taken along as a file."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from services.registration.domain.export import harmless
from services.registration.schemas.notes import log_before, log_key
from services.registration.storage import audit, registrations
from services.registration.storage.audit import LogFilter
from services.registration.storage.tables import AuditEntry
from services.registration.web import attendance_files, words
from services.registration.web.batch_words import OFFERED
from services.registration.web.history_view import action_text, who_text
from services.registration.web.manage_view import context, event_of, read_query
from services.registration.web.personal import personal
from shared.http.app import reading
from shared.http.fields import Choice, Id
from shared.http.locale import _
from shared.http.paging import PageWish, next_cursor

pages = Blueprint("audit_log", __name__, url_prefix="/registration/manage")
_MOST_IN_A_FILE = 50_000
_SANE = validate.Range(date(2000, 1, 1), date(2200, 1, 1))


class _Query(PageWish):
    """The page's filters; days are those of the event's zone."""

    action = Choice(*words.ACTIONS, load_default=None)
    actor = Id(load_default=None)
    first = fields.Date(load_default=None, validate=_SANE)
    last = fields.Date(load_default=None, validate=_SANE)


@pages.get("/<string:slug>/log")
@personal
def show(slug: str) -> ResponseReturnValue:
    """Newest first."""
    query = read_query(_Query)
    with reading() as session:
        event = event_of(session, slug)
        facts = context(session, event)
        limit = query["limit"]
        rows = audit.of_event(
            session,
            event.id,
            _filter(query, facts["zone"]),
            limit=limit + 1,
            before=log_before(query["cursor"]),
        )
        shown = rows[:limit]
        more = next_cursor(log_key(shown[-1])) if len(rows) > limit else ""
        return render_template(
            "registration/log.html",
            rows=_told(session, shown, audit.actors_of(session, event.id)),
            query=query,
            actors=[(key, name or _("A former colleague")) for key, name in audit.actors_of(session, event.id).items()],
            actions=[(name, _(label)) for name, label in words.ACTIONS.items()],
            next=_address(slug, "log", cursor=more) if more else "",
            file=_address(slug, "log.csv"),
            **facts,
        )


@pages.get("/<string:slug>/log.csv")
@personal
def export(slug: str) -> ResponseReturnValue:
    """The same as a file."""
    query = read_query(_Query)
    with reading() as session:
        event = event_of(session, slug)
        zone = context(session, event)["zone"]
        entries = audit.of_event(session, event.id, _filter(query, zone), limit=_MOST_IN_A_FILE)
        rows = _told(session, entries, audit.actors_of(session, event.id))
    body = io.StringIO(newline="")
    writer = csv.writer(body, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_("When"), _("Who"), _("What"), _("Whom it concerns"), _("Details")])
    for row in rows:
        cells = (row["at"].astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S"), row["who"], row["what"])
        writer.writerow([harmless(each) for each in (*cells, row["name"], row["details"])])
    response = Response(body.getvalue().encode("utf-8-sig"), content_type=attendance_files.CSV)
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-log.csv"'
    return response


def _filter(query: dict[str, Any], zone: str) -> LogFilter:
    def day(name: str, later: int) -> datetime | None:
        chosen = query[name]
        if chosen is None:
            return None
        return datetime.combine(chosen, datetime.min.time(), ZoneInfo(zone)) + timedelta(days=later)

    return LogFilter(action=query["action"], actor_id=query["actor"], since=day("first", 0), until=day("last", 1))


def _told(session: Session, rows: Sequence[AuditEntry], names: dict[UUID, str]) -> list[dict[str, Any]]:
    people = registrations.names(session, {each.object_id for each in rows})
    return [
        {
            "at": each.at,
            "who": who_text(each, names),
            "what": action_text(each.action),
            "object_id": each.object_id if each.object_id in people else None,
            "name": people.get(each.object_id, ""),
            "details": _details(each.facts),
        }
        for each in rows
    ]


def _details(facts: dict[str, Any]) -> str:
    """What a reader can use of an entry's facts, in words; the API has all of them."""
    said = []
    label = OFFERED.get(str(facts.get("what", "")))
    if label:
        said.append(_(label))
    if facts.get("number"):
        said.append(_("Number: %(number)s", number=facts["number"]))
    if facts.get("form"):
        said.append(_("File: %(form)s", form=str(facts["form"]).upper()))
    if facts.get("holds_place"):
        said.append(_("A place is kept"))
    return " · ".join([*said, *_moved(facts)])


def _moved(facts: dict[str, Any]) -> list[str]:
    said = []
    if facts.get("position") and facts.get("was"):
        said.append(_("From position %(was)s to %(position)s", was=facts["was"], position=facts["position"]))
    if facts.get("reason"):
        said.append(_("Reason: %(reason)s", reason=facts["reason"]))
    return said


def _address(slug: str, place: str, **more: str) -> str:
    kept = {name: value for name, value in request.args.items() if value and name not in {"cursor", "lang"}}
    return f"/registration/manage/{slug}/{place}?{urlencode({**kept, **more})}"
