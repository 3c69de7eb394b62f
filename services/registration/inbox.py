"""What this service does when others speak."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.registration.domain.links import Links
from services.registration.storage import revoked_tokens
from services.registration.use_cases.learn_of_event import learn_of_event
from shared.contracts.events import ApiTokenRevoked, EventCancelled, EventChanged, EventPublished, EventRescheduled
from shared.contracts.message import Message
from shared.messaging.handling import Handler


def handlers(links: Links) -> dict[type[Message], Handler]:
    """Message type -> what to do; `links` because those who move up from a waiting list get their tickets."""

    def learn(message: Any, *, session: Session, now: datetime) -> None:
        learn_of_event(message.event, session=session, now=now, links=links)

    return {
        EventPublished: learn,
        EventChanged: learn,
        EventRescheduled: learn,
        EventCancelled: learn,
        ApiTokenRevoked: _revoke,
    }


def _revoke(message: ApiTokenRevoked, *, session: Session, now: datetime) -> None:
    revoked_tokens.add(session, message.token_id, now=now, expires_at=message.expires_at)
