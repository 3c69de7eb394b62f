"""Who lives around the product: organisers of two organisations, visitors, and somebody who means harm."""

import html
import itertools
import re
import socket
import time
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from tests.end_to_end.product import Product, eventually
from tests.end_to_end.setting import token

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_CODE = re.compile(r'class="white-ticket-code"[^>]*>([0-9A-Z-]+)<')
_numbers = itertools.count(1)
Answer = requests.Response


class Visitor(requests.Session):
    """A browser without scripts: it keeps cookies and sends the hidden fields of the form it saw."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.headers["User-Agent"] = "Firefox Linux"

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Answer:  # type: ignore[override]
        """Paths are the product's; redirects are looked at, not followed; nothing may hang."""
        options["allow_redirects"] = False  # requests.get() sets True on its own
        options.setdefault("timeout", 60)
        return super().request(method, url if "://" in url else self.base + url, *args, **options)

    def csrf(self, page: str) -> str:
        """The token in the form of a page."""
        return _found(_TOKEN, self.get(page))

    def fill(self, page: str, fields: dict[str, Any], *, to: str = "", **options: Any) -> Answer:
        """Open a page and send its form, there or to another address."""
        return self.post(to or page, data={"csrf_token": self.csrf(page), **fields}, **options)


class Town:
    """Makes what a test needs on a running product; every name and address is new."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.base = product.base

    @cached_property
    def admin(self) -> str:
        """An administrator's token of Torweg."""
        return token(self.product, "admin")

    @cached_property
    def organiser(self) -> str:
        """An organiser's token of Torweg."""
        return token(self.product, "organiser")

    @cached_property
    def helper(self) -> str:
        """A door helper's token of Torweg."""
        return token(self.product, "helper")

    @cached_property
    def rival(self) -> str:
        """An administrator's token of another organisation."""
        self.product.run(
            "create-organisation", "Anderswo e. V.", "--slug", "anderswo", "--email", "info@anderswo.example.org"
        )
        return self.product.run("create-token", "--organisation", "anderswo", "--role", "admin")

    def visitor(self) -> Visitor:
        """Somebody with a fresh browser."""
        return Visitor(self.base)

    def call(self, method: str, path: str, *, token: str = "", **options: Any) -> Answer:
        """The JSON API."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        return requests.request(method, self.base + path, headers=headers, allow_redirects=False, timeout=60, **options)

    def event(self, *, token: str = "", is_published: bool = True, **facts: Any) -> dict[str, Any]:
        """An event of Torweg that takes sign-ups, as both services know it."""
        owner = token or self.organiser
        wish = {
            "format": "company_tour",
            "title": {"de": f"Werksführung {next(_numbers)}"},
            "capacity": 10,
            "sessions": [{"starts_at": "2030-05-06T14:00", "place": {"name": "Werk", "city": "Berlin"}}],
        }
        made = done(self.call("POST", "/events/api/v1/events", token=owner, json=wish | facts), 201)
        if not is_published:
            return made
        made = done(self.call("POST", f"/events/api/v1/events/{made['id']}/publish", token=owner), 200)
        path = f"/registration/api/v1/events/{made['id']}/availability"
        eventually(lambda: self.call("GET", path).ok, what="registration knows the event")
        return made

    def wish(self, name: str = "Lin Wei", email: str = "", **more: Any) -> dict[str, Any]:
        """What a student sends."""
        return {"name": name, "email": email or address(), "locale": "en", "consents": {"privacy": True}} | more

    def sign_up(self, event: dict[str, Any], *, token: str = "", **facts: Any) -> Answer:
        """By JSON; without a token as a stranger."""
        path = f"/registration/api/v1/events/{event['id']}/registrations"
        return self.call("POST", path, token=token, json=self.wish(**facts))

    def fill_in(self, event: dict[str, Any], *, name: str, email: str, wait: float = 2.05, **more: str) -> Answer:
        """By the page's form, as slowly as a human: the form counts the seconds since it was shown."""
        visitor, page = self.visitor(), f"/registration/{event['slug']}/sign-up"
        hidden = fields_of(visitor.get(page).text)
        time.sleep(wait)  # the minimum time is the product's rule, and a clock in another process cannot be moved
        fields = {"name": name, "email": email, "locale": "de", "consents.privacy": "true", "homepage": ""}
        return visitor.post(page, data={**hidden, **fields, **more})

    def attendee(self, event: dict[str, Any], **facts: Any) -> dict[str, Any]:
        """Somebody who holds a place: signed up by the organiser."""
        return done(self.sign_up(event, token=self.organiser, **facts), 201)

    def registrations(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """All registrations of an event, as its organiser sees them."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            path = f"/registration/api/v1/events/{event['id']}/registrations"
            page = done(self.call("GET", path, token=self.organiser, params={"limit": "100", **cursor}), 200)
            found += page["items"]
            if not page["next"]:
                return found
            cursor = {"cursor": page["next"]}

    def places(self, event: dict[str, Any]) -> dict[str, Any]:
        """Capacity, free and waiting."""
        return done(self.call("GET", f"/registration/api/v1/events/{event['id']}/availability"), 200)

    def ticket_of(self, email: str) -> str:
        """The code in the ticket's mail."""
        link = self.product.link(email, r"/registration/my/[0-9a-z-]+")
        page = requests.get(f"{self.base}{link}/ticket", timeout=20)
        return _found(_CODE, page).replace("-", "")

    def member(self, role: str = "organiser") -> str:
        """Somebody new with a role in Torweg, whose invitation has come."""
        email = address()
        wish = {"email": email, "role": role, "name": "Mitglied"}
        done(self.call("POST", "/events/api/v1/organisations/torweg/members", token=self.admin, json=wish), 201)
        self.product.mail(email)
        return email

    def link_of(self, email: str, number: int = 1) -> str:
        """The n-th sign-in link in somebody's mailbox."""
        return urlsplit(self.product.link(email, r"/events/account/link/[\w-]+", number=number)).path

    def signed_in(self, role: str = "organiser") -> Visitor:
        """The browser of a new member."""
        visitor = self.visitor()
        assert visitor.fill(self.link_of(self.member(role)), {}).status_code == 303
        return visitor

    def scan(self, ticket: str, *, token: str = "", **more: Any) -> Answer:
        """A scan at the door."""
        wish = {"scan_id": str(uuid4()), "ticket": ticket, "device": "Tor 1"} | more
        return self.call("POST", "/registration/api/v1/check-ins", token=token or self.helper, json=wish)

    def eventually_refused(self, visitor: Visitor, path: str) -> None:
        """401 as soon as the word has come round to the service."""
        eventually(lambda: visitor.get(path).status_code == 401, what=f"{path} is refused", seconds=15)

    def raw(self, data: bytes, *, until_closed: bool = False) -> bytes:
        """Bytes to the front door as they are; what comes back, up to the head's end or until it hangs up."""
        at = urlsplit(self.base)
        with socket.create_connection((at.hostname, at.port), timeout=15) as connection:
            connection.sendall(data)
            found = b""
            while until_closed or b"\r\n\r\n" not in found:
                got = connection.recv(65_536)
                if not got:
                    break
                found += got
        return found

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        return urlsplit(self.base).netloc


def done(answer: Answer, status: int) -> Any:
    """The document of an answer that must be the expected one."""
    assert answer.status_code == status, answer.text[:2000]
    return answer.json()


def address() -> str:
    """An address that nobody has used."""
    return f"person{next(_numbers)}-{uuid4().hex[:8]}@example.org"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def _found(pattern: re.Pattern[str], answer: Answer) -> str:
    hit = pattern.search(answer.text)
    assert hit, f"{answer.status_code} {answer.url}\n{answer.text[:500]}"
    return html.unescape(hit[1])
