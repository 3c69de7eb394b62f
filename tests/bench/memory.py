"""Resident memory (VmRSS, the mean of both workers) of a web worker that has served for a turn.

Ours serves what it does most: sign-ups, and the catalogue of fifty events. The yardstick has imported the same
modules, and has answered for as long.
"""

import re
from pathlib import Path
from statistics import mean

from tests.bench.catalogue import LANGUAGE, open_catalogue, reading
from tests.bench.client import get
from tests.bench.rig import Rig, Web
from tests.bench.sign_ups import SignUps
from tests.bench.timing import Pair, Turn

_RSS = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)


def memory(rig: Rig) -> list[Pair]:
    """The two services that people meet."""
    house, shop = rig.once(SignUps), rig.once(open_catalogue)
    return [
        _pair("registration", house.web, house.rate, rig),
        _pair("events", shop, reading(shop, get("/events/", shop.port, LANGUAGE), wanted=200), rig),
    ]


def resident(web: Web) -> float:
    """In MiB."""
    return mean(int(_RSS.findall(Path(f"/proc/{each}/status").read_text())[0]) for each in web.workers()) / 1024


def _pair(service: str, web: Web, load: Turn, rig: Rig) -> Pair:
    bare = rig.web("tests.bench.same_imports:app", {"BENCH_SERVICE": service}, ready="/page")
    return Pair(
        name=f"resident memory of a web worker, {service}",
        against="bare Flask with the same imports",
        goal=1.3,
        unit="MiB",
        at_most=True,
        ours=_after(web, load),
        yardstick=_after(bare, reading(bare, get("/page", bare.port), wanted=200)),
    )


def _after(web: Web, load: Turn) -> Turn:
    def turn(seconds: float) -> float:
        load(seconds)
        return resident(web)

    return turn
