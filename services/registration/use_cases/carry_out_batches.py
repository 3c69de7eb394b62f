"""The job that carries out actions on many, some at a time: each registration exactly once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.batches import BATCH, MESSAGES_A_DAY, Action, BatchState, ItemState
from services.registration.domain.check_in import standing
from services.registration.domain.links import Links
from services.registration.domain.registrations import LIVING, PlaceState, Status, is_over
from services.registration.domain.rejections import EventIsOver
from services.registration.storage import audit, batches, check_ins, events, quotas, registrations
from services.registration.storage.tables import Batch, BatchItem, Registration
from services.registration.use_cases.correct_attendance import mark_absent, mark_present
from services.registration.use_cases.end_registration import end, hold
from services.registration.use_cases.move_in_waiting_list import move_in_waiting_list
from services.registration.use_cases.news import news_of, tell
from services.registration.use_cases.resend_mail import resend_mail
from shared.contracts.registration import OrganiserMessageWritten
from shared.errors import Rejection
from shared.policy import Actor, Role

NOT_LIVING, NOT_WAITING, NO_ADDRESS = "not-living", "not-waiting", "no-address"
MANY_MESSAGES, WAS_PRESENT = "many-messages", "was-present"
_MAILS = {Action.MESSAGE, Action.RESEND}


def carry_out_batches(*, session: Session, now: datetime, links: Links) -> bool:
    """Work on the next batch that is due; True if there is more to do at once.

    Mails are not hurried: one portion a round, so that the tickets of others get between them.
    """
    batch = batches.lock_due(session, now)
    if batch is None:
        return False
    is_back = batch.state == BatchState.TAKING_BACK
    items = batches.open_items(session, batch.id, ItemState.DONE if is_back else ItemState.WAITING, BATCH)
    if not items:
        batch.state = BatchState.UNDONE if is_back else BatchState.DONE
        return True
    work = _Work(session, batch, now=now, links=links)
    if is_back:
        work.take_back(items)
    else:
        batch.state = BatchState.RUNNING
        work.carry_out(items)
    return Action(batch.action) not in _MAILS


class _Work:
    """One portion of a batch, in one transaction."""

    def __init__(self, session: Session, batch: Batch, *, now: datetime, links: Links) -> None:
        self.session, self.batch, self.now, self.links = session, batch, now, links
        self.event = events.get(session, batch.event_id)
        organiser = {self.event.organisation_id: Role.ORGANISER}  # she was one when she asked
        self.actor = Actor(id=batch.actor_id, kind=batch.actor_kind, organisations=organiser)

    def carry_out(self, items: Sequence[BatchItem]) -> None:
        known = {each.registration_id: each for each in items}
        acts: dict[Action, Callable[[list[UUID]], dict[UUID, str]]] = {
            Action.CANCEL: self._cancel,
            Action.MESSAGE: self._write,
            Action.RESEND: self._resend,
            Action.MOVE_UP: self._move_up,
            Action.MARK_PRESENT: self._mark_present,
        }
        skipped = acts[Action(self.batch.action)](list(known))
        for registration_id, item in known.items():
            item.outcome = skipped.get(registration_id, "")
            item.state = ItemState.SKIPPED if item.outcome else ItemState.DONE
            item.done_at = self.now

    def take_back(self, items: Sequence[BatchItem]) -> None:
        """Those whom this batch marked as present are absent again, unless somebody saw them besides."""
        for item in items:
            session_id = UUID(self.batch.facts["session_id"])
            mark_absent(
                item.registration_id,
                session_id,
                event=self.event,
                actor=self.actor,
                session=self.session,
                now=self.now,
                marked_at=item.done_at,
            )
            item.state = ItemState.UNDONE

    def _cancel(self, ids: list[UUID]) -> dict[UUID, str]:
        held = hold(self.session, ids)
        if held and is_over(events.snapshot(self.event), self.now):
            return dict.fromkeys(ids, EventIsOver.slug())
        facts = self.batch.facts
        end(
            self.session,
            held,
            Status.CANCELLED,
            by="organiser",
            reason=facts["reason"],
            silent=not facts["with_mail"],
            links=self.links,
            now=self.now,
        )
        for each in held:
            self._record("cancel_registration", each.id)
        return dict.fromkeys(set(ids) - {each.id for each in held}, NOT_LIVING)

    def _write(self, ids: list[UUID]) -> dict[UUID, str]:
        skipped: dict[UUID, str] = {}
        had = batches.messages_since(self.session, ids, self.now - timedelta(days=1))
        quotas.lock_all(self.session, self.event.id)
        for each in registrations.lock(self.session, ids):
            if not each.email:
                skipped[each.id] = NO_ADDRESS
            elif had.get(each.id, 0) >= MESSAGES_A_DAY:
                skipped[each.id] = MANY_MESSAGES
            else:
                self._write_to(each)
        return skipped

    def _write_to(self, registration: Registration) -> None:
        registration.version += 1
        registration.changed_at = self.now
        self.session.flush()
        message = OrganiserMessageWritten(
            registration=news_of(self.session, registration, self.links),
            event=events.snapshot(self.event),
            message_id=self.batch.id,
            subject=self.batch.facts["subject"],
            text=self.batch.facts["text"],
        )
        tell(self.session, registration, message)

    def _resend(self, ids: list[UUID]) -> dict[UUID, str]:
        skipped: dict[UUID, str] = {}
        quotas.lock_all(self.session, self.event.id)
        for each in registrations.lock(self.session, ids):
            if not each.email:
                skipped[each.id] = NO_ADDRESS
            elif not resend_mail(each, session=self.session, now=self.now, links=self.links):
                skipped[each.id] = NOT_LIVING
        return skipped

    def _move_up(self, ids: list[UUID]) -> dict[UUID, str]:
        quotas.lock_all(self.session, self.event.id)
        found = {each.id: each for each in registrations.lock(self.session, ids)}
        skipped: dict[UUID, str] = {}
        for each in (found[registration_id] for registration_id in ids):
            waits = [place.quota_id for place in each.places if place.state == PlaceState.WAITING]
            if not waits or each.status not in LIVING:
                skipped[each.id] = NOT_WAITING
            for quota_id in waits:
                move_in_waiting_list(
                    each.id,
                    quota_id,
                    position=1,
                    reason=self.batch.facts["reason"],
                    actor=self.actor,
                    session=self.session,
                    now=self.now,
                )
        return skipped

    def _mark_present(self, ids: list[UUID]) -> dict[UUID, str]:
        registrations.lock(self.session, ids)
        session_id, skipped = UUID(self.batch.facts["session_id"]), {}
        for each in sorted(ids):
            if standing(check_ins.log_of(self.session, each, session_id)):
                skipped[each] = WAS_PRESENT
                continue
            try:
                mark_present(each, session_id, event=self.event, actor=self.actor, session=self.session, now=self.now)
            except Rejection as no:  # it is the list's outcome for this one; the others go on
                skipped[each] = no.slug()
        return skipped

    def _record(self, action: str, registration_id: UUID) -> None:
        audit.record(
            self.session,
            self.actor,
            action,
            object_id=registration_id,
            organisation_id=self.event.organisation_id,
            event_id=self.event.id,
            now=self.now,
            batch_id=str(self.batch.id),
        )
