"""The keys that seal answers are read from the environment and changed over by a command."""

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from services.registration.__main__ import commands
from services.registration.app import MIGRATIONS, terms_of
from services.registration.domain.answers import settle
from services.registration.settings import RegistrationSettings, read_settings
from services.registration.storage.form_tables import AnswerRow
from shared.database import connect, sessions_for
from shared.migrations import upgrade
from shared.settings import SettingsFault
from tests.registration.builders import a_registration, a_wish, an_event
from tests.registration.form_builders import a_question, asks

OLD, NEW = (f"{name}:{base64.b64encode(key * 32).decode()}" for name, key in (("2026b", b"o"), ("2027a", b"n")))


def settings(folder: Path, patch: pytest.MonkeyPatch, keys: str) -> RegistrationSettings:
    """As a process reads them."""
    patch.setenv("VAR", str(folder))
    patch.setenv("REGISTRATION_ANSWER_KEYS", keys)
    return read_settings()


def test_the_newest_key_writes_and_all_of_them_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = terms_of(settings(tmp_path, monkeypatch, f"{NEW},{OLD}")).ring

    assert ring.current == "2027a"
    assert ring.keys["2026b"] == b"o" * 32
    assert len(ring.keys) == 3  # and the one that follows from the installation's secret


@pytest.mark.parametrize("keys", ["short:YWJj", "no-colon", "2027a:not base64!", ":" + "A" * 44])
def test_a_key_that_is_none_is_named_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    with pytest.raises(SettingsFault, match="REGISTRATION_ANSWER_KEYS"):
        settings(tmp_path, monkeypatch, keys)


def test_a_command_seals_everything_with_the_newest_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings(tmp_path, monkeypatch, "")
    engine = connect(before.common.database_url)
    upgrade(engine, MIGRATIONS)
    diet = a_question(sensitive=True)
    with sessions_for(engine).begin() as session:
        event = an_event(session)
        sheet = settle(asks(session, event, diet), {diet.id: "halal"}, {diet.id})
        a_registration(session, event, a_wish(sheet=sheet), terms=terms_of(before))

    said = CliRunner().invoke(commands(settings(tmp_path, monkeypatch, NEW)), ["seal-anew"])

    assert "1 answers and files are encrypted anew." in said.output
    with sessions_for(engine).begin() as session:
        assert session.scalars(select(AnswerRow.key_id)).all() == ["2027a"]
    engine.dispose()
