"""Mails that organisers order: a message, an invitation, the ticket once more, a silent cancellation."""

import dataclasses
from datetime import timedelta
from typing import Any

from shared.contracts.registration import AttendeeInvited, OrganiserMessageWritten, TicketRequested
from tests.notifications.builders import CODE, NOW, an_event, an_id, cancelled, confirmed, moved, news
from tests.notifications.office import Office, part

WORDS = {"subject": {"de": "Neuer Treffpunkt", "ar": "مكان لقاء جديد"}, "text": {"de": "An Tor 4.\n<b>Bis dann</b>"}}


def written(**facts: Any) -> OrganiserMessageWritten:
    """An organiser wrote to her."""
    return OrganiserMessageWritten(
        registration=news(**({"version": 2} | facts)), event=an_event(), message_id=an_id("message"), **WORDS
    )


def invited(**facts: Any) -> AttendeeInvited:
    """A personal link."""
    usual: dict[str, Any] = {
        "invitation_id": an_id("invitation"),
        "event": an_event(),
        "name": "Sara",
        "email": "sara@example.org",
        "ascii_email": "sara@example.org",
        "locale": "ar",
        "url": "https://werktor.example.org/registration/invitations/abc",
    }
    return AttendeeInvited(**(usual | facts))


def test_a_message_comes_once_with_the_link_to_her_page(office: Office) -> None:
    office.hear(confirmed(), written(), written())

    (row,) = office.rows("organiser_message")
    mail = office.mail("organiser_message")
    text = part(mail, "text/plain").get_content()
    assert (row.subject, row.event_id, row.locale) == ("Neuer Treffpunkt", an_event().id, "de")
    assert "An Tor 4." in text
    assert "registration/my/kq7xw2m4p9" in text
    assert "&lt;b&gt;Bis dann&lt;/b&gt;" in part(mail, "text/html").get_content()


def test_a_message_reaches_her_after_the_event_too(office: Office) -> None:
    office.hear(confirmed(), written(), now=NOW + timedelta(days=30))

    assert office.kinds() == ["organiser_message"]


def test_the_ticket_comes_again_and_the_calendar_does_not(office: Office) -> None:
    office.hear(confirmed())
    office.hear(TicketRequested(registration=news(version=2), event=an_event()))

    assert office.kinds() == ["ticket", "invitation", "ticket"]
    assert CODE[:4] in part(office.mail("ticket", 1), "text/plain").get_content()


def test_the_ticket_says_that_questions_wait_and_only_then(office: Office) -> None:
    office.hear(dataclasses.replace(confirmed(), registration=news(open_questions=2)))
    office.hear(confirmed(id=an_id("other"), email="o@example.org", ascii_email="o@example.org"))

    first, second = (part(office.mail("ticket", each), "text/plain").get_content() for each in (0, 1))
    assert "2 Fragen an Sie" in first
    assert "Fragen an Sie" in part(office.mail("ticket"), "text/html").get_content()
    assert "Fragen an Sie" not in second


def test_a_silent_cancellation_takes_out_the_calendar_entry_only(office: Office) -> None:
    office.hear(confirmed(), dataclasses.replace(cancelled(by="organiser"), silent=True))

    assert office.kinds() == ["ticket", "invitation", "calendar_cancel"]


def test_an_invitation_is_written_in_the_chosen_language(office: Office) -> None:
    office.hear(invited(holds_place=True, deadline=NOW + timedelta(days=2)))

    mail = office.mail("attendee_invited")
    text = part(mail, "text/plain").get_content()
    assert mail["Content-Language"] == "ar"
    assert "https://werktor.example.org/registration/invitations/abc" in text
    assert "حُجز لكم مكان" in text


def test_nobody_is_invited_to_what_was_called_off(office: Office) -> None:
    office.hear(invited(event=moved(an_event(), status="cancelled")))

    assert office.rows() == []


def test_who_gave_no_address_is_written_nothing(office: Office) -> None:
    office.hear(confirmed(email="", ascii_email=""))

    assert office.rows() == []
