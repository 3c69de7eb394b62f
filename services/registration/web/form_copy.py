"""The organiser takes over the questions of another event."""

from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from services.registration.domain import forms as rules
from services.registration.schemas.forms import CopyWish
from services.registration.use_cases.change_form import change_form
from services.registration.use_cases.copy_form import questions_to_copy
from services.registration.web.form_builder import own_event
from services.registration.web.personal import personal
from shared import clock
from shared.errors import Rejection
from shared.http.app import transaction
from shared.http.forms import read_form
from shared.http.identity import current_actor
from shared.http.locale import _, ngettext
from shared.http.problems import sentence

pages = Blueprint("form_copy", __name__, url_prefix="/registration/manage")


@pages.post("/<string:slug>/form/copy")
@personal
def copy(slug: str) -> ResponseReturnValue:
    """Its questions come at the end of this form; nobody is asked them before it is published."""
    wish, _form = read_form(CopyWish)
    try:
        number = _copied(slug, wish) if wish else 0
    except Rejection as rejection:
        if rejection.kind != "conflict":
            raise
        flash(sentence(rejection), "warning")
        return redirect(f"/registration/manage/{slug}/form", 303)
    if number:
        said = ngettext(
            "%(num)s question is copied. Change what you like.",
            "%(num)s questions are copied. Change what you like.",
            number,
        )
        flash(said, "success")
    else:
        flash(_("Please choose an event."), "warning")
    return redirect(f"/registration/manage/{slug}/form", 303)


def _copied(slug: str, wish: dict[str, UUID]) -> int:
    with transaction() as session:
        event, actor = own_event(session, slug), current_actor()
        more = questions_to_copy(wish["from_event_id"], event=event, actor=actor, session=session)
        change_form(event, partial(rules.add_all, more=more), actor=actor, session=session, now=clock.now())
    return len(more)
