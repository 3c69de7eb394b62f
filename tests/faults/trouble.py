"""How each fault is made. One thread per fault; those that share a server wait for each other."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from sqlalchemy import insert

from shared.clock import now
from shared.contracts.events import EventPublished
from shared.messaging.tables import outbox
from tests.faults.plan import Planned
from tests.faults.record import Fault
from tests.faults.server_trouble import ServerTrouble
from tests.faults.site import Site

TWO_HOURS = 7200.0


class Trouble:
    """Carries out a plan against a site."""

    def __init__(self, site: Site, plan: list[Planned]) -> None:
        self._site, self._plan = site, plan
        self._threads: list[threading.Thread] = []
        self._turns = {name: threading.Lock() for name in ("kill", "smtp", "clock", "broker", "postgres", "disk")}
        if site.way == "embedded":  # a process that is not there notices nothing
            self._turns["clock"] = self._turns["disk"] = self._turns["kill"]
        servers = ServerTrouble(site)
        self._ways: dict[str, Callable[[Planned, random.Random], str]] = {
            "kill": self._kill,
            "smtp": self._annoy,
            "clock": self._step_clock,
            "disk": self._fill_disk,
            "broker": servers.trouble_broker,
            "postgres": servers.trouble_postgres,
            "duplicates": servers.repeat_messages,
            "disorder": servers.turn_messages_round,
        }
        self.poison = ""

    def go(self, until: float) -> None:
        """Everything at its time, on the monotonic clock that began with the run; returns when all is over."""
        began = time.monotonic()
        self.poison = _poison(self._site)
        for each in self._plan:
            _sleep_until(began + each.at)
            thread = threading.Thread(target=self._carry_out, args=(each,), name=each.kind, daemon=True)
            thread.start()
            self._threads.append(thread)
        _sleep_until(until)
        for each in self._threads:
            each.join()

    def _carry_out(self, planned: Planned) -> None:
        family = planned.kind.split()[0]
        chance = random.Random(planned.seed)
        with self._turns.get(family, threading.Lock()):
            began = time.monotonic()
            fault = Fault(family, planned.kind, began, began + 3600)  # it lasts until we know better
            self._site.record.faults.append(fault)
            try:
                fault.what = self._ways[family](planned, chance)
            except Exception as error:  # noqa: BLE001 - a fault that could not be made must be seen in the table
                self._site.record.seen.append(f"the fault {planned.kind!r} failed: {type(error).__name__}: {error}")
            fault.ended = time.monotonic()

    def _kill(self, planned: Planned, chance: random.Random) -> str:
        if self._site.way == "embedded":
            self._site.product.kill()
            self._site.product.start()
            return "kill all"
        victims = self._site.processes(planned.target)
        if victims:
            self._site.kill(chance.choice(victims).pid)
        return f"kill {planned.target.partition('.')[2]}"

    def _annoy(self, planned: Planned, _chance: random.Random) -> str:
        self._site.office.set_mood(planned.kind.removeprefix("smtp "))
        time.sleep(planned.seconds)
        self._site.office.set_mood("")
        return planned.kind

    def _step_clock(self, planned: Planned, chance: random.Random) -> str:
        seconds = chance.choice((TWO_HOURS, -TWO_HOURS))
        self._site.record.may_expire |= self._site.way == "embedded"
        with self._stepped(chance, seconds):
            time.sleep(planned.seconds)
        return "clock two hours ahead" if seconds > 0 else "clock two hours back"

    @contextmanager
    def _stepped(self, chance: random.Random, seconds: float) -> Iterator[None]:
        victims = [each for each in self._site.processes() if each.role.split(".")[-1] in _CLOCKS]
        pid = chance.choice(victims).pid if self._site.way == "servers" else None
        self._site.step_clock(pid, seconds)
        try:
            yield
        finally:
            self._site.step_clock(pid, 0)
            time.sleep(0.5)  # until it was noticed: what was lost by the step back is lost by the step

    def _fill_disk(self, planned: Planned, _chance: random.Random) -> str:
        disk = self._site.disk
        if disk is None or not disk.is_real:
            return "disk (not possible here)"
        deadline = time.monotonic() + planned.seconds
        with suppress(FileNotFoundError):
            while time.monotonic() < deadline:
                disk.fill()
                time.sleep(0.2)
        disk.empty()
        return "disk full"


_CLOCKS = ("relay", "consume", "schedule", "deliver")


def _poison(site: Site) -> str:
    """A well-formed message that nobody can ever handle, from the events service as if it had written it."""
    message_id = uuid4()
    values = {
        "message_id": message_id,
        "type": EventPublished.type_name(),
        "aggregate": f"event:{uuid4()}",
        "version": 1,
        "data": {"event": {"title": "poison"}},
        "created_at": now(),
    }
    with site.engines["events"].begin() as connection:
        connection.execute(insert(outbox).values(**values))
    return str(message_id)


def _sleep_until(moment: float) -> None:
    while (left := moment - time.monotonic()) > 0:
        time.sleep(min(left, 0.5))
