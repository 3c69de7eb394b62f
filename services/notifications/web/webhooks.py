"""Webhooks of an organisation: add, pause, change, delete, and see what became of the last calls."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from services.notifications.domain.webhooks import KINDS, REASONS
from services.notifications.schemas.mails import before
from services.notifications.schemas.webhooks import DeliveriesQuery, KindsWish, WebhookWish, key
from services.notifications.storage import audit, deliveries, webhooks
from services.notifications.storage.tables import AuditEntry
from services.notifications.use_cases.add_webhook import add_webhook, ensure_callable
from services.notifications.use_cases.change_webhook import change_webhook, delete_webhook, give_new_secret
from services.notifications.use_cases.tell_other_systems import redeliver, send_test
from services.notifications.use_cases.whose_webhooks import for_which_organisation, own_webhook, whose_webhooks
from services.notifications.web.words import ACTIONS, DELIVERY_STATES, ENDPOINT_STATES, NEWS
from shared import clock
from shared.errors import InvalidInput
from shared.http.app import reading, transaction
from shared.http.forms import Form, read_form
from shared.http.identity import require_signed_in
from shared.http.locale import _
from shared.http.paging import next_cursor
from shared.http.security import keep_private
from shared.policy import Actor

pages = Blueprint("webhooks_pages", __name__, url_prefix="/notifications/manage/webhooks")
_SHOWN = 20


@pages.get("")
def listed() -> ResponseReturnValue:
    """The endpoints, and a form for another."""
    keep_private()
    return _list_page(require_signed_in(), Form())


@pages.post("")
def add() -> ResponseReturnValue:
    """Add one and show its secret, this once."""
    actor = require_signed_in()
    keep_private()
    whose_webhooks(actor)
    wish, form = read_form(WebhookWish)
    if wish is None:
        return _list_page(actor, form), 422
    try:
        organisation_id = for_which_organisation(actor, wish["organisation_id"])
        ensure_callable(wish["url"], current_app.config["OUTGOING"])
    except InvalidInput as fault:
        return _list_page(actor, form.rejected(_translated(fault))), 422
    with transaction() as session:
        webhook, secret = add_webhook(
            wish["url"],
            kinds=wish["kinds"],
            organisation_id=organisation_id,
            actor=actor,
            key=current_app.config["WEBHOOK_KEY"],
            session=session,
            now=clock.now(),
        )
        return _page(session, webhook.id, actor, secret=secret), 201


@pages.get("/<uuid:webhook_id>")
def show(webhook_id: UUID) -> ResponseReturnValue:
    """One endpoint with its last deliveries."""
    keep_private()
    with reading() as session:
        return _page(session, webhook_id, require_signed_in())


@pages.post("/<uuid:webhook_id>")
def change_kinds(webhook_id: UUID) -> ResponseReturnValue:
    """Change what it is told."""
    actor = require_signed_in()
    keep_private()
    wish, form = read_form(KindsWish)
    with transaction() as session:
        if wish is None:
            return _page(session, webhook_id, actor, form=form), 422
        change_webhook(webhook_id, actor=actor, session=session, now=clock.now(), kinds=wish["kinds"])
    return _done(_("Saved."), webhook_id)


@pages.post("/<uuid:webhook_id>/pause")
def pause(webhook_id: UUID) -> ResponseReturnValue:
    """Tell it nothing for a while."""
    with transaction() as session:
        change_webhook(webhook_id, actor=require_signed_in(), session=session, now=clock.now(), is_active=False)
    return _done(_("The webhook is paused. What happens meanwhile is not sent later."), webhook_id)


@pages.post("/<uuid:webhook_id>/start")
def start(webhook_id: UUID) -> ResponseReturnValue:
    """Tell it again."""
    with transaction() as session:
        change_webhook(webhook_id, actor=require_signed_in(), session=session, now=clock.now(), is_active=True)
    return _done(_("The webhook is active again."), webhook_id)


@pages.post("/<uuid:webhook_id>/secret")
def roll(webhook_id: UUID) -> ResponseReturnValue:
    """Show a new secret, this once."""
    actor = require_signed_in()
    keep_private()
    with transaction() as session:
        _webhook, secret = give_new_secret(
            webhook_id, key=current_app.config["WEBHOOK_KEY"], actor=actor, session=session, now=clock.now()
        )
        return _page(session, webhook_id, actor, secret=secret)


@pages.post("/<uuid:webhook_id>/test")
def test(webhook_id: UUID) -> ResponseReturnValue:
    """Call it once, to see."""
    with transaction() as session:
        send_test(webhook_id, actor=require_signed_in(), session=session, now=clock.now())
    return _done(_("A test is on its way. Reload this page to see what became of it."), webhook_id)


@pages.post("/<uuid:webhook_id>/delete")
def delete(webhook_id: UUID) -> ResponseReturnValue:
    """For good."""
    with transaction() as session:
        delete_webhook(webhook_id, actor=require_signed_in(), session=session, now=clock.now())
    flash(_("The webhook is deleted."), "success")
    return redirect("/notifications/manage/webhooks", 303)


@pages.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redeliver")
def send_again(webhook_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    """Send one delivery once more."""
    with transaction() as session:
        redeliver(webhook_id, delivery_id, actor=require_signed_in(), session=session, now=clock.now())
    return _done(_("It is on its way again."), webhook_id)


def _done(sentence: str, webhook_id: UUID) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect(f"/notifications/manage/webhooks/{webhook_id}", 303)


def _list_page(actor: Actor, form: Form) -> str:
    organisations = whose_webhooks(actor)
    with reading() as session:
        return render_template(
            "notifications/webhooks.html",
            rows=webhooks.listed(session, organisations),
            names=_names(session, organisations),
            log=[_logged(each, actor) for each in audit.latest(session, organisations, limit=_SHOWN)],
            form=form,
            **_words(),
        )


def _logged(entry: AuditEntry, actor: Actor) -> dict[str, Any]:
    if entry.actor_id == actor.id:
        who = _("You")
    else:
        who = _("A program") if entry.actor_kind == "token" else _("A colleague")
    return {"at": entry.at, "who": who, "what": _(ACTIONS[entry.action]), "host": entry.facts.get("host", "")}


def _page(session: Session, webhook_id: UUID, actor: Actor, *, secret: str = "", form: Form | None = None) -> str:
    webhook = own_webhook(webhook_id, actor=actor, session=session)
    cursor = _cursor()
    rows = deliveries.page(session, webhook_id, before=cursor, limit=_SHOWN + 1)
    more = next_cursor(key(rows[_SHOWN - 1])) if len(rows) > _SHOWN else ""
    here = f"/notifications/manage/webhooks/{webhook_id}"
    return render_template(
        "notifications/webhook.html",
        webhook=webhook,
        secret=secret,
        form=form or Form({"kinds": webhook.kinds}),
        rows=rows[:_SHOWN],
        next=f"{here}?cursor={more}" if more else "",
        here=here,
        reasons={code: _(sentence) for code, sentence in REASONS.items()},
        delivery_states=_said(DELIVERY_STATES),
        **_words(),
    )


def _cursor() -> int | None:
    try:
        return before(DeliveriesQuery(only=("cursor",)).load({"cursor": request.args.get("cursor")})["cursor"])
    except ValidationError:
        return None


def _names(session: Session, organisations: list[UUID] | None) -> dict[UUID, str]:
    """Of those she can choose; one that never told of an event goes by its id."""
    known = webhooks.organisation_names(session, organisations)
    return known | {each: str(each) for each in organisations or [] if each not in known}


def _translated(fault: InvalidInput) -> dict[str, list[str]]:
    return {name: [_(sentence) for sentence in sentences] for name, sentences in fault.errors.items()}


def _words() -> dict[str, Any]:
    return {
        "kinds": [(kind, _(NEWS[kind]), kind) for kind in KINDS],
        "kind_names": {kind: _(name) for kind, name in NEWS.items()},
        "states": _said(ENDPOINT_STATES),
    }


def _said(pills: dict[Any, tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
    return {str(state): (colour, _(name), icon) for state, (colour, name, icon) in pills.items()}
