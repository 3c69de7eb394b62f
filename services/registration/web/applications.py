"""The organiser chooses from those who applied, one by one or several at once."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from services.registration.domain.rejections import NotApplied
from services.registration.domain.selection import Earlier
from services.registration.schemas.applications import MOST, DecisionForm
from services.registration.schemas.house import terms
from services.registration.storage import applications, draws, earlier_events
from services.registration.use_cases.decide_application import approve, decline
from services.registration.web.manage_view import context, event_of
from services.registration.web.personal import personal
from shared import clock
from shared.http.app import reading, transaction
from shared.http.forms import read_form
from shared.http.identity import current_actor
from shared.http.locale import _, ngettext
from shared.http.problems import BadForm, sentence

pages = Blueprint("applications_pages", __name__, url_prefix="/registration/manage")


@pages.get("/<string:slug>/applications")
@personal
def show(slug: str) -> ResponseReturnValue:
    """Who applied, with what helps to choose."""
    now = clock.now()
    with reading() as session:
        event = event_of(session, slug)
        people = applications.listed(session, event.id, limit=MOST)
        earlier = earlier_events.earlier(session, people, organisation_id=event.organisation_id, now=now)
        return render_template(
            "registration/applications.html",
            people=people,
            number=applications.number(session, event.id),
            claims=draws.claims(session, event.id),
            earlier={each.id: earlier.get(each.email_key, Earlier()) for each in people},
            current=f"/registration/manage/{slug}/applications",
            **context(session, event),
        )


@pages.post("/<string:slug>/applications")
@personal
def decide(slug: str) -> ResponseReturnValue:
    """Yes or no to those who are ticked."""
    wish, _form = read_form(DecisionForm, ignore={"select"})
    if wish is None:
        raise BadForm
    if not wish["ids"]:
        flash(_("Please tick at least one application."), "warning")
        return redirect(url_for("applications_pages.show", slug=slug), 303)
    try:
        flash(_decided(slug, wish), "success")
    except NotApplied as no:
        flash(sentence(no), "warning")
    return redirect(url_for("applications_pages.show", slug=slug), 303)


def _decided(slug: str, wish: dict[str, Any]) -> str:
    with transaction() as session:
        event = event_of(session, slug)
        how: dict[str, Any] = {"actor": current_actor(), "session": session, "now": clock.now(), "links": terms().links}
        if wish["answer"] == "approve":
            number = approve(wish["ids"], event=event, **how)
            return ngettext("%(num)s person is chosen.", "%(num)s people are chosen.", number)
        number = decline(wish["ids"], event=event, reason=wish["reason"], **how)
    return ngettext("%(num)s person is told “no”.", "%(num)s people are told “no”.", number)
