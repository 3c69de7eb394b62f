"""Write a letter to somebody who signed up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.notifications.domain.attendance import attended_sessions
from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.messages import Picture
from services.notifications.rendering.views import view_of
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.write_mail import MailOrder, write_mail
from shared.contracts.events import EventSnapshot, SessionSnapshot
from shared.contracts.registration import RegistrationNews


def tell_attendee(
    kind: str,
    news: RegistrationNews,
    event: EventSnapshot,
    *,
    cause: str,
    desk: Desk,
    session: Session,
    now: datetime,
    picture: Picture | None = None,
    even_if_over: bool = False,
    **facts: Any,
) -> None:
    """One letter in her language about her sessions of the event; nothing once they are over, unless wanted then."""
    mine = her_sessions(news, event)
    if is_over(mine, now) and not even_if_over:
        return
    speaker = desk.stationery.speaker(news.locale)
    shown = view_of(event, speaker, sessions=[each.id for each in mine], quotas=_hers(news))
    order = MailOrder(
        kind=kind,
        cause=cause,
        to=Mailbox(name=news.name, email=news.ascii_email or news.email),
        locale=news.locale,
        from_name=event.organiser.name,
        facts={"event": shown, "name": news.name, "page_url": news.my_page_url, **facts},
        reply_to=event.organiser.email,
        organisation_id=event.organiser.id,
        event_id=event.id,
        registration_id=news.id,
        picture=picture,
    )
    write_mail(order, desk=desk, session=session, now=now)


def _hers(news: RegistrationNews) -> list[UUID]:
    """The quotas in which she has a place; of those who have none, what they wait or applied for."""
    held = [place.quota_id for place in news.places if place.position is None]
    return held or [place.quota_id for place in news.places]


def her_sessions(
    news: RegistrationNews, event: EventSnapshot, sessions: Iterable[SessionSnapshot] | None = None
) -> list[SessionSnapshot]:
    """The sessions that her places, or her positions on waiting lists, lead to."""
    known = {each.id: each for each in (event.sessions if sessions is None else sessions)}
    quotas: dict[UUID, UUID | None] = {quota.id: quota.session_id for quota in event.quotas}
    held = [place.quota_id for place in news.places]
    chosen = attended_sessions(known, session_of_quota=quotas, held=held) or tuple(known)
    return [known[each] for each in chosen]


def is_over(sessions: Iterable[SessionSnapshot], now: datetime) -> bool:
    """Whether all of it lies in the past: then nobody is told anything."""
    ends = [each.ends_at for each in sessions]
    return bool(ends) and max(ends) <= now
