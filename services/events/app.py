"""Puts the events service together; nothing happens at import."""

from functools import partial
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine

from services.events.api import availability, event_life, offer_review, tokens
from services.events.api import events as events_api
from services.events.api import offers as offers_api
from services.events.api import organisations as organisations_api
from services.events.inbox import HANDLERS
from services.events.settings import EventsSettings
from services.events.storage import accounts, idempotency, organisations
from services.events.use_cases.forget import forget_drafts, forget_old
from services.events.web import (
    account,
    catalogue,
    catalogue_totals,
    company,
    company_form,
    company_offer,
    embed,
    event_page,
    feed,
    manage,
    manage_event_form,
    manage_event_moves,
    manage_events,
    manage_offers,
    members,
    public_pages,
    share,
    sign_in,
)
from shared import migrations
from shared.database import connect, reading_sessions_for, sessions_for
from shared.http.app import Hooks, new_app
from shared.http.keys import signing_key
from shared.http.openapi import new_api
from shared.languages import SHARED, Catalogues
from shared.messaging import figures
from shared.messaging.schedule import Job
from shared.messaging.workers import Running, Workers, start_all

MIGRATIONS = "services.events.storage.migrations"
_HERE = Path(__file__).parent
_PAGES = (
    sign_in.pages,
    account.pages,
    members.pages,
    company.pages,
    company_form.pages,
    company_offer.pages,
    manage.pages,
    manage_offers.pages,
    manage_events.pages,
    manage_event_form.pages,
    manage_event_moves.pages,
    share.pages,
    catalogue.pages,
    embed.pages,
    feed.pages,
    event_page.pages,
)
_RESOURCES = (
    events_api.resource,
    event_life.resource,
    availability.resource,
    offers_api.resource,
    offer_review.resource,
    organisations_api.resource,
    tokens.resource,
)
_JOBS = (
    Job("forget old sign-ins", 3600, forget_old),
    Job("forget idempotency keys", 3600, idempotency.forget_old),
    Job("forget drafts", 3600, forget_drafts),
)


def create_app(settings: EventsSettings) -> Flask:
    """The web application."""
    common = settings.common
    engine = connect(common.database_url, statement_seconds=5)
    key = signing_key(settings.identity_key, common.identity_public_key)
    app = new_app(
        __name__,
        common=common,
        sessions=sessions_for(engine),
        reading_sessions=reading_sessions_for(engine),
        catalogues=catalogues(),
        templates=_HERE / "web" / "templates",
        static=_HERE / "web" / "static",
        hooks=_hooks(engine),
    )
    app.config["EVENTS_SIGNING_KEY"] = key
    app.extensions["werktor"].hooks.after_commit = public_pages.install(app).doubt
    catalogue_totals.install(app)
    for pages in _PAGES:
        app.register_blueprint(pages)
    api = new_api(app, title="Werktor events")
    for resource in _RESOURCES:
        api.register_blueprint(resource)
    app.extensions["werktor.api"] = api
    return app


def create_workers(settings: EventsSettings) -> Workers:
    """Relay, consumer and schedule of this service."""
    common = settings.common
    return Workers("events", connect(common.database_url), common.broker_url, HANDLERS, _JOBS)


def work(settings: EventsSettings, role: str) -> None:
    """One role in a process of its own, until SIGTERM."""
    workers = create_workers(settings)
    has_migrations = partial(migrations.is_current, workers.engine, MIGRATIONS)
    figures.serve(settings.common, workers.engine, role, has_migrations=has_migrations)
    workers.run(role)


def start_workers(settings: EventsSettings) -> Running:
    """All of them as threads of this process."""
    return start_all(create_workers(settings))


def migrate(settings: EventsSettings) -> None:
    """Bring the database to the newest version."""
    engine = connect(settings.common.database_url)
    migrations.upgrade(engine, MIGRATIONS)
    engine.dispose()


def catalogues() -> Catalogues:
    """Our sentences, and those of all services."""
    return Catalogues(_HERE / "translations", SHARED)


def _hooks(engine: Engine) -> Hooks:
    def is_revoked(token_id: str) -> bool:
        with reading_sessions_for(engine)() as session:
            known = UUID(token_id)
            return organisations.is_token_revoked(session, known) and accounts.is_ended(session, known)

    return Hooks(
        is_revoked=is_revoked,
        checks={"migrations": partial(migrations.is_current, engine, MIGRATIONS)},
        watched={"broker": partial(figures.is_on_its_way, engine, "events")},
    )
