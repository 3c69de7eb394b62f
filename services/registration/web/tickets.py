"""What a QR code opens in somebody's camera: a page that says what it is. It never checks anybody in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.registration.domain.tickets import in_groups, read_code
from services.registration.web.personal import personal
from shared.errors import NotFound

pages = Blueprint("tickets", __name__)


@pages.get("/t/<string:code>")
@pages.get("/T/<string:code>")
@pages.get("/registration/t/<string:code>")
@personal
def show(code: str) -> ResponseReturnValue:
    """No name, no event, and the same for codes that nobody has: a photographed ticket tells nothing."""
    if (known := read_code(code)) is None:
        raise NotFound
    return render_template("registration/ticket_found.html", code_groups=in_groups(known))
