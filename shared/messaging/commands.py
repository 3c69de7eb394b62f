"""`python -m services.<name> messages …`: see what waits, and decide about what was parked.

All of it works on the database alone, while the processes run and while they do not. Exit code 0: done, or all is well;
1: there is trouble, or no such message; 2: the command is wrong; 3: the database does not answer.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Select, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from shared.clock import now
from shared.contracts.envelope import SERVICES
from shared.messaging import relay, replay
from shared.messaging.status import lines, span, status_of
from shared.messaging.tables import inbox

log = logging.getLogger(__name__)

UNREACHABLE = 3
STATES = ("parked", "pending", "done")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_KIND = click.option("--type", "kind", default="", help="Only this type, as registration.registration_confirmed.v1.")
Context = tuple[str, sessionmaker[Session]]


def messages(service: str, sessions: sessionmaker[Session]) -> click.Group:
    """The command group for one service."""
    group = click.Group("messages", help="Messages from and to other services: what waits, what was parked.")
    for each in (_status, _list, _show, _replay, _drop, _replay_since, _new_epoch):
        group.add_command(each)
    group.context_settings = {"obj": (service, sessions)}
    return group


class _Start(click.ParamType[int | datetime]):
    """A number, or a moment."""

    name = "number or time"

    def convert(self, value: Any, _parameter: Any, _context: Any) -> int | datetime:
        """UTC unless it says otherwise."""
        if isinstance(value, int | datetime):
            return value
        if str(value).isdigit() and int(value) > 0:
            return int(value)
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("Say a number from 1 on, or a time like 2026-12-03 or 2026-12-03T14:00+01:00.")
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("status")
@_JSON
@click.pass_obj
def _status(obj: Context, as_json: bool) -> None:
    """How far everybody is. Exit code 1 if something needs you."""
    with _session(obj) as session:
        status = status_of(session, obj[0], now=now())
    click.echo(_json(status.document()) if as_json else "\n".join(lines(status)))
    sys.exit(1 if status.trouble else 0)


@click.command("list")
@click.option("--state", type=click.Choice(STATES), default="parked", show_default=True)
@_KIND
@click.option("--about", default="", help="Only those about this, as registration:<id>.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_JSON
@click.pass_obj
def _list(obj: Context, state: str, kind: str, about: str, limit: int, as_json: bool) -> None:
    """Messages that came in: by default those that nobody tries any more, the oldest first."""
    which = [inbox.c.state == state]
    which += [inbox.c.type == kind] if kind else []
    which += [inbox.c.aggregate == about] if about else []
    with _session(obj) as session:
        rows = session.execute(_rows().where(*which).order_by(inbox.c.received_at, inbox.c.seq).limit(limit)).all()
    if as_json:
        click.echo(_json([row._asdict() for row in rows]))
    elif not rows:
        click.echo(f"Nothing is {state}.")
    for row in [] if as_json else rows:
        click.echo("\n".join(_told(row)))


@click.command("show")
@click.argument("message_id", type=click.UUID)
@click.pass_obj
def _show(obj: Context, message_id: UUID) -> None:
    """One message with all it says, as JSON (personal data included)."""
    with _session(obj) as session:
        row = session.execute(select(inbox).where(inbox.c.message_id == message_id)).first()
    if row is None:
        raise click.ClickException("There is no such message here.")
    click.echo(_json(row._asdict()))


@click.command("replay")
@click.argument("message_ids", type=click.UUID, nargs=-1)
@click.option("--all-parked", is_flag=True, help="Every parked message.")
@_KIND
@click.pass_obj
def _replay(obj: Context, message_ids: tuple[UUID, ...], all_parked: bool, kind: str) -> None:
    """Try messages again, from the first attempt on: after the reason for their failure is gone."""
    if bool(message_ids) == all_parked or (kind and message_ids):
        raise click.UsageError("Name messages, or say --all-parked (perhaps with --type).")
    which = [inbox.c.state == "parked"] if all_parked else [inbox.c.message_id.in_(message_ids)]
    which += [inbox.c.type == kind] if kind else []
    with _session(obj) as session:
        unknown = _unknown(session, message_ids)
        count = 0 if unknown else replay.replay(session, *which, at=now())
    if unknown:
        raise click.ClickException(f"There is no such message here: {', '.join(map(str, unknown))}. Nothing was done.")
    log.warning("%s: %d messages are tried again by hand", obj[0], count)
    click.echo(f"{count} messages will be tried again")


@click.command("drop")
@click.argument("message_id", type=click.UUID)
@click.option("--reason", prompt="Why does nobody need it", help="Why nobody needs it; is logged and kept with it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def _drop(obj: Context, message_id: UUID, reason: str, yes: bool) -> None:
    """Give a message up, so that later ones about the same go on. `replay` takes it back for two weeks."""
    if not reason.strip():
        raise click.UsageError("A reason is needed: somebody will ask.")
    waits = (inbox.c.message_id == message_id, inbox.c.state != "done")
    with _session(obj) as session:
        row = session.execute(_rows().where(*waits)).first()
    if row is None:
        raise click.ClickException("No such message waits here.")
    click.echo("\n".join(_told(row)))
    if not yes:
        click.confirm("Its effect will be missing. Drop it?", abort=True)
    with _session(obj) as session:
        dropped: Any = session.execute(update(inbox).where(*waits).values(state="done", error=f"Dropped: {reason}"))
    if not dropped.rowcount:
        raise click.ClickException("It was done meanwhile.")
    log.warning("%s: message %s (%s) was dropped by hand: %s", obj[0], message_id, row.type, reason)
    click.echo("dropped")


@click.command("replay-since")
@click.argument("start", type=_Start())
@click.option("--from", "producer", type=click.Choice(SERVICES), help="Whose messages; needed with a number.")
@_KIND
@click.option("--fetch", is_flag=True, help="Have the producer send them again: also what nobody here kept.")
@click.pass_obj
def _replay_since(obj: Context, start: int | datetime, producer: str | None, kind: str, fetch: bool) -> None:
    """Handle again what came here since START: a number of one producer, or a time (UTC unless it says otherwise).

    Only this service does so. It may be repeated: what has had its effect has it once. What came within the last two
    weeks is kept here; --fetch asks the producer, who keeps a week at least.
    """
    if producer == obj[0]:
        raise click.UsageError("A service does not read its own messages.")
    if not producer and (isinstance(start, int) or fetch):
        raise click.UsageError("Say --from: numbers and outboxes belong to one producer.")
    if fetch and kind:
        raise click.UsageError("--fetch cannot choose by --type.")
    with _session(obj) as session:
        if fetch and producer:
            said = (
                f"{producer} will send again from number {replay.fetch(session, start, producer=producer, at=now())} on"
            )
        else:
            count = replay.replay(session, *replay.since(start, producer=producer or "", kind=kind), at=now())
            said = f"{count} messages will be handled again"
    log.warning("%s: %s, by hand", obj[0], said)
    click.echo(said)


@click.command("new-epoch")
@click.confirmation_option(prompt="All readers will be sent everything that is still in the outbox. Go on?")
@click.pass_obj
def _new_epoch(obj: Context) -> None:
    """After restoring this service's database from a backup: count anew, so that no number is given twice."""
    with _session(obj) as session:
        stream = relay.stream_of(session, obj[0], lock=True)
        fresh = relay.begin_epoch(session, obj[0], now=now(), later_than=stream.epoch if stream else "")
    log.warning("%s: epoch %s was begun by hand", obj[0], fresh.epoch)
    click.echo(f"epoch {fresh.epoch}")


@contextmanager
def _session(obj: Context) -> Iterator[Session]:
    """One transaction; a database that does not answer is said in one line."""
    try:
        with obj[1].begin() as session:
            yield session
    except SQLAlchemyError as error:
        first, *_ = str(getattr(error, "orig", None) or error).splitlines() or [""]
        click.echo(f"Error: The database of {obj[0]} does not answer as it should: {first}", err=True)
        sys.exit(UNREACHABLE)


def _rows() -> Select[Any]:
    facts = ("producer", "epoch", "seq", "message_id", "type", "aggregate", "state", "attempts", "next_at", "error")
    return select(*(inbox.c[name] for name in facts), inbox.c.received_at)


def _told(row: Any) -> Iterator[str]:
    age = span((now() - row.received_at).total_seconds())
    yield f"{row.message_id}  {row.type}"
    yield f"    about {row.aggregate}, number {row.seq} of {row.producer}, came {age} ago, {row.attempts} attempts"
    if row.error:
        yield f"    {row.error}"


def _unknown(session: Session, message_ids: tuple[UUID, ...]) -> list[UUID]:
    known = set(session.scalars(select(inbox.c.message_id).where(inbox.c.message_id.in_(message_ids))))
    return [each for each in message_ids if each not in known]


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, indent=2)
