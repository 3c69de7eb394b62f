"""A tour offer as it comes in and goes out, by page and by JSON: one set of rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields

from services.events.domain.events import GERMAN_LEVELS, SAFETY
from services.events.domain.offer_content import BOUNDS, MOST_DATES, faults
from services.events.domain.offers import OfferStatus
from services.events.schemas.event_fields import Texts
from services.events.schemas.events import HostSchema, OrganiserSchema
from services.events.storage.tables import Offer
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
    Slug,
    Text,
    Translations,
    WebAddress,
    Whole,
    Wish,
    Zone,
)
from shared.http.paging import PageWish, page_schema


class HomePage(WebAddress):
    """A web address as people write it: https:// may be left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        text = value.strip() if isinstance(value, str) else value
        if text == "":
            return ""
        if isinstance(text, str) and "://" not in text:
            text = f"https://{text}"
        return super()._deserialize(text, attr, data, **options)

    def _validate(self, value: Any) -> None:
        if value != "":  # none is an answer too
            super()._validate(value)


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

    organiser = Slug(metadata={"description": "To whom; needed by those who act for no or several organisations"})
    email = EmailAddress(metadata={"description": "The company's contact; needed from an organiser"})
    locale = Language(load_default="de", metadata={"description": "The contact's language"})


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
    """`reason` is told to attendees if time or place move."""

    reason = Texts(most=500, lines=True, load_default=dict)
    version = Whole(load_default=None, allow_none=True, metadata={"description": "Of the offer that was looked at"})


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


class OffersQuery(PageWish):
    """Which offers."""

    status = Choice(*OfferStatus)


class EntrySchema(Schema):
    """A line of the thread. kind: begun, offered, change_requested, answered, edited, accepted, declined, …"""

    at = fields.AwareDateTime(required=True)
    side = Choice("company", "organiser", required=True)
    author = fields.String(required=True)
    kind = fields.String(required=True)
    text = fields.String(required=True)


class OfferSchema(Schema):
    """An offer as its company and its organiser see it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    status = Choice(*OfferStatus, required=True)
    organiser = fields.Nested(OrganiserSchema, required=True)
    company = fields.Nested(HostSchema, required=True)
    event_id = fields.UUID(required=True, allow_none=True)
    content = fields.Dict(keys=fields.String(), required=True, metadata={"description": "The fields of Tour"})
    revision = fields.Dict(
        keys=fields.String(), required=True, allow_none=True, metadata={"description": "The change that waits"}
    )
    missing = fields.List(fields.String(), required=True, metadata={"description": "What a draft still lacks"})
    thread = fields.List(fields.Nested(EntrySchema), required=True)
    created_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True)


OffersPage = page_schema(OfferSchema)


def offer_document(offer: Offer, *, now: datetime) -> dict[str, Any]:
    """The offer as JSON values."""
    facts = {name: getattr(offer, name) for name in OfferSchema().fields if hasattr(offer, name)}
    is_draft = offer.status == OfferStatus.DRAFT
    facts |= {
        "organiser": offer.organisation,
        "content": _plain(offer.content),
        "revision": _plain(offer.revision) if offer.revision else None,
        "missing": list(faults(offer.content, now=now)) if is_draft else [],
    }
    document: dict[str, Any] = OfferSchema().dump(facts)
    return document


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "unsound"}
