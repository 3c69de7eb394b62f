"""What this service does when the events service speaks."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registration.inbox import handlers
from services.registration.storage import revoked_tokens
from services.registration.storage.tables import Event, Quota, RevokedToken
from shared.contracts.events import ApiTokenRevoked, EventCancelled, EventChanged, EventPublished, EventRescheduled
from tests.registration.builders import LINKS, NOW, a_quota, a_snapshot


def hear(session: Session, message: object) -> None:
    """Handle a message as the consumer does."""
    handlers(LINKS)[type(message)](message, session=session, now=NOW)


def test_a_published_event_opens_its_quotas(session: Session) -> None:
    told = a_snapshot(quotas=(a_quota(3), a_quota(5)))

    hear(session, EventPublished(event=told))

    assert session.scalars(select(Event.slug)).all() == [told.slug]
    assert session.scalars(select(Quota.capacity).order_by(Quota.position)).all() == [3, 5]


@pytest.mark.parametrize("kind", [EventChanged, EventRescheduled, EventCancelled])
def test_news_in_the_wrong_order_end_in_the_newest(session: Session, kind: type) -> None:
    told = a_snapshot(version=1, slug="old")
    newest = a_snapshot(id=told.id, version=2, slug="new", quotas=told.quotas)
    extra = {"previous": told.sessions} if kind is EventRescheduled else {}

    hear(session, kind(event=newest, **extra))
    hear(session, EventPublished(event=told))

    assert session.scalars(select(Event.slug)).all() == ["new"]


def test_a_token_that_was_taken_back_stays_so(session: Session) -> None:
    token_id = uuid4()

    for _ in range(2):
        hear(session, ApiTokenRevoked(token_id=token_id))

    assert session.get(RevokedToken, token_id)


def test_a_revoked_token_is_remembered_until_nobody_would_believe_it_anyway(session: Session) -> None:
    token_id, ends = uuid4(), NOW + timedelta(days=7)
    hear(session, ApiTokenRevoked(token_id=token_id, expires_at=ends))

    revoked_tokens.forget_old(session=session, now=ends - timedelta(minutes=1))
    assert session.get(RevokedToken, token_id)

    revoked_tokens.forget_old(session=session, now=ends + timedelta(minutes=1))
    assert not session.get(RevokedToken, token_id)
