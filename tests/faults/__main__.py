"""`make faults`: work the product for minutes while everything around it fails, then see which promises held."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests import servers
from tests.faults.run import WAYS, fresh_seed, run
from tests.faults.table import shown


def main() -> int:
    """1 if anything that must hold did not; the folder of such a run stays."""
    asked = _arguments()
    servers.begin_run()
    violations = 0
    try:
        for way in asked.way or list(WAYS):
            folder = Path(tempfile.mkdtemp(prefix=f"werktor-faults-{way}-"))
            folder.chmod(0o755)
            _say(f"{way}: {asked.seconds:.0f} s of faults, seed {asked.seed}, logs in {folder}")
            result = run(way, seed=asked.seed, seconds=asked.seconds, folder=folder, quiet_seconds=asked.quiet)
            _say(shown(result))
            violations += len(result.violations)
    finally:
        servers.end_run()
    return 1 if violations else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", default=fresh_seed(), help="of an earlier run, to repeat its schedule")
    parser.add_argument("--seconds", type=float, default=150, help="of faults, for each way (150)")
    parser.add_argument("--quiet", type=float, default=240, help="seconds to become quiet afterwards at most (240)")
    parser.add_argument("--way", action="append", choices=list(WAYS), help="only this one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
