"""How places are given, as the sign-up and a person's own page say it."""

from datetime import datetime
from typing import Any

from services.registration.domain.drawing import due_at
from services.registration.storage.tables import Event
from services.registration.use_cases.giving import is_applied_for
from services.registration.web.event_view import zone_of
from shared.contracts.events import EventSnapshot
from shared.http.audiences import AUDIENCES
from shared.http.locale import _, format_datetime


def facts(event: Event, told: EventSnapshot, now: datetime) -> dict[str, Any]:
    """What the pages need: is it an application, when is it decided, and what is asked of those who may come first."""
    rules = told.sign_up
    opens = told.sign_up_opens_at
    return {
        "applies": is_applied_for(event, told),
        "decided": decided(told),
        "opens_at": opens.isoformat() if opens and opens > now else "",
        "asked_fields": list(told.fields_of_study) if "field_of_study" in rules.priorities else [],
        "asked_audiences": [(key, _(AUDIENCES[key])) for key in AUDIENCES]
        if "target_group" in rules.priorities
        else [],
    }


def decided(told: EventSnapshot) -> str:
    """A sentence: who decides, and when."""
    due, zone = due_at(told), zone_of(told)
    if told.sign_up.selection == "approval":
        return _("The organiser chooses from those who apply and tells everybody.")
    if due is None:
        return ""
    moment = format_datetime(due, zone)
    if told.sign_up.selection == "lottery":
        return _("Places are drawn by lot on %(moment)s. Applying early gives no advantage.", moment=moment)
    return _("The places are given on %(moment)s, and you hear of it by mail.", moment=moment)
