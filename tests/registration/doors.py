"""The application as its visitors meet it, over its own database."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from services.registration.app import create_app
from services.registration.settings import RegistrationSettings
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.database import sessions_for
from shared.http.identity import issue_access, issue_api_token
from shared.http.keys import signing_key
from shared.policy import Actor, Role
from shared.settings import CommonSettings
from tests.registration.builders import ORGANISATION, a_session, a_snapshot, an_event

BASE = "http://127.0.0.1:8000"


@dataclass
class House:
    """An application, its database, and what opens its doors."""

    app: Flask
    engine: Engine
    identity_key: Any

    @property
    def sessions(self) -> sessionmaker[Session]:
        """For arranging and looking."""
        return sessions_for(self.engine)

    def visitor(self, language: str = "en") -> FlaskClient:
        """A browser of its own."""
        client = self.app.test_client()
        client.environ_base.update({"HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT_LANGUAGE": language})
        return client

    def organiser(self, organisation: UUID = ORGANISATION, role: Role = Role.ORGANISER) -> FlaskClient:
        """A browser that is signed in."""
        client = self.visitor()
        actor = Actor(id=uuid4(), kind="account", name="Mina Öz", organisations={organisation: role})
        token = issue_access(actor, key=self.identity_key, now=clock.now())
        client.set_cookie("at", token)
        return client

    def token(self, organisation: UUID = ORGANISATION, role: Role = Role.ORGANISER) -> dict[str, str]:
        """Headers of a program."""
        token = issue_api_token(
            key=self.identity_key,
            jti=uuid4(),
            organisation_id=organisation,
            role=role,
            now=clock.now(),
            expires_at=clock.now() + timedelta(days=1),
        )
        return {"Authorization": f"Bearer {token}"}

    def event(self, told: EventSnapshot | None = None, **differences: Any) -> EventSnapshot:
        """A published event that lies ahead."""
        told = told or a_coming_event(**differences)
        with self.sessions.begin() as session:
            an_event(session, told)
        return told


def a_house(folder: Path, engine: Engine, **differences: Any) -> House:
    """An application that confirms addresses and takes fast typists for people."""
    key_path, public_path = folder / "identity.key", folder / "identity.pub"
    key = signing_key(str(key_path), str(public_path))
    common = CommonSettings(
        service="registration",
        secret_key="k" * 32,
        var=folder,
        database_url=str(engine.url),
        public_base_url=BASE,
        identity_public_key=str(public_path),
        test_addresses=True,
    )
    settings = replace(RegistrationSettings(common=common, minimum_seconds=0), **differences)
    return House(app=create_app(settings, engine), engine=engine, identity_key=key)


def a_coming_event(**differences: Any) -> EventSnapshot:
    """In thirty days, whenever the test runs."""
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    session = a_session(starts_at=start, ends_at=start + timedelta(hours=2))
    return a_snapshot(**({"sessions": (session,)} | differences))


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def sign_up(client: FlaskClient, slug: str, **answers: Any) -> Any:
    """Fill in the form as a person does."""
    page = client.get(f"/registration/{slug}/sign-up").get_data(as_text=True)
    usual = {
        "name": "Anna Kovač",
        "email": f"p{uuid4().hex[:10]}@example.org",
        "locale": "de",
        "consents.privacy": "true",
    }
    return client.post(f"/registration/{slug}/sign-up", data={**fields_of(page), **usual, **answers})


def post(client: FlaskClient, form_page: str, to: str, **answers: Any) -> Any:
    """Post a form of a page that was read before."""
    page = client.get(form_page).get_data(as_text=True)
    return client.post(to, data={"csrf_token": fields_of(page)["csrf_token"], **answers})
