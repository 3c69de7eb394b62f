"""The back office's form of an event: the JSON schema with what a page asks differently."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.events.domain.events import MOST_QUOTAS, MOST_SESSIONS, EventWish
from services.events.schemas.event_fields import PlaceWish, Texts
from services.events.schemas.event_wishes import (
    EventChangeSchema,
    QuotaWishSchema,
    SessionWishSchema,
    SignUpRulesWishSchema,
    changes,
    session_wishes,
)
from shared.http.context import installed
from shared.http.fields import Choice, Id, Line, LocalDateTime, Many, Nested, Whole, Wish

_ASKED_AS = {"local_start": "starts_at", "local_end": "ends_at"}


class SessionFormSchema(SessionWishSchema):
    """A time block in local time, at a place, online or both."""

    starts_at: Any = LocalDateTime(required=True)
    ends_at: Any = LocalDateTime()
    held = Choice("place", "online", "both", load_default="place")
    place: Any = Nested(PlaceWish, load_default=dict)

    class Meta(SessionWishSchema.Meta):
        """The page asks for the end."""

        exclude = ("duration_minutes",)


class SignUpRulesFormSchema(SignUpRulesWishSchema):
    """How places are given; the moment in local time."""

    decides_at: Any = LocalDateTime(load_default=None)


class EventFormSchema(EventChangeSchema):
    """The common fields of every format."""

    title = Texts(most=200, required=True)
    sessions = Many(Nested(SessionFormSchema), most=MOST_SESSIONS)
    quotas = Many(Nested(QuotaWishSchema), most=MOST_QUOTAS)
    organisation_id = Id()
    company_id = Id()
    host_name = Line(most=200)
    fields_of_study: Any = Line(most=1000)
    sign_up_opens_at: Any = LocalDateTime()
    sign_up_closes_at: Any = LocalDateTime()
    sign_up: Any = Nested(SignUpRulesFormSchema)
    version = Whole()

    class Meta(EventChangeSchema.Meta):
        """What the page asks otherwise or elsewhere."""

        exclude = ("capacity", "host", "slug", "reason")


class MoveFormSchema(Wish):
    """The sessions as they shall be, and a word why."""

    sessions = Many(Nested(SessionFormSchema), least=1, most=MOST_SESSIONS, required=True)
    reason = Texts(most=500, lines=True, load_default=dict)
    version = Whole()


class CancelFormSchema(Wish):
    """Why, in at least one language."""

    reason = Texts(most=500, lines=True, required=True)
    version = Whole()


def wished_event(data: Mapping[str, Any], known: EventWish, *, keeps_sessions: bool = False) -> EventWish:
    """The event as the form has it; what the form does not ask stays as it was."""
    asked = {**data, "fields_of_study": _commas(data.get("fields_of_study", ""))}
    zone = ZoneInfo(_zone(data, known))
    for name in ("sign_up_opens_at", "sign_up_closes_at"):
        asked[name] = data[name].replace(tzinfo=zone) if name in data else None
    if (rules := data.get("sign_up")) and rules.decides_at:
        asked["sign_up"] = dataclasses.replace(rules, decides_at=rules.decides_at.replace(tzinfo=zone))
    for name in ("languages", "safety", "quotas"):
        asked.setdefault(name, [])
    for name in ("summary", "description", "safety_notes", "accessibility"):
        asked.setdefault(name, {})
    asked["sessions"] = [_as_wished(each) for each in data.get("sessions", [])]
    found = changes(asked, format_=known.format)
    if keeps_sessions:
        del found["sessions"]
    return dataclasses.replace(known, **found, missing=())


def wished_sessions(data: Mapping[str, Any], format_: str) -> Any:
    """The sessions of a MoveFormSchema as the domain knows wishes."""
    return session_wishes([_as_wished(each) for each in data["sessions"]], format_=format_)


def event_values(event: EventWish) -> dict[str, Any]:
    """The form as an event stands."""
    zone = ZoneInfo(event.sessions[0].zone if event.sessions else installed().common.default_zone)
    values = {name: getattr(event, name) for name in ("title", "summary", "description", "safety_notes", "note")}
    values |= {name: getattr(event, name) for name in ("accessibility", "german_level", "quota_choice")}
    values |= {name: list(getattr(event, name)) for name in ("languages", "safety")}
    values |= {"fields_of_study": ", ".join(event.fields_of_study), "company_id": event.company_id or ""}
    for name in ("sign_up_opens_at", "sign_up_closes_at"):
        values[name] = _local_text(getattr(event, name), zone)
    values["sign_up"] = dataclasses.asdict(event.sign_up)
    values["sign_up"]["decides_at"] = _local_text(event.sign_up.decides_at, zone)
    values["sessions"] = session_values(event)
    values["quotas"] = [_quota_values(each) for each in event.quotas or ()]
    return values


def session_values(event: EventWish) -> list[dict[str, Any]]:
    """The sessions as the form shows them."""
    return [
        {
            "id": each.id or "",
            "title": each.title,
            "starts_at": each.local_start.isoformat(timespec="minutes"),
            "ends_at": each.local_end.isoformat(timespec="minutes"),
            "zone": each.zone,
            "held": "both" if each.place and each.join_url else ("place" if each.place else "online"),
            "place": dataclasses.asdict(each.place) if each.place else {},
            "join_url": each.join_url,
        }
        for each in event.sessions
    ]


def as_asked(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The domain's names of fields as the form has them."""
    return {".".join(_ASKED_AS.get(part, part) for part in name.split(".")): said for name, said in errors.items()}


def _as_wished(session: Mapping[str, Any]) -> dict[str, Any]:
    held = session["held"]
    wished = {name: value for name, value in session.items() if name != "held"}
    if held == "online":
        wished["place"] = None
    elif held == "place":
        wished.pop("join_url", None)
    return wished


def _local_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """As a datetime-local field has it; seconds only where somebody cared for them."""
    if moment is None:
        return ""
    local = moment.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _zone(data: Mapping[str, Any], known: EventWish) -> str:
    first = next((each["zone"] for each in data.get("sessions", []) if each.get("zone")), "")
    return first or (known.sessions[0].zone if known.sessions else installed().common.default_zone)


def _commas(text: str) -> list[str]:
    return [each.strip() for each in text.replace("،", ",").split(",") if each.strip()]


def _quota_values(quota: Any) -> dict[str, Any]:
    values = {"id": quota.id or "", "name": quota.name, "capacity": quota.capacity, "kind": quota.kind}
    return {**values, "language": quota.language, "session": "" if quota.session is None else quota.session}
