"""What a first start shows: the demo story, told once, and the addresses to begin at."""

import os
import secrets
import threading
from collections.abc import Callable

from sqlalchemy.orm import Session

from deploy.demo import people, planning
from services.events.settings import EventsSettings
from services.events.storage import accounts
from services.events.use_cases.request_sign_in import make_link, url_of
from shared.clock import now
from shared.database import connect, sessions_for

WELCOME = """
  Werktor is running.   Ctrl-C ends it; starting again goes on where it was.

  Catalogue                 {base}/events/
  Offer a company tour      {base}/events/company/
  Mails that were sent      {base}/notifications/mailbox/
"""
LINKS = """  Sign in (each link works once; for more: {base}/events/account/sign-in and the mailbox)
    organiser               {organiser}
    company                 {company}

  A token for the JSON API: .venv/bin/python -m services.events create-token --organisation {slug} --role organiser
  API descriptions          {base}/events/api/docs  {base}/registration/api/docs  {base}/notifications/api/docs
"""


def tell(settings: EventsSettings, stop: threading.Event, say: Callable[[str], None] = print) -> None:
    """Plan the demo on the first start, print where to begin, then let the people of the story sign up."""
    base = settings.common.public_base_url
    say(WELCOME.format(base=base))
    if os.environ.get("WERKTOR_DEMO", "1") == "0":
        return
    sessions = sessions_for(connect(settings.common.database_url))
    story = planning.read_story()
    with sessions.begin() as session:
        events = planning.plan(story, session=session, now=now(), base_url=base)
    with sessions.begin() as session:
        links = {side: _link(session, address, path, base) for side, address, path in _beginnings(story)}
    say(LINKS.format(base=base, slug=story["organisation"]["slug"], **links))
    people.sign_up(story, events, settings=settings, stop=stop)


def _beginnings(story: planning.Story) -> list[tuple[str, str, str]]:
    return [
        ("organiser", story["people"][0]["email"], "/events/manage/"),
        ("company", story["company"]["contact"]["email"], "/events/company/"),
    ]


def _link(session: Session, address: str, path: str, base: str) -> str:
    """A link for whoever sits at this machine, as long-lived as an invitation."""
    account = accounts.find_by_address(session, address)
    if account is None:
        return f"{base}/events/account/sign-in"
    token = secrets.token_urlsafe(32)
    make_link(account, token=token, session=session, now=now(), purpose="invitation", next_path=path)
    return url_of(token, base)
