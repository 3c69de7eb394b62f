"""What is measured, by the names that `python -m tests.bench NAME …` takes."""

from collections.abc import Callable

from tests.bench.catalogue import catalogue, unchanged
from tests.bench.check_ins import check_ins
from tests.bench.latency import latency
from tests.bench.mails import mails
from tests.bench.memory import memory
from tests.bench.million import million
from tests.bench.queue import queue
from tests.bench.rig import Rig
from tests.bench.sending import sending
from tests.bench.sign_ups import hot, spread
from tests.bench.timing import Pair

Workload = Callable[[Rig], list[Pair]]
WORKLOADS: dict[str, Workload] = {
    "sign-ups": spread,
    "hot-event": hot,
    "check-ins": check_ins,
    "catalogue": catalogue,
    "unchanged": unchanged,
    "queue": queue,
    "mails": mails,
    "sending": sending,
    "latency": latency,
    "million": million,
    "memory": memory,
}
