"""Bring an attendee's calendar up to date: one invitation per session, moved, updated or cancelled as needed."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.notifications.domain.entries import Entry, Step, next_step
from services.notifications.rendering.addresses import ascii_address
from services.notifications.rendering.calendar import CalendarMessage, Mailbox, calendar
from services.notifications.rendering.entries import entry_of
from services.notifications.rendering.views import entry_view, view_of
from services.notifications.storage import invitations, mails
from services.notifications.storage.tables import InvitationRow
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.tell_attendee import her_sessions
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.events import EventSnapshot
from shared.contracts.registration import RegistrationNews

_LETTERS = {
    "invite": "invitation",
    "move": "calendar_move",
    "update": "calendar_update",
    "cancel": "calendar_cancel",
}


def keep_calendar(news: RegistrationNews, event: EventSnapshot, *, desk: Desk, session: Session, now: datetime) -> None:
    """Send what is missing between what her calendar knows and what should stand in it.

    Same facts, same calendar: called again it sends nothing. Entries that are over are left alone.
    """
    wanted = _wanted(news, event, desk)
    known = {row.session_id: row for row in invitations.active(session, news.id)}
    writer = _Writer(news, event, desk, session, now)
    for left in [row for row in known.values() if row.address != _address(news)]:
        writer.take(next_step(invitations.as_known(left), None, now=now), left, None)
        del known[left.session_id]
    for session_id in [*wanted, *(each for each in known if each not in wanted)]:
        row = known.get(session_id)
        entry = wanted.get(session_id)
        step = next_step(invitations.as_known(row) if row else None, entry, now=now)
        writer.take(step, row or writer.blank(session_id), entry)


def _wanted(news: RegistrationNews, event: EventSnapshot, desk: Desk) -> dict[UUID, Entry]:
    """Of the places that are hers: what she only waits for does not stand in her calendar."""
    if news.status != "confirmed" or event.status == "cancelled":
        return {}
    held = replace(news, places=tuple(each for each in news.places if each.position is None))
    return {
        each.id: entry_of(event, each, stationery=desk.stationery, locale=news.locale, page_url=news.my_page_url)
        for each in her_sessions(held, event)
    }


def _address(news: RegistrationNews) -> str:
    return ascii_address(news.ascii_email or news.email)


class _Writer:
    """Carries out single steps for one attendee."""

    def __init__(
        self, news: RegistrationNews, event: EventSnapshot, desk: Desk, session: Session, now: datetime
    ) -> None:
        self._news, self._event, self._desk, self._session, self._now = news, event, desk, session, now

    def blank(self, session_id: UUID) -> InvitationRow:
        """A new invitation under a UID that nobody can guess; it never comes back once cancelled."""
        return InvitationRow(
            uid=f"{self._desk.new_token()}@{self._desk.sender.domain}",
            registration_id=self._news.id,
            session_id=session_id,
            address=_address(self._news),
            thread="",
        )

    def take(self, step: Step | None, row: InvitationRow, entry: Entry | None) -> None:
        """Note the step in the row and write the mail for it."""
        if step is None or not row.address:
            return
        shown = entry or invitations.entry_of(row)
        self._note(step, row, shown)
        mails.supersede(self._session, row.uid)
        self._write(step, row, shown)

    def _note(self, step: Step, row: InvitationRow, entry: Entry) -> None:
        row.status = "cancelled" if step.kind == "cancel" else "active"
        row.sequence = step.sequence
        now = self._now.replace(microsecond=0)
        row.dtstamp = max(now, row.dtstamp + timedelta(seconds=1)) if row.dtstamp else now
        row.event_version = self._event.version
        row.schedule_key, row.content_key = entry.schedule_key, entry.content_key
        row.entry = invitations.as_facts(entry)
        self._session.add(row)
        self._session.flush()

    def _write(self, step: Step, row: InvitationRow, entry: Entry) -> None:
        news, event, desk = self._news, self._event, self._desk
        speaker = desk.stationery.speaker(news.locale)
        recipient = Mailbox(name=news.name, email=row.address)
        method = "CANCEL" if step.kind == "cancel" else "REQUEST"
        message = CalendarMessage(
            method=method,
            uid=row.uid,
            sequence=row.sequence,
            dtstamp=row.dtstamp,
            organizer=Mailbox(name=event.organiser.name, email=desk.sender.address),
            attendee=recipient,
            entry=entry,
        )
        shown = view_of(event, speaker, sessions=[row.session_id])
        if not shown.sessions:
            shown = replace(shown, sessions=(entry_view(entry, speaker),))
        order = MailOrder(
            kind=_LETTERS[step.kind],
            cause=f"calendar:{row.uid}:{row.sequence}:{row.dtstamp:%Y%m%dT%H%M%S}",
            to=recipient,
            locale=news.locale,
            from_name=event.organiser.name,
            facts={"event": shown, "name": news.name, "page_url": news.my_page_url},
            organisation_id=event.organiser.id,
            event_id=event.id,
            registration_id=news.id,
            uid=row.uid,
            calendar=calendar(message),
            method=method,
            thread=row.thread,
        )
        sent_as = write_mail(order, desk=desk, session=self._session, now=self._now)
        row.thread = row.thread or sent_as
