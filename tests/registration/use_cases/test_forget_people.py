"""People are forgotten when the privacy note says so; what happened stays countable."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.storage.tables import Consent, Place, Registration
from services.registration.use_cases.expire_unconfirmed import expire_unconfirmed
from services.registration.use_cases.forget_people import forget_people
from tests.registration.builders import LINKS, TERMS, a_registration, an_event, later


def names(session: Session) -> list[str]:
    """Of everybody."""
    return list(session.scalars(select(Registration.name).order_by(Registration.name)))


def test_an_address_that_was_never_confirmed_is_forgotten_within_a_day(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, name="Forgets", terms=TERMS)
    a_registration(session, event, name="Comes")
    expire_unconfirmed(session=session, now=later(minutes=30), links=LINKS)

    assert forget_people(session=session, now=later(hours=23)) == 0
    assert forget_people(session=session, now=later(hours=24)) == 1

    assert names(session) == ["", "Comes"]


def test_everybody_is_forgotten_ninety_days_after_the_event(session: Session) -> None:
    event = an_event(session, capacity=1)
    for name in ("One", "Two"):
        a_registration(session, event, name=name)

    assert forget_people(session=session, now=later(days=103)) == 0
    assert forget_people(session=session, now=later(days=104)) == 2
    assert forget_people(session=session, now=later(days=104)) == 0

    session.expire_all()
    forgotten = session.scalars(select(Registration)).all()
    assert {each.status for each in forgotten} == {"confirmed", "waiting"}
    assert not any(each.email or each.ascii_email or each.search_text or "@" in each.email_key for each in forgotten)
    assert session.scalar(select(func.count()).select_from(Consent)) == 0
    assert session.scalar(select(func.count()).select_from(Place)) == 2
