"""What nginx says while the services are away: a page in the reader's language, a problem document to programs."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from deploy.launcher import _front_door
from tests.end_to_end.product import eventually, free_ports

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx as the launcher starts it, and nobody behind it."""
    folder = tmp_path_factory.mktemp("away")
    folder.chmod(0o755)
    with free_ports(4) as port:
        (role,) = _front_door({"VAR": str(folder), "PORT": str(port)})
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(role.command, env=os.environ, stdout=log, stderr=log)
    eventually(lambda: _answers(f"http://127.0.0.1:{port}"), what="nginx answers")
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.mark.parametrize(
    ("asked", "cookie", "language", "direction"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "", "de", "ltr"),
        ("en", "", "en", "ltr"),
        ("ar;q=0.9, en;q=0.1", "", "ar", "rtl"),
        ("fr", "", "de", "ltr"),
        ("de", "x=1; lang=ar", "ar", "rtl"),
        ("de", "__Host-lang=en", "en", "ltr"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_reader_gets_a_page_in_her_language(
    base: str, method: str, asked: str, cookie: str, language: str, direction: str
) -> None:
    headers = {"Accept-Language": asked, "Cookie": cookie}

    answer = requests.request(method, f"{base}/registration/a-tour/sign-up", headers=headers, timeout=10)

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert answer.headers["Retry-After"].isdigit()
    assert f'<html lang="{language}" dir="{direction}">' in answer.text


@pytest.mark.parametrize("service", ["events", "registration", "notifications"])
def test_a_program_gets_a_problem_document(base: str, service: str) -> None:
    answer = requests.post(f"{base}/{service}/api/v1/anything", headers={"Accept-Language": "en"}, timeout=10)

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.headers["Retry-After"].isdigit()
    assert answer.json().keys() == {"type", "title", "status", "detail"}
    assert "Nothing was lost" in answer.json()["detail"]


def _answers(base: str) -> bool:
    try:
        return requests.get(base, allow_redirects=False, timeout=2).status_code == 303
    except requests.RequestException:
        return False
