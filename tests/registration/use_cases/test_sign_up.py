"""Signing up, one address at a time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registration.domain.registrations import Status
from services.registration.domain.rejections import (
    AlreadyRegistered,
    EventIsCancelled,
    EventIsOver,
    SignUpClosed,
    SignUpNotOpenYet,
)
from services.registration.storage.tables import Consent, Place, Quota, Registration
from services.registration.use_cases.sign_up import sign_up
from shared.contracts.registration import AddressConfirmationRequested, AvailabilityChanged, SignUpRepeated
from shared.errors import InvalidInput
from tests.registration.builders import (
    AT_ONCE,
    BASE_URL,
    NOW,
    TERMS,
    a_quota,
    a_registration,
    a_session,
    a_snapshot,
    a_wish,
    an_event,
    later,
    messages,
    names_of,
)


def count(session: Session) -> int:
    """How many registrations there are."""
    return session.scalar(select(func.count()).select_from(Registration)) or 0


def counters(session: Session) -> list[tuple[int, int]]:
    """(taken, waiting) of every quota in order."""
    return [tuple(row) for row in session.execute(select(Quota.taken, Quota.waiting).order_by(Quota.position))]


def test_a_place_is_held_for_half_an_hour_until_the_address_is_confirmed(session: Session) -> None:
    event = an_event(session)

    receipt = a_registration(session, event, terms=TERMS)

    assert (receipt.status, receipt.position, receipt.confirm_by) == (Status.PENDING, None, later(minutes=30))
    assert counters(session) == [(1, 0)]


def test_the_confirmation_mail_gets_everything_it_needs(session: Session) -> None:
    event = an_event(session)

    receipt = a_registration(session, event, terms=TERMS, name="آرش کیانی", locale="ar")

    requested = next(each for each in messages(session) if isinstance(each, AddressConfirmationRequested))
    assert requested.registration.id == receipt.id
    assert (requested.registration.name, requested.registration.locale) == ("آرش کیانی", "ar")
    assert requested.confirm_by == later(minutes=30)
    assert requested.confirm_url.startswith(f"{BASE_URL}/registration/confirm/")
    assert requested.registration.my_page_url.startswith(f"{BASE_URL}/registration/my/")
    assert requested.registration.ticket_code == ""
    assert requested.event.slug == event.slug


def test_without_address_confirmation_the_place_counts_at_once(session: Session) -> None:
    event = an_event(session)

    receipt = a_registration(session, event, terms=AT_ONCE)

    assert (receipt.status, receipt.confirm_by) == (Status.CONFIRMED, None)
    assert names_of(messages(session)) == ["RegistrationConfirmed"]


def test_a_ticket_address_fits_a_coarse_qr_code(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event)

    (confirmed,) = (each for each in messages(session) if type(each).__name__ == "RegistrationConfirmed")

    url = confirmed.registration.ticket_url
    assert url == f"HTTP://127.0.0.1:8000/T/{confirmed.registration.ticket_code}"
    assert len(url) <= 60


def test_whoever_comes_to_a_full_event_waits_in_order(session: Session) -> None:
    event = an_event(session, capacity=1)

    receipts = [a_registration(session, event) for _ in range(3)]

    assert [each.position for each in receipts] == [None, 1, 2]
    assert [each.status for each in receipts] == [Status.CONFIRMED, Status.WAITING, Status.WAITING]
    assert counters(session) == [(1, 2)]
    assert names_of(messages(session)) == ["RegistrationConfirmed", "RegistrationWaitlisted", "RegistrationWaitlisted"]


def test_every_change_of_a_quota_is_told_with_a_growing_version(session: Session) -> None:
    event = an_event(session, capacity=1)
    a_registration(session, event)
    a_registration(session, event)

    told = [each for each in messages(session) if isinstance(each, AvailabilityChanged)]

    assert [(each.version, each.free, each.waiting) for each in told] == [(1, 1, 0), (2, 0, 0), (3, 0, 1)]


@pytest.mark.parametrize("again", ["anna@example.org", "ANNA@Example.ORG", "anna@EXAMPLE.org"])
def test_an_address_that_is_known_gets_a_receipt_like_a_new_one_and_nothing_is_stored(
    session: Session, again: str
) -> None:
    event = an_event(session)
    first = a_registration(session, event, email="anna@example.org", terms=TERMS)

    second = a_registration(session, event, email=again, terms=TERMS)

    assert (second.status, second.position, second.confirm_by) == (first.status, first.position, first.confirm_by)
    assert second.places == first.places
    assert second.id != first.id
    assert (count(session), counters(session)) == (1, [(1, 0)])


def test_a_tagged_address_is_somebody_else(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, email="familie@example.org")

    a_registration(session, event, email="familie+kind@example.org")

    assert count(session) == 2


def test_an_address_with_umlauts_in_its_domain_is_the_same_in_both_spellings(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, email="anna@bücher.example.org")

    a_registration(session, event, email="anna@xn--bcher-kva.example.org")

    assert count(session) == 1


def test_the_owner_of_a_known_address_is_told_at_most_once_an_hour(session: Session) -> None:
    event = an_event(session)
    first = a_registration(session, event, email="anna@example.org")

    for minutes in (1, 2, 60, 61, 62):
        a_registration(session, event, email="anna@example.org", now=later(minutes=minutes))

    told = [each for each in messages(session) if isinstance(each, SignUpRepeated)]
    assert [(each.registration.id, each.registration.version) for each in told] == [(first.id, 2), (first.id, 3)]


def test_after_a_lapsed_first_try_signing_up_again_is_a_fresh_start(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, email="anna@example.org", terms=TERMS)

    receipt = a_registration(session, event, email="anna@example.org", terms=TERMS, now=later(minutes=30))

    statuses = session.scalars(select(Registration.status).order_by(Registration.created_at)).all()
    assert statuses == ["expired", "pending"]
    assert receipt.confirm_by == later(minutes=60)
    assert counters(session) == [(1, 0)]


def test_an_organiser_is_told_that_the_address_is_known(session: Session) -> None:
    event = an_event(session)
    a_registration(session, event, email="anna@example.org")
    before = messages(session)

    with pytest.raises(AlreadyRegistered):
        sign_up(a_wish(email="anna@example.org"), event=event, session=session, now=NOW, terms=TERMS, by_organiser=True)

    assert (count(session), counters(session)) == (1, [(1, 0)])
    assert messages(session) == before


def test_an_organiser_signs_people_up_outside_the_window_and_at_once(session: Session) -> None:
    event = an_event(session, sign_up_closes_at=NOW - timedelta(days=1))

    receipt = sign_up(a_wish(), event=event, session=session, now=NOW, terms=TERMS, by_organiser=True)

    assert receipt.status == Status.CONFIRMED


@pytest.mark.parametrize(
    ("differences", "rejection"),
    [
        ({"status": "cancelled"}, EventIsCancelled),
        ({"sign_up_opens_at": later(seconds=1)}, SignUpNotOpenYet),
        ({"sign_up_closes_at": NOW}, SignUpClosed),
        ({"sessions": (a_session(starts_at=NOW - timedelta(hours=2), ends_at=NOW),)}, EventIsOver),
        ({"quotas": ()}, SignUpClosed),
    ],
)
def test_a_closed_event_takes_nobody(session: Session, differences: dict, rejection: type[Exception]) -> None:
    event = an_event(session, **differences)
    before = messages(session)

    with pytest.raises(rejection):
        a_registration(session, event)

    assert count(session) == 0
    assert messages(session) == before


def test_nothing_counts_without_the_privacy_note(session: Session) -> None:
    event = an_event(session)

    with pytest.raises(InvalidInput) as rejected:
        a_registration(session, event, consents=frozenset({"photo"}))

    assert list(rejected.value.errors) == ["consents.privacy"]
    assert (count(session), counters(session)) == (0, [(0, 0)])


def test_consents_are_kept_with_the_words_they_were_given_to(session: Session) -> None:
    event = an_event(session)

    a_registration(session, event, consents=frozenset({"privacy", "photo"}), locale="ar")

    rows = session.execute(select(Consent.purpose, Consent.text_version, Consent.locale).order_by(Consent.purpose))
    assert rows.all() == [("photo", "2026-11", "ar"), ("privacy", "2026-11", "ar")]


def test_nothing_is_shared_with_a_company_that_does_not_exist(session: Session) -> None:
    event = an_event(session, host=None)

    a_registration(session, event, consents=frozenset({"privacy", "share_with_company"}))

    assert session.scalars(select(Consent.purpose)).all() == ["privacy"]


def test_a_walk_group_is_chosen(session: Session) -> None:
    first, second = a_quota(1), a_quota(1)
    event = an_event(session, quotas=(first, second))

    receipt = a_registration(session, event, quota_ids=(second.id,))

    assert receipt.places == {second.id: None}
    assert counters(session) == [(0, 0), (1, 0)]


@pytest.mark.parametrize("chosen", ["none", "both", "foreign"])
def test_a_choice_that_the_event_does_not_offer_is_refused(session: Session, chosen: str) -> None:
    first, second = a_quota(1), a_quota(1)
    event = an_event(session, quotas=(first, second))
    wanted = {"none": (), "both": (first.id, second.id), "foreign": (uuid4(),)}[chosen]

    with pytest.raises(InvalidInput) as rejected:
        a_registration(session, event, quota_ids=wanted)

    assert list(rejected.value.errors) == ["quota_ids"]
    assert (count(session), counters(session)) == (0, [(0, 0), (0, 0)])


def test_several_quotas_may_be_held_and_waited_for_at_once(session: Session) -> None:
    first, second = a_quota(1), a_quota(5)
    event = an_event(session, quotas=(first, second), quota_choice="any")
    a_registration(session, event, quota_ids=(first.id,))

    receipt = a_registration(session, event, quota_ids=(first.id, second.id))

    assert receipt.places == {first.id: 1, second.id: None}
    assert receipt.status == Status.CONFIRMED
    assert counters(session) == [(1, 1), (1, 0)]


def test_a_name_in_any_script_is_kept_letter_for_letter(session: Session) -> None:
    event = an_event(session, told=a_snapshot(capacity=1))

    a_registration(session, event, name="سارا موسوی‌نژاد")

    assert session.scalars(select(Registration.name)).all() == ["سارا موسوی‌نژاد"]
    assert session.scalar(select(func.count()).select_from(Place)) == 1
