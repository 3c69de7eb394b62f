"""`make bench`: our speed as ratios against yardsticks taken in the same run.

It starts a throw-away PostgreSQL (fsync and synchronous commit on), RabbitMQ and the services' own processes, and
measures each workload in rounds that take turns with its yardstick. Absolute figures belong to one machine and one
moment: compare ratios. Goals are printed to look at; the exit code is 0 whatever the ratio.
"""

import json
import os
import signal
import sys
from pathlib import Path

import click

from tests import servers
from tests.bench import profiling
from tests.bench.rig import open_rig
from tests.bench.table import document, table
from tests.bench.timing import ROUNDS, Measured, measure
from tests.bench.workloads import WORKLOADS


@click.command(help="Measure all workloads, or those that are named.")
@click.argument("names", nargs=-1, type=click.Choice(list(WORKLOADS)))
@click.option("--seconds", envvar="BENCH_SECONDS", default=3.0, type=click.FloatRange(min=0.1, max=60))
@click.option("--rounds", envvar="BENCH_ROUNDS", default=ROUNDS, type=click.IntRange(min=1, max=100))
@click.option("--out", envvar="BENCH_OUT", default="var/bench.json", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--profile", is_flag=True, help="Show where the time of our side goes; nothing is compared.")
def main(names: tuple[str, ...], seconds: float, rounds: int, out: Path, *, profile: bool) -> None:
    """Begin, measure, tell, end what was begun."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was begun is ended then too
    servers.begin_run()
    try:
        if profile:
            click.echo("\n".join(_profiled(name, seconds, out.parent / "profile" / name) for name in names))
            return
        results = []
        for name in names or WORKLOADS:
            results += _measured(name, seconds, rounds)
            _keep(results, out, seconds)
    except servers.ServerMissing as missing:
        raise click.ClickException(str(missing)) from None
    finally:
        servers.end_run()
    click.echo(table(results))
    click.echo(f"Every round: {out}", err=True)


def _keep(results: list[Measured], out: Path, seconds: float) -> None:
    """After each workload: what was measured is not lost when a later one fails."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document(results, seconds=seconds), indent=2) + os.linesep, encoding="utf-8")


def _measured(name: str, seconds: float, rounds: int) -> list[Measured]:
    click.echo(f"{name} …", err=True)
    with open_rig() as rig:
        return [measure(pair, seconds=seconds, rounds=rounds) for pair in WORKLOADS[name](rig)]


def _profiled(name: str, seconds: float, folder: Path) -> str:
    with profiling.into(folder), open_rig() as rig:
        profiling.watch(WORKLOADS[name](rig), seconds=seconds, folder=folder)
    return profiling.report(folder)


if __name__ == "__main__":
    main()
