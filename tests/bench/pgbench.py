"""`pgbench`: what PostgreSQL alone does with the statements of a workload, by as many clients."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import servers
from tests.bench.client import CONNECTIONS
from tests.bench.rig import Store

_RATE = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")


def run(store: Store, script: str, variables: Mapping[str, object], *, seconds: float, transactions: int = 0) -> float:
    """Transactions a second. Statements are prepared; `:name` in the script is sent as a parameter, as we send ours.

    pgbench counts whole seconds, at least one. Given a number of `transactions`, one client does so many instead. Any
    error ends the measurement.
    """
    timed = ("-c", str(CONNECTIONS), "-T", str(max(1, round(seconds))))
    with TemporaryDirectory(prefix="werktor-bench-") as folder:
        path = Path(folder) / "script.sql"
        path.write_text(script, encoding="utf-8")
        done = subprocess.run(
            [
                *(str(servers.postgres_program("pgbench")), "-n", "-M", "prepared"),
                *("-j", "1", *(("-c", "1", "-t", str(transactions)) if transactions else timed)),
                *(part for name, value in variables.items() for part in ("-D", f"{name}={value}")),
                *("-f", str(path), store.plain_url),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    found = _RATE.search(done.stdout)
    if done.returncode or not found:
        raise AssertionError(f"pgbench ended with {done.returncode}: {done.stderr[-1500:]}")
    return float(found[1])
