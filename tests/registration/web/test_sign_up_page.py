"""The form to sign up, as people and robots meet it."""

from datetime import timedelta
from html import escape
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
import time_machine
from sqlalchemy import Engine, func, select

from services.registration.storage.tables import Consent, Registration
from shared import clock
from tests.registration.builders import a_quota
from tests.registration.doors import House, a_house, fields_of, sign_up

NAMES = Path(__file__).parents[2].joinpath("data/names.txt").read_text(encoding="utf-8").splitlines()


def stored(house: House) -> int:
    """How many registrations there are."""
    with house.sessions.begin() as session:
        return session.scalar(select(func.count()).select_from(Registration)) or 0


def test_signing_up_says_until_when_the_place_is_kept(house: House) -> None:
    told = house.event()
    visitor = house.visitor()

    answer = sign_up(visitor, told.slug)

    assert answer.status_code == 303
    page = visitor.get(answer.location)
    assert page.status_code == 200
    with house.sessions.begin() as session:
        (registration,) = session.scalars(select(Registration))
    assert registration.status == "pending"
    assert "Your place is reserved until" in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_a_full_event_says_so_before_and_offers_the_waiting_list(house: House) -> None:
    told = house.event(capacity=0)
    visitor = house.visitor()

    page = visitor.get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)
    answer = sign_up(visitor, told.slug)

    assert "This event is full" in page
    assert "Put me on the waiting list" in page
    assert "You are number 1 on the waiting list" in visitor.get(answer.location).get_data(as_text=True)


def test_errors_keep_everything_that_was_typed(house: House) -> None:
    one, two = a_quota(3, name={"de": "Gruppe A"}), a_quota(3, name={"de": "Gruppe B"})
    told = house.event(quotas=(one, two))

    answer = sign_up(
        house.visitor(),
        told.slug,
        name="سارا موسوی‌نژاد",
        email="not an address",
        locale="ar",
        quota_ids=str(two.id),
        **{"consents.photo": "true"},
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="سارا موسوی‌نژاد"' in page
    assert 'value="not an address"' in page
    assert '<option value="ar" selected>' in page
    assert page.count(" checked") == 3  # the group, privacy, photo
    assert stored(house) == 0


def test_without_the_privacy_note_the_form_comes_back(house: House) -> None:
    told = house.event()

    answer = sign_up(house.visitor(), told.slug, **{"consents.privacy": ""})

    assert answer.status_code == 422
    assert "Please confirm that you have read this." in answer.get_data(as_text=True)
    assert stored(house) == 0


def test_all_that_is_missing_is_said_at_once(house: House) -> None:
    told = house.event(quotas=(a_quota(name={"en": "A"}), a_quota(name={"en": "B"})))

    answer = sign_up(house.visitor(), told.slug, name="", **{"consents.privacy": ""})

    page = answer.get_data(as_text=True)
    for link in (
        '<a href="#field-name">Your name: Please fill this in.</a>',
        '<a href="#field-quota_ids">Your choice: Please choose where you want to take part.</a>',
        '<a href="#field-consents-privacy">Your decision: Please confirm that you have read this.</a>',
    ):
        assert link in page
    assert stored(house) == 0


def test_no_consent_is_ticked_beforehand(house: House) -> None:
    told = house.event()

    page = house.visitor().get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)

    assert page.count('type="checkbox"') == 4
    assert " checked" not in page


@pytest.mark.parametrize("name", NAMES)
def test_every_name_comes_back_letter_for_letter(house: House, name: str) -> None:
    told = house.event()
    sign_up(house.visitor(), told.slug, name=name)

    with house.sessions.begin() as session:
        (registration,) = session.scalars(select(Registration))
        assert registration.name == name
    token = house.app.extensions["registration"].terms.links.page_token(registration.id)
    page = house.visitor().get(f"/registration/my/{token}").get_data(as_text=True)
    assert f"<bdi>{escape(name, quote=False)}</bdi>" in page.replace("&#39;", "'")


def test_a_known_address_is_answered_like_a_new_one(house: House) -> None:
    told = house.event(capacity=50)
    visitor = house.visitor()
    sign_up(visitor, told.slug, email="anna@example.org")

    known = sign_up(visitor, told.slug, email="anna@example.org")
    fresh = sign_up(visitor, told.slug, email="new@example.org")

    assert (known.status_code, known.headers["Content-Length"]) == (fresh.status_code, fresh.headers["Content-Length"])
    one, other = (visitor.get(each.location).get_data(as_text=True) for each in (known, fresh))
    assert strip(one) == strip(other)
    assert stored(house) == 2


def test_a_known_address_is_not_given_away_by_time(house: House) -> None:
    told = house.event(capacity=500)
    visitor = house.visitor()
    sign_up(visitor, told.slug, email="anna@example.org")

    known, fresh = [], []
    for number in range(15):
        for times, email in ((known, "anna@example.org"), (fresh, f"new{number}@example.org")):
            began = perf_counter()
            sign_up(visitor, told.slug, email=email)
            times.append(perf_counter() - began)

    assert abs(median(known) - median(fresh)) < 0.05


def test_whoever_fills_the_hidden_field_is_answered_and_not_stored(house: House) -> None:
    told = house.event()
    visitor = house.visitor()

    answer = sign_up(visitor, told.slug, homepage="https://spam.example")

    assert answer.status_code == 303
    assert "Your place is reserved until" in visitor.get(answer.location).get_data(as_text=True)
    assert stored(house) == 0


@pytest.mark.parametrize("stamp", ["", "forged", None])
def test_whoever_is_too_fast_is_answered_and_not_stored(tmp_path: Path, engine: Engine, stamp: str | None) -> None:
    house = a_house(tmp_path, engine, minimum_seconds=3600)
    told = house.event()
    visitor = house.visitor()

    answer = sign_up(visitor, told.slug, **({} if stamp is None else {"stamp": stamp}))

    assert answer.status_code == 303
    assert "Your place is reserved until" in visitor.get(answer.location).get_data(as_text=True)
    assert stored(house) == 0


def test_a_clock_that_was_set_back_makes_nobody_a_robot(tmp_path: Path, engine: Engine) -> None:
    house = a_house(tmp_path, engine, minimum_seconds=3)
    told = house.event()
    visitor = house.visitor()
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        stamp = fields_of(visitor.get(f"/registration/{told.slug}/sign-up").get_data(as_text=True))["stamp"]

    answer = sign_up(visitor, told.slug, stamp=stamp)

    assert answer.status_code == 303
    assert stored(house) == 1


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        ({"status": "cancelled"}, "This event has been cancelled"),
        ({"sign_up_opens_at": clock.now() + timedelta(days=1)}, "Sign-up is not open yet"),
        ({"sign_up_closes_at": clock.now() - timedelta(days=1)}, "Sign-up is closed"),
    ],
)
def test_a_closed_sign_up_says_why(house: House, differences: dict, said: str) -> None:
    told = house.event(**differences)

    page = house.visitor().get(f"/registration/{told.slug}/sign-up")

    assert page.status_code == 200
    assert said in page.get_data(as_text=True)
    assert "<form class" not in page.get_data(as_text=True)


def test_an_unknown_event_has_no_form(house: House) -> None:
    assert house.visitor().get("/registration/nothing/sign-up").status_code == 404


def test_a_receipt_that_we_did_not_write_is_nothing(house: House) -> None:
    told = house.event()

    assert house.visitor().get(f"/registration/{told.slug}/received/forged").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Anna\r\nBcc: x@example.org"),
        ("name", "=?utf-8?q?=0d=0aBcc:_e@x.de?="),
        ("name", "\u202eevil"),
        ("name", "x" * 201),
        ("name", "   "),
        ("email", "anna@example.org\r\nBcc: x@example.org"),
        ("email", "anna@example.org, eve@example.org"),
        ("quota_ids", "1; DROP TABLE"),
        ("quota_ids", "201fb81e-c292-4945-af08-85839959a094"),
        ("locale", "../../etc/passwd"),
        ("status", "confirmed"),
        ("position", "1"),
    ],
)
def test_hostile_input_is_refused_and_nothing_stored(house: House, field: str, value: str) -> None:
    told = house.event()

    answer = sign_up(house.visitor(), told.slug, **{field: value})

    assert answer.status_code == 422
    assert stored(house) == 0


def test_markup_in_a_name_is_text(house: House) -> None:
    told = house.event()
    sign_up(house.visitor(), told.slug, name="<script>alert(1)</script>{{7*7}}")

    with house.sessions.begin() as session:
        (registration,) = session.scalars(select(Registration))
    token = house.app.extensions["registration"].terms.links.page_token(registration.id)
    page = house.visitor().get(f"/registration/my/{token}").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


def test_a_form_without_its_token_does_nothing(house: House) -> None:
    told = house.event()

    answer = house.visitor().post(f"/registration/{told.slug}/sign-up", data={"name": "Eve"})

    assert answer.status_code == 400
    assert stored(house) == 0


def test_consents_are_stored_as_ticked(house: House) -> None:
    told = house.event()

    sign_up(house.visitor(), told.slug, **{"consents.share_with_company": "true"})

    with house.sessions.begin() as session:
        assert sorted(session.scalars(select(Consent.purpose))) == ["privacy", "share_with_company"]


@pytest.mark.parametrize("language", ["de", "ar", "en"])
def test_the_form_speaks_the_readers_language(house: House, language: str) -> None:
    told = house.event()

    page = house.visitor(language).get(f"/registration/{told.slug}/sign-up").get_data(as_text=True)

    assert f'<html lang="{language}"' in page


def strip(page: str) -> str:
    """A page without what changes with every reading."""
    for value in fields_of(page).values():
        page = page.replace(value, "")
    return page.partition("<main")[2].partition("</main")[0]
