"""One run: start, work, burn, wait for quiet, check."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

import requests

from tests.faults import check_answers, check_mails, check_messages, check_places, quiet, truth
from tests.faults.crowd import Crowd
from tests.faults.plan import SHORT, Planned, planned, short
from tests.faults.record import Record
from tests.faults.site import Site, embedded, on_servers
from tests.faults.table import Result
from tests.faults.trouble import Trouble
from tests.faults.watch import Watch

Way = Callable[[Path, Record], AbstractContextManager[Site]]
WAYS: dict[str, Way] = {"embedded": embedded, "servers": on_servers}
TO_FINISH = 60.0  # seconds for clients to get their last answers


def run(way: str, *, seed: str, seconds: float, folder: Path, quiet_seconds: float = 180.0) -> Result:
    """All of it; `seconds` is how long there are faults."""
    plan = planned(way, seed, seconds)
    return _run(WAYS[way], plan, Result(way, seed, seconds, Record()), folder, quiet_seconds=quiet_seconds)


def run_short_on_servers(*, seed: str, folder: Path, quiet_seconds: float = 180.0) -> Result:
    """Fewer faults, closer together, and one process of each role: what two processors start in half a minute."""
    result = Result("servers", seed, SHORT[-1][0] + 2, Record())
    return _run(partial(on_servers, copies=1), short(seed), result, folder, quiet_seconds=quiet_seconds, hands=3)


def _run(
    way: Way, plan: list[Planned], result: Result, folder: Path, *, quiet_seconds: float, hands: int = 6
) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    with _timed(result, "all"), ExitStack() as stack:
        with _timed(result, "start"):
            site = stack.enter_context(way(folder, result.record))
        poison, left = _burn(site, plan, result, quiet_seconds=quiet_seconds, hands=hands)
        with _timed(result, "checks"):
            _judge(site, poison, left, result)
    return result


def _burn(
    site: Site, plan: list[Planned], result: Result, *, quiet_seconds: float, hands: int
) -> tuple[str, list[str]]:
    crowd = Crowd(site.product.base, site.record, site.office, site.tokens, site.links, result.seed, hands=hands)
    trouble = Trouble(site, plan)
    with Watch(site.engines["registration"], site.record):
        with _timed(result, "faults"):
            crowd.begin(events=4)
            trouble.go(time.monotonic() + result.seconds)
        with _timed(result, "last answers"):
            crowd.end(TO_FINISH)
        with _timed(result, "quiet"):
            left = quiet.settle(site, trouble.poison, quiet_seconds)
        with _timed(result, "evening"):
            quiet.set_clocks_right(site)
            crowd.evening()
            return trouble.poison, left or quiet.settle(site, trouble.poison, quiet_seconds)


@contextmanager
def _timed(result: Result, phase: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    result.took[phase] = time.monotonic() - began


def _judge(site: Site, poison: str, left: list[str], result: Result) -> None:
    record, found = result.record, truth.read(site.engines, site.product.base)
    states = sum(len(each) for each in (found.quotas, found.registrations))
    copies = check_messages.copies(found, _catalogue(site, found))
    promised = len(record.people) + len(record.scans) + len(record.plans)
    given = sum(each.given for each in found.posts.values())
    result.checks = {
        "0 all of it became quiet, and clients and faults could go on": ("", left + _without_places(record.seen)),
        "1 no quota above capacity, nobody overtaken, no free place while one waits": (
            f"{record.samples} samples, {states} rows",
            check_places.places(found, record) + _places(record.seen),
        ),
        "2 what clients were told is what the database says": (
            f"{promised} promises",
            check_answers.promises(found, record),
        ),
        "3 one ticket, one invitation in its final state; copies only if lost": (
            f"{len(record.deliveries)} mails taken",
            check_mails.mails(found, record),
        ),
        "4 copies of events and the catalogue's free places are true": (f"{len(found.events)} events", copies),
        "5 nothing parked but the poison, nothing unsent, nothing unhandled": (
            f"{given} messages",
            check_messages.messages(found, poison),
        ),
        "6 nobody was answered with a bare failure": (
            f"{len(record.answers)} answers",
            check_answers.answers(record, may_be_down=site.way == "embedded"),
        ),
    }


def _places(seen: list[str]) -> list[str]:
    return sorted({each for each in seen if "quota " in each})


def _without_places(seen: list[str]) -> list[str]:
    return sorted({each for each in seen if "quota " not in each})


def _catalogue(site: Site, found: truth.Truth) -> dict[str, tuple[int, int, int]]:
    shown = {}
    for event_id, event in found.events.items():
        if event["status"] != "draft":
            path = f"{site.product.base}/events/api/v1/events/{event_id}/availability"
            places = requests.get(path, timeout=20).json()
            shown[event_id] = (places.get("capacity"), places.get("free"), places.get("waiting"))
    return shown


def fresh_seed() -> str:
    """For a run that nobody gave one."""
    return os.urandom(4).hex()
