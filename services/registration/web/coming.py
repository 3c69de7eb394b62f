"""Some days before, she says whether she comes. Looking changes nothing: mail scanners look at links."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from services.registration.storage import registrations
from services.registration.storage.tables import Registration
from services.registration.use_cases.write_before import say_coming
from services.registration.web import coming_view, my_page
from services.registration.web.personal import personal
from shared import clock
from shared.http.app import reading, transaction
from shared.http.locale import _

pages = Blueprint("coming", __name__, url_prefix="/registration/my")


@pages.get("/<string:token>/coming")
@personal
def ask(token: str) -> ResponseReturnValue:
    """One button."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        if not _is_asked(session, registration, clock.now()):
            return redirect(url_for("my_page.show", token=token), 303)
        return render_template("registration/coming.html", **my_page.context(session, registration))


@pages.post("/<string:token>/coming")
@personal
def answer(token: str) -> ResponseReturnValue:
    """She comes."""
    with transaction() as session:
        found = registrations.get_by_page(session, token)
        done = say_coming(found.id, session=session, now=clock.now())
    if done:
        flash(_("Thank you! We look forward to meeting you."), "success")
    return redirect(url_for("my_page.show", token=token), 303)


def _is_asked(session: Session, registration: Registration, now: datetime) -> bool:
    return bool(coming_view.shown(session, registration, now)["coming"] == "asked")
