"""Which worker runs what."""

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = """
import os, pathlib, pytest

@pytest.fixture(scope="session", params=["embedded", "servers"])
def product(request):
    return request.param

@pytest.mark.parametrize("number", range(6))
def test_way(product, number):
    with pathlib.Path(os.environ["SEEN"]).open("a") as seen:
        seen.write(f"{product} {os.environ['PYTEST_XDIST_WORKER']}\\n")
"""


def test_what_needs_a_product_goes_to_one_worker_and_what_needs_the_other_one_to_another(tmp_path: Path) -> None:
    (tmp_path / "tests" / "end_to_end").mkdir(parents=True)
    (tmp_path / "tests" / "end_to_end" / "test_ways.py").write_text(SAMPLE)
    (tmp_path / "pytest.ini").touch()
    options = ["-p", "xdist.plugin", "-p", "tests.groups", "-n", "2", "--dist", "loadgroup"]
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # what other plugins import takes seconds
    environment = os.environ | alone | {"PYTHONPATH": str(ROOT), "SEEN": str(tmp_path / "seen")}

    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=tmp_path, env=environment, check=True, timeout=100)

    workers = defaultdict(list)
    for line in (tmp_path / "seen").read_text().splitlines():
        product, worker = line.split()
        workers[product].append(worker)
    assert sorted(map(len, workers.values())) == [6, 6]
    assert sorted({*workers["embedded"]} | {*workers["servers"]}) == ["gw0", "gw1"]
    assert len({*workers["embedded"]}) == len({*workers["servers"]}) == 1
