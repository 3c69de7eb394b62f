"""A mail taken apart for the mailbox page."""

import base64
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

_HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "References")


@dataclass(frozen=True, kw_only=True)
class OpenedMail:
    """Its parts as a reader finds them."""

    text: str
    has_html: bool
    calendar: str
    attachments: tuple[tuple[str, str, int], ...]  # name, type, bytes
    headers: tuple[tuple[str, str], ...]


def open_mail(raw: bytes) -> OpenedMail:
    """Read the stored bytes."""
    mail = _parsed(raw)
    parts = list(mail.walk())
    return OpenedMail(
        text=_first(parts, "text/plain"),
        has_html=any(part.get_content_type() == "text/html" for part in parts),
        calendar=_first(parts, "text/calendar").replace("\r\n ", "").replace("\r\n", "\n"),
        attachments=tuple(
            (part.get_filename() or "", part.get_content_type(), len(_bytes(part)))
            for part in parts
            if part.get_filename()
        ),
        headers=tuple((name, str(mail[name])) for name in _HEADERS if name in mail),
    )


def safe_html(raw: bytes) -> str:
    """The HTML part with its inline pictures in it; links open outside the frame."""
    parts = list(_parsed(raw).walk())
    html = _first(parts, "text/html")
    pictures = {
        str(part["Content-ID"]).strip("<>"): f"data:{part.get_content_type()};base64,{_base64(part)}"
        for part in parts
        if part["Content-ID"] and part.get_content_maintype() == "image"
    }
    html = re.sub(r"cid:([^\"']+)", lambda found: pictures.get(found[1], found[0]), html)
    return html.replace("<head>", '<head><base target="_blank">', 1)


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def _first(parts: list[EmailMessage], content_type: str) -> str:
    for part in parts:
        if part.get_content_type() == content_type:
            return _bytes(part).decode("utf-8", "replace")
    return ""


def _bytes(part: EmailMessage) -> bytes:
    return cast("bytes", part.get_payload(decode=True) or b"")


def _base64(part: EmailMessage) -> str:
    return base64.b64encode(_bytes(part)).decode("ascii")
