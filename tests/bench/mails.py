"""Ticket and invitation of one registration, rendered to the bytes that are sent; no database."""

from email.headerregistry import Address
from typing import Any

from services.notifications.app import catalogues
from services.notifications.rendering.calendar import CalendarMessage, Mailbox, calendar
from services.notifications.rendering.entries import entry_of
from services.notifications.rendering.letters import Stationery
from services.notifications.rendering.messages import Draft, Picture, serialise
from services.notifications.rendering.qr import qr_png, shown_size
from services.notifications.rendering.timezones import component_for
from services.notifications.rendering.views import session_view, view_of
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import RegistrationNews
from tests.bench.letters_by_hand import ByHand
from tests.bench.rig import Rig
from tests.bench.timing import Pair, repeated
from tests.notifications.builders import NOW, an_event, news

LOCALE = "de"
SENDER = Mailbox(name="MOZAIK gGmbH", email="kalender@werktor.example.org")
_CODE_ID = "code@werktor.example.org"


def mails(_rig: Rig) -> list[Pair]:
    """One call writes both mails."""
    stationery = Stationery(catalogues(), default_locale=LOCALE)
    event, told = an_event(), news()
    by_hand = _by_hand(stationery, event, told)

    def ours() -> None:
        serialise(_ticket(stationery, event, told))
        serialise(_invitation(stationery, event, told))

    return [
        Pair(
            name="ticket and invitation rendered",
            against="the same libraries called directly",
            goal=0.80,
            ours=repeated(ours),
            yardstick=repeated(by_hand.write),
        )
    ]


def both_mails() -> tuple[bytes, bytes]:
    """Ticket and invitation as they are sent."""
    stationery, event, told = Stationery(catalogues(), default_locale=LOCALE), an_event(), news()
    return serialise(_ticket(stationery, event, told)), serialise(_invitation(stationery, event, told))


def _ticket(stationery: Stationery, event: EventSnapshot, told: RegistrationNews) -> Draft:
    png = qr_png(told.ticket_url)
    facts = _facts(stationery, event, told, size=shown_size(png))
    letter = stationery.letter("ticket", LOCALE, **facts)
    return _draft(told, letter=letter, picture=Picture(content_id=_CODE_ID, png=png))


def _invitation(stationery: Stationery, event: EventSnapshot, told: RegistrationNews) -> Draft:
    entry = entry_of(event, event.sessions[0], stationery=stationery, locale=LOCALE, page_url=told.my_page_url)
    message = CalendarMessage(
        method="REQUEST",
        uid="bench@werktor.example.org",
        sequence=0,
        dtstamp=NOW,
        organizer=SENDER,
        attendee=_reader(told),
        entry=entry,
    )
    letter = stationery.letter("invitation", LOCALE, **_facts(stationery, event, told))
    return _draft(told, letter=letter, calendar=calendar(message), method="REQUEST")


def _draft(told: RegistrationNews, **parts: Any) -> Draft:
    message_id = "<bench@werktor.example.org>"
    return Draft(sender=SENDER, recipient=_reader(told), message_id=message_id, date=NOW, **parts)


def _reader(told: RegistrationNews) -> Mailbox:
    return Mailbox(name=told.name, email=told.ascii_email)


def _facts(stationery: Stationery, event: EventSnapshot, told: RegistrationNews, *, size: int = 0) -> dict[str, Any]:
    shown = view_of(event, stationery.speaker(LOCALE), sessions=[each.id for each in event.sessions])
    common = {"event": shown, "name": told.name, "page_url": told.my_page_url, "changed": False, "open_questions": 0}
    ticket = {"promoted": False, "ticket_code": told.ticket_code, "image_cid": _CODE_ID, "image_size": size}
    return common | (ticket if size else {})


def _by_hand(stationery: Stationery, event: EventSnapshot, told: RegistrationNews) -> ByHand:
    facts, session = _facts(stationery, event, told, size=360), event.sessions[0]
    place = session_view(session, stationery.speaker(LOCALE))
    zone = component_for(session.zone, session.starts_at, session.ends_at)
    if zone is None:
        raise AssertionError("Berlin has a simple zone")
    return ByHand(
        environment=stationery._environment(LOCALE),  # the same templates, with their words and filters
        facts=facts,
        entry_facts={"event": facts["event"], "session": place, "page_url": told.my_page_url},
        name=told.name,
        email=told.ascii_email,
        sender=Address(SENDER.name, addr_spec=SENDER.email),
        ticket_url=told.ticket_url,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=zone,
        now=NOW,
    )
