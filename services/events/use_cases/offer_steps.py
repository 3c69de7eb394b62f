"""What every step of an offer leaves behind: a higher version, a line in the thread, an audit entry, a message."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.events.domain.offer_content import places_of
from services.events.storage import audit, offers
from services.events.storage.tables import Offer, OfferEntry
from services.events.use_cases.offer_access import side_of
from shared.contracts.events import OfferNews, Person
from shared.messaging import outbox
from shared.policy import Actor


def take_step(offer: Offer, kind: str, *, by: Actor, session: Session, now: datetime, text: str = "") -> None:
    """Write the step down. `kind` is a past participle and the audit's action: offer.<kind>."""
    offer.version += 1
    offer.changed_at = now
    say(offer, kind, by=by, now=now, text=text)
    audit.record(session, f"offer.{kind}", by=by, object_id=offer.id, organisation_id=offer.organisation_id, now=now)


def say(offer: Offer, kind: str, *, by: Actor, now: datetime, text: str = "") -> None:
    """Add a line to the thread, after all that is there: two lines of one moment keep their order."""
    side = side_of(offer, by)
    at = max([now, *(each.at + timedelta(microseconds=1) for each in offer.thread)])
    offer.thread.append(OfferEntry(at=at, side=side, author=_author(offer, by, side), kind=kind, text=text))


def tell_organisers(
    offer: Offer, message: type[Any], *, session: Session, base_url: str, text: str = "", **more: Any
) -> None:
    """Send the message to everybody who reviews offers there."""
    _tell(offer, message, offers.organisers_to_tell(session, offer.organisation), session, base_url, text, more)


def tell_company(
    offer: Offer, message: type[Any], *, session: Session, base_url: str, text: str = "", **more: Any
) -> None:
    """Send the message to everybody who speaks for the company."""
    _tell(offer, message, offers.contacts_to_tell(session, offer), session, base_url, text, more)


def _tell(
    offer: Offer,
    message: type[Any],
    people: tuple[Person, ...],
    session: Session,
    base_url: str,
    text: str,
    more: dict[str, Any],
) -> None:
    news = message(offer=_news(offer, base_url=base_url, text=text), tell=people, **more)
    outbox.add(session, news, aggregate=f"offer:{offer.id}", version=offer.version)


def _news(offer: Offer, *, base_url: str, text: str) -> OfferNews:
    content = offer.revision or offer.content
    return OfferNews(
        id=offer.id,
        organisation_id=offer.organisation_id,
        company_name=content["company_name"],
        title=content["title"],
        city=content["site"]["city"],
        zone=content["zone"],
        proposed=tuple(content["dates"]),
        duration_minutes=int(content["duration_minutes"]),
        places=places_of(content),
        status=offer.status,
        company_url=f"{base_url}/events/company/offers/{offer.id}",
        review_url=f"{base_url}/events/manage/offers/{offer.id}",
        text=text,
    )


def _author(offer: Offer, by: Actor, side: str) -> str:
    if by.name:
        return by.name
    if side == "organiser":
        return by.email or str(offer.organisation.name)
    is_contact = by.id in (None, offer.account_id)
    return (str(offer.content["contact_name"]) if is_contact else by.email) or str(offer.content["company_name"])
