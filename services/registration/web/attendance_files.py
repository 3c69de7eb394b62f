"""The attendance list as a CSV file and as a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import xlsxwriter

from services.registration.domain.attendance import Attendee
from services.registration.domain.export import harmless
from services.registration.web import words
from services.registration.web.answer_view import AnswerColumns
from services.registration.web.event_view import quota_name
from shared.contracts.events import EventSnapshot, SessionSnapshot
from shared.http.locale import _, in_language

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table(event: EventSnapshot, attendees: Sequence[Attendee], answers: AnswerColumns) -> list[list[str]]:
    """Head and rows: one column a session, holding the time of the check-in, and one a question."""
    head = [_("Name"), _("E-mail address"), _("Status"), _("Places")]
    head += [_("Attended: %(session)s", session=_session_name(each)) for each in event.sessions]
    rows = ([*_row(event, each), *answers.cells(each.registration_id)] for each in attendees)
    return [[*head, _("Consents"), *answers.heads], *rows]


def as_csv(rows: list[list[str]]) -> bytes:
    """Comma separated, everything quoted, UTF-8 with the mark that spreadsheets look for, nothing that computes."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [harmless(cell) for cell in row] for row in rows
    )
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(rows: list[list[str]], *, title: str, right_to_left: bool) -> bytes:
    """A spreadsheet with text cells only: what looks like a formula, a number or an address stays text."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Attendance")[:31])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        book.set_properties({"title": title})
        if right_to_left:
            sheet.right_to_left()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, cell, *([head] if line == 0 else []))
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 1, 30)
        sheet.set_column(2, max(2, len(rows[0]) - 1), 20)
    return stream.getvalue()


def file_name(event: EventSnapshot, ending: str) -> str:
    """Plain letters, digits and hyphens, whatever the event is called."""
    day = event.sessions[0].local_start[:10] if event.sessions else ""
    return "-".join(filter(None, ("attendance", event.slug, day))) + f".{ending}"


def _row(event: EventSnapshot, attendee: Attendee) -> list[str]:
    return [
        attendee.name,
        attendee.email,
        _(words.STATUS[attendee.status]) if attendee.status in words.STATUS else attendee.status,
        ", ".join(_quota(event, each.id) for each in event.quotas if each.id in attendee.quota_ids),
        *(_attended(attendee, each) for each in event.sessions),
        ", ".join(_(words.CONSENTS[each]) if each in words.CONSENTS else each for each in attendee.consents),
    ]


def _quota(event: EventSnapshot, quota_id: UUID) -> str:
    name = quota_name(event, quota_id)
    return str(getattr(name, "text", name))


def _session_name(session: SessionSnapshot) -> str:
    moment = datetime.fromisoformat(session.local_start).strftime("%Y-%m-%d %H:%M")
    return " ".join(filter(None, (in_language(session.title).text, moment)))


def _attended(attendee: Attendee, session: SessionSnapshot) -> str:
    presence = attendee.presences.get(session.id)
    return presence.scanned_at.astimezone(ZoneInfo(session.zone)).strftime("%Y-%m-%d %H:%M") if presence else ""
