"""`make bench`: our speed as ratios against yardsticks taken in the same run.

It starts a throw-away PostgreSQL (tests/servers.py; fsync off, which makes the yardstick faster and our ratio
smaller) and calls the services' web applications in this process (tests/bench/door.py), so nothing here tells what
gunicorn or a network adds. Absolute figures belong to one machine and one moment: compare ratios.

BENCH_SECONDS is the length of a round (1), BENCH_OUT where the JSON goes (var/bench.json).
Goals are printed to look at; the exit code is 0 whatever the ratio.
"""

import json
import os
from pathlib import Path

import click

from tests import servers
from tests.bench.table import document, table
from tests.bench.timing import Measured, measure
from tests.bench.workloads import WORKLOADS


@click.command(help="Measure all workloads, or those that are named.")
@click.argument("names", nargs=-1, type=click.Choice(list(WORKLOADS)))
@click.option("--seconds", envvar="BENCH_SECONDS", default=1.0, type=click.FloatRange(min=0.01, max=60))
@click.option("--out", envvar="BENCH_OUT", default="var/bench.json", type=click.Path(path_type=Path, dir_okay=False))
def main(names: tuple[str, ...], seconds: float, out: Path) -> None:
    """Begin, measure, tell, end what was begun."""
    servers.begin_run()
    try:
        results = [_measured(name, seconds) for name in names or WORKLOADS]
    except servers.ServerMissing as missing:
        raise click.ClickException(str(missing)) from None
    finally:
        servers.end_run()
    click.echo(table(results))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document(results, seconds=seconds), indent=2) + os.linesep, encoding="utf-8")
    click.echo(f"Every round: {out}", err=True)


def _measured(name: str, seconds: float) -> Measured:
    click.echo(f"{name} …", err=True)
    with WORKLOADS[name](seconds) as pair:
        return measure(pair, seconds=seconds)


if __name__ == "__main__":
    main()
