"""Signing up whole lists, and letting people in at the door."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.domain.check_in import choose_session
from services.registration.domain.consents import offered
from services.registration.domain.forms import FormVersion
from services.registration.domain.people_list import FIELDS, Sheet, decoded, read_sheet
from services.registration.domain.registrations import SignUpWish
from services.registration.domain.rejections import AlreadyRegistered, NoFreePlace
from services.registration.schemas.house import terms
from services.registration.schemas.people_list import ImportForm, WalkInForm, wish_of
from services.registration.storage import events, forms
from services.registration.storage.tables import Event
from services.registration.use_cases.change_form import ACTION
from services.registration.use_cases.import_attendees import TWICE, Plan, import_attendees, plan_import
from services.registration.use_cases.register_walk_in import register_walk_in
from services.registration.web import answer_forms, event_view, listed_answers, words
from services.registration.web.check_in_view import session_labels
from services.registration.web.manage_view import context, event_of
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import accepts_body
from shared.http.identity import current_actor
from shared.http.locale import _, current_locale
from shared.http.problems import sentence

pages = Blueprint("people_pages", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/import")
@personal
def ask_list(slug: str) -> ResponseReturnValue:
    """Paste or send a list."""
    return _show_list(slug, Form({"locale": current_locale()}))


@pages.post("/<string:slug>/import")
@personal
def take_list(slug: str) -> ResponseReturnValue:
    """First what would happen, row by row; then, sent once more, all of it or nothing."""
    wish, form = read_form(ImportForm, ignore={"file"})
    if wish is None:
        return _show_list(slug, form)
    try:
        text = _text(wish)
        with reading() as session:
            version = forms.current(session, event_of(session, slug))
        chosen = wish["fields_"] if wish["step"] != "try" else None
        sheet = read_sheet(text, chosen, listed_answers.headings(version))
        if wish["step"] == "do" and wish["run_id"]:
            return _carry_out(slug, wish, form, sheet=sheet, text=text)
        return _show_list(slug, form, sheet=sheet, text=text, wish=wish)
    except InvalidInput as rejection:
        return _show_list(slug, form.rejected(rejection))


@pages.get("/<string:slug>/walk-in")
@personal
def ask_walk_in(slug: str) -> ResponseReturnValue:
    """Somebody stands at the door."""
    return _show_walk_in(slug, Form({"locale": current_locale()}))


@pages.post("/<string:slug>/walk-in")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def walk_in(slug: str) -> ResponseReturnValue:
    """Sign up and check in, both or nothing."""
    with reading() as session:
        version = forms.current(session, event_of(session, slug, ACTION))
    wish, form = answer_forms.read(WalkInForm, version)
    if wish is None:
        return _show_walk_in(slug, form)
    try:
        with transaction() as session:
            event = event_of(session, slug)
            sheet = answer_forms.sheet_in(version, form, event, by_organiser=True) if version else None
            how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now()}
            register_walk_in(replace(wish[0], sheet=sheet), session_id=wish[1], event=event, terms=terms(), **how)
    except InvalidInput as rejection:
        return _show_walk_in(slug, form.rejected(rejection))
    except (AlreadyRegistered, NoFreePlace) as rejection:
        name = "email" if isinstance(rejection, AlreadyRegistered) else "form"
        return _show_walk_in(slug, form.rejected({name: [sentence(rejection)]}))
    said = _("%(name)s is registered and checked in.") if wish[1] else _("%(name)s is registered.")
    flash(said % {"name": wish[0].name}, "success")
    return redirect(url_for("people_pages.ask_walk_in", slug=slug), 303)


def _text(wish: dict[str, Any]) -> str:
    """Of the file if one was sent, else what was pasted."""
    sent = request.files.get("file")
    content = sent.read() if sent is not None and sent.filename else b""
    return decoded(content) if content else wish["text"]


def _carry_out(slug: str, wish: dict[str, Any], form: Form, *, sheet: Sheet, text: str) -> ResponseReturnValue:
    with transaction() as session:
        event = event_of(session, slug)
        wishes, faults = _wishes(session, event, sheet, wish)
        if not faults and wish["has_read"]:
            run, _plan = import_attendees(
                wish["run_id"],
                wishes,
                event=event,
                actor=current_actor(),
                session=session,
                now=clock.now(),
                terms=terms(),
            )
            flash(
                _("%(added)s people are signed up, %(skipped)s were already.", added=run.added, skipped=run.skipped),
                "success",
            )
            return redirect(url_for("attendee_list.show", slug=slug, source="import"), 303)
    if not wish["has_read"]:
        form = form.rejected({"has_read": [_("Please confirm that you have told them.")]})
    return _show_list(slug, form, sheet=sheet, text=text, wish=wish)


def _wishes(
    session: Session, event: Event, sheet: Sheet, wish: dict[str, Any]
) -> tuple[list[SignUpWish], list[tuple[int, str, str]]]:
    """The sign-ups that the rows ask for, and (row, name, what is wrong) of those that cannot be."""
    told, version = events.snapshot(event), forms.current(session, event)
    by_name = {name.casefold(): each.id for each in told.quotas for name in each.name.values()}
    wishes, faults = [], []
    for row in sheet.rows:
        found, wrong = wish_of(row, locale=wish["locale"], quota=wish["quota"], quotas_by_name=by_name)
        if found is not None and len(told.quotas) > 1 and not found.quota_ids:
            wrong = [_("Please choose where you want to take part.")]
        if version is not None:
            answers, unclear = listed_answers.read(version, row, subjects=told.fields_of_study)
            found, wrong = found and replace(found, sheet=answers), wrong + unclear
        if found is None or wrong:
            faults.append((row.number, row.name(), " ".join(wrong)))
        else:
            wishes.append(found)
    return wishes, faults


def _show_list(
    slug: str, form: Form, *, sheet: Sheet | None = None, text: str = "", wish: dict[str, Any] | None = None
) -> ResponseReturnValue:
    with reading() as session:
        event = event_of(session, slug)
        facts = context(session, event)
        tried = _tried(session, event, sheet, wish) if sheet is not None and wish is not None else None
        page = render_template(
            "registration/import.html",
            form=form,
            text=text or form.value("text"),
            sheet=sheet,
            tried=tried,
            run_id=form.value("run_id") or uuid4(),
            asks=bool(event.form_id),
            field_names=_field_names(forms.current(session, event)),
            free=sum(each.free for each in facts["choices"]),
            **facts,
        )
    return page, 422 if form.has_errors() or (tried and tried["faults"]) else 200


def _field_names(version: FormVersion | None) -> list[tuple[str, str]]:
    usual = [(name, _(words.LIST_FIELDS[name])) for name in FIELDS]
    return [("-", _("Not used")), *usual, *listed_answers.columns(version)]


def _tried(session: Session, event: Event, sheet: Sheet, wish: dict[str, Any]) -> dict[str, Any]:
    wishes, faults = _wishes(session, event, sheet, wish)
    plan: Plan = plan_import(wishes, event=event, actor=current_actor(), session=session)
    skipped = [
        (
            wishes[place].name,
            wishes[place].address.written,
            _("Twice in the list") if reason == TWICE else _("Registered already"),
        )
        for place, reason in plan.skipped
    ]
    return {"new": [each for _place, each in plan.wishes], "skipped": skipped, "faults": faults}


def _show_walk_in(slug: str, form: Form) -> ResponseReturnValue:
    with reading() as session:
        event = event_of(session, slug)
        told = events.snapshot(event)
        current = choose_session(told.sessions, clock.now())
        labels: dict[UUID, str] = session_labels(event)
        page = render_template(
            "registration/walk_in.html",
            **answer_forms.context(session, event, form, by_organiser=True),
            sessions=[(key, label or event_view.when_text(told)) for key, label in labels.items()],
            session_id=form.value("session_id") or (str(current.id) if current else ""),
            purposes=offered(told),
            **context(session, event),
        )
    return page, 422 if form.has_errors() else 200
