"""An offer in words: the names of its fields and their values in the reader's language."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.events.domain.offer_content import Content, changed_fields, places_of, value_of
from services.events.storage.tables import Offer, OfferEntry
from shared.errors import N_
from shared.http.locale import _, enumeration, format_datetime, language_name, when

LABELS = {
    "company_name": N_("Company"),
    "website": N_("Website"),
    "site": N_("Site"),
    "site.street": N_("Street and number"),
    "site.postal_code": N_("Postal code"),
    "site.city": N_("Town"),
    "site.country": N_("Country"),
    "contact_name": N_("Contact"),
    "phone": N_("Telephone"),
    "language": N_("Written in"),
    "title": N_("Title"),
    "description": N_("What visitors will see"),
    "fields_of_study": N_("Subjects and trades"),
    "dates": N_("Dates"),
    "zone": N_("Time zone"),
    "duration_minutes": N_("Duration"),
    "guides": N_("Guides"),
    "places": N_("Places"),
    "meeting_point": N_("Meeting point"),
    "arrival": N_("How to get there"),
    "languages": N_("Languages of the tour"),
    "german_level": N_("German needed"),
    "safety": N_("Safety"),
    "safety_notes": N_("More on safety"),
    "accessibility": N_("Accessibility"),
}
SAFETY = {
    "closed_shoes": N_("Closed shoes"),
    "photo_id": N_("Identity card at the gate"),
    "no_photos": N_("No photographs"),
    "protective_clothing": N_("Protective clothing (we lend it)"),
}
KINDS = {
    "begun": N_("Draft begun"),
    "address_corrected": N_("Address corrected"),
    "offered": N_("Offer sent"),
    "change_requested": N_("Asked for a change"),
    "answered": N_("Answered"),
    "edited": N_("Changed: %(fields)s"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
    "revised": N_("Wants to change the tour"),
    "revision_accepted": N_("Change taken over"),
    "revision_declined": N_("Change declined"),
}


def label(name: str) -> str:
    """What a field is called."""
    return _(LABELS[name])


def labels() -> dict[str, str]:
    """All of them, for the summary of errors."""
    return {name: _(text) for name, text in LABELS.items()}


def facts(content: Content, names: Iterable[str]) -> list[tuple[str, str]]:
    """(label, value) of these fields; `site` stands for the whole address."""
    return [(label(name), value(content, name)) for name in names]


def value(content: Content, name: str) -> str:
    """One field's value in the reader's words, "" for none."""
    found = places_of(content) if name == "places" else value_of(content, name)
    return _SAID[name](found, content) if name in _SAID else str(found or "")


def changes(old: Content, new: Content | None) -> list[tuple[str, str, str]]:
    """(label, until now, new) of each field that differs."""
    names = changed_fields(old, new) if new is not None else ()
    return [(label(name), value(old, name), value(new or old, name)) for name in names]


def dates(content: Content) -> list[tuple[str, str]]:
    """(local start, from when to when in words) of each date that can be read."""
    return [(start, _from_to(start, content)) for start in content["dates"]]


def minutes(count: int) -> str:
    """A duration."""
    return _("%(count)s min", count=count)


def kind(entry: OfferEntry) -> str:
    """What happened, for the head of a thread's entry."""
    if entry.kind == "edited":
        return _(KINDS["edited"], fields=enumeration([label(name) for name in entry.text.split(",") if name in LABELS]))
    return _(KINDS.get(entry.kind, entry.kind))


def moment(entry: OfferEntry, offer: Offer) -> str:
    """When it happened."""
    return format_datetime(entry.at, offer.content["zone"], width="medium")


def _from_to(start: str, content: Content) -> str:
    begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(content["zone"]))
    return when(begins, begins + timedelta(minutes=content["duration_minutes"] or 0), content["zone"])


def _site(site: dict[str, str], _content: Content) -> str:
    town = " ".join(part for part in (site["postal_code"], site["city"]) if part)
    return ", ".join(part for part in (site["street"], town) if part)


_SAID: dict[str, Any] = {
    "site": _site,
    "language": lambda code, _content: language_name(code),
    "languages": lambda codes, _content: enumeration([language_name(each) for each in codes]),
    "fields_of_study": lambda names, _content: enumeration(names),
    "safety": lambda keys, _content: enumeration([_(SAFETY[each]) for each in keys]),
    "dates": lambda _starts, content: "\n".join(text for _start, text in dates(content)),
    "duration_minutes": lambda count, _content: minutes(count) if count else "",
}
