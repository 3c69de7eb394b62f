"""The organisation, the company, the offer and the events of the demo story, planned once."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy.orm import Session

from services.events.domain.events import EventWish, Place, QuotaWish, SessionWish
from services.events.schemas.import_files import read_events
from services.events.storage import organisations
from services.events.storage.tables import Company, Event, Organisation
from services.events.use_cases.add_member import add_member
from services.events.use_cases.create_company import CompanyWish, create_company
from services.events.use_cases.create_event import create_event
from services.events.use_cases.create_organisation import OrganisationWish, create_organisation
from services.events.use_cases.import_events import import_events
from services.events.use_cases.offer_tour import offer_tour
from services.events.use_cases.open_account import open_account
from services.events.use_cases.publish_event import publish_event
from services.events.use_cases.save_offer_draft import save_offer_draft
from services.events.use_cases.start_offer import OfferStart, start_offer
from shared.policy import Actor, Role

Story = dict[str, Any]
HERE = Path(__file__).parent
OPERATOR = Actor(kind="command_line", is_admin=True)
ZONE = "Europe/Berlin"


def read_story() -> Story:
    """The file story.yaml."""
    story: Story = yaml.safe_load((HERE / "story.yaml").read_text(encoding="utf-8"))
    return story


def plan(story: Story, *, session: Session, now: datetime, base_url: str) -> list[tuple[Event, int]]:
    """Everything that is planned, in one transaction, unless it was before; the events with their sign-ups to come."""
    facts = story["organisation"]
    if organisations.find_by_slug(session, facts["slug"]) is not None:
        return []
    organisation = create_organisation(OrganisationWish(**facts), session=session, now=now)
    for person in story["people"]:
        _add(person, organisation, session=session, now=now)
    company = _company(story["company"], organisation, session=session, now=now)
    planned = [
        (_event(each, organisation, company, session=session, now=now, base_url=base_url), int(each["sign_ups"]))
        for each in story["events"]
    ]
    _offer(story, organisation, company, session=session, now=now, base_url=base_url)
    past = HERE / "real_events.yaml"
    rows = read_events(past.read_bytes(), name=past.name)
    import_events(rows, organisation=organisation, session=session, now=now, by=OPERATOR)
    return planned


def _add(person: dict[str, str], organisation: Organisation, *, session: Session, now: datetime) -> None:
    add_member(
        person["email"],
        role=Role(person["role"]),
        organisation_id=organisation.id,
        name=person["name"],
        locale=person["locale"],
        session=session,
        now=now,
        by=OPERATOR,
    )


def _company(facts: Story, organisation: Organisation, *, session: Session, now: datetime) -> Company:
    contact = facts["contact"]
    account = open_account(contact["email"], name=contact["name"], locale=contact["locale"], session=session, now=now)
    wish = CompanyWish(**{name: value for name, value in facts.items() if name != "contact"})
    return create_company(wish, session=session, now=now, organisation_id=organisation.id, contact=account)


def _event(
    facts: Story, organisation: Organisation, company: Company, *, session: Session, now: datetime, base_url: str
) -> Event:
    wish = _wish(facts, company.id if facts.get("hosted") else None, today=now.date())
    event = create_event(wish, organisation_id=organisation.id, session=session, now=now, by=OPERATOR)
    publish_event(event, base_url=base_url, session=session, now=now, by=OPERATOR)
    return event


def _wish(facts: Story, company_id: UUID | None, *, today: date) -> EventWish:
    quotas = facts.get("quotas") or [{"kind": "event", "capacity": facts["capacity"]}]
    lists: dict[str, Any] = {name: tuple(facts.get(name, ())) for name in ("languages", "fields_of_study", "safety")}
    texts: dict[str, Any] = {name: facts.get(name, {}) for name in ("title", "summary", "description", "accessibility")}
    return EventWish(
        format=facts["format"],
        company_id=company_id,
        german_level=facts.get("german_level", ""),
        quota_choice=facts.get("quota_choice", ""),
        sessions=tuple(_session(each, today=today) for each in facts.get("sessions") or [facts]),
        quotas=tuple(QuotaWish(**each) for each in quotas),
        **lists,
        **texts,
    )


def _session(facts: Story, *, today: date) -> SessionWish:
    start = _moment(facts["in_days"], facts["start"], today=today)
    place = facts.get("place")
    return SessionWish(
        local_start=start,
        local_end=start + timedelta(minutes=facts["minutes"]),
        zone=ZONE,
        title={} if "format" in facts else facts.get("title", {}),
        place=Place(**place) if place else None,
        join_url=facts.get("join_url", ""),
    )


def _offer(
    story: Story, organisation: Organisation, company: Company, *, session: Session, now: datetime, base_url: str
) -> None:
    """One offer that waits for the organiser's decision."""
    facts, contact = story["offer"], story["company"]["contact"]
    account = open_account(contact["email"], session=session, now=now)
    by = Actor(
        id=account.id, kind="account", email=account.address, name=account.name, companies=frozenset({company.id})
    )
    start = OfferStart(organisation_id=organisation.id, company_id=company.id, locale="de")
    offer = start_offer(start, by=by, session=session, now=now)
    changes = {
        "contact_name": contact["name"],
        "title": facts["title"],
        "description": facts["what"],
        "dates": [
            _moment(days, facts["start"], today=now.date()).isoformat(timespec="minutes") for days in facts["in_days"]
        ],
        "duration_minutes": facts["minutes"],
        "places": facts["places"],
        "meeting_point": facts["meeting_point"],
        "languages": facts["languages"],
    }
    save_offer_draft(offer.id, changes, by=by, session=session, now=now)
    offer_tour(offer.id, by=by, session=session, now=now, base_url=base_url)


def _moment(in_days: int, at: str, *, today: date) -> datetime:
    """A local time on a working day outside the Christmas weeks: gates are closed then."""
    day = today + timedelta(days=in_days)
    while day.weekday() >= 5 or (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 6):
        day += timedelta(days=1)
    return datetime.combine(day, datetime.strptime(at, "%H:%M").time())  # noqa: DTZ007 - local by meaning
