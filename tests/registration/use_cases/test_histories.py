"""Random histories of one event against a model that is too simple to be wrong."""

from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.domain.rejections import ConfirmationExpired, RegistrationCancelled
from services.registration.storage import registrations
from services.registration.storage.tables import Place, Quota, Registration, Row
from services.registration.use_cases.cancel_registration import cancel_registration
from services.registration.use_cases.confirm_address import confirm_address
from services.registration.use_cases.expire_unconfirmed import expire_unconfirmed
from services.registration.use_cases.learn_of_event import learn_of_event
from shared.database import connect, sessions_for
from tests.registration.builders import AT_ONCE, LINKS, TERMS, a_quota, a_registration, a_snapshot, an_event, later


class Histories(RuleBasedStateMachine):
    """One quota. The model is two lists: who holds a place, and who waits, in order."""

    people = Bundle("people")

    @initialize(capacity=st.integers(0, 4))
    def begin(self, capacity: int) -> None:
        """An empty event."""
        self.folder = TemporaryDirectory()
        self.engine = connect(f"sqlite:///{self.folder.name}/test.db")
        Row.metadata.create_all(self.engine)
        self.session: Session = sessions_for(self.engine)()
        self.told = a_snapshot(quotas=(a_quota(capacity),))
        self.event = an_event(self.session, self.told)
        self.version, self.minute = 1, 0
        self.capacity = capacity
        self.held: list[UUID] = []
        self.queue: list[UUID] = []
        self.unconfirmed: dict[UUID, int] = {}  # -> the minute it lapses

    @rule(target=people, at_once=st.booleans())
    def sign_up(self, at_once: bool) -> UUID:
        """Somebody new."""
        terms = AT_ONCE if at_once else TERMS
        receipt = a_registration(self.session, self.event, terms=terms, now=later(minutes=self.minute))
        if not at_once:
            self.unconfirmed[receipt.id] = self.minute + 30
        if len(self.held) < self.capacity and not self.queue:
            self.held.append(receipt.id)
            assert receipt.position is None
        else:
            self.queue.append(receipt.id)
            assert receipt.position == len(self.queue)
        return receipt.id

    @rule(who=people)
    def cancel(self, who: UUID) -> None:
        """Somebody leaves, perhaps for the second time."""
        changed = cancel_registration(
            who, by="attendee", session=self.session, now=later(minutes=self.minute), links=LINKS
        )
        assert changed == (who in self.held or who in self.queue)
        self._gone(who)

    @rule(who=people)
    def confirm(self, who: UUID) -> None:
        """Somebody uses her link, perhaps too late."""
        alive = who in self.held or who in self.queue
        in_time = self.unconfirmed.get(who, 10**6) > self.minute
        try:
            confirm_address(who, session=self.session, now=later(minutes=self.minute), links=LINKS)
        except (ConfirmationExpired, RegistrationCancelled):
            assert not (alive and in_time)
        else:
            assert alive
            assert in_time
            self.unconfirmed.pop(who, None)

    @rule(minutes=st.sampled_from([1, 10, 31]))
    def time_passes(self, minutes: int) -> None:
        """The job comes round after a while."""
        self.minute += minutes
        expire_unconfirmed(session=self.session, now=later(minutes=self.minute), links=LINKS)
        lapsed = [who for who, until in self.unconfirmed.items() if until <= self.minute]
        for who in lapsed:
            self.held = [each for each in self.held if each != who]
            self.queue = [each for each in self.queue if each != who]
            del self.unconfirmed[who]
        self._move_up()

    @rule(capacity=st.integers(0, 6))
    def resize(self, capacity: int) -> None:
        """The organiser changes her mind."""
        self.version += 1
        quotas = (a_quota(capacity, id=self.told.quotas[0].id),)
        self.told = a_snapshot(id=self.told.id, version=self.version, quotas=quotas)
        learn_of_event(self.told, session=self.session, now=later(minutes=self.minute), links=LINKS)
        self.capacity = capacity
        self._move_up()

    @rule(email=st.just("same@example.org"))
    def an_address_signs_up_again(self, email: str) -> None:
        """The same address, as often as she likes."""
        before = registrations.find_living(self.session, self.told.id, email)
        receipt = a_registration(self.session, self.event, email=email, now=later(minutes=self.minute))
        if before is None:
            (self.queue if receipt.position else self.held).append(receipt.id)

    @invariant()
    def the_database_agrees(self) -> None:
        """Who holds, who waits and in which order; counters; no free place while somebody waits."""
        if not hasattr(self, "session"):
            return
        self.session.flush()
        (quota,) = self.session.scalars(select(Quota).execution_options(populate_existing=True))
        assert (quota.taken, quota.waiting) == (len(self.held), len(self.queue))
        assert not self.queue or quota.taken >= self.capacity
        rows = self.session.execute(select(Place.registration_id, Place.state, Place.number).order_by(Place.number))
        states = [tuple(row) for row in rows]
        assert {who for who, state, _ in states if state == "held"} == set(self.held)
        assert [who for who, state, _ in states if state == "waiting"] == self.queue
        self._statuses_agree()

    def teardown(self) -> None:
        """Close what was opened."""
        if hasattr(self, "session"):
            self.session.close()
            self.engine.dispose()
            self.folder.cleanup()

    def _statuses_agree(self) -> None:
        for row in self.session.execute(select(Registration.id, Registration.status)):
            expected = "confirmed" if row.id in self.held else "waiting" if row.id in self.queue else None
            if expected and row.id in self.unconfirmed:
                expected = "pending"
            assert row.status == expected or (expected is None and row.status in {"cancelled", "expired"})

    def _gone(self, who: UUID) -> None:
        self.held = [each for each in self.held if each != who]
        self.queue = [each for each in self.queue if each != who]
        self.unconfirmed.pop(who, None)
        self._move_up()

    def _move_up(self) -> None:
        while self.queue and len(self.held) < self.capacity:
            first = next((who for who in self.queue if who not in self.unconfirmed), self.queue[0])
            self.queue.remove(first)
            self.held.append(first)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
