"""After the fire: wait until everything that was begun is done, and let time pass for what waits for its hour."""

import time
from datetime import datetime

from sqlalchemy import func, select

from services.notifications.storage.tables import EventCopy, MailRow
from shared.clock import now
from shared.messaging.tables import inbox
from tests.faults import truth
from tests.faults.record import Fault
from tests.faults.site import Site

MAIL = 3 * 3600.0  # the longest that a mail may wait here: some retries, or two hours of a postman who ran ahead
MESSAGE = 90.0  # and a message
UNDERWAY = ("queued", "sending", "uncertain")


def settle(site: Site, poison: str, seconds: float) -> list[str]:
    """What is still not done when the time is over; nothing if all is quiet."""
    deadline = time.monotonic() + seconds
    while True:
        left = _left(site, poison)
        if not left or time.monotonic() > deadline:
            return left
        _let_time_pass(site)
        time.sleep(0.4)


def set_clocks_right(site: Site) -> None:
    """Everybody's clock shows the time again."""
    site.step_clock(None, 0)
    for process in site.processes():
        if (site.clocks / str(process.pid)).exists():
            site.step_clock(process.pid, 0)
    time.sleep(0.5)  # until they have noticed


def _left(site: Site, poison: str) -> list[str]:
    posts = {name: truth.post(engine) for name, engine in site.engines.items()}
    found = [f"{post.unsent} messages of {name} are not sent" for name, post in posts.items() if post.unsent]
    for reader, post in posts.items():
        found += [f"{reader} still has to handle {each}" for each in post.waiting]
        for producer, other in posts.items():
            if producer != reader and post.positions.get(producer, 0) != other.given:
                found.append(f"{reader} has {post.positions.get(producer, 0)} of {other.given} from {producer}")
        if reader != "events" and poison not in {message_id for message_id, _ in post.parked}:
            found.append(f"{reader} has not parked the poisoned message yet")
    return found + _mails_left(site)


def _mails_left(site: Site) -> list[str]:
    with site.engines["notifications"].connect() as connection:
        mails = connection.scalar(select(func.count()).where(MailRow.state.in_(UNDERWAY)))
        behind = connection.scalar(select(func.count()).where(EventCopy.is_behind))
    found = [f"{mails} mails are underway"] if mails else []
    return found + ([f"attendees of {behind} events are still to be told"] if behind else [])


def _let_time_pass(site: Site) -> None:
    """Nobody waits ten minutes for a lost answer here: the clocks of those who wait are moved on to that moment."""
    mail = _ahead(_next_mail(site), MAIL)
    message = max(_ahead(_next_retry(each), MESSAGE) for each in site.engines.values())
    if max(mail, message) <= 2:
        return
    moment = time.monotonic()  # a mail that is being sent right now is taken for one of a dead process
    site.record.faults.append(Fault("clock", "time let pass", moment, moment + 1))
    if site.way == "embedded":
        site.record.may_expire = True
        site.step_clock(None, max(mail, message))
        return
    # Each by what it waits for: a consumer an hour ahead would put messages off beyond MESSAGE, and be waited for.
    for role, ahead in ((".deliver", mail), (".consume", message)):
        for process in site.processes():
            if ahead > 2 and process.role.endswith(role):
                site.step_clock(process.pid, ahead)


def _ahead(due: datetime | None, longest: float) -> float:
    """Seconds from now until it is due, if it may be due that late."""
    seconds = (due - now()).total_seconds() + 2 if due else 0.0
    return seconds if seconds <= longest else 0.0


def _next_mail(site: Site) -> datetime | None:
    with site.engines["notifications"].connect() as connection:
        moment = func.max(func.coalesce(MailRow.lease_until, MailRow.next_at))
        return _moment(connection.scalar(select(moment).where(MailRow.state.in_(UNDERWAY))))


def _next_retry(engine: truth.Engine) -> datetime | None:
    with engine.connect() as connection:
        query = select(func.max(inbox.c.next_at)).where(inbox.c.state == "pending")
        return _moment(connection.scalar(query))


def _moment(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=now().tzinfo) if value is not None and value.tzinfo is None else value
