"""The people of the story, each with a browser of her own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@contextmanager
def browser(playwright: Playwright, *more: str) -> Iterator[Browser]:
    """Chromium without a screen."""
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *more])
    try:
        yield started
    finally:
        started.close()


class Person:
    """One browser window; whatever the console complains about is kept."""

    def __init__(self, started: Browser, base: str, *, language: str = "en", size: Any = DESK, **options: Any) -> None:
        self.context: BrowserContext = started.new_context(
            base_url=base, locale=language, viewport=size, accept_downloads=True, **options
        )
        self.context.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str) -> Page:
        """Open a page; it must be there."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        return self.page

    def press(self, name: str) -> None:
        """Press the visible button of that name."""
        self.page.get_by_role("button", name=name, exact=True).filter(visible=True).first.click()

    def fill(self, **values: str) -> None:
        """Fill fields by their name; __ stands for a dot."""
        for name, value in values.items():
            self.page.locator(f"[name='{name.replace('__', '.')}']:visible").first.fill(value)

    def tick(self, name: str, value: str) -> None:
        """Tick a box or choose a radio button, however it is dressed."""
        self.page.locator(f"input[name='{name}'][value='{value}']").check(force=True)

    def sees(self, text: str) -> bool:
        """Wait until the page shows the words."""
        self.page.get_by_text(text).filter(visible=True).first.wait_for()
        return True

    def picture(self, folder: Path, name: str) -> None:
        """What she sees."""
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def pictured(folder: Path, **people: Person) -> Iterator[None]:
    """If the story breaks off, keep what each of them had on the screen."""
    try:
        yield
    except BaseException:
        for name, person in people.items():
            person.picture(folder, name)
        raise
