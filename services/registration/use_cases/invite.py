"""An organiser invites people by a link that is theirs alone."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.invitations import (
    InvitationState,
    InvitationWish,
    Invitee,
    NotSoManyFree,
)
from services.registration.domain.registrations import Terms, choose_quotas, ensure_alive, is_combined
from services.registration.domain.secrets import fingerprint
from services.registration.storage import audit, events, invitations, quotas, registrations
from services.registration.storage.tables import Event
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.news import tell_availability
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import AttendeeInvited
from shared.errors import N_, InvalidInput
from shared.messaging import outbox
from shared.policy import Actor


def invite(
    wish: InvitationWish, *, event: Event, actor: Actor, session: Session, now: datetime, terms: Terms
) -> tuple[list[UUID], list[str]]:
    """Invite everybody who has neither a registration nor an open invitation: (ids, addresses passed over).

    With holds_place the places are taken in the quota now, all of them or nobody is invited: NotSoManyFree. So the
    public sees them as taken, and none can be given twice. Raises EventIsOver, EventIsCancelled, InvalidInput.
    """
    ensure_may(actor, "change_registration", event)
    told = events.snapshot(event)
    ensure_alive(told, now)
    quota_id = choose_quotas(told, [wish.quota_id] if wish.quota_id else [])[0]
    if wish.deadline is not None and wish.deadline <= now:
        raise InvalidInput({"deadline": [N_("Please choose a time that lies ahead.")]})
    new, known = _new(session, event, wish)
    if wish.holds_place and new:
        _keep_places(session, told, quota_id, len(new))
    ids = [_invite(session, event, quota_id, each, wish, now=now, terms=terms) for each in new]
    for each in ids:
        audit.record(
            session,
            actor,
            "invite",
            object_id=each,
            organisation_id=event.organisation_id,
            event_id=event.id,
            now=now,
            holds_place=wish.holds_place,
        )
    return ids, known


def _new(session: Session, event: Event, wish: InvitationWish) -> tuple[list[Invitee], list[str]]:
    by_key = {each.address.key: each for each in wish.invitees}
    known = registrations.living_keys(session, event.id, by_key) | invitations.open_keys(session, event.id, by_key)
    passed = [each.address.written for key, each in by_key.items() if key in known]
    return [each for key, each in by_key.items() if key not in known], passed


def _keep_places(session: Session, told: EventSnapshot, quota_id: UUID, number: int) -> None:
    past = is_combined(told)
    if past:
        quotas.lock_all(session, told.id)
    counters = quotas.reserve(session, quota_id, number, past=past)
    if counters is None:
        raise NotSoManyFree(wanted=number, free=quotas.state(session, quota_id).free(is_combined=past))
    tell_availability(session, [counters])


def _invite(
    session: Session,
    event: Event,
    quota_id: UUID,
    invitee: Invitee,
    wish: InvitationWish,
    *,
    now: datetime,
    terms: Terms,
) -> UUID:
    new_id = uuid4()
    added = invitations.add(
        session,
        id=new_id,
        version=1,
        event_id=event.id,
        quota_id=quota_id,
        state=InvitationState.OPEN,
        holds_place=wish.holds_place,
        name=invitee.name,
        email=invitee.address.written,
        ascii_email=invitee.address.ascii,
        email_key=invitee.address.key,
        locale=invitee.locale,
        token_hash=fingerprint(terms.links.invitation_token(new_id)),
        deadline=wish.deadline,
        created_at=now,
        changed_at=now,
    )
    if not added:  # a colleague invited the same address at this moment: all of it goes, she tries again
        raise InvalidInput({"people": [N_("Somebody invites the same people right now. Please try again.")]})
    message = AttendeeInvited(
        invitation_id=new_id,
        event=events.snapshot(event),
        name=invitee.name,
        email=invitee.address.written,
        ascii_email=invitee.address.ascii,
        locale=invitee.locale,
        url=terms.links.invitation(new_id),
        holds_place=wish.holds_place,
        deadline=wish.deadline,
    )
    outbox.add(session, message, aggregate=f"invitation:{new_id}", version=1)
    return new_id
