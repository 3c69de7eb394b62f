"""Events as pages show them: what a card or a page needs, in the reader's language."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.events.domain.events import CANCELLED, PUBLISHED
from services.events.storage import availability
from services.events.storage.availability import Places
from services.events.storage.tables import Event, EventSession, Quota
from shared.http.locale import _, in_language, language_name, ngettext, when
from shared.languages import Localised


@dataclass(frozen=True, kw_only=True)
class ShownQuota:
    """One quota with its name and places."""

    quota: Quota
    name: Localised
    places: Places


@dataclass(frozen=True, kw_only=True)
class ShownEvent:
    """One event. `next` is the session to come, or the last one when all are over."""

    event: Event
    next: EventSession | None
    place: str
    free: int
    capacity: int
    waiting: int
    quotas: tuple[ShownQuota, ...]
    now: datetime

    @property
    def title(self) -> Localised:
        """In the reader's language or the next best."""
        return in_language(self.event.title)

    @property
    def is_over(self) -> bool:
        """Whether its last session has ended."""
        return self.event.ends_at is not None and self.event.ends_at <= self.now

    @property
    def when_text(self) -> str:
        """The session to come and how many more there are; "" where the date alone says it."""
        if self.next is None:
            return _("The date is not fixed yet")
        others = len(self.event.sessions) - 1
        if not others:
            return ""
        more = ngettext("and %(num)s more session", "and %(num)s more sessions", others)
        return f"{when(self.next.starts_at, self.next.ends_at, self.next.zone)} {more}"

    @property
    def languages(self) -> list[str]:
        """Names of what is spoken."""
        return [language_name(each) for each in self.event.languages]

    @property
    def takes_sign_ups(self) -> bool:
        """Whether somebody could sign up now, for a place or the waiting list."""
        opens, closes = self.event.sign_up_opens_at, self.event.sign_up_closes_at
        is_open = (opens is None or opens <= self.now) and (closes is None or closes > self.now)
        return self.event.status == PUBLISHED and not self.is_over and is_open

    @property
    def sign_up_url(self) -> str:
        """Where to sign up: the registration service's page."""
        return f"/registration/{self.event.slug}/sign-up"

    @property
    def availability_url(self) -> str:
        """Where the page asks how many places are free now; "" where that no longer matters."""
        return f"/events/api/v1/events/{self.event.id}/availability" if self.event.status == PUBLISHED else ""

    @property
    def status_name(self) -> str:
        """Only what differs from the usual."""
        return CANCELLED if self.event.status == CANCELLED else ""


def shown(event: Event, places: Mapping[UUID, Places], now: datetime) -> ShownEvent:
    """One event with what is known of its places."""
    quotas = tuple(ShownQuota(quota=each, name=in_language(each.name), places=places[each.id]) for each in event.quotas)
    session = next((each for each in event.sessions if each.ends_at > now), None)
    session = session or (event.sessions[-1] if event.sessions else None)
    return ShownEvent(
        event=event,
        next=session,
        place=place_text(session),
        free=sum(each.places.free for each in quotas),
        capacity=sum(each.places.capacity for each in quotas),
        waiting=sum(each.places.waiting for each in quotas),
        quotas=quotas,
        now=now,
    )


def shown_all(session: Any, events: Collection[Event], now: datetime) -> list[ShownEvent]:
    """Several, with one query for all their places."""
    places = availability.of_events(session, events)
    return [shown(each, places, now) for each in events]


def place_text(session: EventSession | None) -> str:
    """Where, in a line: house and town, or that it is online."""
    if session is None:
        return ""
    if session.place is None:
        return _("Online")
    return ", ".join(part for part in (session.place.get("name"), session.place.get("city")) if part) or _("Online")


def address_text(session: EventSession) -> str:
    """The whole postal address in a line."""
    place = session.place or {}
    town = " ".join(part for part in (place.get("postal_code"), place.get("city")) if part)
    return ", ".join(part for part in (place.get("name"), place.get("street"), town) if part)
