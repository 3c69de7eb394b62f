"""The registration service behind a real socket, with an event, its door, and browsers that see tickets."""

import base64
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import axe_playwright_python
import qrcode
import requests
from playwright.sync_api import Browser, BrowserContext, Page
from qrcode.image.pil import PilImage
from werkzeug.serving import make_server

from services.registration.app import create_app
from services.registration.settings import RegistrationSettings
from shared import clock
from shared.contracts.events import EventSnapshot
from shared.http.identity import ACCESS_COOKIE, issue_access, issue_api_token
from shared.http.keys import signing_key
from shared.policy import Actor, Role
from shared.settings import CommonSettings
from tests.registration.check_in_door import KEY, Door, open_door

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}
CAMERA = (Path(__file__).parent / "canvas_camera.js").read_text(encoding="utf-8")


@dataclass
class Site:
    """A running service. `origin` is where; `door` is what its database holds."""

    origin: str
    door: Door
    settings: RegistrationSettings
    key: Any

    def access(self, actor: Actor) -> str:
        """The cookie that says who somebody is."""
        return issue_access(actor, key=self.key, now=clock.now())

    def token(self, role: Role, *, organisation: UUID | None = None) -> str:
        """An API token of the event's organisation."""
        now = clock.now()
        return issue_api_token(
            key=self.key,
            jti=uuid4(),
            organisation_id=organisation or self.door.event.organiser.id,
            role=role,
            now=now,
            expires_at=now + timedelta(days=1),
        )

    def ask(self, method: str, path: str, *, role: Role = Role.HELPER, **options: Any) -> requests.Response:
        """A program with a token asks."""
        headers = {"Authorization": f"Bearer {self.token(role, organisation=options.pop('organisation', None))}"}
        return requests.request(method, self.origin + path, headers=headers, timeout=20, **options)

    @property
    def path(self) -> str:
        """The scanner's address."""
        return f"/registration/check-in/{self.door.event.slug}"

    def phone(self, browser: Browser, *, actor: Actor | None = None, camera: bool = True, **options: Any) -> "Phone":
        """A browser of somebody at the door, by default a signed-in helper's phone."""
        settings = {"viewport": PHONE, "base_url": self.origin, "locale": "en", **options}
        context = browser.new_context(**settings)
        if camera:
            context.add_init_script(CAMERA)
        access = self.access(actor or self.door.helper)
        context.add_cookies([{"name": ACCESS_COOKIE, "value": access, "url": self.origin}])
        return Phone(context, context.new_page(), self)


@dataclass
class Phone:
    """A phone in somebody's hand."""

    context: BrowserContext
    page: Page
    site: Site

    def open(self, path: str = "", **query: str) -> Page:
        """The scanner, its scripts ready."""
        extra = "&".join(f"{name}={value}" for name, value in query.items())
        self.page.goto((path or self.site.path) + (f"?{extra}" if extra else ""))
        self.page.wait_for_selector("[data-door][data-ready=yes]")
        return self.page

    def see(self, text: str) -> None:
        """Hold a QR code before the camera; nothing for an empty text."""
        self.page.evaluate("(picture) => window.showPicture(picture)", qr_picture(text) if text else "")

    def type(self, text: str) -> None:
        """Type a code and press the button."""
        self.page.fill("#ticket", text)
        self.page.press("#ticket", "Enter")

    def shows(self, verdict: str) -> str:
        """Wait for a verdict; its words."""
        self.page.wait_for_selector(f"[data-door][data-showing={verdict}]", timeout=10_000)
        return self.page.inner_text("[data-result]")

    def faults(self) -> list[str]:
        """What axe-core finds."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]

    def close(self) -> None:
        """Put it away."""
        self.context.close()


@contextmanager
def open_site(url: str, folder: Path, *, event: EventSnapshot | None = None, **differences: Any) -> Iterator[Site]:
    """Start the service on a free port."""
    door = open_door(url, event=event)
    key = signing_key(str(folder / "identity.key"), str(folder / "identity.pub"))
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True)
    origin = f"http://127.0.0.1:{server.server_port}"
    settings = RegistrationSettings(
        common=CommonSettings(
            service="registration",
            secret_key=KEY.decode(),
            var=folder,
            database_url=url,
            public_base_url=origin,
            identity_public_key=str(folder / "identity.pub"),
            **differences,
        )
    )
    server.app = create_app(settings, door.engine)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(origin, door, settings, key)
    server.shutdown()
    thread.join()
    server.server_close()
    door.close()


def qr_picture(text: str) -> str:
    """A QR code as a data address."""
    picture = qrcode.QRCode(box_size=8, border=4)
    picture.add_data(text)
    stream = io.BytesIO()
    picture.make_image(image_factory=PilImage).save(stream)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def _not_yet(_environ: Any, _start: Any) -> Any:
    raise AssertionError("the application is put in before anybody asks")
