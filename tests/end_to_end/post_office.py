"""A real SMTP server that keeps every mail as a file."""

from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.end_to_end.product import free_ports


class PostOffice:
    """Use as a context manager; `url` is for NOTIFICATIONS_SMTP_URL."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = 0
        with free_ports(1) as port:
            self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self.url = f"smtp://127.0.0.1:{port}"

    def __enter__(self) -> "PostOffice":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep it; the file appears whole."""
        self._count += 1
        draft = self._folder / f".{self._count:06}"
        draft.write_bytes(envelope.content)
        draft.rename(self._folder / f"{self._count:06}.eml")
        return "250 kept"
