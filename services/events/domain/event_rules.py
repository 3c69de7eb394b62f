"""What must hold for an event, and what it still lacks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from services.events.domain import events, local_times, sign_up_rules
from services.events.domain.events import EventWish, QuotaWish, SessionWish
from services.events.domain.formats import FORMATS
from shared.errors import N_, InvalidInput

MISSING = {
    "title": N_("Title"),
    "sessions": N_("Date and time"),
    "date": N_("Date"),
    "start_time": N_("Start time"),
    "end_time": N_("End time"),
    "place": N_("Place or online link"),
    "venue": N_("House and street"),
    "join_url": N_("Online link"),
    "quotas": N_("Number of places"),
    "organiser": N_("Organiser"),
}
_PARTS = {"sessions": ("date", "start_time", "end_time"), "place": ("venue", "join_url")}

Fault = tuple[str, str]


def ensure_sound(wish: EventWish) -> None:
    """Raises InvalidInput with a sentence for every field that contradicts itself. Lacking facts are no fault."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, sentence in _faults(wish):
        found[name].append(sentence)
    if found:
        raise InvalidInput(dict(found))


def missing_facts(wish: EventWish) -> list[str]:
    """What must be known before the event may be published: keys of MISSING, in that order.

    Where an import knows more exactly what it looked for in vain, that is named instead of the whole.
    """
    lacking = {
        "title": not any(text.strip() for text in wish.title.values()),
        "sessions": not wish.sessions,
        "place": not wish.sessions or not all(_has_place(each) for each in wish.sessions),
        "quotas": wish.quotas == (),
    }
    found = {part for key, lacks in lacking.items() if lacks for part in _named(key, wish.missing)}
    return [key for key in MISSING if key in found]


def _named(key: str, finer: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in _PARTS.get(key, ()) if part in finer) or (key,)


def is_moved(before: Iterable[SessionWish], after: Iterable[SessionWish]) -> bool:
    """Whether time or place differ: people must be told and calendars move."""
    return [_when_and_where(each) for each in before] != [_when_and_where(each) for each in after]


def _when_and_where(each: SessionWish) -> tuple[object, ...]:
    return each.id, each.local_start, each.local_end, each.zone, each.place, each.join_url


def _has_place(each: SessionWish) -> bool:
    return bool(each.join_url) or (each.place is not None and bool(each.place.city or each.place.name))


def _faults(wish: EventWish) -> Iterator[Fault]:
    if wish.format not in FORMATS:
        yield "format", N_("This format is not known.")
    if wish.german_level not in events.GERMAN_LEVELS:
        yield "german_level", N_("This language level is not known.")
    if set(wish.safety) - set(events.SAFETY):
        yield "safety", N_("This safety note is not known.")
    if wish.quota_choice not in ("", *events.QUOTA_CHOICES):
        yield "quota_choice", N_("Choose one of the given values.")
    yield from _window_faults(wish)
    yield from sign_up_rules.faults(
        wish.sign_up,
        opens_at=wish.sign_up_opens_at,
        closes_at=wish.sign_up_closes_at,
        fields_of_study=wish.fields_of_study,
    )
    yield from _session_faults(wish.sessions)
    yield from _quota_faults(wish.quotas or (), len(wish.sessions))


def _window_faults(wish: EventWish) -> Iterator[Fault]:
    if wish.sign_up_opens_at and wish.sign_up_closes_at and wish.sign_up_closes_at <= wish.sign_up_opens_at:
        yield "sign_up_closes_at", N_("Sign-up must close after it opens.")


def _session_faults(sessions: tuple[SessionWish, ...]) -> Iterator[Fault]:
    if len(sessions) > events.MOST_SESSIONS:
        yield "sessions", N_("These are too many sessions.")
    for number, each in enumerate(sessions):
        yield from ((f"sessions.{number}.{name}", text) for name, text in _one_session(each))


def _one_session(each: SessionWish) -> Iterator[Fault]:
    if not local_times.is_zone(each.zone):
        yield "zone", N_("This time zone is not known.")
        return
    for name, local in (("local_start", each.local_start), ("local_end", each.local_end)):
        if not local_times.is_sensible(local):
            yield name, N_("Please give a date between 1990 and 2100.")
            return
        if not local_times.exists(local, each.zone):
            yield name, N_("This time does not exist: the clocks go forward that night.")
    if local_times.instant(each.local_end, each.zone) <= local_times.instant(each.local_start, each.zone):
        yield "local_end", N_("The end must be after the start.")


def _quota_faults(quotas: tuple[QuotaWish, ...], sessions: int) -> Iterator[Fault]:
    if len(quotas) > events.MOST_QUOTAS:
        yield "quotas", N_("These are too many quotas.")
    for number, each in enumerate(quotas):
        if not 1 <= each.capacity <= events.MOST_PLACES:
            yield f"quotas.{number}.capacity", N_("Please give a number between 1 and 100000.")
        if each.kind not in events.QUOTA_KINDS:
            yield f"quotas.{number}.kind", N_("Choose one of the given values.")
        if each.session is not None and not 0 <= each.session < sessions:
            yield f"quotas.{number}.session", N_("There is no such session.")
