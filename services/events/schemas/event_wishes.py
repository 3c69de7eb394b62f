"""Events as programs ask for them, in JSON."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, post_load, validates_schema

from services.events.domain.events import (
    GERMAN_LEVELS,
    MOST_PLACES,
    MOST_QUOTAS,
    MOST_SESSIONS,
    QUOTA_CHOICES,
    QUOTA_KINDS,
    SAFETY,
    EventWish,
    Place,
    QuotaWish,
    SessionWish,
)
from services.events.domain.formats import FORMATS
from services.events.domain.sign_up_rules import (
    AUDIENCES,
    MOST_ANSWER_DAYS,
    MOST_CHANGE_HOURS,
    MOST_OFFER_HOURS,
    PRIORITIES,
    SELECTIONS,
)
from services.events.schemas.event_fields import MOST_TEXT, PlaceField, Texts, Time
from shared.contracts.events import SignUpRules
from shared.errors import N_
from shared.http.context import installed
from shared.http.fields import (
    Boolean,
    Choice,
    Id,
    Language,
    Line,
    Many,
    Moment,
    Nested,
    Slug,
    Text,
    WebAddress,
    Whole,
    Wish,
    Zone,
)


class SessionWishSchema(Wish):
    """One time block; `ends_at` or `duration_minutes`, else the format's usual length."""

    id = Id(metadata={"description": "An existing session, which keeps its calendar entries"})
    title = Texts(load_default=dict)
    starts_at = Time(required=True, metadata={"description": "With offset, or local to `zone`"})
    ends_at = Time()
    duration_minutes = Whole(least=1, most=60 * 24 * 30)
    zone = Zone(metadata={"description": "IANA time zone; the installation's if left out"})
    place = PlaceField(metadata={"description": "Where; null for online"})
    join_url = WebAddress(metadata={"description": "Only for those who hold a place"})

    @validates_schema
    def _one_end(self, data: Mapping[str, Any], **_options: Any) -> None:
        if "ends_at" in data and "duration_minutes" in data:
            raise ValidationError(N_("Give the end or the duration, not both."), "duration_minutes")


class QuotaWishSchema(Wish):
    """A limited number of places."""

    id = Id(metadata={"description": "An existing quota"})
    name = Texts(load_default=dict)
    capacity = Whole(least=1, most=MOST_PLACES, required=True)
    kind = Choice(*QUOTA_KINDS, metadata={"description": "The format's usual kind if left out"})
    language = Language(load_default="")
    session = Whole(least=0, most=MOST_SESSIONS, metadata={"description": "Index of the session it is for"})


class SignUpRulesWishSchema(Wish):
    """How places are given. What is left out is as usual: first come, first served, at once."""

    selection = Choice(*SELECTIONS, load_default="first_come")
    priorities = Many(Choice(*PRIORITIES), most=len(PRIORITIES), load_default=tuple)
    audiences = Many(Choice(*AUDIENCES), most=len(AUDIENCES), load_default=tuple)
    decides_at = Moment(allow_none=True, load_default=None, metadata={"description": "Else when sign-up closes"})
    offer_hours = Whole(least=0, most=MOST_OFFER_HOURS, load_default=0, metadata={"description": "0: given at once"})
    answer_days = Whole(least=0, most=MOST_ANSWER_DAYS, load_default=0, metadata={"description": "0: nobody is asked"})
    answer_frees = Boolean(load_default=False)
    changes_until_hours = Whole(least=0, most=MOST_CHANGE_HOURS, load_default=0)
    hand_over = Boolean(load_default=False, metadata={"description": "A place may be handed to a named friend"})
    by_invitation = Boolean(load_default=False)

    @post_load
    def _rules(self, data: Mapping[str, Any], **_options: Any) -> SignUpRules:
        weighed = tuple(each for each in PRIORITIES if each in data["priorities"])
        return SignUpRules(**{**data, "priorities": weighed, "audiences": tuple(dict.fromkeys(data["audiences"]))})


class HostWishSchema(Wish):
    """The host company: a known one by id, or by name."""

    id = Id()
    name = Line(most=200)
    website = WebAddress()
    street = Line(most=200)
    postal_code = Line(most=20)
    city = Line(most=100)


class EventChangeSchema(Wish):
    """What shall be different; what is left out stays as it is."""

    title = Texts(most=200)
    summary = Texts(most=500, lines=True)
    description = Texts(most=MOST_TEXT, lines=True)
    sessions = Many(Nested(SessionWishSchema), most=MOST_SESSIONS)
    quotas = Many(Nested(QuotaWishSchema), most=MOST_QUOTAS)
    capacity = Whole(least=1, most=MOST_PLACES, metadata={"description": "Short for one quota of this many places"})
    quota_choice = Choice(*QUOTA_CHOICES, metadata={"description": "How many quotas one registration may take"})
    host = Nested(HostWishSchema, allow_none=True)
    languages = Many(Language(), most=20, metadata={"description": "What is spoken"})
    german_level = Choice(*GERMAN_LEVELS)
    fields_of_study = Many(Line(most=80), most=20)
    safety = Many(Choice(*SAFETY), most=len(SAFETY))
    safety_notes = Texts(most=1000, lines=True)
    accessibility = Texts(most=1000, lines=True)
    sign_up_opens_at = Moment(allow_none=True)
    sign_up_closes_at = Moment(allow_none=True)
    sign_up = Nested(SignUpRulesWishSchema)
    note = Text(most=5000, metadata={"description": "For the organisation only"})
    slug = Slug(most=60, metadata={"description": "Part of the address; fixed once the event is published"})
    reason = Texts(most=500, lines=True, metadata={"description": "Told to attendees when time or place move"})

    @validates_schema
    def _one_count(self, data: Mapping[str, Any], **_options: Any) -> None:
        if "quotas" in data and "capacity" in data:
            raise ValidationError(N_("Give quotas or a capacity, not both."), "capacity")


class EventWishSchema(EventChangeSchema):
    """A new event, which begins as a draft and may lack facts."""

    class Meta(EventChangeSchema.Meta):
        """A new event has nothing to give reasons for."""

        exclude = ("reason",)

    format = Choice(*FORMATS, required=True)
    title = Texts(most=200, required=True)
    organiser = Slug(metadata={"description": "Whose event; needed by those who act for several organisations"})


class RescheduleSchema(Wish):
    """The sessions as they shall be, all of them."""

    sessions = Many(Nested(SessionWishSchema), least=1, most=MOST_SESSIONS, required=True)
    reason = Texts(most=500, lines=True, load_default=dict)


class CancelSchema(Wish):
    """Why the event is called off."""

    reason = Texts(most=500, lines=True, load_default=dict)


def event_wish(data: Mapping[str, Any]) -> EventWish:
    """A new event as the domain knows wishes."""
    return EventWish(format=data["format"], **changes(data, format_=data["format"]))


def changes(data: Mapping[str, Any], *, format_: str) -> dict[str, Any]:
    """The parts of an EventWish that are asked for; the host is the use case's to find."""
    plain: tuple[str, ...] = (
        "title",
        "summary",
        "description",
        "quota_choice",
        "german_level",
        "safety_notes",
        "accessibility",
    )
    plain += ("sign_up_opens_at", "sign_up_closes_at", "sign_up", "note", "slug")
    found = {name: data[name] for name in plain if name in data}
    found |= {name: tuple(data[name]) for name in ("languages", "fields_of_study", "safety") if name in data}
    if "sessions" in data:
        found["sessions"] = session_wishes(data["sessions"], format_=format_)
    if "quotas" in data:
        found["quotas"] = tuple(_quota(each, format_) for each in data["quotas"])
    if "capacity" in data:
        found["quotas"] = (QuotaWish(capacity=data["capacity"]),)
    return found


def session_wishes(sessions: list[Mapping[str, Any]], *, format_: str) -> tuple[SessionWish, ...]:
    """The sessions as the domain knows wishes."""
    return tuple(_session(each, format_) for each in sessions)


def _session(data: Mapping[str, Any], format_: str) -> SessionWish:
    zone = data.get("zone") or installed().common.default_zone
    start = _local(data["starts_at"], zone)
    minutes = timedelta(minutes=data.get("duration_minutes") or FORMATS[format_].duration_minutes)
    place = data.get("place")
    return SessionWish(
        id=data.get("id"),
        title=data["title"],
        local_start=start,
        local_end=_local(data["ends_at"], zone) if "ends_at" in data else start + minutes,
        zone=zone,
        place=Place(**place) if place else None,
        join_url=data.get("join_url", ""),
    )


def _local(moment: datetime, zone: str) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _quota(data: Mapping[str, Any], format_: str) -> QuotaWish:
    return QuotaWish(**{"kind": FORMATS[format_].quota_kind, **data})
