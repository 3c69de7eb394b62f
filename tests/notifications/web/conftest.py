"""The service's pages with a few mails behind them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OKPKey

from services.notifications.app import create_app, create_courier, create_postmen, desk, migrate
from services.notifications.settings import NotificationsSettings
from shared.clock import now
from shared.database import connect
from shared.http.identity import issue_access, issue_api_token
from shared.http.keys import signing_key
from shared.policy import Actor, Role
from shared.settings import CommonSettings
from tests.notifications.builders import ORGANISATION
from tests.notifications.office import Office


@dataclass
class House:
    """One installation of the service."""

    app: Flask
    office: Office
    settings: NotificationsSettings
    identity_key: str

    def deliver(self) -> None:
        """Everything that is due goes out."""
        for postman in create_postmen(self.settings, self.office.engine, threading.Event()):
            while postman.deliver_next():
                pass

    def call_others(self) -> None:
        """Every webhook that is due is called."""
        courier = create_courier(self.settings, self.office.engine, threading.Event())
        while courier.deliver_next():
            pass

    def client(
        self, role: Role | None = None, *, organisation: object = ORGANISATION, is_admin: bool = False
    ) -> FlaskClient:
        """A browser, signed in if a role is given."""
        client = self.app.test_client()
        if role or is_admin:
            actor = Actor(
                id=uuid4(),
                kind="account",
                name="Ann",
                is_admin=is_admin,
                organisations={organisation: role} if role else {},  # type: ignore[dict-item]
            )
            key = signing_key(self.identity_key, self.settings.common.identity_public_key)
            client.set_cookie("at", issue_access(actor, key=key, now=now()), domain="localhost")
        return client

    def token(self, role: Role, *, organisation: object = ORGANISATION) -> dict[str, str]:
        """The header of a program."""
        key = signing_key(self.identity_key, self.settings.common.identity_public_key)
        return token_of(key, role, organisation)


def token_of(key: OKPKey, role: Role, organisation: object = ORGANISATION) -> dict[str, str]:
    """The header of a program."""
    at = now()
    token = issue_api_token(
        key=key,
        jti=uuid4(),
        organisation_id=organisation,  # type: ignore[arg-type]
        role=role,
        now=at,
        expires_at=at + timedelta(days=300),
    )
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """A house with settings of one's own."""
    built: list[House] = []

    def make(**facts: object) -> House:
        common = CommonSettings(
            service="notifications",
            secret_key="x" * 40,
            var=tmp_path,
            database_url=f"sqlite:///{tmp_path}/notifications.db",
            public_base_url=str(facts.pop("public_base_url", "http://127.0.0.1")),
            identity_public_key=str(tmp_path / "identity.pub"),
        )
        settings = NotificationsSettings(common=common, **facts)  # type: ignore[arg-type]
        signing_key(str(tmp_path / "identity.key"), common.identity_public_key)
        migrate(settings)
        engine = connect(common.database_url)
        office = Office(engine, desk(settings), now=now())
        built.append(House(create_app(settings, engine), office, settings, str(tmp_path / "identity.key")))
        return built[-1]

    yield make
    for each in built:
        each.office.engine.dispose()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """A local run: no mail server."""
    return build()
