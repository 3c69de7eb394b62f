"""Puts the notifications service together; nothing happens at import."""

import threading
from functools import partial
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine

from services.notifications.api import mails as mails_api
from services.notifications.api import webhooks as webhooks_api
from services.notifications.domain.senders import Sender
from services.notifications.inbox import handlers
from services.notifications.rendering.letters import Stationery
from services.notifications.settings import NotificationsSettings
from services.notifications.storage import deliveries, revoked_tokens
from services.notifications.storage.courier import Courier
from services.notifications.storage.figures import all_figures
from services.notifications.storage.mailbox import LocalMailbox
from services.notifications.storage.mails import forget_old
from services.notifications.storage.outgoing import Outgoing
from services.notifications.storage.post import Smarthost, SmtpTransport
from services.notifications.storage.postman import Postman
from services.notifications.storage.sealing import webhook_key
from services.notifications.storage.transport import Transport
from services.notifications.use_cases.desk import Desk
from services.notifications.use_cases.follow_event import follow_up
from services.notifications.use_cases.forget_people import forget_people
from services.notifications.web import mail_log, mailbox, webhooks
from shared import clock
from shared.database import connect, is_sqlite, reading_sessions_for, sessions_for
from shared.http.app import Hooks, new_app
from shared.http.openapi import new_api
from shared.languages import SHARED, Catalogues
from shared.messaging import figures
from shared.messaging.schedule import Job
from shared.messaging.workers import Running, Workers, start_all
from shared.migrations import is_current, upgrade

MIGRATIONS = "services.notifications.storage.migrations"
MOST_ON_SQLITE = 2
_HERE = Path(__file__).parent


def catalogues() -> Catalogues:
    """Our sentences, and those of all services."""
    return Catalogues(_HERE / "translations", SHARED)


def migrate(settings: NotificationsSettings) -> None:
    """Bring the database up to date."""
    engine = connect(settings.common.database_url)
    upgrade(engine, MIGRATIONS)
    engine.dispose()


def create_app(settings: NotificationsSettings, engine: Engine | None = None) -> Flask:
    """The web application. `engine` is given where several parts share one process."""
    common = settings.common
    engine = engine or connect(common.database_url, statement_seconds=5)
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
    app.config["WEBHOOK_KEY"] = webhook_key(common.secret_key)
    app.config["OUTGOING"] = Outgoing(private=settings.webhooks_private)
    app.register_blueprint(mail_log.pages)
    app.register_blueprint(webhooks.pages)
    if settings.has_mailbox and not common.secure:
        app.register_blueprint(mailbox.pages)
    api = new_api(app, title="Werktor notifications")
    api.register_blueprint(mails_api.resource)
    api.register_blueprint(webhooks_api.resource)
    return app


def create_workers(settings: NotificationsSettings, engine: Engine | None = None) -> Workers:
    """Everything that this service does without being asked over HTTP, except carrying mails and webhooks out."""
    common = settings.common
    writing = desk(settings)
    return Workers(
        service=common.service,
        engine=engine or connect(common.database_url),
        broker_url=common.broker_url,
        handlers=handlers(writing, zone=common.default_zone),
        jobs=[
            Job("tell attendees", 1, partial(follow_up, desk=writing)),
            Job("forget old mails", 3600, forget_old),
            Job("forget people", 3600, forget_people),
            Job("forget old deliveries", 3600, deliveries.forget_old),
            Job("forget revoked tokens", 3600, revoked_tokens.forget_old),
        ],
    )


def create_postmen(settings: NotificationsSettings, engine: Engine, stop: threading.Event) -> list[Postman]:
    """One for each connection to the smarthost; each works in a thread of its own.

    Two where there is one writer at a time: more would keep each other, and everybody else, from writing down what the
    server answered.
    """
    count = settings.connections if settings.smtp_url else 1
    if is_sqlite(engine):
        count = min(count, MOST_ON_SQLITE)
    alone = settings.common.broker_url.startswith("memory:")  # nobody but this process writes mails
    return [
        Postman(engine, _transport(settings), clock=clock.now, stop=stop, others=not alone and number == 0)
        for number in range(count)
    ]


def create_courier(settings: NotificationsSettings, engine: Engine, stop: threading.Event) -> Courier:
    """Who calls other systems."""
    outgoing = Outgoing(private=settings.webhooks_private)
    return Courier(engine, outgoing, key=webhook_key(settings.common.secret_key), clock=clock.now, stop=stop)


def work(settings: NotificationsSettings, role: str) -> None:
    """One role in a process of its own, until SIGTERM."""
    workers = create_workers(settings)
    watch(settings, workers.engine, role)
    workers.run(role)


def watch(settings: NotificationsSettings, engine: Engine, role: str) -> None:
    """Let this process be looked at."""
    has_migrations = partial(is_current, engine, MIGRATIONS)
    figures.serve(settings.common, engine, role, has_migrations=has_migrations, more=all_figures(engine))


def start_carriers(settings: NotificationsSettings, engine: Engine, stop: threading.Event) -> list[threading.Thread]:
    """Postmen and courier as threads of this process, until `stop` is set."""
    threads = [
        threading.Thread(target=postman.work, name=f"notifications deliver {number}", daemon=True)
        for number, postman in enumerate(create_postmen(settings, engine, stop), start=1)
    ]
    courier = create_courier(settings, engine, stop)
    threads.append(threading.Thread(target=courier.work, name="notifications courier", daemon=True))
    for thread in threads:
        thread.start()
    return threads


def start_workers(settings: NotificationsSettings) -> Running:
    """Every role in threads of this process."""
    workers = create_workers(settings)
    running = start_all(workers)
    carriers = start_carriers(settings, workers.engine, workers.stop)
    return Running(running.workers, [*running.threads, *carriers])


def desk(settings: NotificationsSettings) -> Desk:
    """Paper, sender and chance."""
    common = settings.common
    return Desk(
        stationery=Stationery(catalogues(), default_locale=common.default_locale),
        sender=Sender(
            address=settings.sender,
            bounce_domain=settings.bounce_domain,
            public_base_url=common.public_base_url,
        ),
    )


def _transport(settings: NotificationsSettings) -> Transport:
    if settings.smtp_url:
        return SmtpTransport(Smarthost.of(settings.smtp_url))
    return LocalMailbox(settings.common.var / "mail")


def _hooks(engine: Engine) -> Hooks:
    def is_revoked(token_id: str) -> bool:
        with reading_sessions_for(engine)() as session:
            return revoked_tokens.is_revoked(session, UUID(token_id))

    return Hooks(
        is_revoked=is_revoked,
        checks={"migrations": partial(is_current, engine, MIGRATIONS)},
        watched={"broker": partial(figures.is_on_its_way, engine, "notifications")},
    )
