"""Personal invitations: places kept apart, links that work once, and what comes back."""

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.registration.domain.addresses import address
from services.registration.domain.invitations import AlreadyDecided, InvitationWish, Invitee, NotSoManyFree
from services.registration.domain.rejections import InvitationIsSpent, SignUpClosed
from services.registration.storage import invitations, quotas
from services.registration.storage.tables import Event, Invitation, Registration
from services.registration.use_cases.accept_invitation import accept_invitation
from services.registration.use_cases.expire_invitations import expire_invitations
from services.registration.use_cases.invite import invite
from services.registration.use_cases.revoke_invitation import revoke_invitation
from shared.database import sessions_for
from shared.errors import NotFound
from shared.policy import Actor, Role
from tests.registration.builders import (
    AT_ONCE,
    LINKS,
    NOW,
    ORGANISATION,
    TERMS,
    a_registration,
    a_snapshot,
    a_wish,
    an_event,
    later,
    messages,
    names_of,
)

ORGANISER = Actor(id=uuid4(), kind="account", organisations={ORGANISATION: Role.ORGANISER})
SOON = later(days=2)


def invited(session: Session, event: Event, *people: str, **more: Any) -> list[UUID]:
    """Open invitations with kept places."""
    invitees = tuple(Invitee(address=address(f"{each}@example.org"), name=each, locale="ar") for each in people)
    wish = replace(InvitationWish(invitees=invitees, holds_place=True, deadline=SOON), **more)
    return invite(wish, event=event, actor=ORGANISER, session=session, now=NOW, terms=TERMS)[0]


def accepted(session: Session, invitation_id: UUID, now: Any = NOW) -> Any:
    """She uses her link."""
    token = LINKS.invitation_token(invitation_id)
    return accept_invitation(token, a_wish(name="Sara"), session=session, now=now, terms=TERMS)[0]


def counters(session: Session, event: Event) -> tuple[int, int]:
    """(taken, waiting)."""
    (found,) = quotas.of_event(session, event.id)
    return found.taken, found.waiting


def test_kept_places_are_taken_and_become_hers(session: Session) -> None:
    event = an_event(session, capacity=2)
    first, _second = invited(session, event, "a", "b")
    assert counters(session, event) == (2, 0)
    stranger = a_registration(session, event)

    receipt = accepted(session, first)

    assert (receipt.status, receipt.position, stranger.position) == ("confirmed", None, 1)
    assert counters(session, event) == (2, 1)
    row = session.get_one(Registration, receipt.id)
    assert (row.email, row.source, row.name) == ("a@example.org", "invitation", "Sara")
    assert invitations.get(session, first).state == "used"


def test_the_link_works_once(session: Session) -> None:
    event = an_event(session)
    (only,) = invited(session, event, "a")
    accepted(session, only)

    with pytest.raises(InvitationIsSpent):
        accepted(session, only)

    assert counters(session, event) == (1, 0)


def test_it_works_when_the_window_is_closed(session: Session) -> None:
    event = an_event(session, a_snapshot(sign_up_closes_at=later(days=-1)))
    (only,) = invited(session, event, "a", holds_place=False)

    with pytest.raises(SignUpClosed):
        a_registration(session, event)

    assert accepted(session, only).status == "confirmed"


def test_unused_places_come_back_at_the_deadline_to_those_who_wait(session: Session) -> None:
    event = an_event(session, capacity=2)
    first, _ = invited(session, event, "a", "b")
    waiter = a_registration(session, event)

    with pytest.raises(InvitationIsSpent):
        accepted(session, first, now=SOON)
    expire_invitations(session=session, now=SOON, links=LINKS)
    expire_invitations(session=session, now=later(days=3), links=LINKS)

    assert session.get_one(Registration, waiter.id).status == "confirmed"
    assert counters(session, event) == (1, 0)
    assert set(session.scalars(select(Invitation.state))) == {"expired"}


def test_one_that_is_taken_back_frees_its_place_once(session: Session) -> None:
    event = an_event(session, capacity=1)
    (only,) = invited(session, event, "a")

    revoke_invitation(only, actor=ORGANISER, session=session, now=NOW, links=LINKS)

    assert counters(session, event) == (0, 0)
    with pytest.raises(AlreadyDecided):
        revoke_invitation(only, actor=ORGANISER, session=session, now=NOW, links=LINKS)
    with pytest.raises(InvitationIsSpent):
        accepted(session, only)


def test_nobody_is_invited_to_more_places_than_are_free(session: Session) -> None:
    event = an_event(session, capacity=2)
    a_registration(session, event)

    with pytest.raises(NotSoManyFree) as no:
        invited(session, event, "a", "b")

    assert no.value.facts == {"wanted": 2, "free": 1}
    assert session.scalars(select(Invitation)).all() == []
    assert counters(session, event) == (1, 0)


def test_the_registered_and_the_invited_are_passed_over(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, email="A@example.org")
    invited(session, event, "b")

    people = tuple(Invitee(address=address(f"{each}@example.org"), locale="de") for each in "abc")
    how: dict[str, Any] = {"event": event, "actor": ORGANISER, "session": session, "now": NOW, "terms": TERMS}
    ids, passed = invite(InvitationWish(invitees=people), **how)

    assert (len(ids), sorted(passed)) == (1, ["a@example.org", "b@example.org"])
    assert names_of(messages(session)).count("AttendeeInvited") == 2


def test_a_stranger_invites_and_revokes_nothing(session: Session) -> None:
    event = an_event(session)
    (only,) = invited(session, event, "a")
    stranger = Actor(id=uuid4(), kind="account", organisations={uuid4(): Role.ORGANISER})

    with pytest.raises(NotFound):
        revoke_invitation(only, actor=stranger, session=session, now=NOW, links=LINKS)
    with pytest.raises(NotFound):
        invite(InvitationWish(invitees=()), event=event, actor=stranger, session=session, now=NOW, terms=TERMS)

    assert invitations.get(session, only).state == "open"


def test_link_deadline_and_crowd_at_once_never_oversell(either_engine: Engine) -> None:
    sessions = sessions_for(either_engine)
    with sessions.begin() as session:
        event = an_event(session, capacity=6)
        ids = invited(session, event, *"abcd")
    event_id = event.id
    barrier = threading.Barrier(9)

    def race(act: Any) -> None:
        barrier.wait()
        try:
            with sessions.begin() as session:
                act(session, session.get_one(Event, event_id))
        except InvitationIsSpent:
            pass

    acts: list[Any] = [lambda session, _event, each=each: accepted(session, each) for each in ids for _ in range(1)]
    acts += [lambda session, event: a_registration(session, event, terms=AT_ONCE)] * 4
    acts += [lambda session, _event: expire_invitations(session=session, now=SOON, links=LINKS)]
    threads = [threading.Thread(target=race, args=(each,)) for each in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with sessions.begin() as session:
        expire_invitations(session=session, now=SOON, links=LINKS)
        taken, waiting = counters(session, session.get_one(Event, event_id))
        confirmed = list(session.scalars(select(Registration.status))).count("confirmed")
    assert taken == confirmed <= 6
    assert waiting == 0 or taken == 6
