"""The link in the first mail. Looking at it changes nothing: mail scanners look at links, people press buttons."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from services.registration.domain.registrations import PlaceState, Status
from services.registration.domain.rejections import ConfirmationExpired, RegistrationCancelled
from services.registration.schemas.house import terms
from services.registration.storage import registrations
from services.registration.use_cases.confirm_address import confirm_address, ensure_confirmable
from services.registration.web.my_page import context
from services.registration.web.overlaps import overlaps
from services.registration.web.personal import personal
from shared import clock
from shared.errors import Rejection
from shared.http.app import reading, transaction
from shared.http.locale import _
from shared.http.problems import sentence, status_of

pages = Blueprint("confirm_address", __name__, url_prefix="/registration/confirm")


@pages.get("/<string:token>")
@personal
def show(token: str) -> ResponseReturnValue:
    """The button."""
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        if registration.status in {Status.CONFIRMED, Status.WAITING}:
            return redirect(url_for("my_page.show", token=token), 303)
        try:
            ensure_confirmable(registration, clock.now())
        except (ConfirmationExpired, RegistrationCancelled) as rejection:
            return _too_late(token, rejection)
        facts = context(session, registration)
        return render_template("registration/confirm.html", overlaps=overlaps(session, registration), **facts)


@pages.post("/<string:token>")
@personal
def confirm(token: str) -> ResponseReturnValue:
    """The address is hers. Again is harmless; too late is said kindly."""
    try:
        with transaction() as session:
            found = registrations.get_by_page(session, token)
            done = confirm_address(found.id, session=session, now=clock.now(), links=terms().links)
    except (ConfirmationExpired, RegistrationCancelled) as rejection:
        return _too_late(token, rejection)
    if done.status == Status.CONFIRMED:
        flash(_("Thank you! Your place is yours. The ticket is on its way to you by mail."), "success")
    elif any(each.state == PlaceState.APPLIED for each in done.places):
        flash(_("Thank you! Your application counts."), "success")
    else:
        flash(_("Thank you! You are on the waiting list. We write as soon as a place is yours."), "success")
    return redirect(url_for("my_page.show", token=token), 303)


def _too_late(token: str, rejection: Rejection) -> ResponseReturnValue:
    with reading() as session:
        registration = registrations.get_by_page(session, token)
        page = render_template(
            "registration/too_late.html",
            why_title=_(rejection.title),
            why=sentence(rejection),
            **context(session, registration),
        )
    return page, status_of(rejection)
