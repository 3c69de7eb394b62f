"""`python -m services.<name> messages …`: see what waits, and decide about what was parked."""

import json
from datetime import datetime
from typing import Any

import click
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from shared.clock import now
from shared.messaging import relay
from shared.messaging.tables import inbox, inbox_cursor, outbox, outbox_reader, outbox_stream

_NUMBER = click.argument("message_id", type=click.UUID)


def messages(service: str, sessions: sessionmaker[Session]) -> click.Group:
    """The command group for one service."""
    group = click.Group("messages", help="Messages from and to other services: what waits, what was parked.")
    for each in (_status, _list, _show, _replay, _drop, _replay_since, _new_epoch):
        group.add_command(each)
    group.context_settings = {"obj": (service, sessions)}
    return group


@click.command("status")
@click.pass_obj
def _status(obj: tuple[str, sessionmaker[Session]]) -> None:
    """How far everybody is."""
    service, sessions = obj
    with sessions.begin() as session:
        for name, value in facts(session, service).items():
            click.echo(f"{name}: {value}")


@click.command("list")
@click.option("--state", type=click.Choice(["parked", "pending", "done"]), default="parked", show_default=True)
@click.option("--limit", default=50, show_default=True)
@click.pass_obj
def _list(obj: tuple[str, sessionmaker[Session]], state: str, limit: int) -> None:
    """Messages that came in: by default those that nobody tries any more."""
    with obj[1].begin() as session:
        query = select(inbox).where(inbox.c.state == state).order_by(inbox.c.received_at).limit(limit)
        for row in session.execute(query):
            click.echo(
                f"{row.message_id} {row.type} {row.aggregate} attempts={row.attempts} {row.error or ''}".rstrip()
            )


@click.command("show")
@_NUMBER
@click.pass_obj
def _show(obj: tuple[str, sessionmaker[Session]], message_id: Any) -> None:
    """One message with all it says (personal data included)."""
    with obj[1].begin() as session:
        row = session.execute(select(inbox).where(inbox.c.message_id == message_id)).first()
    if row is None:
        raise click.ClickException("There is no such message here.")
    click.echo(json.dumps(row._asdict(), default=str, ensure_ascii=False, indent=2))


@click.command("replay")
@click.argument("message_ids", type=click.UUID, nargs=-1)
@click.option("--all-parked", is_flag=True)
@click.pass_obj
def _replay(obj: tuple[str, sessionmaker[Session]], message_ids: tuple[Any, ...], all_parked: bool) -> None:
    """Try parked (or done) messages again, from the first attempt on."""
    which = inbox.c.state == "parked" if all_parked else inbox.c.message_id.in_(message_ids)
    with obj[1].begin() as session:
        click.echo(f"{replay(session, which, at=now())} messages will be tried again")


@click.command("drop")
@_NUMBER
@click.option("--reason", required=True, help="Why nobody needs it; is kept with the message.")
@click.pass_obj
def _drop(obj: tuple[str, sessionmaker[Session]], message_id: Any, reason: str) -> None:
    """Give a message up, so that later ones about the same go on."""
    with obj[1].begin() as session:
        waiting = (inbox.c.message_id == message_id, inbox.c.state != "done")
        result: Any = session.execute(update(inbox).where(*waiting).values(state="done", error=f"Dropped: {reason}"))
    if not result.rowcount:
        raise click.ClickException("No such message waits here.")
    click.echo("dropped")


@click.command("replay-since")
@click.argument("moment", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]))
@click.option("--type", "kind", help="Only this type, for example registration.registration_confirmed.v1")
@click.pass_obj
def _replay_since(obj: tuple[str, sessionmaker[Session]], moment: datetime, kind: str | None) -> None:
    """Handle again what came since then (UTC unless it says otherwise); handlers must bear it."""
    instant = moment if moment.tzinfo else moment.replace(tzinfo=now().tzinfo)
    which = (inbox.c.received_at >= instant) & (inbox.c.type == kind if kind else inbox.c.state == "done")
    with obj[1].begin() as session:
        click.echo(f"{replay(session, which, at=now())} messages will be handled again")


@click.command("new-epoch")
@click.confirmation_option(prompt="All readers will be sent everything that is still in the outbox. Go on?")
@click.pass_obj
def _new_epoch(obj: tuple[str, sessionmaker[Session]]) -> None:
    """After restoring this service's database from a backup: count anew, so that no number is given twice."""
    service, sessions = obj
    with sessions.begin() as session:
        stream = relay.stream_of(session, service, lock=True)
        fresh = relay.begin_epoch(session, service, now=now(), later_than=stream.epoch if stream else "")
        click.echo(f"epoch {fresh.epoch}")


def replay(session: Session, which: ColumnElement[bool], *, at: datetime) -> int:
    """Give messages their attempts back."""
    again: Any = session.execute(update(inbox).where(which).values(state="pending", attempts=0, next_at=at, error=None))
    return int(again.rowcount)


def facts(session: Session, service: str) -> dict[str, Any]:
    """For the status command and for metrics."""
    stream = session.execute(select(outbox_stream).where(outbox_stream.c.name == service)).one_or_none()
    unsent = (outbox.c.sent_at.is_(None),)
    found: dict[str, Any] = {
        "epoch": stream.epoch if stream else "-",
        "last number": stream.last_seq if stream else 0,
        "unsent": session.scalar(select(func.count()).select_from(outbox).where(*unsent)),
        "oldest unsent": session.scalar(select(func.min(outbox.c.created_at)).where(*unsent)) or "-",
    }
    for reader in session.execute(select(outbox_reader).order_by(outbox_reader.c.name)):
        found[f"{reader.name} has up to"] = f"{reader.position} (seen {reader.seen_at:%Y-%m-%d %H:%M:%S} UTC)"
    for cursor in session.execute(select(inbox_cursor).order_by(inbox_cursor.c.producer)):
        found[f"here from {cursor.producer} up to"] = cursor.position
    by_state = select(inbox.c.state, func.count()).group_by(inbox.c.state)
    counts: dict[str, int] = dict(session.execute(by_state).all())
    return found | {"pending": counts.get("pending", 0), "parked": counts.get("parked", 0)}
