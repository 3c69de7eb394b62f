"""Random histories of one event, compared after every step with a model that is too simple to be wrong.

`make test` runs the same 60 histories every time. HISTORIES=2000 runs so many new ones; what fails is printed with
the line that repeats it.
"""

import hashlib
import os
import random
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule
from sqlalchemy import select

from services.registration.domain.addresses import address
from services.registration.domain.hand_overs import (
    MOST,
    Friend,
    HandOverIsOpen,
    HandOverIsOver,
    NoHandOver,
    TooManyHandOvers,
)
from services.registration.domain.invitations import AlreadyDecided, InvitationWish, Invitee, NotSoManyFree
from services.registration.domain.registrations import Receipt
from services.registration.domain.rejections import (
    AddressNotConfirmed,
    ConfirmationExpired,
    InvitationIsSpent,
    NotApplied,
    OfferIsOpen,
    OfferIsOver,
    OrganiserDecides,
    RegistrationCancelled,
)
from services.registration.storage import draws, events
from services.registration.storage.tables import Draw, Event, HandOver, Place, Quota, Registration, Row
from services.registration.use_cases.accept_invitation import accept_invitation
from services.registration.use_cases.answer_offer import expire_offers, refuse_offer, take_offer
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.change_places import change_places
from services.registration.use_cases.confirm_address import confirm_address
from services.registration.use_cases.decide_application import approve, decline
from services.registration.use_cases.draw_places import draw_places, tell_drawn
from services.registration.use_cases.expire_hand_overs import expire_hand_overs
from services.registration.use_cases.expire_invitations import expire_invitations
from services.registration.use_cases.expire_unconfirmed import expire_unconfirmed
from services.registration.use_cases.hand_over import hand_over, take_back, take_over
from services.registration.use_cases.invite import invite
from services.registration.use_cases.learn_of_event import learn_of_event
from services.registration.use_cases.revoke_invitation import revoke_invitation
from shared.contracts.events import SignUpRules
from shared.contracts.message import REGISTRY
from shared.database import connect, sessions_for
from shared.errors import InvalidInput
from shared.messaging.tables import outbox
from shared.policy import Actor, Role
from tests.registration.builders import (
    AT_ONCE,
    LINKS,
    NOW,
    ORGANISATION,
    TERMS,
    a_quota,
    a_registration,
    a_session,
    a_snapshot,
    a_wish,
    an_event,
    later,
)
from tests.registration.model_of_places import Model, Person

HISTORIES = int(os.environ.get("HISTORIES", "0"))
ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})
HOLD, OFFER_HOURS, DRAWN_AFTER = 30, 12, 24 * 60  # minutes, hours, minutes
FAR = NOW + timedelta(days=2000)
_numbers = iter(range(10**9))


class Histories(RuleBasedStateMachine):
    """What people, the organiser and the clock do to one event."""

    people = Bundle("people")
    invited = Bundle("invited")
    asked_friends = Bundle("asked_friends")

    @initialize(
        target=people,
        capacities=st.one_of(st.lists(st.integers(0, 3), min_size=size, max_size=3) for size in (1, 2, 2)),
        is_full=st.booleans(),
        choice=st.sampled_from(["one", "any", "any"]),
        selection=st.sampled_from(["first_come", "first_come", "approval", "lottery"]),
        asks=st.booleans(),
    )
    def begin(self, capacities: list[int], is_full: bool, choice: str, selection: str, asks: bool) -> Any:
        """An event with nobody in it, or with as many people as there is room for."""
        self.session = sessions_for(_engine())()
        self.minute, self.drawn = 0, False
        rules = SignUpRules(
            selection=selection,
            hand_over=True,
            offer_hours=OFFER_HOURS if asks else 0,
            decides_at=later(minutes=DRAWN_AFTER) if selection == "lottery" else None,
        )
        self.told = a_snapshot(
            slug=f"history-{uuid4()}",
            quotas=tuple(a_quota(each, id=UUID(int=at)) for at, each in enumerate(capacities, start=1)),
            quota_choice=choice,
            sign_up=rules,
            sessions=(a_session(starts_at=FAR, ends_at=FAR + timedelta(hours=2)),),
        )
        self.chance = pytest.MonkeyPatch()  # ids decide about the order of equals: the same history has the same ones
        self.chance.setattr(os, "urandom", random.Random(0).randbytes)
        self.quotas = [each.id for each in self.told.quotas]
        an_event(self.session, self.told)
        if selection == "lottery":
            self._draw_row.seed = "the same for all histories"
        self.model = Model(
            capacity={each.id: each.capacity for each in self.told.quotas},
            is_combined=choice == "any",
            is_applied_for=selection != "first_come",
            offer_minutes=OFFER_HOURS * 60 if asks else 0,
        )
        self.invitations: dict[UUID, tuple[UUID, bool, int | None, str]] = {}  # quota, holds, deadline, state
        self.hand_overs: dict[UUID, tuple[UUID, str, int, str]] = {}  # who, the friend's address, deadline, state
        self.most = {each.id: 0 for each in self.told.quotas}
        return self._fill() if is_full and selection == "first_come" else multiple()

    @rule(target=people, at_once=st.booleans(), wanted=st.sets(st.integers(0, 2), min_size=1), together=st.booleans())
    def sign_up(self, at_once: bool, wanted: set[int], together: bool) -> UUID:
        """Somebody new."""
        return self._sign_up(_address(), at_once, self._chosen(wanted), together)

    @rule(target=people, who=people, at_once=st.booleans(), wanted=st.sets(st.integers(0, 2), min_size=1))
    def sign_up_again(self, who: UUID, at_once: bool, wanted: set[int]) -> Any:
        """An address that is known: only its owner hears of it; the answer is the one that a new address gets."""
        person, chosen = self.model.people[who], self._chosen(wanted)
        living = [each for each in self.model.people.values() if each.email == person.email and each.is_living]
        if not living:
            return self._sign_up(person.email, at_once, chosen, together=len(chosen) > 1)
        receipt = self._asked(person.email, at_once, chosen, together=len(chosen) > 1)
        self.model.repeat(living[0], self.minute)
        if self.model.is_applied_for:
            expected: dict[UUID, int | None] = dict.fromkeys(chosen, 0)
        else:
            expected = self.model.would_get(chosen, together=len(chosen) > 1)
        assert receipt.id not in self.model.people
        assert (receipt.places, receipt.status) == (expected, self._status(expected, at_once))
        return multiple()

    @rule(who=people)
    def confirm_address(self, who: UUID) -> None:
        """Somebody uses the link in her mail, perhaps too late or again."""
        try:
            confirm_address(who, session=self.session, now=self._now, links=LINKS)
            is_done = True
        except (ConfirmationExpired, RegistrationCancelled):
            is_done = False
        assert is_done == self.model.confirm(who, self.minute)

    @rule(who=people)
    def cancel(self, who: UUID) -> None:
        """Somebody leaves, perhaps for the second time."""
        is_living = self.model.people[who].is_living
        is_done = cancel_registration(who, by="attendee", session=self.session, now=self._now, links=LINKS)
        assert is_done == is_living
        if is_living:
            self.model.end([who], "cancelled", self.minute)

    @rule(who=people, wanted=st.sets(st.integers(0, 2), min_size=1), by_organiser=st.booleans())
    def change_places(self, who: UUID, wanted: set[int], by_organiser: bool) -> None:
        """Somebody wants another place than hers, or an organiser wants it for her."""
        self._change(who, list(self._chosen(wanted)), by_organiser)

    @precondition(lambda self: not self.model.is_applied_for)
    @rule(target=people)
    def places_are_taken(self) -> Any:
        """As many people sign up as there is room for, and nobody waits."""
        return self._fill()

    def _fill(self) -> Any:
        came = []
        for quota in self.quotas:
            while self.model.is_free(quota):
                came.append(self._sign_up(_address(), True, (quota,), together=False))
        return multiple(*came)

    @precondition(lambda self: len(self.quotas) > 1)
    @rule(by=st.integers(1, 2), number=st.sampled_from([9, 2, 1]))
    def several_change(self, by: int, number: int) -> None:
        """People who have places want those of each other."""
        holders = [who for who, each in self.model.people.items() if each.status == "confirmed"]
        for who in holders[:number]:
            has = self.quotas.index(self.model.people[who].within("held")[0])
            self._change(who, [self.quotas[(has + by) % len(self.quotas)]], by_organiser=True)

    def _change(self, who: UUID, chosen: list[UUID], by_organiser: bool) -> None:
        person = self.model.people[who]
        facts: dict[str, Any] = {"session": self.session, "now": self._now, "links": LINKS}
        refusal = self._refusal(person, chosen, by_organiser)
        with pytest.raises(refusal) if refusal else nullcontext():
            change_places(who, chosen, by_organiser=by_organiser, **facts)
        if not refusal:
            self.model.change(who, chosen, self.minute)

    @rule(target=asked_friends, who=people, friend=st.one_of(st.none(), people))
    def ask_a_friend(self, who: UUID, friend: UUID | None) -> Any:
        """Somebody wants to hand her place on, perhaps to one who is registered."""
        person = self.model.people[who]
        email = self.model.people[friend].email if friend else _address()
        is_open = any(each[0] == who and each[3] == "open" for each in self.hand_overs.values())
        asked_before = sum(each[0] == who for each in self.hand_overs.values())
        refusal: type[Exception] | None = None
        if person.status != "confirmed":
            refusal = NoHandOver
        elif is_open or asked_before >= MOST:
            refusal = HandOverIsOpen if is_open else TooManyHandOvers
        elif email == person.email:
            refusal = InvalidInput
        wish = Friend(name="A friend", address=address(email))
        with pytest.raises(refusal) if refusal else nullcontext():
            asked = hand_over(who, wish, session=self.session, now=self._now, links=LINKS)
        if refusal:
            return multiple()
        self.hand_overs[asked.id] = (who, email, self.minute + 48 * 60, "open")
        return asked.id

    @rule(target=people, asked=asked_friends)
    def take_her_place(self, asked: UUID) -> Any:
        """The friend says yes, perhaps too late or again."""
        giver, email, deadline, state = self.hand_overs[asked]
        is_possible = state == "open" and self.model.people[giver].status == "confirmed"
        known = [each for each in self.model.people.values() if each.email == email and each.is_living]
        token = LINKS.hand_over_token(asked)
        with nullcontext() if is_possible or state == "taken" else pytest.raises(HandOverIsOver):
            take_over(token, a_wish(name="A friend"), session=self.session, now=self._now, terms=TERMS)
        if not is_possible:
            return multiple()
        if known:
            self.model.repeat(known[0], self.minute)
            return multiple()
        taker = self.session.scalars(select(HandOver.taken_by).where(HandOver.id == asked)).one()
        assert taker is not None
        self.hand_overs[asked] = (giver, email, deadline, "taken")
        self.model.pass_on(giver, taker, Person(email=email, status="confirmed", states={}), self.minute)
        return taker

    @rule(who=people)
    def keep_her_place(self, who: UUID) -> None:
        """Somebody takes her question to a friend back, if there is one."""
        mine = [key for key, each in self.hand_overs.items() if each[0] == who and each[3] == "open"]
        assert take_back(who, session=self.session, now=self._now) == bool(mine)
        for key in mine:
            self.hand_overs[key] = (*self.hand_overs[key][:3], "withdrawn")

    @rule(who=people, takes=st.booleans())
    def answer_an_offer(self, who: UUID, takes: bool) -> None:
        """Somebody wants the place that is kept for her, or not; perhaps none is."""
        is_open = self.model.people[who].is_living and bool(self.model.open_offers(who, self.minute))
        has_taken = takes and self.model.people[who].status == "confirmed"
        answer = take_offer if takes else refuse_offer
        if not is_open and not has_taken:
            with pytest.raises(OfferIsOver):
                answer(who, session=self.session, now=self._now, links=LINKS)
            return
        answer(who, session=self.session, now=self._now, links=LINKS)
        if is_open and takes:
            self.model.take_offers(who, self.minute)
        elif is_open:
            self.model.give_up(who, self.model.people[who].within("offered"), "cancelled", self.minute)

    @precondition(lambda self: bool(self.model.applicants()))
    @rule(data=st.data(), yes=st.booleans())
    def decide(self, data: st.DataObject, yes: bool) -> None:
        """The organiser says yes or no to some who applied, and to somebody about whom it was said before."""
        living = [who for who, each in self.model.people.items() if each.is_living]
        order = data.draw(st.permutations(range(len(living))))
        chosen = [living[each] for each in order[: data.draw(st.integers(1, 4))]]
        able = [who for who in chosen if who in self.model.applicants()]
        facts: dict[str, Any] = {"event": self._event, "actor": ORGANISER, "session": self.session, "now": self._now}
        with nullcontext() if able else pytest.raises(NotApplied):
            assert (approve if yes else decline)(chosen, links=LINKS, **facts) == len(able)
        if able and yes:
            self._tell_drawn()
            self.model.decide(able, self.minute)
        elif able:
            self.model.end(able, "cancelled", self.minute)

    @rule(minutes=st.sampled_from([1, 31, 31, 13 * 60, 49 * 60]))
    def time_passes(self, minutes: int) -> None:
        """The jobs come round after a while, each of them twice."""
        self.minute += minutes
        for _ in range(2):
            jobs = (expire_unconfirmed, expire_invitations, self._draw, tell_drawn, expire_offers, expire_hand_overs)
            for job in jobs:
                job(session=self.session, now=self._now, links=LINKS)
                self._forget()
        self.model.lapse(self.minute)
        late = [key for key, each in self.invitations.items() if each[3] == "open" and self._is_late(each[2])]
        for key in late:
            self._close(key, "expired")
        self.model.settle(self.minute)
        if self.told.sign_up.selection == "lottery" and self.minute >= DRAWN_AFTER and self.model.is_applied_for:
            self.model.is_applied_for = False
            self.model.decide(self._by_lot(), self.minute)
        self.model.lapse_of_offers(self.minute)
        for key, (who, email, deadline, state) in self.hand_overs.items():
            if state == "open" and deadline <= self.minute:
                self.hand_overs[key] = (who, email, deadline, "expired")
                self.model.keep_after_all(who)

    @rule(which=st.integers(0, 2), capacity=st.integers(0, 5))
    def resize(self, which: int, capacity: int) -> None:
        """The organiser has more places, or fewer."""
        which %= len(self.quotas)
        quotas = [*self.told.quotas]
        quotas[which] = replace(quotas[which], capacity=capacity)
        self.told = replace(self.told, version=self.told.version + 1, quotas=tuple(quotas))
        learn_of_event(self.told, session=self.session, now=self._now, links=LINKS)
        self.model.capacity[quotas[which].id] = capacity
        self.model.settle(self.minute)

    @rule(target=invited, which=st.integers(0, 2), holds=st.booleans(), hours=st.sampled_from([None, 1, 20]))
    def invite(self, which: int, holds: bool, hours: int | None) -> Any:
        """The organiser invites somebody, perhaps with a place that is kept for her."""
        quota = self.quotas[which % len(self.quotas)]
        wish = InvitationWish(
            invitees=(Invitee(address=a_wish(email=_address()).address, locale="de"),),
            quota_id=quota,
            deadline=self._now + timedelta(hours=hours) if hours else None,
            holds_place=holds,
        )
        facts: dict[str, Any] = {"event": self._event, "actor": ORGANISER, "session": self.session, "now": self._now}
        if holds and not self.model.is_free(quota):
            with pytest.raises(NotSoManyFree):
                invite(wish, terms=TERMS, **facts)
            return multiple()
        (invitation,), _known = invite(wish, terms=TERMS, **facts)
        self.invitations[invitation] = (quota, holds, self.minute + hours * 60 if hours else None, "open")
        if holds:
            self.model.kept[invitation] = quota
        return invitation

    @rule(target=people, invitation=invited)
    def accept(self, invitation: UUID) -> Any:
        """Somebody uses her personal link, perhaps too late or again."""
        quota, holds, _deadline, state = self.invitations[invitation]
        token = LINKS.invitation_token(invitation)
        if state != "open":
            with pytest.raises(InvitationIsSpent):
                accept_invitation(token, a_wish(), session=self.session, now=self._now, terms=TERMS)
            return multiple()
        receipt, found = accept_invitation(token, a_wish(), session=self.session, now=self._now, terms=TERMS)
        person = Person(email=found.email, status="confirmed", states={quota: ""})
        expected = self.model.sign_up(receipt.id, person, applies=False, kept=invitation if holds else None)
        self.invitations[invitation] = (quota, holds, None, "used")
        assert (receipt.status, receipt.places) == (person.status, expected)
        return receipt.id

    @rule(invitation=invited)
    def revoke(self, invitation: UUID) -> None:
        """The organiser takes an invitation back, perhaps one that is used."""
        is_open = self.invitations[invitation][3] == "open"
        facts: dict[str, Any] = {"actor": ORGANISER, "session": self.session, "now": self._now, "links": LINKS}
        with nullcontext() if is_open else pytest.raises(AlreadyDecided):
            revoke_invitation(invitation, **facts)
        if is_open:
            self._close(invitation, "revoked")
            self.model.settle(self.minute)

    @invariant()
    def the_database_agrees(self) -> None:
        """People, places and their order, counters, and every word that was told."""
        if not hasattr(self, "session"):
            return
        self._forget()
        self._people_agree()
        self._counters_agree()
        self._messages_agree()

    def teardown(self) -> None:
        """Nothing of it stays."""
        if hasattr(self, "session"):
            self.session.close()
            self.chance.undo()

    @property
    def _now(self) -> Any:
        return later(minutes=self.minute)

    @property
    def _event(self) -> Event:
        return events.get(self.session, self.told.id)

    @property
    def _draw_row(self) -> Draw:
        found = draws.find(self.session, self.told.id)
        assert found is not None
        return found

    def _chosen(self, wanted: set[int]) -> tuple[UUID, ...]:
        chosen = sorted({self.quotas[each % len(self.quotas)] for each in wanted})
        return tuple(chosen if self.model.is_combined else chosen[:1])

    def _asked(self, email: str, at_once: bool, chosen: tuple[UUID, ...], together: bool) -> Receipt:
        wish = a_wish(email=email, quota_ids=chosen, together=together)
        return a_registration(self.session, self._event, wish, terms=AT_ONCE if at_once else TERMS, now=self._now)

    def _sign_up(self, email: str, at_once: bool, chosen: tuple[UUID, ...], together: bool) -> UUID:
        receipt = self._asked(email, at_once, chosen, together)
        person = Person(
            email=email,
            status="confirmed" if at_once else "pending",
            states=dict.fromkeys(chosen, ""),
            together=together and len(chosen) > 1,
            confirm_by=None if at_once else self.minute + HOLD,
        )
        expected = self.model.sign_up(receipt.id, person, applies=self.model.is_applied_for)
        assert (receipt.status, receipt.places) == (person.status, expected)
        return receipt.id

    def _status(self, places: dict[UUID, int | None], at_once: bool) -> str:
        if not at_once:
            return "pending"
        return "confirmed" if None in places.values() else "waiting"

    def _refusal(self, person: Person, chosen: list[UUID], by_organiser: bool) -> type[Exception] | None:
        hers = person.within("held", "waiting", "applied", "offered")
        if not person.is_living:
            return RegistrationCancelled
        if person.status == "pending":
            return AddressNotConfirmed
        if set(chosen) == set(hers) - person.keeps.keys():
            return None
        has_applied = len(person.within("applied")) == len(hers)
        if self.model.is_applied_for and not has_applied and not by_organiser:
            return OrganiserDecides
        return OfferIsOpen if person.within("offered") else None

    def _close(self, invitation: UUID, state: str) -> None:
        quota, holds, deadline, _state = self.invitations[invitation]
        self.invitations[invitation] = (quota, holds, deadline, state)
        self.model.kept.pop(invitation, None)

    def _is_late(self, deadline: int | None) -> bool:
        return deadline is not None and deadline <= self.minute

    def _draw(self, **how: Any) -> None:
        assert draw_places(**how) == (
            self.told.sign_up.selection == "lottery" and self.minute >= DRAWN_AFTER and not self.drawn
        )
        self.drawn = self.drawn or self.minute >= DRAWN_AFTER

    def _tell_drawn(self) -> None:
        for _ in range(2):
            self._forget()
            tell_drawn(session=self.session, now=self._now, links=LINKS)

    def _by_lot(self) -> list[UUID]:
        draw = self._draw_row
        return sorted(
            self.model.applicants(),
            key=lambda who: hashlib.sha256(f"{draw.seed}:{LINKS.lot(who)}".encode()).hexdigest(),
        )

    def _forget(self) -> None:
        """The next one comes with a session of her own."""
        self.session.flush()
        self.session.expunge_all()

    def _people_agree(self) -> None:
        rows = self.session.execute(select(Registration.id, Registration.status, Registration.version))
        found = {row.id: (row.status, row.version) for row in rows}
        assert found == {who: (each.status, len(each.told)) for who, each in self.model.people.items()}
        places = self.session.execute(
            select(Place.registration_id, Place.quota_id, Place.state, Place.replaced_by).order_by(Place.number)
        ).all()
        states: dict[UUID, dict[UUID, str]] = {who: {} for who in self.model.people}
        keeps: dict[UUID, dict[UUID, UUID]] = {who: {} for who in self.model.people}
        for who, quota, state, replaced_by in places:
            states[who][quota] = state
            keeps[who] |= {quota: replaced_by} if replaced_by else {}
        assert states == {who: each.states for who, each in self.model.people.items()}
        assert keeps == {who: each.keeps for who, each in self.model.people.items()}
        for quota, line in self.model.lines.items():
            assert [each.registration_id for each in places if each[1:3] == (quota, "waiting")] == line

    def _counters_agree(self) -> None:
        for quota in self.session.scalars(select(Quota)):
            capacity, taken = self.model.capacity[quota.id], self.model.taken(quota.id)
            assert (quota.capacity, quota.taken, quota.waiting) == (capacity, taken, len(self.model.lines[quota.id]))
            assert taken <= max(capacity, self.most[quota.id]), "somebody new got in beyond the capacity"
            self.most[quota.id] = taken
            free = 0 if quota.waiting and not self.model.is_combined else max(0, capacity - taken)
            assert self._last_told(quota) == (quota.version, capacity, free, quota.waiting)

    def _last_told(self, quota: Quota) -> tuple[int, ...]:
        query = select(outbox.c.version, outbox.c.data).where(outbox.c.aggregate == f"quota:{quota.id}")
        told = self.session.execute(query.order_by(outbox.c.id)).all()
        assert [each.version for each in told] == sorted({each.version for each in told})
        last = told[-1]
        return last.version, last.data["capacity"], last.data["free"], last.data["waiting"]

    def _messages_agree(self) -> None:
        about: dict[str, list[tuple[int, str]]] = {}
        query = select(outbox.c.aggregate, outbox.c.version, outbox.c.type).order_by(outbox.c.id)
        for row in self.session.execute(query.where(outbox.c.aggregate.startswith("registration:"))):
            about.setdefault(row.aggregate, []).append((row.version, REGISTRY[row.type].__name__))
        for who, person in self.model.people.items():
            assert about.pop(f"registration:{who}") == list(enumerate(person.told, start=1))
        assert not about


def _address() -> str:
    return f"p{next(_numbers)}@example.org"


_opened: list[Any] = []


def _engine() -> Any:
    """One empty database for all histories: each is a transaction that is taken back."""
    if not _opened:
        folder = TemporaryDirectory()
        engine = connect(f"sqlite:///{folder.name}/test.db")
        Row.metadata.create_all(engine)
        _opened.extend((engine, folder))
    return _opened[0]


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Any:
    yield
    if _opened:
        _opened[0].dispose()
        _opened[1].cleanup()
        _opened.clear()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=HISTORIES or 60,
    stateful_step_count=50 if HISTORIES else 30,
    deadline=None,
    derandomize=not HISTORIES,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
