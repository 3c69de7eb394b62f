"""Attendee and company agree at the same moment."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from services.registration.domain.company import ends_at
from services.registration.storage import companies, events
from services.registration.storage.tables import CheckIn, Scan
from services.registration.use_cases.exchange_contacts import ContactOffer, offer_contact, want_contact
from shared.database import sessions_for
from shared.policy import Actor
from tests.registration.builders import LINKS, NOW, a_registration, an_event

OFFER = ContactOffer(name="Jens", email="jens@example.org", phone="", words="", locale="de")


@pytest.mark.servers
def test_who_agree_at_the_same_moment_learn_of_each_other(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    with sessions.begin() as session:
        event = an_event(session)
        event_id, told = event.id, events.snapshot(event)
        she = a_registration(session, event).id
        door = {"session_id": told.sessions[0].id, "event_id": event_id, "scanned_at": NOW}
        scan = Scan(scan_id=uuid4(), content="", kind="entry", verdict="admitted", received_at=NOW, **door)
        scan.registration_id = she
        session.add(scan)
        session.flush()
        session.add(CheckIn(registration_id=she, scan_id=scan.scan_id, **door))
    end = ends_at(told)
    assert told.host
    assert end
    company = Actor(id=uuid4(), kind="account", companies=frozenset({told.host.id}))
    after = end + timedelta(hours=1)

    def want() -> None:
        with sessions.begin() as session:
            want_contact(she, session=session, now=after, links=LINKS)

    hers = threading.Thread(target=want)
    with sessions.begin() as session:
        event = events.get(session, event_id)
        offer_contact(event, OFFER, actor=company, session=session, now=after, links=LINKS)
        hers.start()
        hers.join(timeout=1)
    hers.join(timeout=20)

    with sessions() as session:
        wish = companies.wish_of(session, she)
        assert wish is not None
        assert wish.exchanged_at is not None
