"""How a service's messages are, for a person and for a program."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.messaging import relay
from shared.messaging.figures import oldest_unsent, unsent
from shared.messaging.tables import inbox, inbox_cursor, outbox_reader

OLD_OUTBOX, OLD_INBOX, SILENT = 60.0, 120.0, 120.0  # seconds; the first two as in deploy/alerts.yaml


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Another service, as it last told us."""

    name: str
    position: int
    behind: int
    heard_seconds_ago: float


@dataclass(frozen=True, kw_only=True)
class Status:
    """Numbers, ages in seconds (None: nothing waits)."""

    service: str
    epoch: str
    last_number: int
    unsent: int
    oldest_unsent_seconds: float | None
    readers: list[Reader]
    received: dict[str, int]
    pending: int
    oldest_pending_seconds: float | None
    parked: int

    @property
    def trouble(self) -> list[str]:
        """What a person should do something about, in sentences."""
        return list(_trouble(self))

    def document(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self) | {"trouble": self.trouble}


def status_of(session: Session, service: str, *, now: datetime) -> Status:
    """As of now."""
    stream = relay.stream_of(session, service)
    last = stream.last_seq if stream else 0
    counted = select(inbox.c.state, func.count(), func.min(inbox.c.received_at)).where(inbox.c.state != "done")
    waiting = {state: (count, since) for state, count, since in session.execute(counted.group_by(inbox.c.state))}
    pending, since = waiting.get("pending", (0, None))
    cursors = session.execute(select(inbox_cursor).order_by(inbox_cursor.c.producer)).all()
    return Status(
        service=service,
        epoch=stream.epoch if stream else "",
        last_number=last,
        unsent=unsent(session, service),
        oldest_unsent_seconds=_age(oldest_unsent(session, service), now),
        readers=list(_readers(session, last, now)),
        received={each.producer: each.position for each in cursors},
        pending=pending,
        oldest_pending_seconds=_age(since, now),
        parked=waiting.get("parked", (0, None))[0],
    )


def lines(status: Status) -> Iterator[str]:
    """For a person."""
    sending = "nothing was ever sent" if not status.last_number else f"up to number {status.last_number}"
    if status.unsent:
        sending += f", {status.unsent} not sent yet, the oldest for {span(status.oldest_unsent_seconds)}"
    yield f"sending    {sending}"
    for each in status.readers:
        has = "has everything" if not each.behind else f"lacks {each.behind} (has up to {each.position})"
        yield f"           {each.name} {has}, heard of {span(each.heard_seconds_ago)} ago"
    for producer, position in status.received.items():
        yield f"receiving  from {producer} up to number {position}"
    oldest = f", the oldest for {span(status.oldest_pending_seconds)}" if status.pending else ""
    yield f"waiting    {status.pending}{oldest}"
    yield f"parked     {status.parked}"
    for sentence in status.trouble:
        yield f"TROUBLE    {sentence}"
    if not status.trouble:
        yield "all is well"


def span(seconds: float | None) -> str:
    """As one says it: 40 s, 12 min, 5 h, 3 days."""
    for least, unit, name in ((172_800, 86_400, "days"), (7200, 3600, "h"), (120, 60, "min")):
        if seconds is not None and seconds >= least:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds or 0:.0f} s"


def _trouble(status: Status) -> Iterator[str]:
    if (status.oldest_unsent_seconds or 0) > OLD_OUTBOX:
        yield "Messages are not sent: is the relay running, is the broker there?"
    for each in status.readers:
        if each.heard_seconds_ago > SILENT:
            yield f"Nothing was heard of {each.name}: is its consume role running?"
    if (status.oldest_pending_seconds or 0) > OLD_INBOX:
        yield "Messages wait for long: `messages list --state pending` says why."
    if status.parked:
        yield "Messages are parked, later ones about the same wait behind: `messages list`, then `replay` or `drop`."


def _readers(session: Session, last: int, now: datetime) -> Iterator[Reader]:
    for row in session.execute(select(outbox_reader).order_by(outbox_reader.c.name)):
        heard = (now - row.seen_at).total_seconds()
        behind = max(0, last - row.position)
        yield Reader(name=row.name, position=row.position, behind=behind, heard_seconds_ago=round(max(0.0, heard), 1))


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else round(max(0.0, (now - since).total_seconds()), 1)
