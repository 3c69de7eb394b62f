"""An organiser signs a whole list of people up: all of them or nobody."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.domain.registrations import Receipt, SignUpWish, Terms
from services.registration.domain.rejections import ListWasTakenOver
from services.registration.storage import audit, import_runs, registrations
from services.registration.storage.tables import Event, ImportRun
from services.registration.use_cases.access import ensure_may
from services.registration.use_cases.sign_up import sign_up
from shared.policy import Actor

REGISTERED, TWICE = "registered-already", "twice-in-the-list"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a list would do: who is signed up, and who is not because she is already. Rows count from 0."""

    wishes: tuple[tuple[int, SignUpWish], ...]
    skipped: tuple[tuple[int, str], ...]


def plan_import(wishes: Sequence[SignUpWish], *, event: Event, actor: Actor, session: Session) -> Plan:
    """Say what would happen; nothing does."""
    ensure_may(actor, "change_registration", event)
    known = registrations.living_keys(session, event.id, [each.address.key for each in wishes])
    seen: set[str] = set()
    new: list[tuple[int, SignUpWish]] = []
    skipped: list[tuple[int, str]] = []
    for place, each in enumerate(wishes):
        key = each.address.key
        if key in seen or key in known:
            skipped.append((place, TWICE if key in seen else REGISTERED))
        else:
            new.append((place, replace(each, source="import")))
        seen.add(key)
    return Plan(wishes=tuple(new), skipped=tuple(skipped))


def import_attendees(
    run_id: UUID,
    wishes: Sequence[SignUpWish],
    *,
    event: Event,
    actor: Actor,
    session: Session,
    now: datetime,
    terms: Terms,
) -> tuple[ImportRun, Plan]:
    """Sign all of them up in this transaction; whoever is registered already is passed over.

    The same run_id again does nothing and returns what was done then; with another list it is refused:
    ListWasTakenOver. Any other rejection leaves nothing behind, because the whole transaction goes.
    """
    ensure_may(actor, "change_registration", event)
    content = _fingerprint(wishes)
    run = import_runs.begin(session, run_id, event_id=event.id, content=content, now=now)
    if run is not None:
        if (run.event_id, run.content) != (event.id, content):
            raise ListWasTakenOver
        return run, Plan(wishes=(), skipped=())
    plan = plan_import(wishes, event=event, actor=actor, session=session)
    receipts = [
        sign_up(each, event=event, session=session, now=now, terms=terms, by_organiser=True) for _, each in plan.wishes
    ]
    _record(session, actor, event, receipts, now=now)
    return import_runs.finish(session, run_id, added=len(receipts), skipped=len(plan.skipped)), plan


def _record(session: Session, actor: Actor, event: Event, receipts: list[Receipt], *, now: datetime) -> None:
    done: list[tuple[str, UUID, dict[str, Any]]] = [("import_attendees", event.id, {"number": len(receipts)})]
    done += [("register_attendee", each.id, {"status": str(each.status)}) for each in receipts]
    for action, object_id, facts in done:
        audit.record(
            session,
            actor,
            action,
            object_id=object_id,
            organisation_id=event.organisation_id,
            event_id=event.id,
            now=now,
            **facts,
        )


def _fingerprint(wishes: Sequence[SignUpWish]) -> str:
    parts = (
        f"{each.name}\x1f{each.address.key}\x1f{each.locale}\x1f{each.quota_ids}{_answers(each)}" for each in wishes
    )
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def _answers(wish: SignUpWish) -> str:
    """Without the sensitive ones: what could be guessed from a fingerprint must not be worth it."""
    known = wish.sheet.form.questions if wish.sheet else ()
    values = wish.sheet.values if wish.sheet else {}
    return "".join(f"\x1f{each.id}={values[each.id]}" for each in known if each.id in values and not each.sensitive)
