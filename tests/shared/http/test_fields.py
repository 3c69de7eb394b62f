"""What people write is kept letter for letter, what only attackers write is refused."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.http.fields import (
    EmailAddress,
    LocalDateTime,
    Moment,
    PersonName,
    Slug,
    Text,
    Translations,
    WebAddress,
    Wish,
)
from shared.http.forms import Form
from shared.http.paging import next_cursor
from tests.shared.http.conftest import Demo, csrf_token

NAMES = (Path(__file__).parents[2] / "data" / "names.txt").read_text(encoding="utf-8").splitlines()


class Everything(Wish):
    name = PersonName()
    text = Text(most=100)
    email = EmailAddress()
    web = WebAddress()
    slug = Slug()
    title = Translations()
    at = LocalDateTime()
    seen = Moment()


def loaded(**given: Any) -> Any:
    return Everything().load(given)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_passes_letter_for_letter(name: str) -> None:
    assert loaded(name=f"  {name}\u00a0")["name"] == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    ["Ng\x00", "Ng\nBcc: x", "Ng\x1b[31m", "Ng\x85", "Ng\u2028x", "Ng\u2029x"]
    + [f"Ng{chr(code)}x" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
    + ["=?utf-8?q?=0d=0aBcc:_e@x.de?=", "a =?b", "\ud800", "١٢٣", "...", "x" * 201],
)
def test_a_name_that_only_attackers_write_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        loaded(name=name)


@given(st.text())
def test_whatever_is_accepted_is_one_line_that_can_be_stored(name: str) -> None:
    try:
        accepted = loaded(name=name)["name"]
    except ValidationError:
        return

    assert accepted.isprintable() or any(
        unicodedata.category(letter) in {"Cf", "Cn", "Co", "Zs"} for letter in accepted
    )
    assert len(accepted.splitlines()) <= 1
    assert loaded(name=accepted)["name"] == accepted
    accepted.encode("utf-8")


def test_text_keeps_its_lines() -> None:
    assert loaded(text="  eins\r\nzwei\r\rdrei\t! \n")["text"] == "eins\nzwei\n\ndrei !"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Anna.Schmidt+werk@Example.ORG", "Anna.Schmidt+werk@example.org"),
        (" anna@example.org ", "anna@example.org"),
        ("info@bäckerei-müller.de", "info@xn--bckerei-mller-bfb28a.de"),
        ("", ""),
    ],
)
def test_a_mail_address_is_kept_as_mail_servers_want_it(given: str, kept: str) -> None:
    assert loaded(email=given)["email"] == kept


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("zoë@example.org", "Many mail servers cannot deliver"),
        ("anna@localhost", "not a valid e-mail"),
        ("anna@example.test", "not a valid e-mail"),
        ("anna@[127.0.0.1]", "not a valid e-mail"),
        ("Anna <anna@example.org>", "not a valid e-mail"),
        ("a@b.de,c@d.de", "not a valid e-mail"),
        ("=?utf-8?q?=0d=0aBcc=3A_e=40x.de?=@example.org", "not a valid e-mail"),
        ("a@b.de\r\nBcc: c@d.de", "not a valid e-mail"),
        ('"a b"@example.org', "not a valid e-mail"),
        ("a" * 65 + "@example.org", "not a valid e-mail"),
        ("a@" + "b" * 300 + ".de", "not a valid e-mail"),
        ("a@\ud800.de", "not a valid e-mail"),
    ],
)
def test_an_address_that_cannot_be_reached_is_refused_with_the_reason(given: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        loaded(email=given)


@pytest.mark.parametrize("address", ["anna@example.test", "anna@localhost", "anna@firma.local", "anna@x.invalid"])
def test_test_addresses_pass_where_the_settings_allow_them(demo: Demo, address: str) -> None:
    with demo.app.app_context():
        assert loaded(email=address)["email"] == address


@pytest.mark.parametrize(
    "web",
    ["javascript:alert(1)", "ftp://x.de", "https://user:pw@x.de", "https://x.de/\u202e", "//x.de", "https://x.de/ a"],
)
def test_a_web_address_is_plain_https_or_http(web: str) -> None:
    assert loaded(web="https://www.nordwind-energie.de/führung?x=1")["web"].startswith("https://www.")
    with pytest.raises(ValidationError):
        loaded(web=web)


@pytest.mark.parametrize("slug", ["", "A", "a--b", "-a", "a\n", "a/b", "a" * 81, "ä"])
def test_a_slug_is_plain(slug: str) -> None:
    assert loaded(slug="wind-park-2026")["slug"] == "wind-park-2026"
    with pytest.raises(ValidationError):
        loaded(slug=slug)


@pytest.mark.parametrize(
    "at", ["2026-02-30T10:00", "2026-12-03", "2026-12-03T14:00+01:00", "２026-12-03T14:00", "x" * 999]
)
def test_a_wall_clock_time_has_no_zone_and_exists(at: str) -> None:
    with pytest.raises(ValidationError):
        loaded(at=at)


def test_translations_drop_empty_languages_and_refuse_unknown_ones() -> None:
    assert loaded(title={"de": "Führung", "zh_Hans": "参观", "ar": " "})["title"] == {
        "de": "Führung",
        "zh_Hans": "参观",
    }
    with pytest.raises(ValidationError):
        loaded(title={"tlh_x": "Qapla"})


def test_a_form_reads_nested_repeated_numbered_and_translated_fields(demo: Demo, client: FlaskClient) -> None:
    posted = {
        "csrf_token": csrf_token(client),
        "website": "a bot's bait",
        "name": "李 娜",
        "title.de": "Führung",
        "title.en": "",
        "tags": ["eins", "", "zwei"],
        "site.city": "Gießen",
        "sites.0.city": "Marburg",
        "sites.2.city": "Wetzlar",
        "sites.10.city": "Fulda",
        "places": "",
        "notes": "",
        "agreed": "on",
    }

    answer = client.post("/demo/form", data=posted)

    assert answer.status_code == 200
    assert answer.get_json() == {
        "name": "李 娜",
        "title": {"de": "Führung"},
        "tags": ["eins", "zwei"],
        "site": {"city": "Gießen"},
        "sites": [{"city": "Marburg"}, {"city": "Wetzlar"}, {"city": "Fulda"}],
        "notes": "",
        "agreed": True,
    }


@pytest.mark.parametrize(
    "name", ["status", "sites.0.id", "site.owner", "sites.-1.city", "sites.99999999.city", "title.__class__", "a.b.c"]
)
def test_a_form_field_that_nobody_asked_for_is_a_fault(demo: Demo, client: FlaskClient, name: str) -> None:
    posted = {"csrf_token": csrf_token(client), "name": "Ng", name: "x"}

    assert client.post("/demo/form", data=posted).status_code == 422
    assert demo.things() == []


def test_a_form_shows_what_was_typed_and_gathers_faults() -> None:
    form = Form({"name": "Ng", "site": {"city": "Gießen"}, "tags": ["a", "b"]}, {"site.city": ["no"]})

    assert (form.value("name"), form.value("site.city"), form.values("tags"), form.value("none")) == (
        "Ng",
        "Gießen",
        ["a", "b"],
        "",
    )
    assert form.errors("site") == ["no"]
    assert form.rejected({"name": ["taken"]}).errors() == {"site.city": ["no"], "name": ["taken"]}


def test_lists_come_in_pages_that_cover_everything_once(demo: Demo, client: FlaskClient) -> None:
    for number in range(5):
        client.post("/demo/api/v1/things", json={"name": f"Name {number}"})

    seen, cursor = [], ""
    for _ in range(3):
        page = client.get(
            "/demo/api/v1/things", query_string={"limit": 2, "cursor": cursor} if cursor else {"limit": 2}
        )
        seen.append([item["name"] for item in page.get_json()["items"]])
        cursor = page.get_json()["next"]

    assert seen == [["Name 0", "Name 1"], ["Name 2", "Name 3"], ["Name 4"]]
    assert cursor is None
    assert next_cursor(["ä", "1"]).isascii()


def test_what_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    path = "/demo/api/v1/things/0b6f7a52-9b7e-4d2e-8f57-3f1c2a9d0e11"
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_the_api_describes_itself(client: FlaskClient) -> None:
    document = client.get("/demo/api/v1/openapi.json").get_json()
    page = client.get("/demo/api/docs")

    assert document["openapi"] == "3.1.0"
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for methods in document["paths"].values():
        for method in {"get", "post"} & set(methods):
            assert methods[method]["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    assert "/demo/api/v1/things" in page.text
    assert "https://" not in page.text.replace("https://spec", "")
