"""What organisers do with their events while everything burns."""

import random
import threading
from typing import Any
from uuid import uuid4

from tests.faults.door import Door
from tests.faults.record import Plan, Record

PLACE = {"name": "Werk", "city": "Berlin"}
_locks: dict[str, threading.Lock] = {}


class Organiser:
    """One client with an organiser's token. Two of them never change one event at the same time."""

    def __init__(self, door: Door, record: Record, token: str, chance: random.Random) -> None:
        self._door, self._record, self._token, self._chance = door, record, token, chance

    def new_event(self) -> bool:
        """Planned and published; sign-up begins when the registration service has heard of it."""
        starts, title = self._moment(), f"Führung {uuid4().hex[:6]}"
        wish = {
            "format": "company_tour",
            "title": {"de": title},
            "capacity": self._chance.randint(2, 6),
            "sessions": [{"starts_at": starts, "place": PLACE}],
        }
        made = self._insist("POST", "/events/api/v1/events", json=wish, key=uuid4().hex)
        if made is None or made.status_code != 201:
            return False
        event = made.json()
        plan = Plan(
            event["id"],
            event["slug"],
            event["sessions"][0]["id"],
            titles={title},
            capacities={wish["capacity"]},
            starts={starts},
            statuses={"draft"},
        )
        self._record.plans[plan.id] = plan
        self._settle(plan.statuses, "published", self._insist("POST", f"/events/api/v1/events/{plan.id}/publish"), plan)
        return True

    def change_title(self) -> bool:
        """Calendars are told without a new SEQUENCE."""
        title = f"Rundgang {uuid4().hex[:6]}"
        return self._change("titles", title, lambda _: {"title": {"de": title}})

    def raise_capacity(self) -> bool:
        """The first who wait get the new places."""
        more = self._chance.randint(1, 2)
        plan = self._open_plan()
        if plan is None or len(plan.capacities) > 1:
            return False
        value = max(plan.capacities) + more
        return self._change("capacities", value, lambda _: {"capacity": value}, plan)

    def move(self) -> bool:
        """Calendars move along."""
        starts = self._moment()
        return self._change(
            "starts",
            starts,
            lambda plan: {"sessions": [{"id": plan.session_id, "starts_at": starts, "place": PLACE}]},
        )

    def call_off(self) -> bool:
        """For good, as long as enough others are left."""
        open_plans = [each for each in self._record.plans.values() if each.is_open]
        plan = self._open_plan() if len(open_plans) > 3 else None
        if plan is None:
            return False
        with self._alone(plan) as is_alone:
            if not is_alone or not plan.is_open:
                return False
            wish = {"reason": {"de": "Die Halle brennt."}}
            found = self._insist("POST", f"/events/api/v1/events/{plan.id}/cancel", json=wish)
            self._settle(plan.statuses, "cancelled", found, plan)
        return True

    def _change(self, name: str, value: Any, wish: Any, plan: Plan | None = None) -> bool:
        plan = plan or self._open_plan()
        if plan is None:
            return False
        with self._alone(plan) as is_alone:
            if not is_alone or not plan.is_open or (name == "capacities" and value <= max(plan.capacities)):
                return False
            found = self._insist("PATCH", f"/events/api/v1/events/{plan.id}", json=wish(plan))
            values: set[Any] = getattr(plan, name)
            if found is not None and found.status_code == 200:
                values.clear()
            values.add(value)
        return True

    def _settle(self, values: set[str], value: str, found: Any, plan: Plan) -> None:
        """After a lost answer the second attempt may be refused because the first was heard: look."""
        if found is not None and found.status_code == 409:
            found = self._insist("GET", f"/events/api/v1/events/{plan.id}")
            value = found.json()["status"] if found is not None else value
        if found is None:
            values.add(value)
        elif found.status_code == 200:
            values.clear()
            values.add(value)

    def _insist(self, method: str, path: str, **options: Any) -> Any:
        return self._door.insist(lambda: self._door.ask(method, path, token=self._token, **options))

    def _open_plan(self) -> Plan | None:
        plans = [each for each in self._record.plans.values() if each.is_open]
        return self._chance.choice(plans) if plans else None

    def _moment(self) -> str:
        return f"2030-0{self._chance.randint(1, 9)}-{self._chance.randint(10, 28)}T{self._chance.randint(10, 18)}:00"

    def _alone(self, plan: Plan) -> "_Turn":
        return _Turn(_locks.setdefault(plan.id, threading.Lock()))


class _Turn:
    """Whether it is our turn; nobody waits."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._is_mine = False

    def __enter__(self) -> bool:
        self._is_mine = self._lock.acquire(blocking=False)
        return self._is_mine

    def __exit__(self, *_: object) -> None:
        if self._is_mine:
            self._lock.release()
