"""Personal invitations: the organiser's page, and the page that a link opens."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from services.registration.domain.consents import offered
from services.registration.domain.invitations import NotSoManyFree
from services.registration.domain.rejections import AlreadyRegistered
from services.registration.schemas.house import terms
from services.registration.schemas.invitations import AcceptForm, InvitationForm, InvitationsQuery, after, key, wish_of
from services.registration.storage import events, forms, invitations
from services.registration.storage.tables import Event
from services.registration.use_cases.accept_invitation import accept_invitation, find_open
from services.registration.use_cases.invite import invite
from services.registration.use_cases.revoke_invitation import revoke_invitation
from services.registration.web import answer_forms, event_view, words
from services.registration.web.all_faults import with_consents
from services.registration.web.manage_view import context, event_of, read_query
from services.registration.web.personal import personal
from shared import clock
from shared.errors import InvalidInput, NotFound
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.hardening import accepts_body
from shared.http.identity import current_actor
from shared.http.locale import _, current_locale, in_language, ngettext
from shared.http.paging import next_cursor
from shared.http.problems import sentence
from shared.http.wording import flat

pages = Blueprint("invitation_pages", __name__, url_prefix="/registration/manage")
public = Blueprint("accept_invitation", __name__, url_prefix="/registration/invitations")


@pages.get("/<string:slug>/invitations")
@personal
def show(slug: str) -> ResponseReturnValue:
    """Who was invited, and the form to invite more."""
    return _show(slug, Form({"locale": current_locale()}))


@pages.post("/<string:slug>/invitations")
@personal
def send(slug: str) -> ResponseReturnValue:
    """Invite people."""
    wish, form = read_form(InvitationForm)
    if wish is None:
        return _show(slug, form)
    try:
        with transaction() as session:
            event = event_of(session, slug)
            zone = event_view.zone_of(events.snapshot(event))
            how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "terms": terms()}
            ids, known = invite(wish_of(wish, zone), event=event, **how)
    except ValidationError as fault:
        return _show(slug, form.rejected(flat(fault.messages)))
    except InvalidInput as rejection:
        return _show(slug, form.rejected(rejection))
    except NotSoManyFree as rejection:
        return _show(slug, form.rejected({"holds_place": [sentence(rejection)]}))
    flash(ngettext("%(num)s invitation goes out.", "%(num)s invitations go out.", len(ids)), "success")
    if known:
        flash(_("Registered or invited already, so passed over: %(people)s", people=", ".join(known[:20])), "info")
    return redirect(url_for("invitation_pages.show", slug=slug), 303)


@pages.post("/<string:slug>/invitations/<uuid:invitation_id>/revoke")
@personal
def revoke(slug: str, invitation_id: UUID) -> ResponseReturnValue:
    """Take one back."""
    with transaction() as session:
        event = event_of(session, slug)
        if invitations.get(session, invitation_id).event_id != event.id:
            raise NotFound
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now()}
        revoke_invitation(invitation_id, links=terms().links, **how)
    flash(_("The invitation is taken back; its link no longer works."), "success")
    return redirect(url_for("invitation_pages.show", slug=slug), 303)


@public.get("/<string:token>")
@personal
def ask(token: str) -> ResponseReturnValue:
    """What her link opens. Looking uses nothing up."""
    return _ask(token, None)


@public.post("/<string:token>")
@personal
@accepts_body(most=answer_forms.MOST_BODY)
def accept(token: str) -> ResponseReturnValue:
    """Sign up; the link is used up."""
    with reading() as session:
        version = forms.current(session, _event(session, token))
    wish, form = answer_forms.read(AcceptForm, version)
    if wish is None:
        return _ask(token, form)
    try:
        with transaction() as session:
            if version is not None:
                wish = replace(wish, sheet=answer_forms.sheet_in(version, form, _event(session, token)))
            receipt, _found = accept_invitation(token, wish, session=session, now=clock.now(), terms=terms())
    except InvalidInput as rejection:
        return _ask(token, form.rejected(rejection))
    except AlreadyRegistered as rejection:
        return _ask(token, form.rejected({"form": [sentence(rejection)]}))
    return redirect(url_for("my_page.show", token=terms().links.page_token(receipt.id)), 303)


def _show(slug: str, form: Form) -> ResponseReturnValue:
    query = read_query(InvitationsQuery)
    with reading() as session:
        event = event_of(session, slug)
        limit = query["limit"]
        rows = invitations.listed(
            session, event.id, limit=limit + 1, state=query["state"], after=after(query["cursor"])
        )
        shown = rows[:limit]
        cursor = next_cursor(key(shown[-1])) if len(rows) > limit else ""
        page = render_template(
            "registration/invitations.html",
            form=form,
            rows=shown,
            state=query["state"],
            next=url_for("invitation_pages.show", slug=slug, state=query["state"], cursor=cursor) if cursor else "",
            invited=invitations.counts(session, event.id),
            kept=sum(invitations.kept_places(session, event.id).values()),
            state_names={name: _(label) for name, label in words.INVITATIONS.items()},
            **context(session, event),
        )
    return page, 422 if form.has_errors() else 200


def _event(session: Session, token: str) -> Event:
    return events.get(session, find_open(token, session=session, now=clock.now()).event_id)


def _ask(token: str, form: Form | None) -> ResponseReturnValue:
    with reading() as session:
        found = find_open(token, session=session, now=clock.now())
        event = events.get(session, found.event_id)
        told = events.snapshot(event)
        form = with_consents(form or Form({"name": found.name, "locale": found.locale}), told)
        facts = answer_forms.context(session, event, form)
        page = render_template(
            "registration/invitation.html",
            **facts,
            invitation=found,
            event=told,
            purposes=offered(told),
            title=in_language(told.title),
            summary=in_language(told.summary),
            when_text=event_view.when_text(told),
            where_text=event_view.where_text(told),
            zone=event_view.zone_of(told),
            quota=event_view.quota_name(told, found.quota_id) if len(told.quotas) > 1 else "",
        )
    return page, 422 if form.has_errors() else 200
