"""The people of the demo story sign up as an organiser's program would do it: over the JSON API, with a token."""

import json
import threading
import unicodedata
import urllib.error
import urllib.request
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.demo.planning import OPERATOR, Story
from services.events.schemas.tokens import signed_token
from services.events.settings import EventsSettings
from services.events.storage import organisations
from services.events.storage.tables import Event
from services.events.use_cases.create_token import create_token
from shared.clock import now
from shared.database import connect, sessions_for
from shared.http.keys import signing_key
from shared.policy import Role

NAMES = Path(__file__).parent / "names.txt"
PATIENCE = 60  # seconds until the registration service must have heard of an event


def sign_up(story: Story, due: list[tuple[Event, int]], *, settings: EventsSettings, stop: threading.Event) -> None:
    """Let as many people sign up for each event as the story says; ends early when told to stop."""
    if not due:
        return
    token = _token(story["organisation"]["slug"], settings)
    names = cycle(NAMES.read_text(encoding="utf-8").split("\n")[:-1])
    for event, count in due:
        address = f"{settings.common.public_base_url}/registration/api/v1/events/{event.id}"
        if not _is_heard_of(address, stop):
            return
        quotas = cycle(quota.id for quota in event.quotas)
        for _ in range(count):
            if stop.is_set():
                return
            _post(f"{address}/registrations", _person(next(names), next(quotas)), token)


def _token(slug: str, settings: EventsSettings) -> str:
    key = signing_key(settings.identity_key, settings.common.identity_public_key)
    with sessions_for(connect(settings.common.database_url)).begin() as session:
        organisation = organisations.get_by_slug(session, slug)
        row = create_token(
            organisation_id=organisation.id,
            role=Role.ORGANISER,
            name="demo",
            session=session,
            now=now(),
            by=OPERATOR,
        )
        return signed_token(row, key)


def _person(name: str, quota_id: UUID) -> dict[str, Any]:
    is_arabic = any("ARABIC" in unicodedata.name(letter, "") for letter in name)
    mark = sum(name.encode()) % 1000
    return {
        "name": name,
        "email": f"gast{mark:03d}@example.org",
        "locale": "ar" if is_arabic else ("en" if mark % 3 else "de"),
        "quota_ids": [str(quota_id)],
        "consents": {"privacy": True},
    }


def _is_heard_of(address: str, stop: threading.Event) -> bool:
    for _ in range(PATIENCE * 5):
        if _answers(f"{address}/availability"):
            return True
        if stop.wait(0.2):
            return False
    return False


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False


def _post(address: str, document: dict[str, Any], token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(document).encode(), headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310 - our own address
            return
    except urllib.error.HTTPError as refusal:
        if refusal.code != 409:  # somebody of that name was there before
            raise
