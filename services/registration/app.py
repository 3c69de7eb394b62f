"""Puts the registration service together; nothing happens at import."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.registration.api import applications as applications_api
from services.registration.api import attendance as attendance_api
from services.registration.api import availability, check_ins, forms, notes, waiting_list
from services.registration.api import batches as batches_api
from services.registration.api import invitations as invitations_api
from services.registration.api import people as people_api
from services.registration.api import registrations as registrations_api
from services.registration.domain.links import Links
from services.registration.domain.registrations import Terms
from services.registration.inbox import handlers
from services.registration.schemas.house import House, move_in
from services.registration.settings import RegistrationSettings
from services.registration.storage import idempotency, revoked_tokens
from services.registration.use_cases.answer_offer import expire_offers
from services.registration.use_cases.carry_out_batches import carry_out_batches
from services.registration.use_cases.draw_places import draw_places, tell_drawn
from services.registration.use_cases.expire_hand_overs import expire_hand_overs
from services.registration.use_cases.expire_invitations import expire_invitations
from services.registration.use_cases.expire_unconfirmed import BATCH, expire_unconfirmed
from services.registration.use_cases.forget_answers import forget_answers
from services.registration.use_cases.forget_people import MOST_AT_ONCE, forget_people
from services.registration.use_cases.leave_closed_lines import leave_closed_lines
from services.registration.use_cases.tell_company import BATCH as COMPANIES_AT_ONCE
from services.registration.use_cases.tell_company import tell_companies
from services.registration.use_cases.write_before import make_rounds, write_notices
from services.registration.web import (
    answers,
    applications,
    attendance,
    attendee_list,
    attendee_page,
    audit_log,
    batches,
    check_in,
    coming,
    company,
    confirm_address,
    draw,
    form_builder,
    form_copy,
    form_question,
    hand_over,
    invitations,
    manage,
    my_answers,
    my_page,
    my_places,
    pair_device,
    people,
    refusals,
    scanner_assets,
    sign_up,
    tickets,
)
from services.registration.web import (
    waiting_list as waiting_list_pages,
)
from services.registration.web.device_cookie import DEVICE_COOKIE, device_actor
from shared.database import connect, reading_sessions_for, sessions_for
from shared.direct import Direct
from shared.http.app import Hooks, new_app
from shared.http.openapi import new_api
from shared.languages import SHARED, Catalogues
from shared.messaging import figures
from shared.messaging.schedule import Job
from shared.messaging.workers import Running, Workers, start_all
from shared.migrations import is_current, upgrade

MIGRATIONS = "services.registration.storage.migrations"
_HERE = Path(__file__).parent
_PAGES = (
    applications.pages,
    draw.pages,
    answers.pages,
    attendance.pages,
    attendee_list.pages,
    attendee_page.pages,
    audit_log.pages,
    batches.pages,
    check_in.pages,
    company.pages,
    confirm_address.pages,
    invitations.pages,
    invitations.public,
    coming.pages,
    form_builder.pages,
    form_copy.pages,
    form_question.pages,
    hand_over.pages,
    hand_over.public,
    manage.pages,
    my_answers.pages,
    my_page.pages,
    my_places.pages,
    pair_device.pages,
    people.pages,
    sign_up.pages,
    tickets.pages,
    waiting_list_pages.pages,
)
_RESOURCES = (
    applications_api.resource,
    attendance_api.resource,
    availability.resource,
    batches_api.resource,
    check_ins.resource,
    forms.resource,
    invitations_api.resource,
    notes.resource,
    people_api.resource,
    waiting_list.resource,
    registrations_api.resource,
)


def catalogues() -> Catalogues:
    """Our sentences, and those of all services."""
    return Catalogues(_HERE / "translations", SHARED)


def create_app(settings: RegistrationSettings, engine: Engine | None = None) -> Flask:
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
    move_in(app, House(terms=terms_of(settings), minimum_time=timedelta(seconds=settings.minimum_seconds)))
    for pages in _PAGES:
        app.register_blueprint(pages)
    scanner_assets.install(app)
    refusals.install(app)
    api = new_api(app, title="Werktor registration")
    for resource in _RESOURCES:
        api.register_blueprint(resource)
    return app


def create_workers(settings: RegistrationSettings, engine: Engine | None = None) -> Workers:
    """Everything that this service does without being asked over HTTP."""
    common = settings.common
    return Workers(
        service=common.service,
        engine=engine or connect(common.database_url),
        broker_url=common.broker_url,
        handlers=handlers(terms_of(settings).links),
        jobs=jobs(settings),
    )


def work(settings: RegistrationSettings, role: str) -> None:
    """One role in a process of its own, until SIGTERM."""
    workers = create_workers(settings)
    has_migrations = partial(is_current, workers.engine, MIGRATIONS)
    figures.serve(settings.common, workers.engine, role, has_migrations=has_migrations)
    workers.run(role)


def start_workers(settings: RegistrationSettings) -> Running:
    """All of it as threads of this process."""
    return start_all(create_workers(settings))


def migrate(settings: RegistrationSettings) -> None:
    """Bring the database to the newest version."""
    engine = connect(settings.common.database_url)
    upgrade(engine, MIGRATIONS)
    engine.dispose()


def jobs(settings: RegistrationSettings) -> list[Job]:
    """What comes round."""
    return [
        Job("expire unconfirmed", 10, partial(_expire, links=terms_of(settings).links)),
        Job("expire invitations", 10, partial(expire_invitations, links=terms_of(settings).links)),
        Job("carry out batches", 1, partial(carry_out_batches, links=terms_of(settings).links)),
        Job("draw places", 1, partial(draw_places, links=terms_of(settings).links)),
        Job("tell who was drawn", 1, partial(tell_drawn, links=terms_of(settings).links)),
        Job("expire offers", 5, partial(expire_offers, links=terms_of(settings).links)),
        Job("leave closed lines", 5, partial(leave_closed_lines, links=terms_of(settings).links)),
        Job("tell companies", 60, partial(_tell_companies, links=terms_of(settings).links)),
        Job("expire hand-overs", 60, partial(expire_hand_overs, links=terms_of(settings).links)),
        Job("make rounds of notices", 60, make_rounds),
        Job("write notices", 10, partial(write_notices, links=terms_of(settings).links)),
        Job("forget people", 3600, _forget_people),
        Job("forget answers", 3600, forget_answers),
        Job("forget idempotency keys", 3600, idempotency.forget_old),
        Job("forget revoked tokens", 3600, revoked_tokens.forget_old),
    ]


def terms_of(settings: RegistrationSettings) -> Terms:
    """How this installation takes sign-ups."""
    common = settings.common
    links = Links(base_url=common.public_base_url, key=common.secret_key.encode())
    return Terms(
        links=links,
        confirm_address=settings.confirm_address,
        hold=timedelta(minutes=settings.hold_minutes),
        answer_keys=settings.answer_keys,
    )


def _hooks(engine: Engine) -> Hooks:
    return Hooks(
        is_revoked=partial(revoked_tokens.is_revoked, Direct(engine)),
        checks={"migrations": partial(is_current, engine, MIGRATIONS)},
        watched={"broker": partial(figures.is_on_its_way, engine, "registration")},
        device_actor=device_actor,
        credential_cookies=(DEVICE_COOKIE,),
    )


def _expire(*, session: Session, now: datetime, links: Links) -> bool:
    return expire_unconfirmed(session=session, now=now, links=links) == BATCH


def _tell_companies(*, session: Session, now: datetime, links: Links) -> bool:
    return tell_companies(session=session, now=now, links=links) == COMPANIES_AT_ONCE


def _forget_people(*, session: Session, now: datetime) -> bool:
    return forget_people(session=session, now=now) == MOST_AT_ONCE
