"""Where somebody stands, in a word: who applied does not wait in line yet."""

from services.registration.domain.registrations import PlaceState, Status
from services.registration.storage.tables import Registration
from services.registration.web import words
from shared.http.locale import _


def standing(registration: Registration) -> str:
    """The status, or "applied" as long as nothing is decided about any of her places."""
    states = {each.state for each in registration.places if each.state != PlaceState.RELEASED}
    if registration.status == Status.WAITING and states == {PlaceState.APPLIED}:
        return "applied"
    return registration.status


def standing_text(registration: Registration) -> str:
    """The same for a cell of a list."""
    name = standing(registration)
    return _(words.STANDING.get(name, name))
