"""Somebody brings a list of events along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.domain.event_rules import MISSING
from services.events.domain.imports import RowIsWrongError, key_of_row, wish_of_row
from services.events.storage.tables import Event, Organisation
from services.events.use_cases.create_event import create_event
from shared.errors import InvalidInput
from shared.policy import ANONYMOUS, Actor


class Row(Protocol):
    """An entry of a file as it was read."""

    @property
    def line(self) -> int: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def faults(self) -> tuple[str, ...]: ...


@dataclass(kw_only=True)
class Report:
    """What became of each row, one line of text each."""

    lines: list[str] = field(default_factory=list)
    created: list[Event] = field(default_factory=list)
    known: int = 0
    wrong: int = 0
    names_organisers: bool = False  # a list that names them elsewhere lacks them where it does not


def import_events(
    rows: Sequence[Row], *, organisation: Organisation, session: Session, now: datetime, by: Actor = ANONYMOUS
) -> Report:
    """Plan a draft for each row; nothing is published, nothing invented, nothing created twice.

    A wrong row is reported and leaves no trace; the others are taken in.
    """
    report = Report(names_organisers=any("organiser" in row.facts for row in rows))
    for row in rows:
        try:
            with session.begin_nested():
                _import(row, report, organisation=organisation, session=session, now=now, by=by)
        except (RowIsWrongError, InvalidInput) as fault:
            _refuse(row, [str(fault)] if isinstance(fault, RowIsWrongError) else _sentences(fault), report)
    report.lines.append(f"{len(report.created)} created, {report.known} known already, {report.wrong} wrong")
    return report


def _import(
    row: Row, report: Report, *, organisation: Organisation, session: Session, now: datetime, by: Actor
) -> None:
    if row.faults:
        _refuse(row, row.faults, report)
        return
    key = key_of_row(row.facts, str(organisation.id))
    known = session.scalar(select(Event).where(Event.import_key == key))
    if known is not None:
        report.known += 1
        report.lines.append(f"line {row.line}: known already: {known.slug}")
        return
    wish = wish_of_row(row.facts)
    event = create_event(wish, organisation_id=organisation.id, session=session, now=now, by=by)
    event.import_key = key
    if report.names_organisers and "organiser" not in row.facts:
        event.missing = [*event.missing, "organiser"]
    session.flush()
    report.created.append(event)
    report.lines.append(f"line {row.line}: draft: {event.slug}{_lacks(event)}")


def _lacks(event: Event) -> str:
    names = ", ".join(MISSING[key] for key in event.missing)
    return f" (missing: {names})" if names else ""


def _refuse(row: Row, sentences: Sequence[str], report: Report) -> None:
    report.wrong += 1
    report.lines.append(f"line {row.line}: wrong: {'; '.join(sentences)}")


def _sentences(fault: InvalidInput) -> list[str]:
    return [f"{name}: {' '.join(said)}" for name, said in fault.errors.items()]
