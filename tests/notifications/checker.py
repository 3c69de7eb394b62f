"""Judges mails by their bytes: MIME M01-M13, calendar I01-I26, headers H01-H08. Knows nothing of our code.

Every rule that does not hold is named in the answer; an empty list is a sound mail.
"""

import base64
import email
import email.policy
import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage

PROPERTY = re.compile(
    rb"^([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*)(?:,(?:\"[^\"]*\"|[^\";:,]*))*)*):(.*)$", re.S
)
ONCE = ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "ORGANIZER", "ATTENDEE", "SEQUENCE", "STATUS")


def faults_of_invitation(raw: bytes, *, code: str, page_url: str) -> list[str]:
    """Every broken rule of an invitation, an update or a cancellation."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    faults = [*_mime(raw, mail, code), *headers(raw)]
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    if len(parts) != 1:
        return [*faults, "M04"]
    ics = parts[0].get_payload(decode=True)
    assert isinstance(ics, bytes)
    return [*faults, *_bytes(ics), *_calendar(ics, mail, parts[0], code, page_url)]


def faults_of_ticket(raw: bytes) -> list[str]:
    """M13 and the rules that hold for every mail."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    kinds = [part.get_content_type() for part in mail.walk()]
    names = [part.get_filename() or "" for part in mail.walk()]
    return [
        *_if("M13", "text/calendar" in kinds or any(name.endswith(".ics") for name in names)),
        *_if("M09", max(raw) > 127),
        *_if("M10", any(len(line) > 998 for line in raw.split(b"\r\n"))),
        *headers(raw),
    ]


def headers(raw: bytes) -> Iterator[str]:
    """H01-H08 as far as one mail shows them (H06 is the envelope)."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    names = [name.lower() for name in mail]
    yield from _if("H00 each header once", len(names) != len(set(names)))
    yield from _if("H00 CRLF only", re.search(r"(?<!\r)\n|\r(?!\n)", head) is not None)
    yield from _if("H01", re.fullmatch(r"<[0-9a-f-]{36}@[a-z.]+>", mail["Message-ID"]) is None or not mail["Date"])
    yield from _if("H02", mail["Auto-Submitted"] != "auto-generated")
    yield from _if("H03", "precedence" in names)
    yield from _if("H04", "bcc" in names or "cc" in names)
    yield from _if("H05", mail["X-Auto-Response-Suppress"] is None)
    yield from _if("H07", "list-unsubscribe" in names)
    yield from _if("H08", not mail["To"].addresses[0].addr_spec.isascii() or len(mail["To"].addresses) != 1)


def _mime(raw: bytes, mail: EmailMessage, code: str) -> Iterator[str]:
    yield from _if("M01", mail.get_content_type() != "multipart/mixed")
    first, *others = mail.iter_parts()
    yield from _if("M02", first.get_content_type() != "multipart/alternative")
    inside = list(first.iter_parts())
    kinds = [part.get_content_type() for part in inside]
    yield from _if("M03", kinds not in (["text/plain", "text/html", "text/calendar"],))
    calendar = inside[-1]
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    method = re.search(rb"^METHOD:(\w+)\r$", content, re.M)
    yield from _if("M05", method is None or calendar.get_param("method") != method[1].decode())
    yield from _if("M06", any(part.get_content_charset() != "utf-8" for part in inside))
    yield from _if("M07", calendar.get("Content-Disposition") is not None or calendar.get_param("name") is not None)
    yield from _if("M08", calendar["Content-Transfer-Encoding"] not in ("base64", "quoted-printable"))
    yield from _if("M09", max(raw) > 127)
    yield from _if("M10", any(len(line) > 998 for line in raw.split(b"\r\n")))
    yield from _if(
        "M11",
        [(part.get_content_type(), part.get_filename()) for part in others] != [("application/ics", "invite.ics")],
    )
    yield from _if("M11", others[0].get_payload(decode=True) != content)
    yield from _if(
        "M12",
        any(
            part.get_content_maintype() in ("image", "video") or "pdf" in part.get_content_type()
            for part in mail.walk()
        ),
    )
    yield from _if("M12", _holds(raw, mail, code))


def _holds(raw: bytes, mail: EmailMessage, code: str) -> bool:
    texts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    spellings = [code, " ".join(code[at : at + 4] for at in range(0, len(code), 4))]
    return any(
        one.lower().encode() in text.lower() for one in spellings for text in [raw, *texts] if isinstance(text, bytes)
    )


def _bytes(ics: bytes) -> Iterator[str]:
    yield from _if("I01", re.search(rb"(?<!\r)\n|\r(?!\n)", ics) is not None or not ics.endswith(b"\r\n"))
    yield from _if("I02", ics.startswith(b"\xef\xbb\xbf"))
    lines = ics.split(b"\r\n")
    yield from _if("I03", any(len(line) > 75 for line in lines))
    for line in lines:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            yield "I04"
    text = ics.decode("utf-8", "replace").replace("\r\n", "")
    yield from _if("I05", re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", text) is not None)


def _calendar(ics: bytes, mail: EmailMessage, part: EmailMessage, code: str, page_url: str) -> Iterator[str]:
    lines = ics.replace(b"\r\n ", b"").rstrip(b"\r\n").split(b"\r\n")
    yield from _if("I00 every line is a property", any(PROPERTY.match(line) is None for line in lines))
    text = [line.decode() for line in lines]
    yield from _if("I06", text.count("BEGIN:VCALENDAR") != 1 or text[0] != "BEGIN:VCALENDAR")
    yield from _if("I07", text[1] != "VERSION:2.0" or not text[2].startswith("PRODID:"))
    method = next((line[7:] for line in text if line.startswith("METHOD:")), "")
    yield from _if("I08", method not in ("REQUEST", "CANCEL") or part.get_param("method") != method)
    start, end = text.index("BEGIN:VEVENT"), text.index("END:VEVENT")
    event = text[start + 1 : end]
    yield from _if("I09", text.count("BEGIN:VEVENT") != 1)
    for name in ONCE:
        yield from _if(f"I10 {name}", sum(bool(re.match(rf"{name}[;:]", line)) for line in event) != 1)
    value = {re.split("[;:]", line)[0]: line for line in event}
    yield from _if("I11", re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", value["DTSTAMP"]) is None)
    yield from _if("I12", re.fullmatch(r"UID:[a-z2-7]{26,}@[a-z.]+", value["UID"]) is None)
    sender, recipient = mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec
    yield from _if("I13", not value["ORGANIZER"].endswith(f":mailto:{sender}"))
    yield from _if("I14", not value["ATTENDEE"].endswith(f":mailto:{recipient}"))
    yield from _if("I15", "mailto:" not in value["ORGANIZER"] or "mailto:" not in value["ATTENDEE"])
    wanted = ("PARTSTAT=NEEDS-ACTION", "RSVP=TRUE", "ROLE=REQ-PARTICIPANT", "CUTYPE=INDIVIDUAL")
    yield from _if("I16", any(one not in value["ATTENDEE"] for one in wanted))
    yield from _if("I17", value["STATUS"] != ("STATUS:CANCELLED" if method == "CANCEL" else "STATUS:CONFIRMED"))
    yield from _if("I18", re.search(r"no-?reply", sender) is not None)
    yield from _if(
        "I19", any(re.search(r';CN="[^"]{1,75}"[;:]', value[name]) is None for name in ("ORGANIZER", "ATTENDEE"))
    )
    yield from _if("I20", _instant_text(value["DTEND"]) <= _instant_text(value["DTSTART"]))
    yield from _zones(text, value)
    yield from _if("I24", "BEGIN:VALARM" in text and method == "CANCEL")
    description = value.get("DESCRIPTION", "")
    yield from _if("I26", page_url not in description or code in description)


def _zones(text: list[str], value: dict[str, str]) -> Iterator[str]:
    defined = [line[5:] for line in text if line.startswith("TZID:")]
    for name in ("DTSTART", "DTEND"):
        zone = re.match(r"DT\w+;TZID=([^:]+):\d{8}T\d{6}$", value[name])
        yield from _if("I21", zone is not None and zone[1] not in defined)
        yield from _if("I23", zone is None and re.fullmatch(r"DT\w+:\d{8}T\d{6}Z", value[name]) is None)
    if "BEGIN:VTIMEZONE" in text:
        zone_lines = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")]
        yield from _if("I22", any(line.startswith(("RDATE", "COMMENT")) for line in zone_lines))
        rules = [line for line in zone_lines if line.startswith("RRULE")]
        yield from _if("I22", any(rule.count("BYDAY=") != 1 or "BYMONTHDAY" in rule for rule in rules))


def _instant_text(line: str) -> datetime:
    return datetime.strptime(line.rpartition(":")[2].rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - compared with its like


def _if(rule: str, broken: bool) -> list[str]:
    return [rule] if broken else []


def decoded_base64(text: str) -> bytes:
    """For QR pictures."""
    return base64.b64decode(text)
