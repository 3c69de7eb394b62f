"""What we do when other services have news."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.events.use_cases.note_availability import note_availability
from shared.contracts.message import Message
from shared.contracts.registration import AvailabilityChanged


def on_availability(news: AvailabilityChanged, *, session: Session, now: datetime) -> None:
    """Keep the copy that the catalogue shows."""
    note_availability(news, session=session)


HANDLERS: dict[type[Message], Any] = {AvailabilityChanged: on_availability}
