"""Signing up in one statement, where that is possible: the way that most people take, and that a rush depends on."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, SignUpWish, Status, Terms
from services.registration.domain.sign_up import NewRegistration, draft
from services.registration.storage import events, figures, registrations, sign_up_statement
from services.registration.use_cases.as_if_new import as_if_new
from services.registration.use_cases.expire_unconfirmed import is_lapsed
from services.registration.use_cases.news import first_news
from services.registration.use_cases.sign_up import REMIND_AFTER
from shared.contracts.events import EventSnapshot
from shared.contracts.message import Message
from shared.direct import Direct
from shared.errors import Rejection


def sign_up_quickly(
    wish: SignUpWish, *, told: EventSnapshot, direct: Direct, now: datetime, terms: Terms
) -> Receipt | None:
    """As sign_up, for the usual case; None, and nothing is stored, in every other: then sign_up decides.

    `told` may be old (storage.events.recall), so a rejection that follows from it is not yet true either.
    """
    if not (direct.is_possible and _is_usual(wish, told)):
        return None
    try:
        drafted = draft(wish, told, new_id=uuid4(), now=now, terms=terms)
    except Rejection:
        return None
    if len(drafted.quota_ids) != 1:
        return None
    messages = _messages(drafted.registration, told, terms)
    stored = sign_up_statement.store(direct, drafted, messages, event_version=told.version)
    if stored is None:
        with direct.session() as session:
            return _repeated(drafted.registration, told, drafted.quota_ids, session=session, now=now, terms=terms)
    status, counters = stored
    figures.count_at_once(status)
    return Receipt(
        id=drafted.registration.id,
        event_id=told.id,
        status=status,
        places={counters.id: counters.position},
        confirm_by=drafted.registration.confirm_by,
    )


def _repeated(
    registration: NewRegistration,
    told: EventSnapshot,
    quota_ids: tuple[UUID, ...],
    *,
    session: Session,
    now: datetime,
    terms: Terms,
) -> Receipt | None:
    """The same answer to an address whose owner was told already, nearly as fast, so that the time tells little too."""
    known = registrations.find_living(session, told.id, registration.email_key)
    if known is None or known.repeated_at is None or known.repeated_at <= now - REMIND_AFTER:
        return None
    event = events.get(session, told.id)
    if is_lapsed(known.status, known.confirm_by, now) or event.version != told.version:
        return None
    figures.count(session, "repeated")
    return as_if_new(session, event, quota_ids, now=now, terms=terms)


def _is_usual(wish: SignUpWish, told: EventSnapshot) -> bool:
    """First come, first served, for everybody, with nothing to answer; the other ways of giving places take longer."""
    is_open_to_all = told.sign_up.selection == "first_come" and not told.sign_up.by_invitation
    is_single = told.quota_choice == "one" or len(told.quotas) == 1
    says_more = wish.sheet is not None or wish.answers or wish.field_of_study or wish.audience
    return is_open_to_all and is_single and not says_more


def _messages(registration: NewRegistration, told: EventSnapshot, terms: Terms) -> dict[Status, Message]:
    """The news for each status that the statement may find."""
    possible = {registration.status} if registration.status == Status.PENDING else {Status.CONFIRMED, Status.WAITING}
    return {each: first_news(replace(registration, status=each), {}, told, terms=terms) for each in possible}
