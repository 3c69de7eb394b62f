"""Planning an event of any format, and changing it."""

import dataclasses
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from services.events.domain.events import PUBLISHED, EventWish
from services.events.domain.formats import FORMATS, Format
from services.events.schemas.event_forms import EventFormSchema, as_asked, event_values, wished_event
from services.events.storage import companies, event_rows, managed_events
from services.events.storage.tables import Event
from services.events.use_cases.change_event import change_event
from services.events.use_cases.choose_host import choose_host
from services.events.use_cases.create_event import create_event
from services.events.web import manage_choices, manage_rows
from services.events.web.manage_access import organiser, own_event
from services.events.web.moves import base_url, see_other
from shared import clock
from shared.errors import InvalidInput, NotPermitted, Rejection
from shared.http.app import reading, transaction
from shared.http.context import installed
from shared.http.forms import Form, read_form
from shared.http.identity import current_actor
from shared.http.locale import _
from shared.http.problems import sentence, status_of
from shared.http.security import keep_private
from shared.policy import Scope, ensure

pages = Blueprint("manage_event_form", __name__, url_prefix="/events/manage")
pages.before_request(keep_private)


@pages.get("/new")
def choose() -> str:
    """Which format shall it be?"""
    organiser("create_event")
    return render_template("events/manage/formats.html", formats=list(FORMATS.values()))


@pages.get("/new/<key>")
def ask(key: str) -> str:
    """An empty event of the format, with its usual quotas."""
    _actor, hers = organiser("create_event")
    format_ = _format(key)
    form = Form({**event_values(_fresh(format_)), "sessions": [_new_session()]})
    with reading() as session:
        return _page(session, form, format_, organisations=managed_events.organisations(session, hers))


@pages.post("/new/<key>")
def create(key: str) -> ResponseReturnValue:
    """A draft, whatever it still lacks."""
    _actor, hers = organiser("create_event")
    format_ = _format(key)
    data, form = _read(format_)
    try:
        if data is not None:
            with transaction() as session:
                event = _created(session, data, format_, managed_events.organisations(session, hers))
    except InvalidInput as rejection:
        data, form = None, form.rejected(as_asked(rejection.errors))
    if data is None:
        with reading() as session:
            organisations = managed_events.organisations(session, hers)
            return _page(session, form, format_, organisations=organisations), _status(form)
    flash(_("Saved as a draft."), "success")
    return see_other(f"/events/manage/events/{event.id}")


@pages.get("/events/<uuid:event_id>/edit")
def show(event_id: UUID) -> str:
    """The event as it stands."""
    with reading() as session:
        event = own_event(session, event_id, "change_event")
        return _page(session, Form(event_values(event_rows.wish_of(event))), FORMATS[event.format], event=event)


@pages.post("/events/<uuid:event_id>/edit")
def save(event_id: UUID) -> ResponseReturnValue:
    """Save it; of a published event everybody concerned is told."""
    with reading() as session:
        event = own_event(session, event_id, "change_event")
        format_ = FORMATS[event.format]
        data, form = _read(format_)
        if data is None:
            return _page(session, form, format_, event=event), _status(form)
    try:
        with transaction() as session:
            _changed(session, own_event(session, event_id, "change_event"), data)
    except Rejection as rejection:
        if rejection.kind not in {"conflict", "invalid"}:
            raise
        with reading() as session:
            return _refused(session, own_event(session, event_id, "change_event"), form, rejection)
    flash(_("Saved."), "success")
    return see_other(f"/events/manage/events/{event_id}")


def _read(format_: Format) -> tuple[Any, Form]:
    """The wish; or None and the form, either with faults or with a row more or less."""
    pressed = request.form.get("go", "save")
    if manage_rows.is_about_rows(pressed):
        new = {"sessions": _new_session(), "quotas": _new_quota(format_)}
        return None, Form(manage_rows.changed(manage_rows.values_of(request.form), pressed, new))
    return read_form(EventFormSchema, ignore={"go"})


def _status(form: Form) -> int:
    return 422 if form.has_errors() else 200


def _created(session: Session, data: dict[str, Any], format_: Format, organisations: Any) -> Event:
    chosen = data.get("organisation_id") or organisations[0].id
    if chosen not in {each.id for each in organisations}:
        raise NotPermitted
    ensure(current_actor(), "create_event", Scope(organisation_id=chosen))
    wish = _with_host(session, data, wished_event(data, EventWish(format=format_.key, title={})), chosen)
    return create_event(wish, organisation_id=chosen, session=session, now=clock.now(), by=current_actor())


def _changed(session: Session, event: Event, data: dict[str, Any]) -> None:
    known = event_rows.wish_of(event)
    wish = wished_event(data, known, keeps_sessions=event.status == PUBLISHED)
    change_event(
        event,
        _with_host(session, data, wish, event.organisation_id),
        base_url=base_url(),
        session=session,
        now=clock.now(),
        expected_version=data.get("version"),
        by=current_actor(),
    )


def _with_host(session: Session, data: dict[str, Any], wish: EventWish, organisation_id: UUID) -> EventWish:
    company_id = data.get("company_id")
    if data.get("host_name"):
        asked = {"name": data["host_name"]}
        company_id = choose_host(asked, organisation_id=organisation_id, session=session, now=clock.now())
    return dataclasses.replace(wish, company_id=company_id)


def _refused(session: Session, event: Event, form: Form, rejection: Rejection) -> ResponseReturnValue:
    refused = None
    if isinstance(rejection, InvalidInput):
        form = form.rejected(as_asked(rejection.errors))
    else:
        refused = (_(rejection.title), sentence(rejection))
    return _page(session, form, FORMATS[event.format], event=event, refused=refused), status_of(rejection)


def _page(
    session: Session,
    form: Form,
    format_: Format,
    *,
    event: Event | None = None,
    organisations: Any = (),
    refused: tuple[str, str] | None = None,
) -> str:
    names = form.names()
    return render_template(
        "events/manage/event_form.html",
        form=form,
        format=format_,
        event=event,
        organisations=organisations,
        organisation_options=[(str(each.id), each.name) for each in organisations],
        refused=refused,
        sessions=manage_rows.numbers(names, "sessions"),
        quotas=manage_rows.numbers(names, "quotas"),
        keeps_sessions=event is not None and event.status == PUBLISHED,
        partners=_partners(session, event, organisations),
        choices=manage_choices,
    )


def _partners(session: Session, event: Event | None, organisations: Any) -> list[tuple[str, str]]:
    ids = [event.organisation_id] if event else [each.id for each in organisations]
    found = {each.id: each.name for id_ in ids for each in companies.partners(session, id_)}
    return [(str(id_), name) for id_, name in found.items()]


def _format(key: str) -> Format:
    if key not in FORMATS:
        raise NotFound
    return FORMATS[key]


def _fresh(format_: Format) -> EventWish:
    wish = EventWish(format=format_.key, title={}, quota_choice=format_.quota_choice)
    return dataclasses.replace(wish, quotas=event_rows.quotas_of(wish))


def _new_session() -> dict[str, Any]:
    return {"id": "", "starts_at": "", "ends_at": "", "zone": installed().common.default_zone, "held": "place"}


def _new_quota(format_: Format) -> dict[str, Any]:
    return {"id": "", "capacity": format_.group_size, "kind": format_.quota_kind, "language": "", "session": ""}
