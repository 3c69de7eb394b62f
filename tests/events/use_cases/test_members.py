"""Roles, invitations and API tokens."""

import pytest
from sqlalchemy.orm import Session

from services.events.domain.accounts import LastAdminStays, RoleAboveOwn
from services.events.storage import accounts, organisations
from services.events.storage.tables import Account, ApiToken, Membership, Organisation
from services.events.use_cases.add_member import add_member, invite_member
from services.events.use_cases.change_member import change_member, remove_member
from services.events.use_cases.create_token import create_token
from services.events.use_cases.revoke_token import revoke_token
from shared.contracts.events import ApiTokenRevoked, SignInRequested
from shared.policy import Actor, Role
from tests.events.builders import BASE_URL, NOW, a_member, an_organisation, messages


@pytest.fixture
def organisation(session: Session) -> Organisation:
    return an_organisation(session)


@pytest.fixture
def admin(session: Session, organisation: Organisation) -> Actor:
    return accounts.actor_of(session, a_member(session, organisation, "admin"))


def test_an_invited_person_gets_a_role_and_a_link(session: Session, organisation: Organisation, admin: Actor) -> None:
    membership = invite_member(
        "neu@example.org",
        role=Role.HELPER,
        organisation=organisation,
        token="secret",
        base_url=BASE_URL,
        session=session,
        now=NOW,
        by=admin,
    )

    assert membership.role == Role.HELPER
    (message,) = messages(session)
    assert isinstance(message, SignInRequested)
    assert (message.purpose, message.person.email, message.person.locale) == ("invitation", "neu@example.org", "de")


def test_nobody_gives_a_role_above_the_own(session: Session, organisation: Organisation) -> None:
    organiser = accounts.actor_of(session, a_member(session, organisation, "organiser"))

    with pytest.raises(RoleAboveOwn):
        add_member(
            "neu@example.org", role=Role.ADMIN, organisation_id=organisation.id, session=session, now=NOW, by=organiser
        )

    assert accounts.find_by_address(session, "neu@example.org") is None


def test_nobody_gives_roles_in_somebody_elses_organisation(
    session: Session, organisation: Organisation, admin: Actor
) -> None:
    other = an_organisation(session, "andere")

    with pytest.raises(RoleAboveOwn):
        add_member("neu@example.org", role=Role.HELPER, organisation_id=other.id, session=session, now=NOW, by=admin)

    assert organisations.members(session, other.id) == []


@pytest.mark.parametrize("step", ["demote", "remove", "invite"])
def test_the_last_administrator_stays(session: Session, organisation: Organisation, admin: Actor, step: str) -> None:
    assert admin.id
    membership = organisations.get_membership(session, organisation.id, admin.id)
    steps = {
        "demote": lambda: change_member(membership, role=Role.ORGANISER, session=session, now=NOW, by=admin),
        "remove": lambda: remove_member(membership, session=session, now=NOW, by=admin),
        "invite": lambda: add_member(
            admin.email, role=Role.HELPER, organisation_id=organisation.id, session=session, now=NOW, by=admin
        ),
    }

    with pytest.raises(LastAdminStays):
        steps[step]()

    assert organisations.get_membership(session, organisation.id, admin.id).role == Role.ADMIN


def test_one_of_two_administrators_may_go(session: Session, organisation: Organisation, admin: Actor) -> None:
    assert admin.id
    a_member(session, organisation, "admin", email="zweite@example.org")

    remove_member(organisations.get_membership(session, organisation.id, admin.id), session=session, now=NOW, by=admin)

    assert [each.account.email for each in organisations.members(session, organisation.id)] == ["zweite@example.org"]


def test_a_revoked_token_is_told_once_and_no_longer_believed(
    session: Session, organisation: Organisation, admin: Actor
) -> None:
    token = create_token(organisation_id=organisation.id, role=Role.ORGANISER, session=session, now=NOW, by=admin)
    assert organisations.is_token_revoked(session, token.id) is False

    for _ in range(2):
        revoke_token(token, session=session, now=NOW, by=admin)

    assert organisations.is_token_revoked(session, token.id) is True
    assert messages(session) == [ApiTokenRevoked(token_id=token.id, expires_at=token.expires_at)]
    assert session.query(ApiToken).count() == 1


def test_a_removed_member_keeps_her_account(session: Session, organisation: Organisation, admin: Actor) -> None:
    helper = a_member(session, organisation, "helper")

    remove_member(organisations.get_membership(session, organisation.id, helper.id), session=session, now=NOW, by=admin)

    assert session.get(Account, helper.id) is helper
    assert session.get(Membership, (organisation.id, helper.id)) is None
