"""A company's offer from the first tap to the event, and what comes after."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.events.domain.events import PlacesAreTaken
from services.events.domain.offers import (
    AddressNotConfirmed,
    DateHasPassed,
    DateIsNotOffered,
    NoRevisionIsPending,
    NothingHasChanged,
    OfferHasChanged,
    OfferIsAccepted,
    OfferIsClosed,
    OfferIsIncomplete,
    OfferIsNotAccepted,
    OfferIsNotInReview,
    OfferWasSent,
    TourIsCalledOff,
    TourIsOver,
)
from services.events.storage import events, offers
from services.events.storage.tables import AuditEntry, Availability, Company, CompanyContact, Event, Offer
from services.events.use_cases.accept_revision import accept_revision
from services.events.use_cases.answer_offer import answer_offer
from services.events.use_cases.cancel_event import cancel_event
from services.events.use_cases.decline_offer import decline_offer
from services.events.use_cases.decline_revision import decline_revision
from services.events.use_cases.offer_tour import offer_tour
from services.events.use_cases.request_offer_change import request_offer_change
from services.events.use_cases.revise_offer import revise_offer
from services.events.use_cases.save_offer_draft import save_offer_draft
from services.events.use_cases.start_offer import OfferStart, start_offer
from services.events.use_cases.withdraw_offer import withdraw_offer
from shared.contracts.events import (
    EventChanged,
    EventPublished,
    EventRescheduled,
    OfferAccepted,
    OfferAnswered,
    OfferChangeRequested,
    OfferDeclined,
    OfferRevised,
    OfferRevisionAccepted,
    OfferRevisionDeclined,
    TourOffered,
)
from shared.errors import NotFound, NotPermitted, NotSignedIn, Rejection
from shared.policy import ANONYMOUS, Actor, Role
from tests.events.builders import BASE_URL, NOW, a_member, an_organisation, messages
from tests.events.offer_builders import (
    DATES,
    TOUR,
    a_begun_offer,
    a_sent_offer,
    accept,
    an_accepted_offer,
    contact_of,
    organiser_of,
    stranger,
)


def settings(session: Session, by: Actor) -> dict[str, Any]:
    return {"by": by, "session": session, "now": NOW, "base_url": BASE_URL}


def test_sending_a_draft_tells_each_organiser_in_her_language(session: Session) -> None:
    organisation = an_organisation(session)
    a_member(session, organisation, "admin", email="amal@bruecke.example.org", name="Amal", locale="ar")
    a_member(session, organisation, "helper")

    offer = a_sent_offer(session, organisation)

    (told,) = messages(session)
    assert isinstance(told, TourOffered)
    assert [(each.name, each.email, each.locale) for each in told.tell] == [("Amal", "amal@bruecke.example.org", "ar")]
    assert (told.offer.title, told.offer.city, told.offer.proposed) == (TOUR["title"], "Pforzheim", tuple(DATES))
    assert told.offer.review_url == f"{BASE_URL}/events/manage/offers/{offer.id}"
    assert offer.company.city == "Pforzheim"
    assert [each.kind for each in offer.thread] == ["begun", "offered"]


def test_an_organisation_without_organisers_is_told_at_its_own_address(session: Session) -> None:
    a_sent_offer(session)

    (told,) = messages(session)
    assert isinstance(told, TourOffered)
    assert [each.email for each in told.tell] == ["post@bruecke.example.org"]


def test_question_answer_and_acceptance_make_a_published_event(session: Session) -> None:
    offer = a_sent_offer(session)
    organiser = organiser_of(session, offer.organisation)

    request_offer_change(offer.id, text="Geht auch Englisch?", **settings(session, organiser))
    answer_offer(offer.id, text="Ja.", changes={"languages": ["en"]}, **settings(session, contact_of(offer)))
    event = accept(session, offer.id, organiser, DATES[1], publish=True)

    assert (offer.status, offer.event_id, offer.content["dates"]) == ("accepted", event.id, [DATES[1]])
    assert (event.status, event.title, event.company_id) == ("published", {"de": TOUR["title"]}, offer.company_id)
    assert event.languages == ["en"]
    assert (event.sessions[0].local_start, event.sessions[0].local_end) == (DATES[1], "2026-12-04T12:00")
    assert event.sessions[0].place["meeting_point"] == "Pforte Nord"
    assert [each.capacity for each in event.quotas] == [10]
    assert [type(each) for each in messages(session)] == [
        TourOffered,
        OfferChangeRequested,
        OfferAnswered,
        EventPublished,
        OfferAccepted,
    ]
    accepted = messages(session)[-1]
    assert isinstance(accepted, OfferAccepted)
    assert accepted.accepted_start == DATES[1]
    assert accepted.event_url == f"{BASE_URL}/events/{event.slug}"
    assert [each.email for each in accepted.tell] == ["eva@gold.example.org"]
    assert [(each.kind, each.text) for each in offer.thread if each.text] == [
        ("change_requested", "Geht auch Englisch?"),
        ("edited", "languages"),
        ("answered", "Ja."),
    ]


def test_accepting_without_publishing_leaves_a_draft_that_nobody_hears_of(session: Session) -> None:
    offer = a_sent_offer(session)

    event = accept(session, offer.id, organiser_of(session, offer.organisation))

    assert event.status == "draft"
    assert [type(each) for each in messages(session)] == [TourOffered, OfferAccepted]


def test_declining_tells_the_company_the_reason(session: Session) -> None:
    offer = a_sent_offer(session)

    decline_offer(offer.id, reason="Zu weit weg.", **settings(session, organiser_of(session, offer.organisation)))

    told = messages(session)[-1]
    assert isinstance(told, OfferDeclined)
    assert (offer.status, told.offer.text) == ("declined", "Zu weit weg.")


def test_a_revision_waits_and_is_taken_over_field_by_field(session: Session) -> None:
    offer = an_accepted_offer(session)
    event = events.get(session, offer.event_id)
    event.title = {"de": TOUR["title"], "en": "A look into the goldsmith's"}
    changes = {"meeting_point": "Pforte Süd", "dates": ["2026-12-03T15:00"]}

    revise_offer(offer.id, changes, text="Umbau", **settings(session, contact_of(offer)))
    assert event.sessions[0].local_start == DATES[0]

    accept_revision(offer.id, reason={"de": "Umbau"}, **settings(session, organiser_of(session, offer.organisation)))

    assert (event.sessions[0].local_start, event.sessions[0].local_end) == ("2026-12-03T15:00", "2026-12-03T17:30")
    assert event.sessions[0].place["meeting_point"] == "Pforte Süd"
    assert event.title["en"] == "A look into the goldsmith's"
    assert (offer.revision, offer.content["meeting_point"]) == (None, "Pforte Süd")
    revised, moved, told = messages(session)[-3:]
    assert isinstance(revised, OfferRevised)
    assert revised.changed == ("dates", "meeting_point")
    assert isinstance(moved, EventRescheduled)
    assert moved.reason == {"de": "Umbau"}
    assert isinstance(told, OfferRevisionAccepted)


def test_a_revision_of_words_moves_no_calendar(session: Session) -> None:
    offer = an_accepted_offer(session)

    revise_offer(offer.id, {"title": "Neuer Titel"}, **settings(session, contact_of(offer)))
    accept_revision(offer.id, **settings(session, organiser_of(session, offer.organisation)))

    assert isinstance(messages(session)[-2], EventChanged)


def test_declining_a_revision_keeps_the_event(session: Session) -> None:
    offer = an_accepted_offer(session)
    revise_offer(offer.id, {"places": 3}, **settings(session, contact_of(offer)))

    decline_revision(
        offer.id, reason="Schon 8 angemeldet.", **settings(session, organiser_of(session, offer.organisation))
    )

    assert (offer.revision, events.get(session, offer.event_id).quotas[0].capacity) == (None, 10)
    assert isinstance(messages(session)[-1], OfferRevisionDeclined)
    assert not offers.needing_decision(session, None)


def test_fewer_places_than_people_are_not_taken_over(session: Session) -> None:
    offer = an_accepted_offer(session)
    quota = events.get(session, offer.event_id).quotas[0]
    told = {"version": 1, "capacity": 10, "free": 2, "waiting": 0}
    session.add(Availability(quota_id=quota.id, event_id=offer.event_id, **told))
    revise_offer(offer.id, {"places": 3}, **settings(session, contact_of(offer)))

    with pytest.raises(PlacesAreTaken):
        accept_revision(offer.id, **settings(session, organiser_of(session, offer.organisation)))

    assert offer.revision is not None


def test_the_next_offer_knows_the_company_already(session: Session) -> None:
    first = a_sent_offer(session)
    known = contact_of(first)
    wish = {"organisation_id": first.organisation_id, "company_id": first.company_id}

    fresh = start_offer(OfferStart(**wish), by=known, session=session, now=NOW)
    again = start_offer(OfferStart(**wish, copy_of=first.id), by=known, session=session, now=NOW)

    assert (fresh.content["meeting_point"], fresh.content["title"]) == ("Pforte Nord", "")
    assert (again.content["title"], again.content["dates"]) == (TOUR["title"], [])
    assert fresh.company_id == again.company_id == first.company_id


def test_a_stranger_who_types_a_known_address_learns_nothing(session: Session) -> None:
    known = a_sent_offer(session)
    wish = OfferStart(
        organisation_id=known.organisation_id, company_name="Gold & Söhne GmbH", email="EVA@gold.example.org"
    )

    offer = start_offer(wish, by=ANONYMOUS, session=session, now=NOW)

    assert offer.account_id == known.account_id
    assert offer.company_id != known.company_id
    assert (offer.content["meeting_point"], offer.content["contact_name"]) == ("", "")


def test_a_company_that_forgets_to_sign_in_is_not_written_down_twice(session: Session) -> None:
    first = a_sent_offer(session)
    second = a_sent_offer(session)

    assert second.company_id == first.company_id
    assert session.scalar(select(func.count()).select_from(Company)) == 1
    assert session.scalar(select(func.count()).select_from(CompanyContact)) == 1


def test_an_organiser_writes_down_what_a_company_says_on_the_phone(session: Session) -> None:
    organisation = an_organisation(session)
    token = Actor(id=uuid4(), kind="token", organisations={organisation.id: Role.ORGANISER})
    wish = OfferStart(organisation_id=organisation.id, company_name="Gold", email="eva@gold.example.org")

    offer = start_offer(wish, by=token, session=session, now=NOW)
    save_offer_draft(offer.id, TOUR, by=token, session=session, now=NOW)
    offer_tour(offer.id, **settings(session, token))

    assert offer.status == "offered"
    assert offers.of_organisations(session, frozenset({organisation.id})) == [offer]
    assert {each.side for each in offer.thread} == {"organiser"}


def test_every_step_is_audited_without_content(session: Session) -> None:
    offer = a_sent_offer(session)
    decline_offer(offer.id, reason="Geheim", **settings(session, organiser_of(session, offer.organisation)))

    found = session.scalars(select(AuditEntry).where(AuditEntry.object_id == offer.id).order_by(AuditEntry.action))

    assert [(each.action, each.facts) for each in found] == [
        ("offer.begun", {}),
        ("offer.declined", {}),
        ("offer.offered", {}),
    ]


Verb = Callable[[Session, Offer], Any]


def _send(session: Session, offer: Offer) -> Any:
    return offer_tour(offer.id, **settings(session, contact_of(offer)))


def _ask(session: Session, offer: Offer) -> Any:
    return request_offer_change(offer.id, text="?", **settings(session, organiser_of(session, offer.organisation)))


def _answer(session: Session, offer: Offer) -> Any:
    return answer_offer(offer.id, text="!", **settings(session, contact_of(offer)))


def _accept(session: Session, offer: Offer) -> Any:
    return accept(session, offer.id, organiser_of(session, offer.organisation))


def _decline(session: Session, offer: Offer) -> Any:
    return decline_offer(offer.id, reason="x", **settings(session, organiser_of(session, offer.organisation)))


def _withdraw(session: Session, offer: Offer) -> Any:
    return withdraw_offer(offer.id, by=contact_of(offer), session=session, now=NOW)


def _revise(session: Session, offer: Offer) -> Any:
    return revise_offer(offer.id, {"places": 5}, **settings(session, contact_of(offer)))


def _accept_revision(session: Session, offer: Offer) -> Any:
    return accept_revision(offer.id, **settings(session, organiser_of(session, offer.organisation)))


def _decline_revision(session: Session, offer: Offer) -> Any:
    return decline_revision(offer.id, reason="x", **settings(session, organiser_of(session, offer.organisation)))


def _save(session: Session, offer: Offer) -> Any:
    return save_offer_draft(offer.id, {"title": "x"}, by=contact_of(offer), session=session, now=NOW)


REFUSED: list[tuple[str, Verb, type[Rejection]]] = [
    ("draft", _ask, NotFound),
    ("draft", _accept, NotFound),
    ("draft", _decline, NotFound),
    ("draft", _answer, OfferIsNotInReview),
    ("draft", _revise, OfferIsNotAccepted),
    ("draft", _accept_revision, NotFound),
    ("offered", _send, OfferWasSent),
    ("offered", _save, OfferWasSent),
    ("offered", _revise, OfferIsNotAccepted),
    ("offered", _accept_revision, NoRevisionIsPending),
    ("offered", _decline_revision, NoRevisionIsPending),
    ("accepted", _send, OfferWasSent),
    ("accepted", _ask, OfferIsNotInReview),
    ("accepted", _answer, OfferIsNotInReview),
    ("accepted", _accept, OfferIsNotInReview),
    ("accepted", _decline, OfferIsNotInReview),
    ("accepted", _withdraw, OfferIsAccepted),
    ("accepted", _accept_revision, NoRevisionIsPending),
    ("declined", _accept, OfferIsNotInReview),
    ("declined", _answer, OfferIsNotInReview),
    ("declined", _withdraw, OfferIsClosed),
    ("withdrawn", _send, OfferIsClosed),
    ("withdrawn", _save, OfferIsClosed),
    ("withdrawn", _accept, OfferIsNotInReview),
    ("withdrawn", _ask, OfferIsNotInReview),
    ("withdrawn", _withdraw, OfferIsClosed),
]


@pytest.mark.parametrize(("status", "verb", "rejection"), REFUSED)
def test_what_is_not_this_offers_turn_is_refused_and_changes_nothing(
    session: Session, status: str, verb: Verb, rejection: type[Rejection]
) -> None:
    offer = _offer_in(session, status)
    before = (offer.status, offer.version, dict(offer.content), len(offer.thread), len(messages(session)))

    with pytest.raises(rejection):
        verb(session, offer)

    session.expire_all()
    assert (offer.status, offer.version, dict(offer.content), len(offer.thread), len(messages(session))) == before


def _offer_in(session: Session, status: str) -> Offer:
    if status == "draft":
        return a_begun_offer(session)
    if status == "accepted":
        return an_accepted_offer(session)
    offer = a_sent_offer(session)
    {"offered": lambda *_: None, "declined": _decline, "withdrawn": _withdraw}[status](session, offer)
    return offer


def test_an_unconfirmed_address_cannot_send(session: Session) -> None:
    offer = a_begun_offer(session)

    with pytest.raises(AddressNotConfirmed):
        offer_tour(offer.id, holds_draft=True, **settings(session, ANONYMOUS))

    assert (offer.status, messages(session)) == ("draft", [])


def test_an_incomplete_draft_is_not_sent(session: Session) -> None:
    offer = a_begun_offer(session, meeting_point="", dates=[])

    with pytest.raises(OfferIsIncomplete) as rejection:
        offer_tour(offer.id, **settings(session, contact_of(offer)))

    assert set(rejection.value.errors) == {"meeting_point", "dates"}
    assert (offer.status, messages(session)) == ("draft", [])


def test_only_an_offered_date_can_be_accepted(session: Session) -> None:
    offer = a_sent_offer(session)

    with pytest.raises(DateIsNotOffered):
        accept(session, offer.id, organiser_of(session, offer.organisation), "2026-12-03T14:30")

    assert (offer.status, session.scalar(select(func.count()).select_from(Event))) == ("offered", 0)


def test_a_date_that_has_passed_cannot_be_accepted(session: Session) -> None:
    offer = a_sent_offer(session)
    offer.content = {**offer.content, "dates": ["2026-10-03T14:00", DATES[1]]}

    with pytest.raises(DateHasPassed):
        accept(session, offer.id, organiser_of(session, offer.organisation), "2026-10-03T14:00")


def test_what_the_organiser_has_not_seen_she_cannot_accept(session: Session) -> None:
    offer = a_sent_offer(session)
    seen = offer.version
    answer_offer(offer.id, text="", changes={"places": 4}, **settings(session, contact_of(offer)))

    with pytest.raises(OfferHasChanged):
        accept(session, offer.id, organiser_of(session, offer.organisation), seen_version=seen)

    assert offer.status == "offered"


def test_an_answer_says_or_changes_something(session: Session) -> None:
    offer = a_sent_offer(session)

    with pytest.raises(NothingHasChanged):
        answer_offer(offer.id, text="", changes={"places": 10}, **settings(session, contact_of(offer)))


def test_a_revision_changes_something(session: Session) -> None:
    offer = an_accepted_offer(session)

    with pytest.raises(NothingHasChanged):
        revise_offer(offer.id, {"title": TOUR["title"]}, **settings(session, contact_of(offer)))


def test_a_tour_that_was_called_off_is_not_revised(session: Session) -> None:
    offer = an_accepted_offer(session)
    event = events.get(session, offer.event_id)
    cancel_event(event, reason={}, base_url=BASE_URL, session=session, now=NOW)

    with pytest.raises(TourIsCalledOff):
        _revise(session, offer)


def test_a_tour_that_is_over_is_not_revised(session: Session) -> None:
    offer = an_accepted_offer(session)
    late = settings(session, contact_of(offer)) | {"now": NOW + timedelta(days=60)}

    with pytest.raises(TourIsOver):
        revise_offer(offer.id, {"places": 5}, **late)


@pytest.mark.parametrize(
    "verb", [_ask, _answer, _accept, _decline, _withdraw], ids=["ask", "answer", "accept", "decline", "withdraw"]
)
def test_a_foreign_offer_does_not_exist(session: Session, verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    offer = a_sent_offer(session)
    monkeypatch.setitem(verb.__globals__, "organiser_of", lambda *_: stranger())
    monkeypatch.setitem(verb.__globals__, "contact_of", lambda *_: stranger())

    with pytest.raises(NotFound):
        verb(session, offer)

    assert offer.status == "offered"


def test_nobody_reviews_without_signing_in_and_no_helper_does(session: Session) -> None:
    offer = a_sent_offer(session)
    helper = organiser_of(session, offer.organisation, Role.HELPER)

    with pytest.raises(NotSignedIn):
        accept(session, offer.id, ANONYMOUS)
    with pytest.raises(NotPermitted):
        accept(session, offer.id, helper)

    assert offer.status == "offered"


def test_the_browser_that_began_it_may_not_touch_it_once_it_is_sent(session: Session) -> None:
    offer = a_sent_offer(session)

    with pytest.raises((NotSignedIn, NotFound)):
        withdraw_offer(offer.id, by=ANONYMOUS, session=session, now=NOW, holds_draft=True)

    assert offer.status == "offered"


def test_a_stranger_sees_no_other_companys_start(session: Session) -> None:
    offer = a_sent_offer(session)
    wish = OfferStart(organisation_id=offer.organisation_id, company_id=offer.company_id)

    with pytest.raises(NotFound):
        start_offer(wish, by=_with_account(session), session=session, now=NOW)


def _with_account(session: Session) -> Actor:
    other = an_organisation(session, "andere")
    return organiser_of(session, other)


def test_local_times_of_acceptance_are_the_companys(session: Session) -> None:
    offer = a_sent_offer(session, zone="Europe/Lisbon")

    event = accept(session, offer.id, organiser_of(session, offer.organisation))

    assert event.sessions[0].zone == "Europe/Lisbon"
    assert event.sessions[0].starts_at == datetime.fromisoformat("2026-12-03T14:00+00:00")
