"""What an organiser wishes an event to be, and the rejections around its life."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.contracts.events import SignUpRules
from shared.errors import N_, Rejection

Texts = dict[str, str]  # language code -> text

DRAFT, PUBLISHED, CANCELLED = "draft", "published", "cancelled"
GERMAN_LEVELS = ("", "A1", "A2", "B1", "B2", "C1", "C2")
SAFETY = ("closed_shoes", "photo_id", "no_photos", "protective_clothing")
QUOTA_KINDS = ("event", "group", "slot", "stakeholder", "session")
QUOTA_CHOICES = ("one", "any")
MOST_SESSIONS, MOST_QUOTAS, MOST_PLACES = 60, 200, 100_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where people meet; stored as it is, sent as shared.contracts.events.Place."""

    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    meeting_point: str = ""
    arrival: str = ""


@dataclass(frozen=True, kw_only=True)
class SessionWish:
    """One time block in local time (naive). With `id` it is an existing session, else perhaps a new one."""

    local_start: datetime
    local_end: datetime
    zone: str
    title: Texts = field(default_factory=dict)
    place: Place | None = None
    join_url: str = ""
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class QuotaWish:
    """A limited number of places. `session` is an index into the wish's sessions for a quota of one session."""

    capacity: int
    name: Texts = field(default_factory=dict)
    kind: str = "event"
    language: str = ""
    session: int | None = None
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class EventWish:
    """All that an organiser decides about an event.

    quotas None: the format's usual ones; (): none yet. quota_choice "": the format's. `missing` are facts that
    an import looked for in vain. slug "": made from the title.
    """

    format: str
    title: Texts
    summary: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    sessions: tuple[SessionWish, ...] = ()
    quotas: tuple[QuotaWish, ...] | None = None
    quota_choice: str = ""
    company_id: UUID | None = None
    languages: tuple[str, ...] = ()
    german_level: str = ""
    fields_of_study: tuple[str, ...] = ()
    safety: tuple[str, ...] = ()
    safety_notes: Texts = field(default_factory=dict)
    accessibility: Texts = field(default_factory=dict)
    sign_up_opens_at: datetime | None = None
    sign_up_closes_at: datetime | None = None
    sign_up: SignUpRules = field(default_factory=SignUpRules)
    missing: tuple[str, ...] = ()
    note: str = ""
    slug: str = ""


class EventIsIncomplete(Rejection):
    """An event can only be published when people would know what, when, where and for how many."""

    title = N_("The event is not complete yet")
    detail = N_("Still missing: %(missing)s.")


class AlreadyPublished(Rejection):
    """Publishing happens once."""

    title = N_("The event is published already")


class EventIsCancelled(Rejection):
    """What was called off stays as people were told."""

    title = N_("The event was cancelled")
    detail = N_("A cancelled event can no longer be changed.")


class EventWasChangedMeanwhile(Rejection):
    """Somebody else saved first; nobody's work is overwritten unseen."""

    title = N_("The event was changed meanwhile")
    detail = N_("Somebody else saved the event while you were editing. Please load it again.")


class SelectionIsKnown(Rejection):
    """People signed up by the rules they read."""

    title = N_("How places are given cannot be changed any more")
    detail = N_("People read the rules when they signed up. Cancel the event and plan a new one if they must change.")


class PlacesAreTaken(Rejection):
    """A quota with people in it can neither vanish nor shrink below them."""

    title = N_("There are more people than places")
    detail = N_("%(taken)s places are taken already.")
