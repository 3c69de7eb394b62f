"""Whether she comes, in words: for her and for organisers."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Status
from services.registration.storage import notices
from services.registration.storage.tables import Notice, Registration
from shared.http.locale import _


def answer_words(notice: Notice | None) -> str:
    """What organisers read about it; "" if she was not asked."""
    if notice is None:
        return ""
    if notice.answered_at is not None:
        return _("Says yes, will come")
    return _("Asked twice, no answer") if notice.warned_at is not None else _("Asked, no answer yet")


def shown(session: Session, registration: Registration, now: datetime) -> dict[str, Any]:
    """What her page says: "" (nobody asks), asked, answered."""
    notice = notices.question(session, registration.id, now)
    if notice is None or registration.status != Status.CONFIRMED:
        return {"coming": ""}
    return {"coming": "asked" if notice.answered_at is None else "answered"}
