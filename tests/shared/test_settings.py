"""A service starts only in an environment that is fit, and says everything that is wrong with it at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.settings import CommonSettings, SettingsFault, keep_once, read_common, reading, whole

OURS = ("WERKTOR_", "EVENTS_", "DEMO_", "VAR", "PORT")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment that says nothing but where files may lie."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("VAR", str(tmp_path / "var"))
    return monkeypatch


def test_a_laptop_needs_no_settings(tmp_path: Path) -> None:
    var = tmp_path / "var"

    settings = read_common("events")

    assert settings == CommonSettings(
        service="events",
        secret_key=(var / "secret.key").read_text(),
        var=var,
        database_url=f"sqlite:///{var}/events.db",
        broker_url="memory://",
        public_base_url="http://127.0.0.1:8000",
        identity_public_key=str(var / "identity.pub"),
        trusted_proxies=0,
        default_locale="de",
        default_zone="Europe/Berlin",
        test_addresses=True,
    )
    assert not settings.secure
    assert len(settings.secret_key) >= 43
    assert (var / "secret.key").stat().st_mode & 0o777 == 0o600


def test_all_services_share_the_secret_that_the_first_one_made(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda name: read_common(name).secret_key, ["events", "registration"] * 20))

    assert len(secrets) == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret.key"]


def test_an_installation_is_read_from_the_environment(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("EVENTS_DATABASE_URL", "postgresql://events@db/events")
    bare.setenv("WERKTOR_SECRET_KEY", "s" * 32)
    bare.setenv("WERKTOR_PUBLIC_BASE_URL", "https://events.example.org/")
    bare.setenv("WERKTOR_TRUSTED_PROXIES", "1")
    bare.setenv("WERKTOR_DEFAULT_LOCALE", "en")

    settings = read_common("events")

    assert (settings.secret_key, settings.public_base_url) == ("s" * 32, "https://events.example.org")
    assert (settings.secure, settings.test_addresses, settings.trusted_proxies) == (True, False, 1)
    assert settings.default_locale == "en"


def test_every_fault_is_reported_at_once(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("EVENTS_DATABASE_URL", "postgresql://events@db/events")
    bare.setenv("WERKTOR_PUBLIC_BASE_URL", "events.example.org/path")
    bare.setenv("WERKTOR_TRUSTED_PROXIES", "many")
    bare.setenv("WERKTOR_DEFAULT_ZONE", "Mars/Olympus")
    bare.setenv("WERKTOR_TEST_ADDRESSES", "perhaps")
    bare.setenv("DEMO_LIMIT", "0")

    @dataclass
    class DemoSettings:
        common: CommonSettings
        limit: int

    with pytest.raises(SettingsFault) as raised, reading() as env:
        DemoSettings(common=read_common("events", env), limit=whole(env, "DEMO_LIMIT", 30, least=1))

    assert set(raised.value.faults) == {
        "WERKTOR_PUBLIC_BASE_URL",
        "WERKTOR_SECRET_KEY",
        "WERKTOR_TRUSTED_PROXIES",
        "WERKTOR_DEFAULT_ZONE",
        "WERKTOR_TEST_ADDRESSES",
        "DEMO_LIMIT",
    }
    assert all(name in str(raised.value) for name in raised.value.faults)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WERKTOR_PUBLIC_BASE_URL", "ftp://x"),
        ("WERKTOR_PUBLIC_BASE_URL", "https://user@x.de"),
        ("WERKTOR_PUBLIC_BASE_URL", "https://x.de:abc"),
        ("WERKTOR_PUBLIC_BASE_URL", "https://x.de/?a"),
        ("WERKTOR_SECRET_KEY", "short"),
        ("WERKTOR_DEFAULT_LOCALE", "../../etc"),
        ("WERKTOR_TRUSTED_PROXIES", "-1"),
        ("PORT", "70000"),
    ],
)
def test_a_value_that_cannot_work_is_a_fault(bare: pytest.MonkeyPatch, name: str, value: str) -> None:
    bare.setenv(name, value)

    with pytest.raises(SettingsFault) as raised:
        read_common("events")

    assert list(raised.value.faults) == [name]


def test_what_was_kept_once_stays(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"

    assert [keep_once(path, "first"), keep_once(path, "second")] == ["first", "first"]
    assert [one.name for one in path.parent.iterdir()] == ["file"]
