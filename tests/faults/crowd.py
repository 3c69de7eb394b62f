"""The people who use the product while it is under fire, each drawing what to do next from a seed of her own."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from services.registration.domain.links import Links
from tests.faults.door import Door
from tests.faults.organisers import Organiser
from tests.faults.post_office import PostOffice
from tests.faults.record import Record
from tests.faults.visitors import Visitor

WEIGHTS: dict[str, int] = {
    "sign up by organiser": 26,
    "sign up": 16,
    "sign up by form": 6,
    "confirm": 18,
    "cancel by organiser": 7,
    "cancel by link": 6,
    "check in": 10,
    "check in at two doors": 3,
    "change title": 3,
    "raise capacity": 4,
    "move": 3,
    "new event": 2,
    "call off": 1,
    "look": 14,
}


@dataclass
class Crowd:
    """`hands` clients at once, until told to stop."""

    base: str
    record: Record
    office: PostOffice
    tokens: dict[str, str]
    links: Links
    seed: str
    hands: int = 6
    pause: float = 0.1
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)

    def begin(self, events: int) -> None:
        """Some events first, then everybody at once."""
        _, organiser = self._hand(0)
        for _ in range(events):
            organiser.new_event()
        self.threads = [
            threading.Thread(target=self._work, args=(number,), name=f"client {number}", daemon=True)
            for number in range(1, self.hands + 1)
        ]
        for each in self.threads:
            each.start()

    def end(self, seconds: float) -> None:
        """Nobody begins anything new; what was begun is finished, or given up when the time is over."""
        self.stop.set()
        deadline = time.monotonic() + seconds
        for each in self.threads:
            each.join(max(0.1, deadline - time.monotonic()))
        self.over.set()
        for each in self.threads:
            each.join(60)

    def evening(self) -> None:
        """When all is over people read their mails: they confirm, some cancel, some come."""
        acts = {
            "confirm": (Visitor.confirm, 15),
            "cancel by link": (Visitor.cancel, 1),
            "check in": (Visitor.check_in, 2),
        }
        for visitor in self.visitors:
            for name, (act, times) in acts.items():
                for _ in range(times):
                    if act(visitor):
                        self.record.note(name)

    def _hand(self, number: int) -> tuple[Visitor, Organiser]:
        chance = random.Random(f"{self.seed}-{number}")
        door = Door(self.base, self.record, chance, self.over)
        mark = f"c{number}{uuid4().hex[:6]}"
        visitor = Visitor(door, self.record, self.office, self.tokens, self.links, chance, mark)
        return visitor, Organiser(door, self.record, self.tokens["organiser"], chance)

    def _work(self, number: int) -> None:
        visitor, organiser = self._hand(number)
        self.visitors.append(visitor)
        acts: dict[str, Callable[[], bool]] = {
            "sign up by organiser": visitor.be_signed_up,
            "sign up": visitor.sign_up,
            "sign up by form": visitor.sign_up_by_form,
            "confirm": visitor.confirm,
            "cancel by organiser": visitor.be_cancelled,
            "cancel by link": visitor.cancel,
            "check in": visitor.check_in,
            "check in at two doors": visitor.check_in_twice,
            "change title": organiser.change_title,
            "raise capacity": organiser.raise_capacity,
            "move": organiser.move,
            "new event": organiser.new_event,
            "call off": organiser.call_off,
            "look": visitor.look,
        }
        chance = random.Random(f"{self.seed}-{number}-acts")
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        while not self.stop.is_set():
            (name,) = chance.choices(names, weights)
            try:
                if acts[name]():
                    self.record.note(name)
            except Exception as error:  # noqa: BLE001 - a client that stumbles over an answer is a finding
                self.record.seen.append(f"a client could not go on with {name!r}: {type(error).__name__}: {error}")
            self.stop.wait(self.pause * chance.random() * 2)
