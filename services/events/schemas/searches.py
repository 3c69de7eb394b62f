"""What a visitor looks for: the same for the page and the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, ValidationError, fields, validates

from services.events.domain.events import CANCELLED, DRAFT, PUBLISHED
from services.events.domain.formats import FORMATS
from services.events.storage.catalogue import Search
from shared.errors import N_
from shared.http.fields import Choice, Language, Line, Slug, Whole, Wish
from shared.http.paging import PageWish


class SearchWish(Wish):
    """The filters of the catalogue."""

    format = Choice(*FORMATS, load_default="", metadata={"description": "Only this format"})
    city = Line(most=100, load_default="", metadata={"description": "Only in this town"})
    language = Language(load_default="", metadata={"description": "Only where this language is spoken"})
    first_day = fields.Date(
        data_key="from", load_default=None, metadata={"description": "First day, in the event's own zone"}
    )
    last_day = fields.Date(
        data_key="to", load_default=None, metadata={"description": "Last day, in the event's own zone"}
    )
    free = fields.Boolean(load_default=False, metadata={"description": "Only with free places"})
    text = Line(most=100, load_default="", metadata={"description": "Only where all these words occur"})


class CatalogueWish(SearchWish):
    """The catalogue page's address."""

    class Meta:
        """Links that others decorate (utm_source …) still work."""

        unknown = EXCLUDE

    page = Whole(least=1, most=1000, load_default=1)


class EventQuery(PageWish, SearchWish):
    """The API's list of events."""

    status = Choice(DRAFT, PUBLISHED, CANCELLED, load_default="", metadata={"description": "Only in this status"})
    organiser = Slug(load_default="", metadata={"description": "Only of this organisation (its slug)"})

    @validates("cursor")
    def _is_ours(self, cursor: list[str] | None, **_options: Any) -> None:
        try:
            starts_at, event_id = cursor or ["", str(UUID(int=0))]
            UUID(event_id)
            is_instant = not starts_at or datetime.fromisoformat(starts_at).tzinfo is not None
        except ValueError:
            is_instant = False
        if not is_instant:
            raise ValidationError(N_("This cursor is not one of ours."))


def search_of(wish: dict[str, Any], **more: Any) -> Search:
    """The search that these filters mean."""
    names = ("format", "city", "language", "first_day", "last_day", "free", "text", "status", "organiser")
    return Search(**{name: wish[name] for name in names if name in wish}, **more)
