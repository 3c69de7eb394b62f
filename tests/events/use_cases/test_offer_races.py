"""Two people decide about one offer at the same moment, on both databases."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from services.events.domain.offers import OfferIsAccepted, OfferIsNotInReview
from services.events.storage import offers
from services.events.storage.tables import Event, Offer, Row
from services.events.use_cases.withdraw_offer import withdraw_offer
from shared.contracts.events import OfferAccepted
from shared.database import connect, sessions_for
from shared.errors import Rejection
from tests.events.builders import NOW, messages
from tests.events.offer_builders import DATES, a_sent_offer, accept, contact_of, organiser_of


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database with all tables, embedded and real."""
    engine = connect(database_url)
    Row.metadata.create_all(engine)
    yield engine
    engine.dispose()


def at_once(engine: Engine, *verbs: Callable[[Session], Any]) -> list[Any]:
    """What each of the verbs came to, started together, each in a transaction of its own."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[Session], Any]) -> Any:
        start.wait()
        try:
            with sessions_for(engine).begin() as session:
                return verb(session)
        except Rejection as rejection:
            return type(rejection)

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def test_two_organisers_who_accept_two_dates_at_once_plan_one_event(engine: Engine) -> None:
    with sessions_for(engine).begin() as session:
        offer = a_sent_offer(session)
        organiser = organiser_of(session, offer.organisation)

    answers = at_once(
        engine, *(lambda session, date=date: accept(session, offer.id, organiser, date) for date in DATES[:2] * 3)
    )

    assert answers.count(OfferIsNotInReview) == 5
    with sessions_for(engine)() as session:
        (event,) = session.scalars(select(Event))
        assert offers.get(session, offer.id).event_id == event.id
        assert offers.get(session, offer.id).content["dates"] == [event.sessions[0].local_start]
        assert sum(isinstance(each, OfferAccepted) for each in messages(session)) == 1


def test_withdrawing_and_accepting_at_once_have_one_winner(engine: Engine) -> None:
    with sessions_for(engine).begin() as session:
        offer = a_sent_offer(session)
        organiser, contact = organiser_of(session, offer.organisation), contact_of(offer)

    answers = at_once(
        engine,
        lambda session: accept(session, offer.id, organiser).id,
        lambda session: withdraw_offer(offer.id, by=contact, session=session, now=NOW).status,
    )

    with sessions_for(engine)() as session:
        status = session.scalars(select(Offer.status)).one()
        planned = session.scalar(select(func.count()).select_from(Event))
    if status == "accepted":
        assert (answers[1], planned) == (OfferIsAccepted, 1)
    else:
        assert (status, answers[0], planned) == ("withdrawn", OfferIsNotInReview, 0)
