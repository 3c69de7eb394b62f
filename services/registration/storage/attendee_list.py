"""The organiser's list of one event: filtered, sorted, in pages that stay fast however long it is."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload

from services.registration.domain.selection import Order, Selection
from services.registration.storage import forms
from services.registration.storage.form_tables import AnswerRow
from services.registration.storage.tables import CheckIn, Consent, Note, Place, Registration

Start = tuple[datetime | str, UUID]  # the last row of the page before
_CHUNK = 500


def listed(
    session: Session,
    event_id: UUID,
    wanted: Selection,
    *,
    limit: int,
    order: Order = Order.ARRIVAL,
    after: Start | None = None,
) -> Sequence[Registration]:
    """One page of registrations, with places and consents."""
    by = _key_column(order)
    query = select(Registration).where(*conditions(session, event_id, wanted))
    if after:
        here, start = tuple_(by, Registration.id), tuple_(*after)
        query = query.where(here < start if order.is_descending else here > start)
    columns = (by.desc(), Registration.id.desc()) if order.is_descending else (by, Registration.id)
    return session.scalars(
        query.options(selectinload(Registration.places), selectinload(Registration.consents))
        .order_by(*columns)
        .limit(limit)
    ).all()


def every(session: Session, event_id: UUID, wanted: Selection, *, order: Order) -> Iterator[Sequence[Registration]]:
    """All of them, some hundred at a time."""
    after: Start | None = None
    while rows := listed(session, event_id, wanted, limit=_CHUNK, order=order, after=after):
        yield rows
        after = key(rows[-1], order)
        session.expunge_all()


def key(registration: Registration, order: Order) -> Start:
    """Where the page after this registration begins."""
    return (registration.search_text if order.is_by_name else registration.created_at), registration.id


def count(session: Session, event_id: UUID, wanted: Selection, *, most: int) -> int:
    """How many match; counting ends at `most` + 1."""
    some = select(Registration.id).where(*conditions(session, event_id, wanted)).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def ids(session: Session, event_id: UUID, wanted: Selection, *, most: int) -> Sequence[UUID]:
    """Their ids in the order of arrival, at most `most`."""
    query = select(Registration.id).where(*conditions(session, event_id, wanted))
    return session.scalars(query.order_by(Registration.created_at, Registration.id).limit(most)).all()


def conditions(session: Session, event_id: UUID, wanted: Selection) -> list[ColumnElement[bool]]:
    """What the selection means in SQL. Wild cards in a search are letters like any other."""
    found: list[ColumnElement[bool]] = [Registration.event_id == event_id]
    found += [Registration.search_text.contains(word, autoescape=True) for word in wanted.search.casefold().split()]
    plain: dict[Any, str | None] = {
        Registration.status: wanted.status,
        Registration.source: wanted.source,
        Registration.locale: wanted.locale,
    }
    found += [column == value for column, value in plain.items() if value is not None]
    if wanted.ids is not None:
        found.append(Registration.id.in_(wanted.ids))
    if wanted.answer is not None:
        found.append(_answered(session, event_id, *wanted.answer))
    return found + _hanging(event_id, wanted)


def _hanging(event_id: UUID, wanted: Selection) -> list[ColumnElement[bool]]:
    """What is known of a registration in other tables."""
    found: list[ColumnElement[bool]] = []
    if wanted.quota_id is not None:
        found.append(exists().where(_hers(Place), Place.quota_id == wanted.quota_id, Place.state != "released"))
    if wanted.consent is not None:
        given = exists().where(_hers(Consent), Consent.purpose == wanted.consent, Consent.withdrawn_at.is_(None))
        found.append(given)
    if wanted.checked_in is not None:
        scanned = Registration.id.in_(select(CheckIn.registration_id).where(CheckIn.event_id == event_id))
        found.append(scanned if wanted.checked_in else ~scanned)
    if wanted.has_note is not None:
        noted = Registration.id.in_(select(Note.registration_id).where(Note.event_id == event_id))
        found.append(noted if wanted.has_note else ~noted)
    return found


def _answered(session: Session, event_id: UUID, question_id: UUID, value: str) -> ColumnElement[bool]:
    """Nobody is found by a question that is sensitive or was, also not by answers from when it was not."""
    if question_id in forms.ever_sensitive(session, event_id):
        return false()
    return exists().where(_hers(AnswerRow), AnswerRow.question_id == question_id, _says(value))


def _says(value: str) -> ColumnElement[bool]:
    """Chose it alone or among others; sealed answers say nothing."""
    written = cast(AnswerRow.value, Text)
    as_text = {json.dumps(value), json.dumps(value, ensure_ascii=False)}  # SQLite keeps the one, PostgreSQL the other
    among = or_(*(written.contains(each, autoescape=True) for each in as_text))
    alone = as_text | {{"yes": "true", "no": "false"}.get(value, "")}
    return or_(written.in_(sorted(alone)), and_(written.startswith("["), among))


def positions_of(session: Session, rows: Iterable[Registration]) -> dict[UUID, dict[UUID, int]]:
    """registration -> quota -> position on the waiting list, of these alone."""
    waits = [place for row in rows for place in row.places if place.state == "waiting" and place.number is not None]
    if not waits:
        return {}
    last = max(each.number or 0 for each in waits)
    quotas = {each.quota_id for each in waits}
    rank = func.row_number().over(partition_by=Place.quota_id, order_by=Place.number).label("rank")
    ranked = (
        select(Place.registration_id, Place.quota_id, rank)
        .where(Place.quota_id.in_(quotas), Place.state == "waiting", Place.number <= last)
        .subquery()
    )
    hers = ranked.c.registration_id.in_({each.registration_id for each in waits})
    found: dict[UUID, dict[UUID, int]] = {}
    for registration_id, quota_id, position in session.execute(select(ranked).where(hers)):
        found.setdefault(registration_id, {})[quota_id] = position
    return found


def check_ins_of(session: Session, registration_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When these came in first."""
    rows = session.execute(
        select(CheckIn.registration_id, func.min(CheckIn.scanned_at))
        .where(CheckIn.registration_id.in_(list(registration_ids)))
        .group_by(CheckIn.registration_id)
    )
    return {registration_id: moment for registration_id, moment in rows}  # noqa: C416 - mypy cannot see a pair


def _hers(table: type[Place] | type[Consent] | type[AnswerRow]) -> ColumnElement[bool]:
    return table.registration_id == Registration.id


def _key_column(order: Order) -> Any:
    return Registration.search_text if order.is_by_name else Registration.created_at
