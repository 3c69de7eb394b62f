"""python -m services.events … beside a running installation."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import NullPool, create_engine, text

from services.events.__main__ import main
from services.events.app import create_app
from services.events.settings import read_settings
from tests.events.use_cases.test_import import REAL


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one."""
    monkeypatch.setenv("VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PORT", "8000")
    run("create-organisation", "Brücke e. V.", "--slug", "bruecke", "--email", "post@bruecke.example.org")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.usefixtures("installation")
def test_create_token_prints_just_a_token_that_works() -> None:
    result = run("create-token", "--organisation", "bruecke", "--role", "organiser")

    (token,) = result.stdout.splitlines()
    client = create_app(read_settings()).test_client()
    answer = client.get(
        "/events/api/v1/organisations",
        headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1:8000"},
    )
    assert [each["slug"] for each in answer.json["items"]] == ["bruecke"]


@pytest.mark.usefixtures("installation")
def test_an_unknown_organisation_is_said_in_a_sentence() -> None:
    result = run("create-token", "--organisation", "nirgends", "--role", "organiser")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "There is nothing here" in result.stderr


@pytest.mark.usefixtures("installation")
def test_a_member_gets_a_link_that_opens_the_house() -> None:
    run("add-member", "mina@bruecke.example.org", "--organisation", "bruecke", "--role", "admin", "--name", "Mina Öz")

    link = run("sign-in-link", "--email", "mina@bruecke.example.org").stdout.strip()

    assert link.startswith("http://127.0.0.1:8000/events/account/link/")
    page = create_app(read_settings()).test_client().get(link)
    assert "Mina Öz" in page.text


def test_a_command_leaves_no_connection_open(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR", str(tmp_path / "var"))
    monkeypatch.setenv("EVENTS_DATABASE_URL", postgres_url)
    monkeypatch.setenv("WERKTOR_SECRET_KEY", "only-for-this-test-0123456789abcdef")

    run("create-organisation", "Brücke e. V.", "--slug", "bruecke", "--email", "post@bruecke.example.org")

    with create_engine(postgres_url, poolclass=NullPool).connect() as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert connection.scalar(text(others)) == 0
        assert connection.scalar(text("SELECT slug FROM organisation")) == "bruecke"


@pytest.mark.usefixtures("installation")
def test_a_dry_run_of_an_import_changes_nothing() -> None:
    dry = run("import", str(REAL), "--dry-run")
    wet = run("import", str(REAL))
    again = run("import", str(REAL), "--organisation", "bruecke")

    assert dry.stdout == wet.stdout
    assert wet.stdout.endswith("12 created, 0 known already, 0 wrong\n")
    assert again.stdout.endswith("0 created, 12 known already, 0 wrong\n")


def test_wrong_settings_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAR", str(tmp_path))
    monkeypatch.setenv("WERKTOR_DEFAULT_ZONE", "Nirgends")
    monkeypatch.setenv("WERKTOR_PUBLIC_BASE_URL", "nirgends")

    result = run("migrate")

    assert result.exit_code == 1
    assert "WERKTOR_DEFAULT_ZONE" in result.stderr
    assert "WERKTOR_PUBLIC_BASE_URL" in result.stderr
