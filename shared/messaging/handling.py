"""What a service's inbox.py offers: one function per message type that it cares about."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.message import Message

Handler = Callable[..., Any]
"""Called as `handler(message, session=session, now=now)` in the transaction that also marks the message as done.

It never commits. Any exception, rejections included, rolls back and is tried again later; after the limit the message
is parked. Messages of one aggregate come in order; late old news after a replay is possible, so compare versions.
`session.info["message_id"]` is the message's own id, the same whenever it comes again.
It must be done within 20 seconds, or the broker gives the message to somebody else.
"""

Handlers = Mapping[type[Message], Handler]
