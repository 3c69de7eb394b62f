"""Write to an attendee in another language from now on."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.notifications.rendering.entries import entry_of
from services.notifications.storage import copies, invitations
from services.notifications.use_cases.desk import Desk
from shared.contracts.registration import AttendeeLanguageChanged


def change_language(message: AttendeeLanguageChanged, *, desk: Desk, session: Session, now: datetime) -> None:
    """Nothing is sent. Her calendar keeps its words until something else changes in it."""
    news = copies.change_language(session, message.registration_id, version=message.version, locale=message.locale)
    if news is None:
        return
    event = copies.current_event(session, news.event_id)
    if not copies.is_up_to_date(session, news.id, event):
        return
    sessions = {each.id: each for each in event.sessions}
    for row in invitations.active(session, news.id):
        if row.session_id in sessions:
            entry = entry_of(
                event,
                sessions[row.session_id],
                stationery=desk.stationery,
                locale=news.locale,
                page_url=news.my_page_url,
            )
            row.schedule_key, row.content_key = entry.schedule_key, entry.content_key
