"""What is measured, by the names that `python -m tests.bench NAME …` takes."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.bench.catalogue import catalogue
from tests.bench.check_ins import check_ins
from tests.bench.mails import mails
from tests.bench.sign_ups import hot, spread
from tests.bench.timing import Pair

Workload = Callable[[float], AbstractContextManager[Pair]]
WORKLOADS: dict[str, Workload] = {  # opened with the length of a round
    "sign-ups": lambda _seconds: spread(),
    "hot-event": lambda _seconds: hot(),
    "check-ins": check_ins,
    "catalogue": lambda _seconds: catalogue(),
    "mails": lambda _seconds: mails(),
}
