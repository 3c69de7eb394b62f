"""What an attendee receives, from sign-up to the end."""

import dataclasses
from datetime import timedelta

import pytest

from services.notifications.use_cases.follow_event import AT_ONCE
from shared.contracts.events import (
    EventCancelled,
    EventChanged,
    EventPublished,
    EventRescheduled,
    QuotaSnapshot,
    SessionSnapshot,
)
from shared.contracts.registration import AttendeeLanguageChanged, HeldPlace, SignUpRepeated
from tests.notifications.builders import (
    CODE,
    NOW,
    START,
    a_quota,
    a_session,
    an_event,
    an_id,
    asked,
    asked_whether_she_comes,
    cancelled,
    change_noted,
    confirmed,
    hand_over_lapsed,
    moved,
    news,
    reminded,
    waitlisted,
)
from tests.notifications.checker import faults_of_invitation, faults_of_ticket
from tests.notifications.office import Office, ics_of, parsed, part
from tests.notifications.parsers import ics_event, libical_faults, libical_instants, vobject_event

PAGE = news().my_page_url


def reschedule(event: object = None, **facts: object) -> EventRescheduled:
    """The event moves by a day."""
    before = an_event()
    return EventRescheduled(
        event=moved(before, **facts), previous=before.sessions, reason={"de": "Wartung der Maschine"}
    )  # type: ignore[arg-type]


def calendars(office: Office) -> list[tuple[str, int, str]]:
    """UID, SEQUENCE and METHOD of every calendar mail, in order."""
    found = []
    for row in office.rows():
        if row.uid:
            text = ics_of(parsed(row.raw)).replace(b"\r\n ", b"").decode().split("\r\n")
            value = dict(line.split(":", 1) for line in text if ":" in line)
            found.append((value["UID"], int(value["SEQUENCE"]), value["METHOD"]))
    return found


@pytest.mark.parametrize("locale", ["de", "ar", "en"])
def test_a_place_brings_a_ticket_and_an_invitation_that_keep_every_rule(any_office: Office, locale: str) -> None:
    any_office.hear(confirmed(locale=locale))

    ticket, invitation = any_office.rows()
    assert (ticket.kind, invitation.kind) == ("ticket", "invitation")
    assert faults_of_ticket(ticket.raw) == []
    assert faults_of_invitation(invitation.raw, code=CODE, page_url=PAGE) == []
    ics = ics_of(parsed(invitation.raw))
    assert libical_faults(ics) == []
    assert libical_instants(ics) == (START, START + timedelta(hours=2))
    assert vobject_event(ics).dtstart.value == START
    assert ics_event(ics).begin.datetime == START


def test_the_ticket_shows_the_code_in_groups_and_as_a_picture(office: Office) -> None:
    office.hear(confirmed())

    mail = office.mail("ticket")
    text, page = part(mail, "text/plain").get_content(), part(mail, "text/html").get_content()
    picture = part(mail, "image/png")
    assert "0123 4567 89AB CDEF GHJK MNPQ RS" in text
    assert "0123 4567 89AB CDEF GHJK MNPQ RS" in page
    assert f'src="cid:{str(picture["Content-ID"]).strip("<>")}"' in page
    assert PAGE in text
    assert PAGE in page
    assert str(mail["Reply-To"]) == "info@mozaik.example.org"


def test_a_message_heard_twice_is_told_once(any_office: Office) -> None:
    any_office.hear(asked(), asked(), confirmed(version=2), confirmed(version=2), reschedule(), reschedule())
    any_office.hear(cancelled(version=3, event=moved(an_event())), cancelled(version=3, event=moved(an_event())))

    assert any_office.kinds() == [
        "confirm_address",
        "ticket",
        "invitation",
        "rescheduled",
        "calendar_move",
        "host_rescheduled",
        "cancelled",
        "calendar_cancel",
    ]


def test_late_old_news_changes_nothing(office: Office) -> None:
    office.hear(cancelled(version=2), confirmed(version=1))

    assert office.kinds() == ["cancelled"]
    assert office.invitations() == []


def test_a_move_keeps_the_uid_and_raises_the_sequence(office: Office) -> None:
    office.hear(confirmed(), reschedule())

    (uid, first, method), (same_uid, second, same_method) = calendars(office)
    assert (uid, method, same_method) == (same_uid, "REQUEST", "REQUEST")
    assert (first, second) == (0, 1)
    update = office.rows("calendar_move")[0]
    assert faults_of_invitation(update.raw, code=CODE, page_url=PAGE) == []
    assert libical_instants(ics_of(parsed(update.raw)))[0] == START + timedelta(days=1)


def test_the_letter_about_a_move_names_old_and_new_time_and_the_reason(office: Office) -> None:
    office.hear(confirmed(), reschedule())

    text = part(office.mail("rescheduled"), "text/plain").get_content()
    assert "Donnerstag, 3. Dezember 2026" in text
    assert "Freitag, 4. Dezember 2026" in text
    assert "Wartung der Maschine" in text


def test_the_host_is_told_of_a_move_and_of_the_end(office: Office) -> None:
    gone = moved(moved(an_event()), days=0, status="cancelled", cancelled_reason={"de": "Krankheit"})
    office.hear(reschedule(), EventCancelled(event=gone), EventCancelled(event=gone))

    assert office.kinds() == ["host_rescheduled", "host_cancelled"]
    assert {row.recipient for row in office.rows()} == {"erika@feinwerk.example.org"}
    assert "Krankheit" in part(office.mail("host_cancelled"), "text/plain").get_content()


def test_a_new_text_updates_the_calendar_with_the_same_sequence(office: Office) -> None:
    changed = an_event(version=2, title={"de": "Betriebserkundung: neuer Titel"})
    office.hear(confirmed())
    office.hear(EventChanged(event=changed), now=NOW + timedelta(minutes=1))

    assert office.kinds() == ["ticket", "invitation", "calendar_update"]
    (uid, _, _), (same, sequence, _) = calendars(office)
    assert (same, sequence) == (uid, 0)
    before, after = (vobject_event(ics_of(parsed(row.raw))).dtstamp.value for row in office.rows() if row.uid)
    assert after > before


def test_what_no_calendar_shows_updates_none(office: Office) -> None:
    office.hear(confirmed(), EventChanged(event=an_event(version=2, languages=("de", "en"), german_level="B1")))

    assert office.kinds() == ["ticket", "invitation"]


def test_giving_up_a_place_takes_it_out_of_the_calendar(office: Office) -> None:
    office.hear(confirmed(), cancelled())

    assert office.kinds() == ["ticket", "invitation", "cancelled", "calendar_cancel"]
    last = office.rows("calendar_cancel")[0]
    assert faults_of_invitation(last.raw, code=CODE, page_url=PAGE) == []
    assert libical_faults(ics_of(parsed(last.raw))) == []
    assert [(sequence, method) for _, sequence, method in calendars(office)] == [(0, "REQUEST"), (1, "CANCEL")]


def test_who_comes_back_gets_a_new_uid(office: Office) -> None:
    office.hear(confirmed(), cancelled(), confirmed(version=3))

    (first, _, _), (gone, _, _), (again, sequence, method) = calendars(office)
    assert first == gone
    assert again != first
    assert (sequence, method) == (0, "REQUEST")


def test_the_end_of_an_event_is_told_once_whoever_says_it_first(office: Office) -> None:
    gone = an_event(version=2, status="cancelled", cancelled_reason={"de": "Krankheit"})
    by_event, by_registration = EventCancelled(event=gone), cancelled(by="event", event=gone)
    office.hear(confirmed(), by_event, by_registration)
    other = confirmed(name="Ng", email="ng@example.org", ascii_email="ng@example.org", event=an_event())
    office.hear(other)

    kinds = office.kinds()
    assert kinds[:4] == ["ticket", "invitation", "event_cancelled", "calendar_cancel"]
    assert kinds.count("event_cancelled") == 2
    assert [row.kind for row in office.rows() if row.recipient == "ng@example.org"] == ["event_cancelled"]


@pytest.mark.parametrize("first", ["event", "registration"])
def test_either_order_of_the_end_has_the_same_end(office: Office, first: str) -> None:
    gone = an_event(version=2, status="cancelled", cancelled_reason={"de": "Krankheit"})
    said = [EventCancelled(event=gone), cancelled(by="event", event=gone)]
    office.hear(confirmed(), *(said if first == "event" else reversed(said)))

    mine = [row.kind for row in office.rows() if row.recipient == "olena@example.org"]
    assert mine == ["ticket", "invitation", "event_cancelled", "calendar_cancel"]


def test_who_waits_is_told_by_mail_only(office: Office) -> None:
    office.hear(waitlisted(), reschedule())

    assert [row.kind for row in office.rows() if row.recipient == "olena@example.org"] == ["waiting", "rescheduled"]
    assert "3" in part(office.mail("waiting"), "text/plain").get_content()
    assert office.invitations() == []


def test_the_place_from_the_waiting_list_brings_ticket_and_invitation(office: Office) -> None:
    office.hear(waitlisted(), confirmed(version=2, from_waiting_list=True))

    assert office.kinds() == ["waiting", "ticket", "invitation"]
    assert "Ein Platz für Sie" in str(office.mail("ticket")["Subject"])


def test_a_move_heard_before_the_sign_up_is_told_as_well(office: Office) -> None:
    office.hear(reschedule(), confirmed(event=an_event()))

    assert [row.kind for row in office.rows() if row.recipient == "olena@example.org"] == [
        "ticket",
        "rescheduled",
        "invitation",
    ] or [row.kind for row in office.rows() if row.recipient == "olena@example.org"] == [
        "ticket",
        "invitation",
        "rescheduled",
    ]
    assert libical_instants(ics_of(office.mail("invitation")))[0] == START + timedelta(days=1)


def test_each_session_has_an_invitation_of_its_own(office: Office) -> None:
    two = (
        a_session("one", title={"de": "Teil 1"}),
        a_session("two", starts_at=START + timedelta(days=7), title={"de": "Teil 2"}),
    )
    event = an_event(sessions=two)
    office.hear(confirmed(event=event))
    later: tuple[SessionSnapshot, ...] = (
        two[0],
        dataclasses.replace(two[1], starts_at=START + timedelta(days=8), ends_at=START + timedelta(days=8, hours=2)),
    )
    office.hear(EventRescheduled(event=dataclasses.replace(event, version=2, sessions=later), previous=two))

    found = calendars(office)
    assert len({uid for uid, _, _ in found}) == 2
    assert [sequence for _, sequence, _ in found] == [0, 0, 1]
    assert office.kinds() == ["ticket", "invitation", "invitation", "rescheduled", "calendar_move", "host_rescheduled"]


def test_a_place_in_one_session_leads_to_that_session_only(office: Office) -> None:
    two = (a_session("one"), a_session("two", starts_at=START + timedelta(days=7)))
    quotas = (a_quota("q1", session_id=an_id("one")), a_quota("q2", session_id=an_id("two")))
    office.hear(confirmed(event=an_event(sessions=two, quotas=quotas), places=(HeldPlace(quota_id=an_id("q2")),)))

    (invitation,) = office.invitations()
    assert invitation.session_id == an_id("two")


def test_a_session_that_falls_away_is_taken_out_of_the_calendar(office: Office) -> None:
    two = (a_session("one"), a_session("two", starts_at=START + timedelta(days=7)))
    event = an_event(sessions=two)
    office.hear(confirmed(event=event))
    office.hear(EventRescheduled(event=dataclasses.replace(event, version=2, sessions=two[:1]), previous=two))

    assert [method for _, _, method in calendars(office)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert "findet nicht statt" in part(office.mail("rescheduled"), "text/plain").get_content()


def test_the_join_link_is_for_those_who_hold_a_place(office: Office) -> None:
    online = an_event(sessions=(a_session(place=None, join_url="https://meet.example.org/secret"),))
    office.hear(asked(name="A", event=online), waitlisted(name="B", event=online), confirmed(name="C", event=online))

    assert b"CONFERENCE;VALUE=URI" in ics_of(office.mail("invitation"))
    for kind in ("confirm_address", "waiting"):
        assert "secret" not in part(office.mail(kind), "text/plain").get_content()
        assert "secret" not in part(office.mail(kind), "text/html").get_content()
    assert "secret" in part(office.mail("ticket"), "text/plain").get_content()


def test_nobody_hears_of_the_past(office: Office) -> None:
    office.hear(confirmed())
    after = START + timedelta(days=1)

    office.hear(cancelled(), reschedule(days=-30), now=after)
    office.hear(EventCancelled(event=an_event(version=9, status="cancelled")), now=after)
    office.hear(confirmed(name="late"), now=after)

    assert office.kinds() == ["ticket", "invitation"]


def test_a_second_sign_up_is_told_to_the_owner_only(office: Office) -> None:
    office.hear(confirmed(), SignUpRepeated(registration=news(version=2), event=an_event()))

    assert office.kinds() == ["ticket", "invitation", "already_registered"]
    assert CODE not in office.rows("already_registered")[0].raw.decode()


def test_a_new_address_gets_a_new_invitation_and_the_old_one_a_cancellation(office: Office) -> None:
    office.hear(confirmed(), confirmed(version=2, email="neu@example.org", ascii_email="neu@example.org"))

    sent = [
        (row.recipient, method)
        for row, (_, _, method) in zip([r for r in office.rows() if r.uid], calendars(office), strict=True)
    ]
    assert sent == [("olena@example.org", "REQUEST"), ("olena@example.org", "CANCEL"), ("neu@example.org", "REQUEST")]
    assert calendars(office)[2][0] != calendars(office)[0][0]


def test_an_address_with_a_foreign_domain_travels_in_ascii(office: Office) -> None:
    office.hear(confirmed(email="olena@exämple.org", ascii_email="olena@xn--exmple-cua.org"))

    for row in office.rows():
        assert row.recipient == "olena@xn--exmple-cua.org"
        assert parsed(row.raw)["To"].addresses[0].addr_spec == "olena@xn--exmple-cua.org"


def test_the_envelope_sender_is_different_for_each_mail(office: Office) -> None:
    office.hear(confirmed())

    senders = [row.envelope_from for row in office.rows()]
    assert len(set(senders)) == 2
    assert all(each.startswith("bounce+") and each.endswith("@bounces.werktor.example.org") for each in senders)
    assert not any(each.partition("@")[0] in row.raw.decode() for each, row in zip(senders, office.rows(), strict=True))


def test_publishing_alone_tells_nobody(office: Office) -> None:
    office.hear(EventPublished(event=an_event()))

    assert office.kinds() == []


def test_a_large_event_is_told_in_batches_and_nobody_is_left_out(office: Office) -> None:
    office.hear(*(confirmed(name=f"N{number}") for number in range(AT_ONCE + 3)))
    office.hear(reschedule())
    assert len(office.rows("rescheduled")) == AT_ONCE

    while office.follow_up():
        pass

    assert len(office.rows("rescheduled")) == len(office.rows("calendar_move")) == AT_ONCE + 3
    assert {row.event_version for row in office.invitations()} == {2}


def test_another_language_holds_from_the_next_mail_on(office: Office) -> None:
    office.hear(confirmed(), an_other_language("ar"), EventChanged(event=an_event(version=2, german_level="B1")))
    assert office.kinds() == ["ticket", "invitation"]

    office.hear(reschedule(version=3))

    assert {row.locale for row in office.rows("rescheduled", "calendar_move")} == {"ar"}


def an_other_language(locale: str) -> AttendeeLanguageChanged:
    """She reads another language from now on."""
    return AttendeeLanguageChanged(registration_id=news().id, event_id=an_id("event"), version=2, locale=locale)


def test_what_she_only_waits_for_does_not_stand_in_her_calendar(office: Office) -> None:
    sessions = (a_session("first"), a_session("second", starts_at=START + timedelta(days=1)))
    quotas = tuple(a_quota(f"quota of {each}", session_id=an_id(each)) for each in ("first", "second"))
    event = an_event(sessions=sessions, quotas=quotas)
    first, second = (HeldPlace(quota_id=each.id) for each in quotas)

    office.hear(confirmed(event=event, places=(first,)))
    office.hear(
        change_noted(event=event, version=2, places=(first, dataclasses.replace(second, position=1))),
        confirmed(event=event, version=3, places=(second,), from_waiting_list=True),
    )

    assert office.kinds() == ["ticket", "invitation", "change_noted", "ticket", "invitation", "calendar_cancel"]
    assert [method for _uid, _sequence, method in calendars(office)] == ["REQUEST", "REQUEST", "CANCEL"]


def test_a_lapsed_hand_over_says_that_the_place_is_still_hers_once(office: Office) -> None:
    office.hear(confirmed(), hand_over_lapsed(version=2), hand_over_lapsed(version=2))

    text = part(office.mail("hand_over_lapsed"), "text/plain").get_content()
    assert office.kinds() == ["ticket", "invitation", "hand_over_lapsed"]
    assert PAGE in text


def test_a_part_that_ended_leaves_the_rest_of_her_calendar_alone(office: Office) -> None:
    event = an_event(quotas=(a_quota("quota"), a_quota("other quota")))
    rest = an_event(version=2, quotas=(a_quota("quota"),))

    office.hear(
        confirmed(event=event),
        change_noted(event=rest, version=2, ended=True, places=(HeldPlace(quota_id=an_id("quota")),)),
    )

    text = part(office.mail("change_noted"), "text/plain").get_content()
    assert office.kinds() == ["ticket", "invitation", "change_noted"]
    assert "Warteliste" not in text


def test_a_reminder_says_how_to_come_and_how_to_cancel(office: Office) -> None:
    office.hear(confirmed(), reminded(version=2))

    text = part(office.mail("reminder"), "text/plain").get_content()
    assert "Bus 5 bis Eutinger Tal" in text
    assert f"{PAGE}/ticket" in text
    assert f"{PAGE}/cancel" in text


def test_a_reminder_that_comes_after_the_cancellation_is_not_sent(office: Office) -> None:
    office.hear(confirmed(), cancelled(version=3), reminded(version=2))

    assert "reminder" not in office.kinds()


def test_a_reminder_that_comes_after_the_start_is_not_sent(office: Office) -> None:
    office.hear(confirmed())
    office.hear(reminded(version=2), now=START)

    assert "reminder" not in office.kinds()


def test_the_question_has_both_answers_and_the_deadline(office: Office) -> None:
    office.hear(confirmed(), asked_whether_she_comes(version=2))

    text = part(office.mail("attendance_asked"), "text/plain").get_content()
    assert f"{PAGE}/coming" in text
    assert f"{PAGE}/cancel" in text
    assert "25.11.2026" in text or "25. November 2026" in text


def test_a_guest_of_the_company_reads_who_invites_her(office: Office) -> None:
    office.hear(dataclasses.replace(asked(locale="en"), invited_by="Bergisch Präzision GmbH"))

    mail = office.mail("confirm_address")
    assert str(mail["Subject"]).startswith("Invitation: ")
    for kind in ("text/plain", "text/html"):
        words = part(mail, kind).get_content()
        assert "Bergisch Präzision GmbH</bdi> would like" in words or "Bergisch Präzision GmbH would like" in words
        assert "thank you for signing up" not in words


def test_of_several_groups_hers_stands_in_her_mails(office: Office) -> None:
    quotas = tuple(
        QuotaSnapshot(id=an_id(name), name={"de": name}, kind="group", capacity=9) for name in ("Rot", "Blau")
    )
    event = an_event(quotas=quotas)
    held = (HeldPlace(quota_id=an_id("Rot")), HeldPlace(quota_id=an_id("Blau"), position=2))
    office.hear(confirmed(event=event, places=held), waitlisted(name="B", event=event, places=held[1:]))

    shown = {kind: part(office.mail(kind), "text/plain").get_content() for kind in ("ticket", "waiting")}
    assert "Ihre Auswahl: Rot\r\n" in shown["ticket"]
    assert "Ihre Auswahl: Blau\r\n" in shown["waiting"]
    assert all("Auswahl" in part(office.mail(kind), "text/html").get_content() for kind in shown)
