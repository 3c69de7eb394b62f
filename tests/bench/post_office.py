"""The sink as the bench's own post office: start it, and read what it accepted when."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.rig import Rig
from tests.end_to_end.product import free_ports

ROUND_TRIP = 0.020


@dataclass
class PostOffice:
    """A mail server with a round trip of 20 ms."""

    port: int
    path: Path
    _read: int = 0
    _rest: str = ""

    @property
    def url(self) -> str:
        """Where the notifications service hands its mails in."""
        return f"smtp://127.0.0.1:{self.port}"

    def news(self) -> list[tuple[float, str]]:
        """When (monotonic clock) which recipient's mail was accepted, since the last look."""
        with self.path.open(encoding="ascii") as file:
            file.seek(self._read)
            text = file.read()
        self._read += len(text)
        *lines, self._rest = (self._rest + text).split("\n")
        return [(float(when), recipient) for when, _, recipient in (each.partition(" ") for each in lines)]


def open_post_office(rig: Rig) -> PostOffice:
    """Wait until it listens."""
    port = rig.stack.enter_context(free_ports(1))
    path = rig.folder / f"mails-{port}"
    path.touch()
    rig.start(["tests.bench.sink", str(port), str(ROUND_TRIP), str(path)])
    rig.wait_for_port(port)
    return PostOffice(port=port, path=path)


def until(look: Callable[[], bool], *, seconds: float) -> bool:
    """Look again and again; whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True
