"""What the events service tells the others."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.message import Message, register

Texts = dict[str, str]  # language code -> text, in the languages the organiser wrote


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody to write to, in her language."""

    name: str
    email: str
    locale: str


@dataclass(frozen=True, kw_only=True)
class Organiser:
    """The organisation in the middle."""

    id: UUID
    slug: str
    name: str
    email: str
    website: str = ""


@dataclass(frozen=True, kw_only=True)
class Host:
    """The host company and whom to tell when its event changes."""

    id: UUID
    name: str
    contacts: tuple[Person, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where people meet. All parts may be empty for an online session."""

    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    meeting_point: str = ""
    arrival: str = ""


@dataclass(frozen=True, kw_only=True)
class SessionSnapshot:
    """One time block. `local_start` in `zone` is the truth for events at a place; the instants follow from it.

    starts_at and ends_at are aware UTC; local_start and local_end are ISO 8601 without offset.
    `join_url` is only for those who hold a place.
    """

    id: UUID
    title: Texts
    starts_at: datetime
    ends_at: datetime
    local_start: str
    local_end: str
    zone: str
    place: Place | None = None
    join_url: str = ""


@dataclass(frozen=True, kw_only=True)
class QuotaSnapshot:
    """A limited number of places; kind is event | group | slot | stakeholder | session."""

    id: UUID
    name: Texts
    kind: str
    capacity: int
    session_id: UUID | None = None
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class SignUpRules:
    """How places are given, as printed on the event page.

    selection: first_come | approval | lottery | priority. priorities (of the last): first_time | field_of_study
    | target_group, the weightiest first. decides_at: when the places of a lottery or by priority are given, aware UTC;
    until then people apply, afterwards it goes on as first_come. audiences: keys of the target groups.
    offer_hours: 0 gives a freed place to the first who waits at once, else she has so many hours to take it.
    answer_days: so many days before the start people are asked whether they come (0: never); without an answer
    the place is freed after a warning where answer_frees is set. changes_until_hours: so many hours before the start
    answers and places can be changed. by_invitation: nobody signs up without a personal link.
    """

    selection: str = "first_come"
    priorities: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    decides_at: datetime | None = None
    offer_hours: int = 0
    answer_days: int = 0
    answer_frees: bool = False
    changes_until_hours: int = 0
    hand_over: bool = False
    by_invitation: bool = False


@dataclass(frozen=True, kw_only=True)
class EventSnapshot:
    """All that another service needs to know of an event, with a version so that late old news is ignored.

    status: published | cancelled. quota_choice: "one" (exactly one quota) or "any" (at least one).
    safety: keys of closed_shoes, photo_id, no_photos, protective_clothing.
    """

    is_said_often: ClassVar[bool] = True  # message.py then reads the same text once

    id: UUID
    version: int
    slug: str
    format: str
    status: str
    title: Texts
    summary: Texts
    description: Texts
    organiser: Organiser
    sessions: tuple[SessionSnapshot, ...]
    quotas: tuple[QuotaSnapshot, ...]
    quota_choice: str = "one"
    host: Host | None = None
    languages: tuple[str, ...] = ()
    german_level: str = ""
    safety: tuple[str, ...] = ()
    safety_notes: Texts = field(default_factory=dict)
    accessibility: Texts = field(default_factory=dict)
    sign_up_opens_at: datetime | None = None
    sign_up_closes_at: datetime | None = None
    cancelled_reason: Texts = field(default_factory=dict)
    url: str = ""
    fields_of_study: tuple[str, ...] = ()
    sign_up: SignUpRules = field(default_factory=SignUpRules)


@dataclass(frozen=True, kw_only=True)
class _FromEvents(Message):
    producer: ClassVar[str] = "events"


@register
@dataclass(frozen=True, kw_only=True)
class EventPublished(_FromEvents):
    """The event is in the catalogue; sign-up may open."""

    event: EventSnapshot


@register
@dataclass(frozen=True, kw_only=True)
class EventChanged(_FromEvents):
    """Texts, quotas or other things changed, but neither time nor place."""

    event: EventSnapshot


@register
@dataclass(frozen=True, kw_only=True)
class EventRescheduled(_FromEvents):
    """Time or place moved; `previous` are the sessions as people knew them."""

    event: EventSnapshot
    previous: tuple[SessionSnapshot, ...]
    reason: Texts = field(default_factory=dict)


@register
@dataclass(frozen=True, kw_only=True)
class EventCancelled(_FromEvents):
    """The event is called off; event.cancelled_reason says why."""

    event: EventSnapshot


@dataclass(frozen=True, kw_only=True)
class OfferNews:
    """A company's tour offer as mails need it. `proposed` are the alternative local starts, ISO 8601."""

    id: UUID
    organisation_id: UUID
    company_name: str
    title: str
    city: str
    zone: str
    proposed: tuple[str, ...]
    duration_minutes: int
    places: int
    status: str
    company_url: str
    review_url: str
    text: str = ""  # the organiser's question, the company's answer, the reason


@dataclass(frozen=True, kw_only=True)
class _AboutOffer(_FromEvents):
    """`tell` are the people to write to: the organisers, or the company's contacts."""

    offer: OfferNews
    tell: tuple[Person, ...]


@register
@dataclass(frozen=True, kw_only=True)
class TourOffered(_AboutOffer):
    """A company sent its offer for review."""


@register
@dataclass(frozen=True, kw_only=True)
class OfferChangeRequested(_AboutOffer):
    """The organiser asked the company for a change."""


@register
@dataclass(frozen=True, kw_only=True)
class OfferAnswered(_AboutOffer):
    """The company answered in the thread, perhaps with a changed offer."""


@register
@dataclass(frozen=True, kw_only=True)
class OfferAccepted(_AboutOffer):
    """The organiser accepted one of the dates; the event exists."""

    accepted_start: str
    event_url: str = ""


@register
@dataclass(frozen=True, kw_only=True)
class OfferDeclined(_AboutOffer):
    """The organiser declined, with a reason."""


@register
@dataclass(frozen=True, kw_only=True)
class OfferRevised(_AboutOffer):
    """The company wants to change an accepted tour; it waits for review."""

    changed: tuple[str, ...]


@register
@dataclass(frozen=True, kw_only=True)
class OfferRevisionAccepted(_AboutOffer):
    """The organiser took the company's change over into the event."""


@register
@dataclass(frozen=True, kw_only=True)
class OfferRevisionDeclined(_AboutOffer):
    """The organiser kept the event as it was, with a reason."""


@register
@dataclass(frozen=True, kw_only=True)
class SignInRequested(_FromEvents):
    """Somebody asked for a sign-in link. purpose: sign_in | offer_tour | invitation."""

    request_id: UUID
    person: Person
    link: str
    expires_at: datetime
    purpose: str = "sign_in"


@register
@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(_FromEvents):
    """The other services must stop believing what carries this id: an API token, or the proof of an account session.

    From `expires_at` on nobody would believe it anyway.
    """

    token_id: UUID
    expires_at: datetime | None = None
