"""Letters: complete in every language, mirrored where people read from the right, and never a template of their own."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from services.notifications.rendering.letters import Stationery
from services.notifications.web.words import KINDS
from shared.contracts import events, registration
from shared.contracts.events import OfferNews, Person, SignInRequested
from tests.notifications.builders import (
    NOW,
    ORGANISATION,
    an_event,
    an_id,
    asked,
    asked_whether_she_comes,
    cancelled,
    change_noted,
    confirmed,
    hand_over_lapsed,
    hand_over_proposed,
    moved,
    news,
    reminded,
    waitlisted,
)
from tests.notifications.office import Office, parsed, part

TEMPLATES = Path(__file__).parents[3] / "services/notifications/rendering/templates"
BASES = {"letter", "parts", "attendee", "offer", "calendar_entry"}


def an_offer(**facts: object) -> OfferNews:
    """A tour that waits for an answer."""
    given: dict[str, object] = {
        "id": an_id("offer"),
        "organisation_id": ORGANISATION,
        "company_name": "Feinwerk GmbH",
        "title": "Präzision aus Pforzheim",
        "city": "Pforzheim",
        "zone": "Europe/Berlin",
        "proposed": ("2026-12-03T14:00", "2026-12-10T09:30"),
        "duration_minutes": 120,
        "places": 10,
        "status": "offered",
        "company_url": "https://werktor.example.org/events/company/1",
        "review_url": "https://werktor.example.org/events/manage/offers/1",
        "text": "Gern auch am Vormittag.",
    }
    return OfferNews(**(given | facts))  # type: ignore[arg-type]


def everything(locale: str) -> list[object]:
    """A message for every letter there is."""
    ann = Person(name="Ann Beispiel", email="ann@feinwerk.example.org", locale=locale)
    event = an_event()
    host = event.host
    assert host is not None
    event = an_event(host=events.Host(id=host.id, name=host.name, contacts=(ann,)))
    third = moved(event, days=1, title={"de": "Neu"})
    offer: dict[str, object] = {"offer": an_offer(), "tell": (ann,)}
    sign_in = {"person": ann, "link": "https://werktor.example.org/x", "expires_at": NOW.replace(hour=10)}
    changed = an_event(version=2, title={"de": "Betriebserkundung, neu"}, host=event.host)
    return [
        asked(name="A", event=event, locale=locale),
        waitlisted(name="B", event=event, locale=locale),
        waitlisted(name="B", event=event, locale=locale, version=2),
        confirmed(name="C", event=event, locale=locale),
        confirmed(name="D", event=event, locale=locale, from_waiting_list=True),
        change_noted(name="K", event=event, locale=locale),
        asked_whether_she_comes(name="L", event=event, locale=locale),
        asked_whether_she_comes(name="L", event=event, locale=locale, version=2, is_warning=True),
        reminded(name="L", event=event, locale=locale, version=3),
        cancelled(name="L", event=event, locale=locale, version=4, by="no_answer"),
        confirmed(name="M", event=event, locale=locale),
        hand_over_proposed(event=event, locale=locale),
        hand_over_lapsed(name="M", event=event, locale=locale, version=2),
        cancelled(name="M", event=event, locale=locale, version=3, by="hand_over"),
        change_noted(name="N", event=event, locale=locale, ended=True),
        cancelled(name="N", event=event, locale=locale, version=2, by="quota", had_place=False),
        events.EventChanged(event=changed),
        events.EventRescheduled(event=moved(changed), previous=event.sessions, reason={"de": "Wartung"}),
        cancelled(name="C", event=third, locale=locale, version=3),
        cancelled(name="A", event=third, locale=locale, version=3, by="expiry", had_place=False),
        cancelled(name="D", event=third, locale=locale, version=3, by="organiser", reason="Doppelt angemeldet"),
        events.EventCancelled(event=moved(third, version=9, status="cancelled", cancelled_reason={"de": "Krank"})),
        *(SignInRequested(request_id=an_id(p), purpose=p, **sign_in) for p in ("sign_in", "offer_tour", "invitation")),  # type: ignore[arg-type]
        *(kind(**offer) for kind in (events.TourOffered, events.OfferChangeRequested, events.OfferAnswered)),  # type: ignore[arg-type]
        *(kind(**offer) for kind in (events.OfferDeclined, events.OfferRevisionAccepted, events.OfferRevisionDeclined)),  # type: ignore[arg-type]
        events.OfferAccepted(accepted_start="2026-12-03T14:00", event_url="https://x.example.org", **offer),  # type: ignore[arg-type]
        events.OfferRevised(changed=("places", "title"), **offer),  # type: ignore[arg-type]
        *_of_organisers(locale, event, ann),
    ]


def _of_organisers(locale: str, event: events.EventSnapshot, ann: Person) -> list[object]:
    """What organisers and hosts set off, and the ways of giving places."""
    later, event = NOW + timedelta(days=1), an_event(id=an_id("another event"), host=event.host)
    about = {"registration": news("E", locale=locale), "event": event}
    page = "https://werktor.example.org/registration/company/x"
    return [
        registration.GuestListReady(event=event, number=3, names=("Олена", "Anna"), page_url=page),
        registration.ContactsExchanged(contact=ann, phone="+49 7231 1", words="Zwei Praktika sind offen.", **about),
        registration.ApplicationReceived(decides_at=later, lot="7F3KQ0M2ZX", **about),
        registration.PlaceOffered(
            offer_url="https://werktor.example.org/registration/my/x/offer", until=later, **about
        ),
        registration.OrganiserMessageWritten(
            message_id=an_id("message"), subject={"de": "Bitte mitbringen"}, text={"de": "Einen Ausweis."}, **about
        ),
        registration.AttendeeInvited(
            invitation_id=an_id("invitation"),
            event=event,
            name="Sara",
            email="sara@example.org",
            ascii_email="sara@example.org",
            locale=locale,
            url="https://werktor.example.org/registration/invited/x",
            holds_place=True,
            deadline=later,
        ),
        cancelled(name="F", event=event, locale=locale, by="selection", reason="Zu viele.", had_place=False),
        cancelled(name="G", event=event, locale=locale, by="offer", had_place=False),
    ]


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
def test_every_letter_is_written_in_every_language(office: Office, locale: str) -> None:
    office.hear(*everything(locale))  # type: ignore[arg-type]

    missing = set(KINDS) - set(office.kinds())
    assert missing <= {"already_registered"}
    for row in office.rows():
        mail = parsed(row.raw)
        page, text = part(mail, "text/html").get_content(), part(mail, "text/plain").get_content()
        assert row.locale == locale
        assert f'lang="{locale}" dir="{"rtl" if locale == "ar" else "ltr"}"' in page
        assert len(page.encode()) < 100_000
        for leftover in ("None", "{{", "{%", "%(", "Undefined", "\n\n\n"):
            assert leftover not in text, (row.kind, leftover)
        assert "%(" not in page
        assert row.subject
        assert row.subject == row.subject.strip()


def test_every_template_has_both_forms() -> None:
    pages = {path.stem for path in TEMPLATES.glob("*.html")} - BASES
    texts = {path.stem for path in TEMPLATES.glob("*.txt")} - BASES

    assert pages == texts
    assert pages == set(KINDS)


def test_arabic_letters_are_mirrored(office: Office) -> None:
    office.hear(confirmed(locale="ar"))

    page = part(office.mail("ticket"), "text/html").get_content()
    assert 'align="right"' in page
    assert 'align="left"' not in page
    assert not re.search(r"text-align: ?left", page)


def test_german_words_in_an_arabic_letter_say_so(office: Office) -> None:
    office.hear(confirmed(locale="ar"))

    page = part(office.mail("ticket"), "text/html").get_content()
    assert '<bdi lang="de" dir="ltr">Betriebserkundung: Präzision aus Pforzheim</bdi>' in page


@pytest.mark.parametrize(
    "trap", ["{{7*7}}", "{% include 'letter.html' %}", "${7*7}", "%(name)s %s %", "<b>x</b><script>"]
)
def test_what_people_write_is_text(office: Office, trap: str) -> None:
    office.hear(confirmed(name=trap, event=an_event(title={"de": trap}, cancelled_reason={"de": trap})))

    for kind in ("ticket", "invitation"):
        mail = office.mail(kind)
        page, text = part(mail, "text/html").get_content(), part(mail, "text/plain").get_content()
        assert trap in text
        assert trap in str(mail["Subject"])
        assert "<script>" not in page
        assert "49" not in re.sub(r"#[0-9a-f]{6}", "", page.partition("<body")[2]).replace("149", "")


def test_an_unknown_language_falls_back(stationery: Stationery) -> None:
    assert stationery.speaker("fr").locale == "de"
    assert stationery.speaker("ar_EG").locale == "ar"
