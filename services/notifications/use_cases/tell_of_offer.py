"""Tell organisers or a company what is new about a tour offer."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.notifications.rendering.calendar import Mailbox
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts import events
from shared.contracts.events import OfferNews, Person
from shared.contracts.message import Message
from shared.errors import N_
from shared.languages import Speaker, when

OfferMessage = (
    events.TourOffered
    | events.OfferChangeRequested
    | events.OfferAnswered
    | events.OfferAccepted
    | events.OfferDeclined
    | events.OfferRevised
    | events.OfferRevisionAccepted
    | events.OfferRevisionDeclined
)


@dataclass(frozen=True)
class _Style:
    kind: str
    heading: str
    button: str
    for_company: bool


_REVIEW, _LOOK = N_("Review the offer"), N_("Open the offer")
STYLES: dict[type[Message], _Style] = {
    events.TourOffered: _Style("tour_offered", N_("A company offers a tour"), _REVIEW, False),
    events.OfferChangeRequested: _Style(
        "offer_change_requested", N_("A question about your offer"), N_("Answer"), True
    ),
    events.OfferAnswered: _Style("offer_answered", N_("The company has answered"), _REVIEW, False),
    events.OfferAccepted: _Style("offer_accepted", N_("Your tour is accepted"), _LOOK, True),
    events.OfferDeclined: _Style("offer_declined", N_("Your offer was declined"), _LOOK, True),
    events.OfferRevised: _Style("offer_revised", N_("A company changes its tour"), N_("Compare old and new"), False),
    events.OfferRevisionAccepted: _Style("offer_revision_accepted", N_("Your change is accepted"), _LOOK, True),
    events.OfferRevisionDeclined: _Style("offer_revision_declined", N_("Your change was declined"), _LOOK, True),
}
FIELDS = {
    "title": N_("Title"),
    "description": N_("Description"),
    "proposed": N_("Dates"),
    "dates": N_("Dates"),
    "start": N_("Date"),
    "duration_minutes": N_("Duration"),
    "places": N_("Places"),
    "meeting_point": N_("Meeting point"),
    "arrival": N_("How to get there"),
    "languages": N_("Languages"),
    "german_level": N_("Level of German"),
    "safety": N_("Safety"),
    "safety_notes": N_("Safety"),
    "accessibility": N_("Accessibility"),
    "site": N_("Site"),
}


def tell_of_offer(message: OfferMessage, *, desk: Desk, session: Session, now: datetime) -> None:
    """One letter to each of those who are to be told, in his or her language."""
    for person in message.tell:
        write_mail(_order(message, person, desk, now), desk=desk, session=session, now=now)


def _order(message: OfferMessage, person: Person, desk: Desk, now: datetime) -> MailOrder:
    style, offer = STYLES[type(message)], message.offer
    speaker = desk.stationery.speaker(person.locale)
    accepted = getattr(message, "accepted_start", "")
    return MailOrder(
        kind=style.kind,
        cause=_cause(style.kind, message, person, now),
        to=Mailbox(name=person.name, email=person.email),
        locale=person.locale,
        from_name="Werktor" if style.for_company else offer.company_name,
        facts={
            "name": person.name,
            "offer": offer,
            "heading": speaker.gettext(style.heading),
            "button": speaker.gettext(style.button),
            "url": offer.company_url if style.for_company else offer.review_url,
            "for_company": style.for_company,
            "dates": [_when(start, offer, speaker) for start in offer.proposed],
            "accepted": _when(accepted, offer, speaker) if accepted else "",
            "changed": [_field(name, speaker) for name in getattr(message, "changed", ())],
            "event_url": getattr(message, "event_url", ""),
        },
        organisation_id=offer.organisation_id,
    )


def _cause(kind: str, message: OfferMessage, person: Person, now: datetime) -> str:
    """The same words about the same offer within an hour are one message heard twice."""
    said = hashlib.sha256(json.dumps(message.dump(), sort_keys=True).encode()).hexdigest()[:32]
    return f"{kind}:{message.offer.id}:{said}:{now:%Y%m%d%H}:{person.email.lower()}"[:200]


def _when(local_start: str, offer: OfferNews, speaker: Speaker) -> str:
    """A proposed date in words; as it came if it is no date."""
    try:
        zone = ZoneInfo(offer.zone)
        start = datetime.fromisoformat(local_start)
    except (ValueError, OSError):
        return local_start
    start = start if start.tzinfo else start.replace(tzinfo=zone)
    return when(start, start + timedelta(minutes=offer.duration_minutes), offer.zone, speaker.locale)


def _field(name: str, speaker: Speaker) -> str:
    return speaker.gettext(FIELDS[name]) if name in FIELDS else name.replace("_", " ")
