"""Magic links, devices and what they never tell."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from services.events.domain.accounts import LinkIsUsedUp
from services.events.storage import accounts
from services.events.storage.tables import Account, AccountSession, SignInLink
from services.events.use_cases.renew_access import renew_access
from services.events.use_cases.request_sign_in import make_link, request_sign_in
from services.events.use_cases.sign_in import sign_in
from services.events.use_cases.sign_out import sign_out, sign_out_device, sign_out_everywhere
from shared.contracts.events import SignInRequested
from shared.database import sessions_for
from shared.errors import NotSignedIn
from shared.policy import Role
from tests.events.builders import BASE_URL, NOW, a_member, an_organisation, messages


@pytest.fixture
def account(session: Session) -> Account:
    return a_member(session, an_organisation(session), email="mina@bruecke.example.org")


def ask(session: Session, address: str, token: str = "t" * 43, **options: object) -> None:
    request_sign_in(address, token=token, base_url=BASE_URL, session=session, now=options.pop("now", NOW), **options)


def test_a_link_is_mailed_and_only_its_hash_is_kept(session: Session, account: Account) -> None:
    ask(session, " Mina@BRUECKE.example.org", token="secret")

    (message,) = messages(session)
    assert isinstance(message, SignInRequested)
    assert message.link == f"{BASE_URL}/events/account/link/secret"
    assert (message.person.email, message.expires_at) == (account.address, NOW + timedelta(minutes=15))
    (link,) = session.scalars(select(SignInLink))
    assert re.fullmatch("[0-9a-f]{64}", link.token_hash)


def test_an_unknown_address_leaves_no_trace(session: Session, account: Account) -> None:
    ask(session, "nobody@example.org")

    assert messages(session) == []
    assert session.query(SignInLink).count() == 0


def test_the_fourth_mail_within_an_hour_is_not_sent(session: Session, account: Account) -> None:
    for number in range(4):
        ask(session, account.address, token=f"t{number}", now=NOW + timedelta(minutes=number))

    assert len(messages(session)) == 3
    ask(session, account.address, token="later", now=NOW + timedelta(minutes=61))
    assert len(messages(session)) == 4


def test_a_link_opens_one_account_session_and_then_never_again(session: Session, account: Account) -> None:
    make_link(account, token="secret", session=session, now=NOW, next_path="/events/manage/")

    signed_in = sign_in("secret", new_sid="sid-1", session=session, now=NOW)

    assert (signed_in.account.id, signed_in.next_path) == (account.id, "/events/manage/")
    with pytest.raises(LinkIsUsedUp):
        sign_in("secret", new_sid="sid-2", session=session, now=NOW)
    assert session.query(AccountSession).count() == 1


def test_a_link_expires_after_a_quarter_of_an_hour(session: Session, account: Account) -> None:
    make_link(account, token="secret", session=session, now=NOW)

    with pytest.raises(LinkIsUsedUp):
        sign_in("secret", new_sid="sid", session=session, now=NOW + timedelta(minutes=15))

    assert session.query(AccountSession).count() == 0


def test_signing_in_again_ends_the_browsers_former_session(session: Session, account: Account) -> None:
    for token in ("one", "two"):
        make_link(account, token=token, session=session, now=NOW)
    sign_in("one", new_sid="old", session=session, now=NOW)

    sign_in("two", new_sid="new", old_sid="old", session=session, now=NOW)

    assert accounts.find_device(session, "old", NOW) is None
    assert accounts.find_device(session, "new", NOW) is not None


def test_a_fresh_proof_carries_todays_roles(session: Session, account: Account) -> None:
    make_link(account, token="secret", session=session, now=NOW)
    device = sign_in("secret", new_sid="sid", session=session, now=NOW).device

    actor, device_id = renew_access("sid", session=session, now=NOW + timedelta(hours=1))

    assert (actor.id, device_id, device.seen_at) == (account.id, device.id, NOW + timedelta(hours=1))
    assert list(actor.organisations.values()) == [Role.ORGANISER]


@pytest.mark.parametrize(("idle", "ends"), [(timedelta(hours=7), False), (timedelta(hours=8), True)])
def test_a_session_ends_when_nobody_uses_it(session: Session, account: Account, idle: timedelta, ends: bool) -> None:
    make_link(account, token="secret", session=session, now=NOW)
    sign_in("secret", new_sid="sid", session=session, now=NOW)

    assert (accounts.find_device(session, "sid", NOW + idle) is None) is ends


def test_a_session_ends_after_a_week_however_busy(session: Session, account: Account) -> None:
    make_link(account, token="secret", session=session, now=NOW)
    sign_in("secret", new_sid="sid", session=session, now=NOW)
    for hours in range(6, 7 * 24, 6):
        renew_access("sid", session=session, now=NOW + timedelta(hours=hours))

    with pytest.raises(NotSignedIn):
        renew_access("sid", session=session, now=NOW + timedelta(days=7))


def test_signing_out_ends_one_device_or_all(session: Session, account: Account) -> None:
    for sid in ("a", "b", "c"):
        make_link(account, token=f"link-{sid}", session=session, now=NOW)
        sign_in(f"link-{sid}", new_sid=sid, session=session, now=NOW)

    sign_out("a", session=session, now=NOW)
    assert len(accounts.devices(session, account.id, NOW)) == 2
    sign_out_device(accounts.devices(session, account.id, NOW)[0].id, account_id=account.id, session=session, now=NOW)
    assert len(accounts.devices(session, account.id, NOW)) == 1
    sign_out_everywhere(account.id, session=session, now=NOW)
    assert accounts.devices(session, account.id, NOW) == []


def test_of_two_clicks_at_once_one_gets_in(engine: Engine) -> None:
    with sessions_for(engine).begin() as session:
        account = a_member(session, an_organisation(session))
        make_link(account, token="secret", session=session, now=NOW)

    with sessions_for(engine).begin() as first:
        assert accounts.use_link(first, "secret", NOW) is True
    with sessions_for(engine).begin() as second:
        assert accounts.use_link(second, "secret", NOW) is False
