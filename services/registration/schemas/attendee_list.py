"""What the organiser's list of attendees can be asked for beyond the API's list: columns, and who is ticked."""

from services.registration.schemas.registrations import RegistrationsQuery
from shared.http.fields import Choice, Id, Many, Wish

COLUMNS = (
    "email",
    "status",
    "places",
    "signed_up",
    "locale",
    "source",
    "consents",
    "checked_in",
    "notes",
    "earlier",
    "coming",
)
USUAL = ("email", "status", "places", "signed_up")


class ListQuery(RegistrationsQuery):
    """The page. `columns` are remembered by the browser; `select` ticks the whole page without a script."""

    columns = Many(Choice(*COLUMNS, ""), load_default=None, allow_none=True)
    select = Choice("page", load_default=None)


class TickedWish(Wish):
    """Registrations ticked on a page."""

    ids = Many(Id(), most=100, load_default=list)
