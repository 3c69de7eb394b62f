"""What mails and files say, read by other programs than ours."""

import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import vobject
import zxingcpp
from PIL import Image


def qr_picture(mail: EmailMessage) -> bytes:
    """The one PNG in a ticket mail."""
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    return bytes(picture.get_payload(decode=True))  # type: ignore[arg-type]


def qr_text(png: bytes) -> str:
    """What a scanner reads at three pixels a module: the mail's picture has eight and a border of four."""
    picture = Image.open(BytesIO(png)).convert("L")
    small = picture.resize((picture.width * 3 // 8, picture.height * 3 // 8), Image.Resampling.BILINEAR)
    (found,) = zxingcpp.read_barcodes(small)
    return str(found.text)


def calendar_part(mail: EmailMessage) -> bytes:
    """The calendar object as a client takes it."""
    (part,) = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    return bytes(part.get_payload(decode=True))  # type: ignore[arg-type]


def is_invitation(mail: EmailMessage) -> bool:
    """Whether there is something for the calendar in it."""
    return any(part.get_content_type() == "text/calendar" for part in mail.walk())


class Entry:
    """A calendar object read by vobject."""

    def __init__(self, mail: EmailMessage) -> None:
        self.calendar: Any = vobject.readOne(calendar_part(mail).decode())
        self.event: Any = self.calendar.vevent

    @property
    def method(self) -> str:
        """REQUEST or CANCEL."""
        return str(self.calendar.method.value)

    @property
    def uid(self) -> str:
        """What ties updates to the first invitation."""
        return str(self.event.uid.value)

    @property
    def sequence(self) -> int:
        """Which version of it."""
        return int(self.event.sequence.value)

    @property
    def start(self) -> datetime:
        """In UTC."""
        value: datetime = self.event.dtstart.value
        return value.astimezone(UTC)

    @property
    def attendee(self) -> str:
        """Her name as the calendar shows it."""
        return str(self.event.attendee.params["CN"][0])


def film_of(png: bytes, folder: Path) -> Path:
    """A camera's picture of the code, as Chromium's fake camera takes it (30 fps, yuvj420p, even sizes)."""
    still, film = folder / "code.png", folder / "camera.mjpeg"
    still.write_bytes(png)
    pad = "scale=iw*2:ih*2:flags=neighbor,pad=1280:720:(ow-iw)/2:(oh-ih)/2:color=gray,fps=30,format=yuv420p"
    command = ["ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", str(still), "-t", "2", "-vf", pad]
    subprocess.run(
        [*command, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-f", "mjpeg", str(film)], check=True
    )
    return film
