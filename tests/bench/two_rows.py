"""`python -m tests.bench.two_rows`: a reader of the events service's queue whose handler writes two rows a message."""

import os
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, MetaData, String, Table, insert
from sqlalchemy.orm import Session

from shared.contracts.message import Message
from shared.contracts.registration import AvailabilityChanged, RegistrationConfirmed
from shared.database import connect
from shared.messaging.workers import Workers
from shared.telemetry import configure

SERVICE = "events"
metadata = MetaData()
ROW = Table(
    "bench_row",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("what", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


def write_two(message: Message, *, session: Session, now: datetime) -> None:
    """As a handler does: one statement, then another."""
    for _ in range(2):
        session.execute(insert(ROW), {"what": message.type_name(), "at": now})


def main() -> None:
    """Consume until told to stop."""
    configure(SERVICE)
    handlers = {RegistrationConfirmed: write_two, AvailabilityChanged: write_two}
    engine, broker = connect(os.environ["EVENTS_DATABASE_URL"]), os.environ["WERKTOR_BROKER_URL"]
    Workers(service=SERVICE, engine=engine, broker_url=broker, handlers=handlers).run("consume")


if __name__ == "__main__":
    main()
