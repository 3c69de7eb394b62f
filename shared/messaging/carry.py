"""Carry messages from one service to another by hand, without a broker: for tests of whole journeys."""

from datetime import datetime

from sqlalchemy import Engine

from shared.messaging.handling import Handlers


def carry(from_engine: Engine, to_engine: Engine, handlers: Handlers, now: datetime) -> int:
    """Hand over everything the one has written and the other has not seen; the number of messages handled.

    A handler's exception comes out here, and nothing after that message is carried.
    """
    raise NotImplementedError
