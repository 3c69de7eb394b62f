"""What is tried with words: markup, formulas, headers and calendar lines in every field that takes text."""

import csv
import io
import json
import re
import zipfile
from email import policy
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any

import pytest
from icalendar import Calendar

from tests.end_to_end.product import eventually, text_of
from tests.end_to_end.town import Answer, Town, Visitor, address, done, fields_of

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'--></script><svg/onload=alert(3)>"
TEMPLATES = "{{7*7}}${7*7}{% for x in [1] %}%(name)s{0}#{7*7}<%= 7*7 %>{name}"
FORMULAS = ["=1+1", "+1+A", "-1+A", "@SUM(A1)", "＝1+A", " =1+A", "'=1+A"]
ICS = "Tour\\nATTENDEE:mailto:evil@example.org\\nBEGIN:VALARM;ORGANIZER=x"
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


def test_markup_in_any_text_of_an_event_is_shown_as_text(town: Town) -> None:
    """Case 7: the catalogue, the event's page with its JSON-LD, the form, the API, the feed."""
    event = town.event(**_everywhere(MARKUP))
    visitor = town.visitor()
    pages = ["/events/?text=script", f"/events/{event['slug']}", f"/registration/{event['slug']}/sign-up"]

    for page in pages:
        answer = visitor.get(page)
        assert answer.status_code == 200
        _ensure_text_only(answer)
        assert "&lt;script&gt;alert(1)" in answer.text or "\\u003cscript" in answer.text
    shown = visitor.get(f"/events/{event['slug']}")
    data = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', shown.text, flags=re.DOTALL)
    assert [json.loads(each)["name"] for each in data] == [MARKUP]
    answer = town.call("GET", f"/events/api/v1/events/{event['id']}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["title"]["de"] == MARKUP


def test_markup_in_a_name_is_shown_as_text_to_everybody(town: Town) -> None:
    """Case 7: her page, the organiser's lists, the door, the mail, the mailbox."""
    event, email, organiser = town.event(), address(), town.signed_in()
    name = f"Nadia {MARKUP}"[:200]
    town.attendee(event, email=email, name=name)
    page = town.product.link(email, r"/registration/my/[0-9a-z]+")
    manage = f"/registration/manage/{event['slug']}"

    for path in (page, f"{page}/ticket", f"{page}/cancel"):
        _ensure_text_only(town.visitor().get(path))
    for path in (f"{manage}/", f"{manage}/attendance", f"{manage}/attendance/print", f"{manage}/devices"):
        _ensure_text_only(organiser.get(path))
    scan = done(town.scan(town.ticket_of(email)), 201)
    assert scan["name"] == name
    html = town.product.mail(email).get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", html.get_content())


def test_markup_typed_into_filters_and_addresses_is_shown_as_text(town: Town) -> None:
    """Case 7: what comes straight back: search, sign-in, forms with faults, unknown addresses."""
    visitor, event = town.visitor(), town.event()
    for query in ("text", "city", "language", "format", "from", "to", "page", "free", "lang", "x"):
        _ensure_text_only(visitor.get("/events/", params={query: MARKUP}))
    _ensure_text_only(visitor.get(f"/events/{MARKUP}"))
    _ensure_text_only(visitor.get("/events/account/sign-in", params={"next": f"/events/?x={MARKUP}"}))
    _ensure_text_only(visitor.fill("/events/account/sign-in", {"email": MARKUP, "next": MARKUP}))
    form = f"/registration/{event['slug']}/sign-up"
    hidden = fields_of(visitor.get(form).text)
    back = visitor.post(form, data={**hidden, "name": MARKUP, "email": MARKUP, "locale": MARKUP, MARKUP: MARKUP})
    assert back.status_code == 422
    _ensure_text_only(back)
    assert town.registrations(event) == []


def test_markup_in_a_companys_offer_is_shown_as_text(town: Town) -> None:
    """Case 7: the portal and the review."""
    company, offer = _offer(town, "Werk <script>alert(1)</script>")
    fields = {"title": MARKUP, "description": MARKUP, "language": "de"}
    company.fill(f"{offer}/tour", fields, to=f"{offer}/tour")
    company.fill(f"{offer}/company", {"site.city": MARKUP, "contact_name": MARKUP}, to=f"{offer}/company")

    for step in ("company", "tour", "dates", "visitors", "safety", "check"):
        _ensure_text_only(company.get(f"{offer}/{step}"))


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "https://a@evil.example/", "//evil"])
def test_only_web_addresses_become_links(town: Town, website: str) -> None:
    """Case 7: `javascript:` as a website or a join link."""
    sessions = [{"starts_at": "2030-05-06T14:00", "join_url": website}]
    wish: dict[str, Any] = {"format": "conference", "title": "Vortrag"}

    answers = [
        town.call("POST", "/events/api/v1/events", token=town.organiser, json=wish | {"sessions": sessions}),
        town.call("POST", "/events/api/v1/events", token=town.organiser, json=wish | {"host": {"website": website}}),
    ]

    assert [each.status_code for each in answers] == [422, 422]


def test_template_language_comes_out_as_it_went_in(town: Town) -> None:
    """Case 8: titles and names that look like placeholders, on pages and in mails."""
    email = address()
    event = town.event(**_everywhere(TEMPLATES))
    town.attendee(event, email=email, name=f"Nadia {TEMPLATES}")

    mail = town.product.mail(email)
    html = mail.get_body(("html",))
    assert html is not None
    page = town.visitor().get(f"/events/{event['slug']}").text
    assert TEMPLATES in mail["Subject"]
    assert TEMPLATES in text_of(mail)
    for shown in (html.get_content(), page):
        assert "{{7*7}}${7*7}{% for x in [1] %}%(name)s{0}#{7*7}" in shown
        assert "49" not in shown.replace(event["id"], "")[:0] + shown.split("{{7*7}}")[1][:80]


def test_names_that_compute_are_text_in_exported_files(town: Town) -> None:
    """Case 9: CSV with an apostrophe, XLSX with text cells, no formula and no link."""
    event, organiser = town.event(capacity=50), town.signed_in()
    names = [f"{formula} Nadia" for formula in FORMULAS]
    for name in names:
        town.attendee(event, name=name)
    path = f"/registration/manage/{event['slug']}/attendance"

    table = organiser.get(f"{path}.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))[1:]
    book = zipfile.ZipFile(io.BytesIO(organiser.get(f"{path}.xlsx").content))

    stored = [each["name"] for each in town.registrations(event)]
    assert sorted(row[0] for row in rows) == sorted(f"'{name}" for name in stored)
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "＝"}]
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not [each for each in book.namelist() if "externalLink" in each]


@pytest.mark.parametrize(
    "name",
    [
        "Nadia\r\nBcc: evil@example.org",
        "Nadia\nBcc: evil@example.org",
        "Nadia\rX: y",
        "Nadia\u2028Bcc: x",
        "Nadia\u2029Bcc: x",
        "Nadia\u0085Bcc: x",
        "Nadia\x0bBcc: x",
        "=?utf-8?q?=0d=0aBcc:_evil@example.org?=",
        "=?UTF-8?B?DQpCY2M6IGU=?= Nadia",
        "Nadia\x00",
        "Nadia \u202egnp.exe",
        "Nadia \u2066x",
        "\u202dNadia",
        "\u200b\u200b",
        "Nadia\x7f",
        "",
        "   ",
        "123",
    ],
    ids=ascii,
)
def test_a_name_that_is_not_one_line_of_text_is_refused(town: Town, name: str) -> None:
    """Cases 10 and 36: header lines, encoded words, direction overrides."""
    event = town.__dict__.setdefault("for_names", None) or town.__dict__.__setitem__("for_names", town.event())
    event = town.__dict__["for_names"]

    refused = town.sign_up(event, token=town.organiser, name=name)

    assert refused.status_code in {400, 422}
    assert town.registrations(event) == []


@pytest.mark.parametrize(
    "email",
    [
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nb@example.org",
        "<a@example.org>",
        "A <a@example.org>",
        '"a b"@example.org',
        "a@example.org b@example.org",
        "a@[127.0.0.1]",
        "a%b@c@example.org",
        "=?utf-8?q?a?=@example.org",
        "=?utf-8?q?=0d=0aBcc=3A_evil=40example.org?=@example.org",
        "a\u2028@example.org",
        "-oQ/tmp@@example.org",
        "a@" + "x" * 300 + ".org",
        "root@",
        "a@exa\u202emple.org",
    ],
    ids=lambda each: ascii(each)[:30],
)
def test_an_address_that_is_not_exactly_one_is_refused_everywhere(town: Town, email: str) -> None:
    """Case 10: sign-up, sign-in, invitation."""
    event = town.__dict__.get("for_addresses") or town.__dict__.setdefault("for_addresses", town.event())
    wish = {"email": email, "role": "helper"}

    assert town.sign_up(event, email=email).status_code in {400, 422}
    assert town.call(
        "POST", "/events/api/v1/organisations/torweg/members", token=town.admin, json=wish
    ).status_code in {400, 422}
    asked = town.visitor().fill("/events/account/sign-in", {"email": email, "next": ""})
    assert asked.status_code in {400, 422}
    assert town.registrations(event) == []


def test_a_name_full_of_header_signs_stays_one_recipient(town: Town) -> None:
    """Case 10: commas, quotes, colons and brackets in a display name."""
    email, event = address(), town.event(title={"de": 'Tour, "Bcc: x" <y@example.org>; $(id)'})
    name = 'Al-Sayed, "Nadia" <evil@example.org>; Bcc: evil@example.org, undisclosed:;'
    town.attendee(event, email=email, name=name)

    for number in (1, 2):
        mail = town.product.mail(email, number=number)
        raw = BytesParser(policy=policy.default).parsebytes(mail.as_bytes())
        assert [each.addr_spec for each in raw["To"].addresses] == [email]
        assert [each for _name, each in getaddresses([str(raw["From"])])] != ["evil@example.org"]
        assert not {"bcc", "cc", "resent-to"} & {each.lower() for each in raw.keys()}  # noqa: SIM118 - a mail is no dict
        assert len(raw.get_all("To")) == 1
        assert not raw.defects


def test_texts_cannot_add_lines_to_calendars(town: Town) -> None:
    """Case 11: the feed, her calendar file and the invitation, with escaped and real line ends."""
    email = address()
    texts = _everywhere(ICS) | {
        "summary": {"de": "Zeile\nATTENDEE:mailto:evil@example.org\nEND:VEVENT"},
        "sessions": [
            {
                "starts_at": "2030-05-06T14:00",
                "place": {
                    "name": "Werk;ALTREP=x,y\\nURL:evil",
                    "street": "A\\, B",
                    "city": 'Berlin":x',
                    "meeting_point": ICS,
                },
            }
        ],
    }
    event = town.event(**texts)
    town.attendee(event, email=email, name='Nadia";CN=x:mailto:evil@example.org')
    page = town.product.link(email, r"/registration/my/[0-9a-z]+")
    invitation = town.product.mail(email, having="", number=2)
    parts = [each for each in invitation.walk() if each.get_content_type() == "text/calendar"]

    files = [
        town.visitor().get("/events/calendar.ics").content,
        town.visitor().get(f"{page}/calendar.ics").content,
        *[each.get_payload(decode=True) for each in parts],
    ]
    assert len(files) >= 3
    for number, content in enumerate(files):
        assert isinstance(content, bytes)
        calendar = Calendar.from_ical(content)
        ours = [each for each in calendar.walk("VEVENT") if str(each["SUMMARY"]).startswith("Tour\\nATT")]
        assert len(ours) == 1
        assert str(ours[0]["SUMMARY"]) == ICS
        attendees = ours[0].get("ATTENDEE", [])
        addresses = [str(each).lower() for each in (attendees if isinstance(attendees, list) else [attendees])]
        assert addresses == ([f"mailto:{email}"] if number >= 2 else [])
        assert not calendar.walk("VALARM")
        assert "\nATTENDEE:mailto:evil" not in content.decode().replace("\r\n ", "").replace("\r", "")


def test_a_persian_name_keeps_its_joiners_and_every_script_is_welcome(town: Town) -> None:
    """Case 36: what is refused must not hit people."""
    event = town.event(capacity=50)
    names = [
        "سارا موسوی\u200cنژاد",
        "Nguyễn Thị Ánh",
        "Zoë",
        "O’Neil-Šimůnek",
        "李 明",
        "د. علي",
        "X Æ",
        "नमस्ते क्\u200dष",
    ]

    for name in names:
        assert town.attendee(event, name=name)["name"] == name

    assert [each["name"] for each in town.registrations(event)] == names


def test_the_local_mailbox_shows_hostile_mails_as_text(town: Town) -> None:
    """Case 7: the page that shows sent mails; on real servers there is none."""
    email = address()
    town.attendee(town.event(title={"de": MARKUP}), email=email, name=f"Nadia {MARKUP}"[:200])
    town.product.mail(email, number=2)
    listed = town.visitor().get("/notifications/mailbox/")
    if town.visitor().get("/notifications/mailbox/").status_code == 404:
        return

    eventually(lambda: "alert(1)" in town.visitor().get("/notifications/mailbox/").text, what="the mail is listed")
    _ensure_text_only(listed)
    for path in set(re.findall(r'href="(/notifications/mailbox/[0-9a-f-]{36})"', listed.text)):
        _ensure_text_only(town.visitor().get(path))
        framed = town.visitor().get(f"{path}/page")
        assert "sandbox" in framed.headers["Content-Security-Policy"]
        assert "allow-scripts" not in framed.headers["Content-Security-Policy"]
        assert "<script>alert" not in framed.text


def _everywhere(text: str) -> dict[str, Any]:
    """Every free text of an event."""
    names = ("title", "summary", "description", "safety_notes", "accessibility")
    return {each: {"de": text} for each in names} | {"fields_of_study": [text[:80]], "note": text}


def _offer(town: Town, company: str) -> tuple[Visitor, str]:
    """A draft in a company's browser, and its address."""
    visitor = town.visitor()
    page = visitor.get("/events/company/").text
    organisation = re.search(r'name="organisation_id"[^>]*value="([^"]+)"', page) or re.search(
        r'<option value="([0-9a-f-]{36})"[^>]*>[^<]*Torweg', page
    )
    assert organisation, page
    fields = {"organisation_id": organisation[1], "company_name": company, "email": address()}
    begun = visitor.fill("/events/company/", fields, to="/events/company/offers")
    assert begun.status_code == 303, begun.text
    return visitor, "/".join(begun.headers["Location"].partition("?")[0].split("/")[:5])


def _ensure_text_only(answer: Answer) -> None:
    page = answer.text
    assert answer.status_code < 500
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<svg/onload" not in page
    assert 'href="javascript:' not in page
    assert not re.search(r"<[a-z]+[^>]*\son(error|load)=", re.sub(r'"[^"]*"', '""', page))
