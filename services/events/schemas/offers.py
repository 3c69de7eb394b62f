"""A tour offer as it comes in and goes out, by page and by JSON: one set of rules."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from services.events.domain.events import GERMAN_LEVELS, SAFETY
from services.events.domain.offer_content import BOUNDS, MOST_DATES
from shared.errors import N_
from shared.http.fields import (
    Boolean,
    Choice,
    Country,
    EmailAddress,
    Id,
    Language,
    Line,
    LocalDateTime,
    Many,
    Nested,
    PersonName,
    Text,
    Translations,
    WebAddress,
    Whole,
    Wish,
    Zone,
)


class HomePage(WebAddress):
    """A web address as people write it: https:// may be left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = value.strip() if isinstance(value, str) else value
        if text == "":
            return ""
        if isinstance(text, str) and "://" not in text:
            text = f"https://{text}"
        return super()._deserialize(text, attr, data, **options)


class LocalStart(LocalDateTime):
    """A local time that stays text, as it is stored: 2026-12-03T14:00."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        try:
            start = super()._deserialize(value, attr, data, **options)
        except ValidationError:
            raise ValidationError(N_("Please give each date with day and time.")) from None
        return str(start.isoformat(timespec="minutes"))


class SiteSchema(Wish):
    """Where the company is."""

    street = Line(most=120)
    postal_code = Line(most=20)
    city = Line(most=100)
    country = Country()


class TourSchema(Wish):
    """What a company tells about its tour. Nothing is required before it is sent."""

    company_name = Line(most=160)
    website = HomePage()
    site = Nested(SiteSchema)
    contact_name = PersonName(most=120)
    phone = Line(most=40)
    language = Language(metadata={"description": "In which the texts are written."})
    title = Line(most=140)
    description = Text(most=4000, metadata={"description": "What visitors will see."})
    fields_of_study = Many(Line(most=80), most=20)
    dates = Many(LocalStart(), most=MOST_DATES, metadata={"description": "Alternative local starts in `zone`."})
    zone = Zone()
    duration_minutes = Whole(least=BOUNDS["duration_minutes"][0], most=BOUNDS["duration_minutes"][1])
    guides = Whole(least=BOUNDS["guides"][0], most=BOUNDS["guides"][1])
    places = Whole(
        least=BOUNDS["places"][0],
        most=BOUNDS["places"][1],
        allow_none=True,
        metadata={"description": "null: ten for each guide."},
    )
    meeting_point = Line(most=200)
    arrival = Text(most=1000)
    languages = Many(Language(), most=20, metadata={"description": "Spoken on the tour."})
    german_level = Choice(*GERMAN_LEVELS)
    safety = Many(Choice(*SAFETY), most=len(SAFETY))
    safety_notes = Text(most=1000)
    accessibility = Text(most=1000)


class StartSchema(Wish):
    """The first tap in the portal."""

    organisation_id = Id(required=True)
    company_name = Line(most=160, required=True)
    email = EmailAddress(required=True)


class NextSchema(Wish):
    """Another tour by somebody who is signed in: for one of her companies, or for a new one."""

    organisation_id = Id(required=True)
    company_id = Id(load_default=None, allow_none=True)
    company_name = Line(most=160, load_default="")


class OfferWishSchema(TourSchema):
    """A new offer by JSON: a draft, sent by a call of its own."""

    organisation_id = Id(metadata={"description": "May be left out where the asker belongs to one organisation."})
    email = EmailAddress(metadata={"description": "The company's contact. Needed from an organiser."})
    locale = Language(load_default="de", metadata={"description": "The contact's language."})
    copy_of = Id(metadata={"description": "An earlier offer to repeat with other dates."})


class SaidSchema(Wish):
    """A word that must be given."""

    text = Text(required=True, most=4000)


class MaybeSaidSchema(Wish):
    """A word that may be given."""

    text = Text(load_default="", most=4000)


class AnswerSchema(MaybeSaidSchema):
    """A word, a changed offer, or both."""

    changes = Nested(TourSchema, load_default=dict)


class RevisionSchema(MaybeSaidSchema):
    """The wished changes of an accepted tour, and why."""

    changes = Nested(TourSchema, required=True)


class AcceptSchema(MaybeSaidSchema):
    """Which of the dates it shall be."""

    start = LocalDateTime(required=True, metadata={"description": "One of the offer's dates."})
    publish = Boolean(load_default=False)
    version = Whole(load_default=None, allow_none=True, metadata={"description": "Of the offer that was looked at."})


class AcceptRevisionSchema(MaybeSaidSchema):
    """The version that was looked at, and what attendees are told if time or place move."""

    version = Whole(load_default=None, allow_none=True)


class ReasonSchema(Wish):
    """Why not."""

    reason = Text(required=True, most=2000)


class AcceptFormSchema(Wish):
    """The page's way to accept: its fields have names of their own beside the other forms there."""

    start = LocalDateTime(required=True)
    publish = Boolean(load_default=False)
    accept_text = Text(load_default="", most=4000)
    version = Whole(load_default=None, allow_none=True)


class RevisionDecisionSchema(Wish):
    """Take the change over; `told` is the word why that attendees read, by language."""

    told = Translations(load_default=dict, most=1000, lines=True)
    version = Whole(load_default=None, allow_none=True)


class EntryOut(Wish):
    """A line of the thread."""

    at = fields.AwareDateTime()
    side = fields.String(metadata={"description": "company | organiser"})
    author = fields.String()
    kind = fields.String()
    text = fields.String()


class OfferOut(Wish):
    """An offer as its company and its organiser see it."""

    id = fields.UUID()
    version = fields.Integer()
    status = fields.String()
    organisation_id = fields.UUID()
    company_id = fields.UUID()
    event_id = fields.UUID(allow_none=True)
    content = Nested(TourSchema)
    revision = Nested(TourSchema, allow_none=True)
    thread = fields.List(Nested(EntryOut))
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()


class OffersOut(Wish):
    """A page of offers."""

    items = fields.List(Nested(OfferOut))
    next = fields.String(allow_none=True)
