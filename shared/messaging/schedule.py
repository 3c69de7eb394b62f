"""Jobs that come round: each service names its own, pruning is everybody's."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from shared.clock import now
from shared.database import is_sqlite, sessions_for
from shared.messaging import relay, retries
from shared.messaging.outage import is_outage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """`run(session=session, now=now)` every so many seconds, each time in a transaction of its own.

    If it returns True there is more to do and it runs again at once; so a job works in batches. It is never run by two
    processes at a time, but may be interrupted and run again.
    """

    name: str
    seconds: float
    run: Callable[..., Any]


def pruning(service: str) -> list[Job]:
    """Hourly: forget messages that everybody has had for long."""
    return [
        Job("prune outbox", 3600, partial(_prune_outbox, service=service)),
        Job("prune inbox", 3600, retries.prune),
    ]


def run_jobs(engine: Engine, jobs: Sequence[Job], may_go_on: Callable[[], bool], stop: threading.Event) -> None:
    """Run what is due until told otherwise; all jobs are due at the start."""
    due = dict.fromkeys(jobs, 0.0)
    while may_go_on():
        for job in jobs:
            if due[job] <= time.monotonic() and may_go_on():
                again = run_once(engine, job)
                due[job] = 0.0 if again else time.monotonic() + job.seconds
        stop.wait(max(0.0, min([*due.values(), time.monotonic() + 1]) - time.monotonic()))


def run_once(engine: Engine, job: Job) -> bool:
    """One run in one transaction; whether there is more to do. A failure is logged and waits for the next time."""
    try:
        with sessions_for(engine).begin() as session:
            return job.run(session=session, now=_moment(session)) is True
    except Exception as error:  # one job's fault must not stop the others
        if is_outage(error, engine):
            log.warning("%s has to wait for the database", job.name)
        else:
            log.exception("%s failed", job.name)
        return False


def _moment(session: Session) -> datetime:
    """Of the database where it has a clock: one machine whose own runs ahead must not end what others still hold."""
    if is_sqlite(session.connection()):
        return now()
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def _prune_outbox(*, session: Any, now: Any, service: str) -> bool:
    return relay.prune(session, service, now=now)
