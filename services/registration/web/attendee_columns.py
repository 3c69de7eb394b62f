"""The columns of the attendee list: what they are called, and what stands in them, on the page and in files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.registration.domain.questions import Question
from services.registration.domain.selection import Earlier
from services.registration.schemas.attendee_list import column_of, question_of
from services.registration.storage import attendee_list, earlier_events, notes, notices
from services.registration.storage.tables import Event, Notice, Registration
from services.registration.web import answer_view, event_view, words
from services.registration.web.coming_view import answer_words
from services.registration.web.standing import standing_text
from shared.contracts.events import EventSnapshot
from shared.errors import N_
from shared.http.locale import _, in_language, language_name

LABELS = {
    "email": N_("E-mail address"),
    "status": N_("Status"),
    "places": N_("Places"),
    "signed_up": N_("Signed up"),
    "locale": N_("Language"),
    "source": N_("Source"),
    "consents": N_("Consents"),
    "checked_in": N_("Checked in"),
    "notes": N_("Notes"),
    "earlier": N_("Earlier events"),
    "coming": N_("Answer: comes or not"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One registration with what the chosen columns need."""

    row: Registration
    positions: dict[UUID, int] = field(default_factory=dict)
    checked_in_at: datetime | None = None
    notes: int = 0
    earlier: Earlier | None = None
    question: Notice | None = None
    answers: Mapping[str, str] = field(default_factory=dict)  # by column
    values: Mapping[str, Any] = field(default_factory=dict)  # the same for programs


def lines(
    session: Session, event: Event, rows: Sequence[Registration], columns: Sequence[str], *, now: datetime
) -> list[Line]:
    """The rows with what the columns ask for: one query a column, whatever the number of rows."""
    ids = [each.id for each in rows]
    positions = attendee_list.positions_of(session, rows)
    came = attendee_list.check_ins_of(session, ids) if "checked_in" in columns else {}
    noted = notes.counts(session, ids) if "notes" in columns else {}
    asked = notices.questions(session, ids) if "coming" in columns else {}
    asks = {each: key for each in columns if (key := question_of(each))}
    given = answer_view.columns(session, event, registration_ids=ids) if asks else None
    before: dict[str, Earlier] = {}
    if "earlier" in columns:
        before = earlier_events.earlier(session, rows, organisation_id=event.organisation_id, now=now)
    return [
        Line(
            row=each,
            positions=positions.get(each.id, {}),
            checked_in_at=came.get(each.id),
            notes=noted.get(each.id, 0),
            earlier=before.get(each.email_key),
            question=asked.get(each.id),
            answers={name: given.cell(each.id, key) for name, key in asks.items()} if given else {},
            values={name: given.value(each.id, key) for name, key in asks.items()} if given else {},
        )
        for each in rows
    ]


def labels(questions: Iterable[Question]) -> dict[str, str]:
    """What the columns are called, the ones of these questions last."""
    asked = {column_of(each.id): in_language(each.label).text for each in questions}
    return {name: _(label) for name, label in LABELS.items()} | asked


def cell(line: Line, column: str, event: EventSnapshot) -> str:
    """What stands in a cell, as text."""
    return line.answers[column] if column in line.answers else _CELLS[column](line, event)


def earlier_words(known: Earlier | None) -> str:
    """How often she came, in one line; empty if nothing is known."""
    if known is None or not (known.came or known.missed):
        return ""
    return _("came %(came)s times, did not come %(missed)s times", came=known.came, missed=known.missed)


def living(row: Registration) -> list[Any]:
    """The places that she holds or waits for."""
    return [each for each in row.places if each.state != "released"]


def _places(line: Line, event: EventSnapshot) -> str:
    return ", ".join(_place(line, each.quota_id, event) for each in living(line.row))


def _consents(line: Line, _event: EventSnapshot) -> str:
    given = sorted(each.purpose for each in line.row.consents if each.withdrawn_at is None)
    return ", ".join(_(words.CONSENTS.get(each, each)) for each in given)


def _place(line: Line, quota_id: UUID, event: EventSnapshot) -> str:
    name = event_view.quota_name(event, quota_id)
    position = line.positions.get(quota_id)
    text = str(getattr(name, "text", name))
    return f"{text} ({_('Position %(position)s', position=position)})" if position else text


def _moment(moment: datetime | None, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if moment else ""


_CELLS: dict[str, Callable[[Line, EventSnapshot], str]] = {
    "email": lambda line, _event: line.row.email,
    "status": lambda line, _event: standing_text(line.row),
    "places": _places,
    "signed_up": lambda line, event: _moment(line.row.created_at, event_view.zone_of(event)),
    "locale": lambda line, _event: language_name(line.row.locale),
    "source": lambda line, _event: _(words.SOURCES.get(line.row.source, line.row.source)),
    "consents": _consents,
    "checked_in": lambda line, event: _moment(line.checked_in_at, event_view.zone_of(event)),
    "notes": lambda line, _event: str(line.notes or ""),
    "earlier": lambda line, _event: earlier_words(line.earlier),
    "coming": lambda line, _event: answer_words(line.question),
}
