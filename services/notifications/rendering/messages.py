"""The bytes of a mail: made once, stored, and sent unchanged however often it takes.

Headers are written here by hand, because on some Pythons the standard library turns an encoded-word in a name
into a header of its own (CVE-2024-6923); what was written is read back and compared before it may leave.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.parser import BytesParser
from email.policy import default as reading
from email.quoprimime import header_encode
from email.utils import format_datetime
from itertools import groupby

from services.notifications.domain.text import header_text, sender_name
from services.notifications.rendering.calendar import Mailbox
from services.notifications.rendering.letters import Letter
from services.notifications.rendering.parts import alternative, calendar_text, file, mixed, picture, related, text

_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+")
_PLAIN_NAME = re.compile(r"[\x20-\x7e]*")


class HeaderSmuggled(ValueError):
    """The serialised headers are not those that were meant: this mail must not leave."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image inside the letter."""

    content_id: str
    png: bytes


@dataclass(frozen=True, kw_only=True)
class Draft:
    """All that a mail is made of. Addresses are ASCII (IDNA domains)."""

    letter: Letter
    sender: Mailbox
    recipient: Mailbox
    message_id: str
    date: datetime
    reply_to: str = ""
    thread: str = ""  # the Message-ID of the first mail about the same calendar entry
    picture: Picture | None = None
    calendar: bytes = b""
    method: str = ""


def serialise(draft: Draft) -> bytes:
    """The whole mail, 7-bit, CRLF. Raises HeaderSmuggled rather than give out what was not meant."""
    headers, body = _headers(draft), _tree(draft)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    content = f"{head}MIME-Version: 1.0\r\n".encode("ascii") + body
    _ensure_as_meant(content, draft, [*(name for name, _ in headers), "MIME-Version", "Content-Type"])
    return content


def _tree(draft: Draft) -> bytes:
    """As Thunderbird, nodemailer and Exchange have it: the invitation last in the alternative, a copy as a file."""
    page = text("html", draft.letter.html)
    if draft.picture:
        page = related(page, picture(draft.picture.png, draft.picture.content_id, "ticket.png"))
    if not draft.calendar:
        return alternative(text("plain", draft.letter.text), page)
    invitation = calendar_text(draft.calendar, draft.method)
    letter = alternative(text("plain", draft.letter.text), page, invitation)
    return mixed(letter, file(draft.calendar, "application/ics", "invite.ics"))


def _headers(draft: Draft) -> list[tuple[str, str]]:
    headers = [
        ("From", _address("From", sender_name(draft.sender.name), draft.sender.email)),
        ("To", _address("To", header_text(draft.recipient.name, 75), draft.recipient.email)),
        ("Subject", _encoded("Subject", draft.letter.subject)),
        ("Date", format_datetime(draft.date)),
        ("Message-ID", draft.message_id),
        ("Content-Language", draft.letter.locale.replace("_", "-")),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, DR, NRN, RN, AutoReply"),
    ]
    if draft.reply_to:
        headers.append(("Reply-To", _address("Reply-To", "", draft.reply_to)))
    if draft.thread and draft.thread != draft.message_id:
        headers += [("In-Reply-To", draft.thread), ("References", draft.thread)]
    return headers


def _address(header: str, name: str, address: str) -> str:
    if re.search(r"[^\x21-\x7e]|[<>,;:\"\\()]", address) or address.count("@") != 1:
        raise HeaderSmuggled(f"{header} is not an address that can stand in a header")
    if not name:
        return address
    if _PLAIN_NAME.fullmatch(name):
        shown = '"' + name.replace("\\", "").replace('"', "'") + '"'
        return f"{shown} <{address}>" if len(header) + len(shown) + len(address) < 70 else f"{shown}\r\n <{address}>"
    return f"{_phrase(name)}\r\n <{address}>"


def _phrase(name: str) -> str:
    """A display name: one encoded-word if it can be, plain words between encoded ones if it is long.

    A name is never cut into adjacent encoded-words, which many readers (Python before 3.13 among them) join with
    a space that was not there. So a long run of strange letters makes a word longer than the 75 signs of RFC 2047.
    """
    whole = _word(name)
    if len(whole) <= 75:
        return whole
    runs = [(plain, " ".join(words)) for plain, words in groupby(name.split(" "), key=_is_atom)]
    return "\r\n ".join(text if plain else _word(text) for plain, text in runs)


def _word(text: str) -> str:
    """The shorter of the two encoded-words."""
    raw = text.encode()
    return min(f"=?utf-8?b?{b64encode(raw).decode()}?=", header_encode(raw, "utf-8"), key=len)


def _is_atom(word: str) -> bool:
    return _ATOM.fullmatch(word) is not None


def _encoded(header: str, text: str) -> str:
    """RFC 2047 where needed, folded, cut between characters only."""
    charset = "us-ascii" if _PLAIN_NAME.fullmatch(text) else "utf-8"
    return Header(text, charset=charset, header_name=header, maxlinelen=75).encode(linesep="\r\n")


def _ensure_as_meant(content: bytes, draft: Draft, names: list[str]) -> None:
    if b"\0" in content or max(content) > 127:
        raise HeaderSmuggled("the mail is not 7-bit")
    read = BytesParser(policy=reading).parsebytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    if [name.lower() for name in read] != [name.lower() for name in names]:
        raise HeaderSmuggled("the mail has other headers than were written")
    for header, mailbox in (("From", draft.sender), ("To", draft.recipient)):
        found = read[header].addresses
        if len(found) != 1 or found[0].addr_spec != mailbox.email:
            raise HeaderSmuggled(f"{header} holds another address than was meant")
    if " ".join(str(read["Subject"]).split()) != " ".join(draft.letter.subject.split()):
        raise HeaderSmuggled("the subject reads differently than was meant")
