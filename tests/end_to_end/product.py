"""The running product under test: one process with everything embedded, or every role on real servers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import requests

T = TypeVar("T")
_given: set[int] = set()
SEEN_WITHIN = 40  # seconds; the machine may be busy


@dataclass
class Product:
    """A command, its environment, and what comes out of it."""

    command: list[str]
    environment: dict[str, str]
    mail_folder: Path
    process: "subprocess.Popen[bytes] | None" = None
    log: Path = field(default_factory=Path)
    patience: float = 240  # seconds to start; the machine may be busy
    read: dict[Path, EmailMessage] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where people find it."""
        return self.environment["WERKTOR_PUBLIC_BASE_URL"]

    def start(self) -> None:
        """Start it and wait until all three services are ready."""
        self.log = Path(self.environment["VAR"]) / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=os.environ | self.environment, stdout=log, stderr=log, start_new_session=True
            )
        for service in ("events", "registration", "notifications"):
            eventually(
                lambda service=service: self._is_ready(service), what=f"{service} is ready", seconds=self.patience
            )

    def stop(self) -> None:
        """End it as Ctrl-C would; it must do so by itself."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(40)

    def kill(self) -> None:
        """kill -9 for all its processes at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def run(self, *arguments: str) -> str:
        """A command of the events service beside it, as an administrator types it; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "services.events", *arguments],
            env=os.environ | self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def mails(self) -> list[EmailMessage]:
        """Every mail that was sent, in order."""
        paths = sorted(self.mail_folder.glob("*.eml"))
        for path in paths:
            if path not in self.read:  # a mail never changes
                self.read[path] = message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[assignment]
        return [self.read[path] for path in paths]

    def mail(self, to: str, *, having: str = "", number: int = 1) -> EmailMessage:
        """The n-th mail to an address whose subject or text has the words, as soon as it is there."""

        def found() -> EmailMessage | None:
            matching = [each for each in self.mails() if each["To"] and to in str(each["To"]) and having in words(each)]
            return matching[number - 1] if len(matching) >= number else None

        return eventually(found, what=f"mail number {number} to {to} with {having!r}")

    def link(self, to: str, pattern: str, *, number: int = 1) -> str:
        """The address in a mail that matches the pattern."""

        def found() -> str | None:
            links = [
                hit for each in self.mails() if to in str(each["To"]) for hit in re.findall(pattern, text_of(each))
            ]
            unique = list(dict.fromkeys(links))
            return unique[number - 1] if len(unique) >= number else None

        return eventually(found, what=f"link {pattern} to {to}")

    def _is_ready(self, service: str) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"it ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")
        try:
            return requests.get(f"{self.base}/{service}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False


def eventually(look: Callable[[], T | None], *, what: str, seconds: float = SEEN_WITHIN) -> T:
    """Look until there is something true; a deadline, not a pause, decides."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def words(mail: EmailMessage) -> str:
    """Subject and text."""
    return f"{mail['Subject']}\n{text_of(mail)}"


@contextmanager
def free_ports(count: int) -> Iterator[int]:
    """The first of `count` ports in a row that were free a moment ago and that this process gave to nobody yet.

    Neighbouring processes begin to look far from each other.
    """
    for first in range(20_000 + os.getpid() * 32 % 36_000, 60_000, count):
        ports = set(range(first, first + count))
        if not ports & _given and all(_is_free(each) for each in ports):
            _given.update(ports)
            yield first
            return


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
