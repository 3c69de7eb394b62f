"""Wake the relay as soon as somebody committed a message."""

from typing import Any


def nudge(bind: Any) -> None:
    """Say that there is something to send."""
