"""What people do who want to take part: sign up, confirm, cancel, come. Each answer becomes a promise in the book."""

import random
import re
import threading
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import requests

from services.registration.domain.links import Links
from tests.end_to_end.town import fields_of
from tests.faults.door import Door
from tests.faults.post_office import NOBODY, PostOffice, text_of
from tests.faults.record import Person, Plan, Record, Scan

NAMES = ("Lin Wei", "Олена Шевченко", "ليلى حدّاد", "Nguyễn Thị Ánh", "Ana-María O'Brien")
CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4} ){6}[0-9A-HJKMNP-TV-Z]{2}")
COUNTS = ("confirmed", "waiting")


class Visitor:
    """One client. Each act returns whether there was something to do."""

    def __init__(
        self,
        door: Door,
        record: Record,
        office: PostOffice,
        tokens: dict[str, str],
        links: Links,
        chance: random.Random,
        mark: str,
    ) -> None:
        self._door, self._record, self._office, self._tokens = door, record, office, tokens
        self._links, self._chance, self._mark, self._count = links, chance, mark, 0

    def be_signed_up(self) -> bool:
        """By an organiser: it counts at once."""
        return self._sign_up_by_json("organiser", self._tokens["organiser"])

    def sign_up(self) -> bool:
        """As a stranger, by JSON: the address has to be confirmed."""
        return self._sign_up_by_json("stranger", "")

    def sign_up_by_form(self) -> bool:
        """As a stranger, in a browser."""
        person, plan = self._newcomer("form")
        if plan is None:
            return False
        page = f"/registration/{plan.slug}/sign-up"
        fields = {"name": self._name(), "email": person.email, "locale": "de", "consents.privacy": "true"}
        found = self._door.insist(lambda: self._fill(page, fields))
        if found is None:
            person.signed_up = "unknown"
        elif found.status_code == 303:
            person.signed_up, person.told = "answered", "pending"
        else:
            person.signed_up = "refused"
        return True

    def confirm(self) -> bool:
        """Press the button behind the link in the first mail."""
        waiting = [each for each in self._people() if each.told == "pending" and not each.confirmed]
        person, link = self._with_link(waiting, r"https?://\S+/registration/confirm/[\w-]+")
        if person is None:
            return False
        person.confirmed = "asked"
        found = self._door.insist(lambda: self._fill(link, {}))
        if found is not None and found.status_code == 303:
            person.confirmed, person.counts_since = "answered", time.monotonic()
        elif found is not None:
            person.confirmed = f"refused {found.status_code}"
        return True

    def be_cancelled(self) -> bool:
        """An organiser cancels for her."""
        person = self._one_of([each for each in self._people() if each.registration_id and not each.cancelled])
        if person is None:
            return False
        person.cancelled = "asked"
        path = f"/registration/api/v1/registrations/{person.registration_id}"
        found = self._door.insist(lambda: self._door.ask("DELETE", path, token=self._tokens["organiser"]))
        if found is not None:
            person.cancelled = "answered" if found.status_code == 204 else f"refused {found.status_code}"
        return True

    def cancel(self) -> bool:
        """She cancels on her own page."""
        living = [each for each in self._people() if each.signed_up == "answered" and not each.cancelled]
        person, link = self._with_link(living, r"https?://\S+/registration/my/[\w-]+")
        if person is None:
            return False
        person.cancelled = "asked"
        found = self._door.insist(lambda: self._fill(f"{link}/cancel", {}))
        if found is not None:
            person.cancelled = "answered" if found.status_code == 303 else f"refused {found.status_code}"
        return True

    def check_in(self) -> bool:
        """One scan, of a ticket that may have been scanned before."""
        found = self._with_ticket()
        if found is None:
            return False
        self._scan(*found, device=self._chance.choice(("Tor 1", "Tor 2")))
        return True

    def check_in_twice(self) -> bool:
        """The same ticket at two doors at the same moment."""
        found = self._with_ticket()
        if found is None:
            return False
        other = threading.Thread(target=self._scan, args=found, kwargs={"device": "Tor 2"})
        other.start()
        self._scan(*found, device="Tor 1")
        other.join()
        return True

    def look(self) -> bool:
        """Read something."""
        plan = self._one_of(list(self._record.plans.values()))
        if plan is None:
            return False
        pages = (
            "/events/",
            f"/events/{plan.slug}",
            f"/registration/{plan.slug}/sign-up",
            "/events/api/v1/events",
            f"/registration/api/v1/events/{plan.id}/availability",
        )
        self._door.ask("GET", self._chance.choice(pages))
        return True

    def _sign_up_by_json(self, by: str, token: str) -> bool:
        person, plan = self._newcomer(by)
        if plan is None:
            return False
        wish = {"name": self._name(), "email": person.email, "consents": {"privacy": True}}
        wish["locale"] = self._chance.choice(("de", "en", "ar"))
        path, key = f"/registration/api/v1/events/{plan.id}/registrations", uuid4().hex
        found = self._door.insist(lambda: self._door.ask("POST", path, token=token, key=key, json=wish))
        if found is None:
            person.signed_up = "unknown"
        elif found.status_code == 201:
            answer = found.json()
            person.registration_id, person.told = answer["id"], answer["status"]
            person.counts_since = time.monotonic() if person.told in COUNTS else None
            person.signed_up = "answered"
        else:
            person.signed_up = "refused"
        return True

    def _newcomer(self, by: str) -> tuple[Person, Plan | None]:
        plan = self._one_of([each for each in self._record.plans.values() if each.is_open])
        self._count += 1
        is_there = self._chance.random() > 0.06
        email = f"{'' if is_there else NOBODY}{self._mark}-{self._count}@example.org"
        person = Person(email, plan.id if plan else "", by, accepts_mail=is_there, asked_at=time.monotonic())
        if plan is not None:
            self._record.people.append(person)
        return person, plan

    def _fill(self, page: str, fields: dict[str, str]) -> Any:
        """Open a page and send its form. A redirect is an answer already."""
        browser, path = requests.Session(), urlsplit(page).path
        shown = self._door.ask("GET", path, browser=browser)
        if shown is None or shown.status_code != 200:
            return shown
        return self._door.ask("POST", path, browser=browser, data={**fields_of(shown.text), **fields})

    def _scan(self, person: Person, code: str, *, device: str) -> None:
        scan = Scan(str(uuid4()), person.email, device)
        self._record.scans.append(scan)
        wish = {"scan_id": scan.scan_id, "ticket": code, "device": device}
        door = Door(self._door._base, self._record, random.Random(scan.scan_id), self._door._over)
        path, token = "/registration/api/v1/check-ins", self._tokens["helper"]
        found = door.insist(lambda: door.ask("POST", path, token=token, json=wish))
        if found is not None:
            scan.status, scan.reason = found.status_code, found.json().get("type", "")

    def _with_ticket(self) -> tuple[Person, str] | None:
        """From the mail, or, as long as that is on its way, from her own page."""
        holders = [each for each in self._people() if each.signed_up == "answered" and each.cancelled != "answered"]
        for person in self._some(holders):
            for mail in self._office.mails_to(person.email):
                if hit := CODE.search(text_of(mail)):
                    return person, hit[0].replace(" ", "")
            if person.told == "confirmed":
                return person, self._links.ticket_code(UUID(person.registration_id))
        return None

    def _with_link(self, people: list[Person], pattern: str) -> tuple[Person | None, str]:
        for person in self._some(people):
            if link := self._office.link(person.email, pattern):
                return person, link
        return None, ""

    def _people(self) -> list[Person]:
        """Those whom this client looks after, so that no two act on one person at once."""
        mine = f"{self._mark}-"
        return [each for each in list(self._record.people) if each.email.removeprefix(NOBODY).startswith(mine)]

    def _some(self, people: list[Person]) -> list[Person]:
        return self._chance.sample(people, min(len(people), 12))

    def _one_of(self, things: list[Any]) -> Any:
        return self._chance.choice(things) if things else None

    def _name(self) -> str:
        return self._chance.choice(NAMES)
