"""Approval, lottery, priority, offers, and several quotas together: who gets a place, in which order, exactly once."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.drawing import commitment
from services.registration.domain.rejections import NotApplied, OfferIsOver, SignUpByInvitation
from services.registration.storage import draws, events, quotas
from services.registration.storage.tables import Event, Registration
from services.registration.use_cases.answer_offer import expire_offers, refuse_offer, take_offer
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.confirm_address import confirm_address
from services.registration.use_cases.decide_application import approve, decline
from services.registration.use_cases.draw_places import draw_places, tell_drawn
from shared.contracts.events import SignUpRules
from shared.contracts.registration import (
    ApplicationReceived,
    PlaceOffered,
    RegistrationCancelled,
    RegistrationConfirmed,
    RegistrationWaitlisted,
)
from shared.database import sessions_for
from shared.errors import NotFound
from shared.policy import Actor, Role
from tests.registration.builders import (
    AT_ONCE,
    LINKS,
    NOW,
    ORGANISATION,
    TERMS,
    a_quota,
    a_registration,
    a_snapshot,
    a_wish,
    an_event,
    messages,
)

ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})
DUE = NOW + timedelta(days=2)
HOW = {"links": LINKS}


def an_event_by(session: Session, selection: str, *, capacity: int = 1, **rules: object) -> Event:
    decides_at = DUE if selection in {"lottery", "priority"} else None
    wish = SignUpRules(selection=selection, decides_at=decides_at, **rules)
    return an_event(session, a_snapshot(capacity=capacity, sign_up=wish, fields_of_study=("Physik",)))


def status(session: Session, registration_id: UUID) -> str:
    session.expire_all()
    return session.get_one(Registration, registration_id).status


def states(session: Session, registration_id: UUID) -> list[str]:
    session.expire_all()
    return [each.state for each in session.get_one(Registration, registration_id).places]


def told(session: Session, kind: type, registration_id: UUID) -> int:
    return sum(isinstance(each, kind) and each.registration.id == registration_id for each in messages(session))


def told_last(session: Session, registration_id: UUID) -> type:
    return [
        type(each)
        for each in messages(session)
        if getattr(each, "registration", None) and each.registration.id == registration_id
    ][-1]


class TestApproval:
    def test_whoever_applies_holds_nothing_until_the_organiser_says_yes(self, session: Session) -> None:
        event = an_event_by(session, "approval")

        first = a_registration(session, event)

        assert (first.status, first.position) == ("waiting", 0)
        assert told(session, ApplicationReceived, first.id) == 1
        assert quotas.of_event(session, event.id)[0].taken == 0

    def test_yes_gives_places_in_the_given_order_and_the_rest_waits(self, session: Session) -> None:
        event = an_event_by(session, "approval")
        first, second = a_registration(session, event), a_registration(session, event)

        assert approve([second.id, first.id], event=event, actor=ORGANISER, session=session, now=NOW, links=LINKS) == 2
        tell_drawn(session=session, now=NOW, links=LINKS)

        assert (status(session, second.id), status(session, first.id)) == ("confirmed", "waiting")
        assert states(session, first.id) == ["waiting"]
        assert told(session, RegistrationConfirmed, second.id) == 1
        assert told(session, RegistrationWaitlisted, first.id) == 1
        assert told(session, RegistrationWaitlisted, second.id) == 0

    def test_no_is_told_kindly_and_frees_nothing(self, session: Session) -> None:
        event = an_event_by(session, "approval")
        she = a_registration(session, event)

        decline([she.id], event=event, reason="Leider.", actor=ORGANISER, session=session, now=NOW, links=LINKS)

        assert status(session, she.id) == "cancelled"
        (message,) = [each for each in messages(session) if isinstance(each, RegistrationCancelled)]
        assert (message.by, message.reason, message.had_place) == ("selection", "Leider.", False)
        assert quotas.of_event(session, event.id)[0].taken == 0

    def test_what_is_decided_stays_decided(self, session: Session) -> None:
        event = an_event_by(session, "approval")
        she = a_registration(session, event)
        approve([she.id], event=event, actor=ORGANISER, session=session, now=NOW, links=LINKS)

        with pytest.raises(NotApplied):
            decline([she.id], event=event, actor=ORGANISER, session=session, now=NOW, links=LINKS)

        assert status(session, she.id) == "confirmed"

    def test_only_the_organiser_decides(self, session: Session) -> None:
        event = an_event_by(session, "approval")
        she = a_registration(session, event)
        stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ORGANISER})

        with pytest.raises(NotFound):
            approve([she.id], event=event, actor=stranger, session=session, now=NOW, links=LINKS)

        assert states(session, she.id) == ["applied"]

    def test_an_organiser_signs_people_up_without_choosing_them_first(self, session: Session) -> None:
        event = an_event_by(session, "approval")

        assert a_registration(session, event, terms=AT_ONCE).position == 0
        from services.registration.use_cases.sign_up import sign_up

        receipt = sign_up(a_wish(), event=event, session=session, now=NOW, terms=TERMS, by_organiser=True)
        assert receipt.status == "confirmed"


class TestLottery:
    def test_the_order_can_be_recomputed_from_what_is_published(self, session: Session) -> None:
        event = an_event_by(session, "lottery", capacity=3)
        published = commitment(draws.find(session, event.id).seed)
        people = [a_registration(session, event).id for _ in range(20)]

        assert draw_places(session=session, now=DUE, links=LINKS)

        draw = draws.find(session, event.id)
        assert hashlib.sha256(draw.seed.encode()).hexdigest() == published
        assert sorted(draw.lots) == sorted(LINKS.lot(each) for each in people)
        assert draw.lots == sorted(draw.lots, key=lambda lot: hashlib.sha256(f"{draw.seed}:{lot}".encode()).hexdigest())
        by_lot = {LINKS.lot(each): each for each in people}
        assert [status(session, by_lot[lot]) for lot in draw.lots] == ["confirmed"] * 3 + ["waiting"] * 17

    def test_everybody_hears_once_also_those_who_wait(self, session: Session) -> None:
        event = an_event_by(session, "lottery", capacity=2)
        people = [a_registration(session, event).id for _ in range(5)]

        draw_places(session=session, now=DUE, links=LINKS)
        for _ in range(3):
            tell_drawn(session=session, now=DUE, links=LINKS)

        assert sum(told(session, RegistrationConfirmed, each) for each in people) == 2
        assert sum(told(session, RegistrationWaitlisted, each) for each in people) == 3

    def test_nothing_is_drawn_before_its_time_or_twice(self, session: Session) -> None:
        event = an_event_by(session, "lottery")
        a_registration(session, event)

        assert not draw_places(session=session, now=DUE - timedelta(seconds=1), links=LINKS)
        assert draw_places(session=session, now=DUE, links=LINKS)
        lots = draws.find(session, event.id).lots
        assert not draw_places(session=session, now=DUE + timedelta(hours=1), links=LINKS)
        assert draws.find(session, event.id).lots == lots

    def test_a_draw_for_which_nobody_applied_is_over_too(self, session: Session) -> None:
        event = an_event_by(session, "lottery")

        assert draw_places(session=session, now=DUE, links=LINKS)
        session.flush()
        session.expunge_all()

        assert not draw_places(session=session, now=DUE, links=LINKS)
        assert a_registration(session, events.get(session, event.id), now=DUE).status == "confirmed"

    def test_after_the_draw_it_goes_on_as_first_come(self, session: Session) -> None:
        event = an_event_by(session, "lottery", capacity=2)
        a_registration(session, event)
        draw_places(session=session, now=DUE, links=LINKS)

        late, later = (a_registration(session, events.get(session, event.id), now=DUE) for _ in range(2))

        assert (late.status, later.position) == ("confirmed", 1)

    def test_who_confirms_only_after_the_draw_comes_after_all_who_were_drawn(self, session: Session) -> None:
        event = an_event_by(session, "lottery", capacity=1)
        slow = a_registration(session, event, terms=TERMS, now=DUE - timedelta(minutes=5))
        drawn = [a_registration(session, event).id for _ in range(2)]
        draw_places(session=session, now=DUE, links=LINKS)

        confirm_address(slow.id, session=session, now=DUE + timedelta(minutes=1), links=LINKS)

        assert sorted(status(session, each) for each in drawn) == ["confirmed", "waiting"]
        assert states(session, slow.id) == ["waiting"]
        for each in drawn:
            cancel_registration(each, by="attendee", session=session, now=DUE, links=LINKS)
        assert status(session, slow.id) == "confirmed"


class TestPriority:
    def test_those_who_fulfil_more_come_first_then_time_decides(self, session: Session) -> None:
        event = an_event_by(
            session, "priority", capacity=1, priorities=("field_of_study", "target_group"), audiences=("refugee",)
        )
        early = a_registration(session, event, now=NOW)
        group = a_registration(session, event, audience="refugee", now=NOW + timedelta(minutes=1))
        both = a_registration(session, event, field_of_study="Physik", audience="refugee", now=NOW + timedelta(hours=2))
        field = a_registration(session, event, field_of_study="Physik", now=NOW + timedelta(hours=1))

        draw_places(session=session, now=DUE, links=LINKS)

        order = [both.id, field.id, group.id, early.id]
        for each in order:
            assert status(session, each) == "confirmed"
            cancel_registration(each, by="attendee", session=session, now=DUE, links=LINKS)

    def test_what_does_not_fit_the_event_counts_for_nothing(self, session: Session) -> None:
        event = an_event_by(session, "priority", priorities=("field_of_study",))
        early = a_registration(session, event, now=NOW)
        a_registration(session, event, field_of_study="Astrologie", now=NOW + timedelta(minutes=1))

        draw_places(session=session, now=DUE, links=LINKS)

        assert status(session, early.id) == "confirmed"


class TestOffers:
    def test_a_free_place_is_kept_for_the_first_in_line_and_counts_as_taken(self, session: Session) -> None:
        event, holder, first, second = self.full(session)

        cancel_registration(holder, by="attendee", session=session, now=NOW, links=LINKS)

        assert states(session, first) == ["offered"]
        assert status(session, first) == "waiting"
        assert quotas.of_event(session, event.id)[0].taken == 1
        assert told(session, PlaceOffered, first) == 1
        assert told(session, PlaceOffered, second) == 0

    def test_whoever_takes_it_has_it(self, session: Session) -> None:
        _event, holder, first, _second = self.full(session)
        cancel_registration(holder, by="attendee", session=session, now=NOW, links=LINKS)

        take_offer(first, session=session, now=NOW + timedelta(hours=1), links=LINKS)
        take_offer(first, session=session, now=NOW + timedelta(hours=1), links=LINKS)

        assert (status(session, first), states(session, first)) == ("confirmed", ["held"])
        assert told(session, RegistrationConfirmed, first) == 1

    def test_a_refused_place_goes_to_the_next(self, session: Session) -> None:
        _event, holder, first, second = self.full(session)
        cancel_registration(holder, by="attendee", session=session, now=NOW, links=LINKS)

        refuse_offer(first, session=session, now=NOW, links=LINKS)

        assert status(session, first) == "cancelled"
        assert states(session, second) == ["offered"]

    def test_what_is_not_taken_in_time_goes_to_the_next_exactly_once(self, session: Session) -> None:
        event, holder, first, second = self.full(session)
        cancel_registration(holder, by="attendee", session=session, now=NOW, links=LINKS)
        late = NOW + timedelta(hours=12)

        assert not expire_offers(session=session, now=late - timedelta(seconds=1), links=LINKS)
        assert states(session, first) == ["offered"]
        expire_offers(session=session, now=late, links=LINKS)
        expire_offers(session=session, now=late, links=LINKS)

        assert (status(session, first), states(session, second)) == ("expired", ["offered"])
        assert quotas.of_event(session, event.id)[0].taken == 1
        with pytest.raises(OfferIsOver):
            take_offer(first, session=session, now=late, links=LINKS)
        (ended,) = [
            each for each in messages(session) if isinstance(each, RegistrationCancelled) and each.by == "offer"
        ]
        assert ended.registration.id == first

    def test_of_two_places_that_are_kept_only_the_late_one_goes_on(self, session: Session) -> None:
        morning, evening = a_quota(1), a_quota(1)
        told = a_snapshot(quotas=(morning, evening), quota_choice="any", sign_up=SignUpRules(offer_hours=12))
        event = an_event(session, told)
        early, late = (a_registration(session, event, quota_ids=(each.id,)).id for each in (morning, evening))
        she = a_registration(session, event, quota_ids=(morning.id, evening.id)).id
        cancel_registration(early, by="attendee", session=session, now=NOW, links=LINKS)
        cancel_registration(late, by="attendee", session=session, now=NOW + timedelta(hours=6), links=LINKS)
        half = NOW + timedelta(hours=12)

        expire_offers(session=session, now=half, links=LINKS)

        assert sorted(states(session, she)) == ["offered", "released"]
        assert told_last(session, she) == PlaceOffered
        take_offer(she, session=session, now=half, links=LINKS)
        assert status(session, she) == "confirmed"

    def test_confirming_the_address_is_taking_it(self, session: Session) -> None:
        event = an_event(session, a_snapshot(capacity=1, sign_up=SignUpRules(offer_hours=12)))
        holder = a_registration(session, event)
        pending = a_registration(session, event, terms=TERMS)

        cancel_registration(holder.id, by="attendee", session=session, now=NOW, links=LINKS)
        confirm_address(pending.id, session=session, now=NOW, links=LINKS)

        assert status(session, pending.id) == "confirmed"

    def full(self, session: Session) -> tuple[Event, UUID, UUID, UUID]:
        event = an_event(session, a_snapshot(capacity=1, sign_up=SignUpRules(offer_hours=12)))
        holder, first, second = (a_registration(session, event).id for _ in range(3))
        return event, holder, first, second


class TestTogether:
    def test_whoever_wants_all_or_none_lets_others_pass_and_gets_all_at_once(self, session: Session) -> None:
        morning, evening = a_quota(1), a_quota(1)
        event = an_event(session, a_snapshot(quotas=(morning, evening), quota_choice="any"))
        busy = a_registration(session, event, quota_ids=(morning.id,))
        both = a_registration(session, event, quota_ids=(morning.id, evening.id), together=True)
        assert both.status == "waiting"

        passing = a_registration(session, event, quota_ids=(evening.id,))
        assert (passing.status, passing.position) == ("confirmed", None)
        assert status(session, passing.id) == "confirmed"

        cancel_registration(busy.id, by="attendee", session=session, now=NOW, links=LINKS)
        assert states(session, both.id) == ["waiting", "waiting"]
        cancel_registration(passing.id, by="attendee", session=session, now=NOW, links=LINKS)
        assert (status(session, both.id), states(session, both.id)) == ("confirmed", ["held", "held"])

    def test_whoever_takes_what_comes_gets_one_and_waits_for_the_other(self, session: Session) -> None:
        morning, evening = a_quota(1), a_quota(1)
        event = an_event(session, a_snapshot(quotas=(morning, evening), quota_choice="any"))
        a_registration(session, event, quota_ids=(morning.id,))

        either = a_registration(session, event, quota_ids=(morning.id, evening.id))

        assert either.status == "confirmed"
        assert sorted(states(session, either.id)) == ["held", "waiting"]

    def test_whoever_lets_others_pass_gets_no_offer_in_between(self, session: Session) -> None:
        morning, evening = a_quota(1), a_quota(1)
        rules = SignUpRules(offer_hours=12)
        event = an_event(session, a_snapshot(quotas=(morning, evening), quota_choice="any", sign_up=rules))
        a_registration(session, event, quota_ids=(morning.id,))
        a_registration(session, event, quota_ids=(morning.id, evening.id), together=True)

        passing = a_registration(session, event, quota_ids=(evening.id,))

        assert (passing.status, states(session, passing.id)) == ("confirmed", ["held"])
        assert told(session, PlaceOffered, passing.id) == told(session, RegistrationWaitlisted, passing.id) == 0

    def test_a_known_address_is_answered_as_a_new_one_would_be(self, session: Session) -> None:
        morning, evening = a_quota(1), a_quota(1)
        event = an_event(session, a_snapshot(quotas=(morning, evening), quota_choice="any"))
        busy = a_wish(quota_ids=(morning.id,))
        a_registration(session, event, busy)

        for quota_ids in ((morning.id, evening.id), (evening.id,)):
            known = a_registration(session, event, replace(busy, quota_ids=quota_ids, together=True))
            new = a_registration(session, event, quota_ids=quota_ids, together=True)

            assert (known.status, known.places) == (new.status, new.places)


def test_without_a_personal_link_nobody_signs_up_for_an_event_by_invitation(session: Session) -> None:
    event = an_event(session, a_snapshot(sign_up=SignUpRules(by_invitation=True)))

    with pytest.raises(SignUpByInvitation):
        a_registration(session, event)

    assert session.scalars(select(Registration)).all() == []


def test_the_same_on_both_databases(either_engine: Engine) -> None:
    with sessions_for(either_engine).begin() as session:
        event = an_event_by(session, "lottery", capacity=3)
        people = [a_registration(session, event).id for _ in range(8)]
        event_id = event.id
    with sessions_for(either_engine).begin() as session:
        draw_places(session=session, now=DUE, links=LINKS)
    with sessions_for(either_engine).begin() as session:
        tell_drawn(session=session, now=DUE, links=LINKS)
    with sessions_for(either_engine)() as session:
        found = [session.get_one(Registration, each).status for each in people]
        assert (found.count("confirmed"), found.count("waiting")) == (3, 5)
        (counters,) = quotas.of_event(session, event_id)
        assert (counters.taken, counters.waiting) == (3, 5)
