"""The same two mails by calling jinja2, css-inline, qrcode, icalendar and the email package directly.

Everything that can be known beforehand is: the words of the event in the reader's language, the time zone component.
What is left is filling the same templates, one QR picture, one calendar, two MIME trees: less than any program needs.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
import qrcode
from icalendar import Calendar, Event, Timezone, vCalAddress, vText, vUri
from jinja2 import Environment
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """All that the two mails say. `facts` are those of the templates."""

    environment: Environment
    facts: dict[str, Any]
    entry_facts: dict[str, Any]
    name: str
    email: str
    sender: Address
    ticket_url: str
    starts_at: datetime
    ends_at: datetime
    zone: Timezone
    now: datetime

    def write(self) -> tuple[bytes, bytes]:
        """Ticket and invitation as they go over the line."""
        png = _png(self.ticket_url)
        ticket = self._mail("ticket")
        ticket.get_payload()[1].add_related(png, "image", "png", cid="<code@werktor.example.org>")  # type: ignore[index, union-attr]
        return ticket.as_bytes(policy=_POLICY), self._invitation().as_bytes(policy=_POLICY)

    def _mail(self, kind: str) -> EmailMessage:
        text = self.environment.get_template(f"{kind}.txt")
        subject = " ".join(text.render(self.facts, part="subject").split())
        facts = {**self.facts, "subject": subject, "part": "text"}
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = self.sender
        mail["To"] = Address(self.name, addr_spec=self.email)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.now)
        mail["Message-ID"] = f"<{kind}@werktor.example.org>"
        mail.set_content(text.render(facts))
        html = self.environment.get_template(f"{kind}.html").render(facts)
        mail.add_alternative(_INLINER.inline(html), subtype="html")
        return mail

    def _invitation(self) -> EmailMessage:
        mail, ics = self._mail("invitation"), self._calendar()
        part = EmailMessage(policy=_POLICY)
        part.set_content(ics, "text", "calendar", cte="base64", params={"charset": "utf-8", "method": "REQUEST"})
        mail.attach(part)
        mail.add_attachment(ics, "application", "ics", filename="invite.ics")
        return mail

    def _calendar(self) -> bytes:
        calendar, event, zone = Calendar(), Event(), ZoneInfo("Europe/Berlin")
        calendar.add("VERSION", "2.0")
        calendar.add("PRODID", "-//bench//bench//EN")
        calendar.add("METHOD", "REQUEST")
        event.add("UID", "bench@werktor.example.org")
        event.add("DTSTAMP", self.now)
        event.add("SEQUENCE", 0)
        event.add("DTSTART", self.starts_at.astimezone(zone))
        event.add("DTEND", self.ends_at.astimezone(zone))
        event.add("SUMMARY", self.facts["event"].title.text)
        event.add("DESCRIPTION", vText(self.environment.get_template("calendar_entry.txt").render(self.entry_facts)))
        event.add("LOCATION", ", ".join(self.entry_facts["session"].place))
        event.add("URL", vUri(self.facts["page_url"]))
        event.add("STATUS", "CONFIRMED")
        event.add("ORGANIZER", _person(self.sender.display_name, self.sender.addr_spec))
        event.add("ATTENDEE", _person(self.name, self.email))
        calendar.add_component(self.zone)
        calendar.add_component(event)
        return bytes(calendar.to_ical(sorted=False))


def _png(content: str) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=4)
    code.add_data(content, optimize=0)
    picture = io.BytesIO()
    code.make_image(image_factory=PilImage).save(picture, format="PNG")
    return picture.getvalue()


def _person(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = name
    address.params["PARTSTAT"] = "NEEDS-ACTION"
    address.params["RSVP"] = "TRUE"
    return address
