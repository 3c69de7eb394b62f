"""3: one ticket mail and one invitation with its final state each; copies only after a lost answer; no order broken."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from icalendar import Calendar

from tests.faults.post_office import NOBODY, parse
from tests.faults.record import Delivery, Record
from tests.faults.truth import Registration, Truth


@dataclass(frozen=True)
class Letter:
    """What a mail is to its reader. `method` is empty unless it speaks to her calendar."""

    message_id: str
    is_ticket: bool
    method: str = ""
    uid: str = ""
    sequence: int = 0
    starts_at: datetime | None = None
    summary: str = ""


def mails(truth: Truth, record: Record) -> list[str]:
    """Everything that is promised about mails."""
    found = copies(record)
    by_reader: dict[str, list[Letter]] = defaultdict(list)
    for each in record.deliveries:
        by_reader[each.recipient].append(letter(each.raw))
    for reader, letters in by_reader.items():
        found += [f"{reader}: {why}" for why in order(letters)]
    for row in truth.registrations:
        if not row.email.startswith(NOBODY):
            event = truth.events[row.event_id]
            found += [f"{row.email} ({row.status}): {why}" for why in _final(row, event, by_reader[row.email])]
    return found + list(_queue(truth, record))


def copies(record: Record) -> list[str]:
    """The same Message-ID twice: only where the first answer may have been lost, and then byte for byte the same."""
    found, before = [], defaultdict[tuple[str, str], list[Delivery]](list)
    for each in record.deliveries:
        mine = before[letter(each.raw).message_id, each.recipient]
        name = f"a copy of {letter(each.raw).message_id} to {each.recipient}"
        name += f" {each.at - mine[-1].at:.1f} s after it" if mine else ""
        if any(known.raw != each.raw for known in mine):
            found.append(f"{name} has other bytes")
        if mine and mine[-1].answered and not record.could_be_lost(mine[-1].at):
            found.append(f"{name} though its answer was not lost; {record.around(mine[-1].at)}")
        mine.append(each)
    return found


def order(letters: Iterable[Letter]) -> list[str]:
    """As they came: a calendar never hears older news after newer news."""
    cancelled: dict[str, int] = {}
    latest: dict[str, int] = {}
    seen: set[str] = set()
    found = []
    for each in letters:
        if not each.method or each.message_id in seen:
            continue
        seen.add(each.message_id)
        if each.method == "REQUEST" and each.uid in cancelled:
            found.append(f"REQUEST {each.sequence} of {each.uid} after its CANCEL {cancelled[each.uid]}")
        if each.sequence < latest.get(each.uid, 0):
            found.append(f"SEQUENCE {each.sequence} of {each.uid} after {latest[each.uid]}")
        latest[each.uid] = max(each.sequence, latest.get(each.uid, 0))
        if each.method == "CANCEL":
            cancelled[each.uid] = each.sequence
    return found


@cache
def letter(raw: bytes) -> Letter:
    """Read a mail."""
    mail = parse(raw)
    parts = list(mail.walk())
    is_ticket = any(each.get_filename() == "ticket.png" for each in parts)
    for each in parts:
        if each.get_content_type() == "text/calendar":
            return _calendar(str(mail["Message-ID"]), each.get_payload(decode=True))
    return Letter(str(mail["Message-ID"]), is_ticket)


def digest(raw: bytes) -> str:
    """For reports."""
    return hashlib.sha256(raw).hexdigest()[:12]


def _calendar(message_id: str, content: Any) -> Letter:
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return Letter(
        message_id,
        is_ticket=False,
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        starts_at=event["DTSTART"].dt,
        summary=str(event.get("SUMMARY", "")),
    )


def _final(row: Registration, event: dict[str, Any], letters: list[Letter]) -> Iterable[str]:
    tickets = {each.message_id for each in letters if each.is_ticket}
    if len(tickets) > 1 or (row.is_ever_confirmed and event["status"] == "published" and len(tickets) != 1):
        yield f"{len(tickets)} ticket mails"
    if tickets and not row.is_ever_confirmed:
        yield "a ticket mail, but was never confirmed"
    last = {each.uid: each for each in letters if each.method}
    standing = [each for each in last.values() if each.method == "REQUEST"]
    if row.status != "confirmed" or event["status"] != "published":
        yield from (f"{each.uid} still stands in the calendar" for each in standing)
        return
    if len(standing) != 1:
        yield f"{len(standing)} invitations stand in the calendar"
        return
    (session,) = event["sessions"]
    if standing[0].starts_at != datetime.fromisoformat(session["starts_at"]):
        yield f"the calendar says {standing[0].starts_at}, the event {session['starts_at']}"
    if event["title"]["de"] not in standing[0].summary:
        yield f"the calendar says {standing[0].summary!r}, the event {event['title']['de']!r}"


def _queue(truth: Truth, record: Record) -> Iterable[str]:
    """What the queue believes is what the mail server knows."""
    taken = {letter(each.raw).message_id for each in record.deliveries}
    for mail in truth.mails:
        name = f"{mail.kind} mail to {mail.recipient}"
        if mail.state == "sent" and mail.message_id not in taken:
            yield f"{name} counts as sent and never came"
        if mail.state not in {"sent", "superseded", "failed"}:
            yield f"{name} is still {mail.state}: {mail.error}"
        if mail.state == "failed" and not mail.recipient.startswith(NOBODY):
            yield f"{name} was given up: {mail.error}"
