"""The application as its visitors meet it, over its own database."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, sessionmaker

from services.events.app import create_app
from services.events.schemas.tokens import signed_token
from services.events.settings import EventsSettings
from services.events.storage import organisations
from services.events.storage.tables import Account
from services.events.use_cases.create_token import create_token
from services.events.use_cases.request_sign_in import make_link
from services.events.web.public_pages import kept_pages
from shared import clock
from shared.database import sessions_for
from shared.policy import Actor, Role
from shared.settings import CommonSettings
from tests.events.builders import a_member, an_organisation

ADMIN = Actor(kind="command_line", is_admin=True)
COMING = datetime(2027, 3, 4, 14, tzinfo=UTC)


@dataclass
class House:
    """An application, its database, and what opens its doors."""

    app: Flask
    engine: Engine

    @property
    def sessions(self) -> sessionmaker[Session]:
        """For arranging and looking."""
        return sessions_for(self.engine)

    def visitor(self, language: str = "en") -> FlaskClient:
        """A browser of its own."""
        client = self.app.test_client()
        client.environ_base.update({"HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT_LANGUAGE": language})
        return client

    def organisation(self, slug: str = "bruecke", **differences: Any) -> UUID:
        """An organisation; the same one for the same slug."""
        with self.sessions.begin() as session:
            known = organisations.find_by_slug(session, slug)
            return (known or an_organisation(session, slug, **differences)).id

    def signed_in(self, role: str = "organiser", slug: str = "bruecke", **differences: Any) -> FlaskClient:
        """A browser whose user has gone through the link in her mail."""
        organisation_id = self.organisation(slug)
        with self.sessions.begin() as session:
            account = a_member(session, organisations.get(session, organisation_id), role, **differences)
            link = f"link-{account.id}"
            make_link(account, token=link, session=session, now=clock.now())
        client = self.visitor()
        post(client, f"/events/account/link/{link}")
        return client

    def token(self, role: Role = Role.ORGANISER, slug: str = "bruecke") -> dict[str, str]:
        """Headers of a program."""
        organisation_id = self.organisation(slug)
        with self.sessions.begin() as session:
            row = create_token(organisation_id=organisation_id, role=role, session=session, now=clock.now(), by=ADMIN)
            return {"Authorization": f"Bearer {signed_token(row, self.app.config['EVENTS_SIGNING_KEY'])}"}

    def account(self, email: str) -> Account:
        """The account with this address."""
        with self.sessions() as session:
            return session.scalars(select(Account).where(Account.email == email)).one()


def a_house(folder: Path, engine: Engine) -> House:
    """An application on the database of the test."""
    common = CommonSettings(
        service="events",
        secret_key="a" * 40,
        var=folder,
        database_url=str(engine.url),
        identity_public_key=str(folder / "identity.pub"),
        test_addresses=True,
    )
    app = create_app(EventsSettings(common=common, identity_key=str(folder / "identity.key")))
    app.testing = True
    kept_pages(app).trusted = 0  # who arranges and looks at once sees what she arranged
    return House(app, engine)


def csrf(client: FlaskClient, path: str = "/events/account/sign-in?lang=en") -> str:
    """The token that this browser's forms carry."""
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found[1] if found else ""


def post(client: FlaskClient, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
    """A form as its page would send it."""
    token = csrf(client) or csrf(client, "/events/account/")
    return client.post(path, data={"csrf_token": token, **(data or {})}, **options)


class Counted:
    """How many statements a database was asked within a with-block."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.statements = engine, []  # type: ignore[var-annotated]

    def __enter__(self) -> "Counted":
        event.listen(Engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            self.statements.append(statement)

    def __len__(self) -> int:
        return len(self.statements)
