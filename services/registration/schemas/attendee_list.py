"""What the organiser's list of attendees can be asked for beyond the API's list: columns, and who is ticked."""

from uuid import UUID

from marshmallow import fields, validate

from services.registration.schemas.registrations import RegistrationsQuery
from shared.errors import N_
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
QUESTION = "answer-"  # the column of a question is called by its id
_COLUMN = validate.Regexp(
    rf"({'|'.join(COLUMNS)}|{QUESTION}[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|)\Z",
    error=N_("Please choose one of those offered."),
)


class ListQuery(RegistrationsQuery):
    """The page. `columns` are remembered by the browser; `select` ticks the whole page without a script."""

    columns = Many(fields.String(validate=_COLUMN), load_default=None, allow_none=True)
    select = Choice("page", load_default=None)


def column_of(question_id: UUID) -> str:
    """What the column of a question is called."""
    return f"{QUESTION}{question_id}"


def question_of(column: str) -> UUID | None:
    """The question whose answers stand in a column, None for every other column."""
    return UUID(column.removeprefix(QUESTION)) if column.startswith(QUESTION) else None


class TickedWish(Wish):
    """Registrations ticked on a page."""

    ids = Many(Id(), most=100, load_default=list)
