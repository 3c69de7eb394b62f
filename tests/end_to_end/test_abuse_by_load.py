"""What is sent to make the product stumble: too deep, too long, too many, not as it should be."""

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.town import Town, done, fields_of

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]

BODIES: dict[str, tuple[bytes, str]] = {
    "100 000 deep": (b"[" * 100_000, JSON),
    "100 000 deep objects": (b'{"name":' * 100_000 + b"1" + b"}" * 100_000, JSON),
    "a number of 5 000 digits": (b'{"name": ' + b"9" * 5000 + b"}", JSON),
    "a number of 65 bit": (b'{"name": 18446744073709551616}', JSON),
    "1e999": (b'{"name": 1e999}', JSON),
    "NaN": (b'{"name": NaN}', JSON),
    "a lone surrogate": (b'{"name": "\\ud800"}', JSON),
    "a NUL": (b'{"name": "a\\u0000b"}', JSON),
    "a key twice": (b'{"name": "a", "name": "b"}', JSON),
    "not UTF-8": (b'{"name": "\xff\xfe"}', JSON),
    "UTF-16": ('{"name": "a"}'.encode("utf-16"), JSON),
    "1 MB of text": (b'{"name": "' + b"x" * 1_000_000 + b'"}', JSON),
    "2 MB": (b'{"name": "' + b"x" * 2_000_000 + b'"}', JSON),
    "100 000 entries": (b'{"quota_ids": [' + b",".join([b'"a"'] * 100_000) + b"]}", JSON),
    "10 000 unknown fields": (b"{" + b",".join(b'"f%d": 1' % each for each in range(10_000)) + b"}", JSON),
    "a form": (b"name=a", FORM),
    "XML": (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "application/xml"),
    "plain text": (b"{}", "text/plain"),
    "no type": (b"{}", ""),
    "multipart without end": (
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        "multipart/form-data; boundary=x",
    ),
    "nothing": (b"", JSON),
    "null": (b"null", JSON),
    "a list": (b"[1]", JSON),
    "a text": (b'"a"', JSON),
    "a name as object": (b'{"name": {"$ne": null}, "email": ["a"], "consents": 1}', JSON),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_hostile_body_is_refused_at_once_by_every_door_that_takes_one(town: Town, case: str) -> None:
    """Case 29: sign-up, scans, events; with a token, so that nothing else stops it."""
    body, content_type = BODIES[case]
    event = _event(town)
    doors = [f"/registration/api/v1/events/{event['id']}/registrations", "/registration/api/v1/check-ins"]
    doors += ["/events/api/v1/events", f"/events/api/v1/events/{event['id']}/reschedule"]

    for door in doors:
        begun = time.monotonic()
        refused = town.call("POST", door, token=town.organiser, data=body, headers={"Content-Type": content_type})
        assert refused.status_code in {400, 411, 413, 415, 422}, (door, refused.status_code)
        assert time.monotonic() - begun < 5  # a second on a quiet machine
        assert "Traceback" not in refused.text
    assert town.registrations(event) == []


def test_a_hostile_form_is_refused_and_stores_nothing(town: Town) -> None:
    """Case 29: ten thousand fields, not UTF-8, NUL, other charsets, files instead of text."""
    event, visitor = _event(town), town.visitor()
    page = f"/registration/{event['slug']}/sign-up"
    token = fields_of(visitor.get(page).text)["csrf_token"]
    head = f"csrf_token={token}".encode()
    bodies = [
        (head + b"".join(b"&f%d=1" % each for each in range(10_000)), FORM),
        (head + b"&name=%ff%fe", FORM),
        (head + b"&name=a%00b", FORM),
        (head + b"&name=" + b"x" * 1_100_000, FORM),
        (head + b"&name=a", f"{FORM}; charset=utf-7"),
        (head, JSON),
        (b"", "multipart/form-data"),
        (head + b"&stamp=" + b"A" * 100_000 + b"&name=12", FORM),
        (head + b"&quota_ids=x" * 900, FORM),
    ]

    for body, content_type in bodies:
        refused = visitor.post(page, data=body, headers={"Content-Type": content_type})
        assert 400 <= refused.status_code < 500, (body[:120], refused.status_code)
    files = {"name": ("../../etc/passwd", b"\x00" * 100), "csrf_token": (None, token)}
    assert 400 <= visitor.post(page, files=files).status_code < 500
    assert town.registrations(event) == []


def test_a_body_without_its_length_is_refused(town: Town) -> None:
    """Case 29: chunked, with two lengths, with a wrong one. (A front door may gather chunks: then the size counts.)"""
    event = _event(town)
    path = f"/registration/api/v1/events/{event['id']}/registrations"
    start = f"POST {path} HTTP/1.1\r\nHost: {town.authority}\r\nContent-Type: {JSON}\r\nConnection: close\r\n"
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    sent = {
        "chunked": (start + "Transfer-Encoding: chunked\r\n\r\n").encode() + chunk * 2 + b"0\r\n\r\n",
        "two lengths": (start + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}").encode(),
        "both": (start + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x").encode(),
        "no number": (start + "Content-Length: -1\r\n\r\n").encode(),
        "a plus": (start + "Content-Length: +2\r\n\r\n{}").encode(),
        "an odd coding": (start + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n").encode(),
    }

    for case, data in sent.items():
        try:
            head = town.raw(data)
        except (ConnectionResetError, BrokenPipeError):
            continue  # hung up on us before we had said everything
        assert head.split(b" ", 2)[1:2] in ([b"400"], [b"411"], [b"413"], [b"415"], [b"422"], [b"501"]), (
            case,
            head[:80],
        )
    assert town.registrations(event) == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=1000000000",
        "limit=101",
        "limit=0",
        "limit=-1",
        "limit=9" + "9" * 5000,
        "limit=٣",
        "limit=1.5",
        "limit=1&limit=2000",
        "cursor=AAAA",
        "cursor=WyJhIl0",
        "cursor=" + "A" * 5000,
        "cursor=%00",
        "cursor=W10",
        "cursor=WzFd",
        "limit=%ff",
        "limit=1%00",
    ],
    ids=lambda each: each[:24],
)
def test_hostile_queries_of_lists_are_refused(town: Town, query: str) -> None:
    """Case 29: page sizes, forged cursors, unknown parameters."""
    event = _event(town)
    lists = [f"/registration/api/v1/events/{event['id']}/registrations", "/notifications/api/v1/mails"]
    lists += ["/events/api/v1/events"]

    for path in lists:
        if query == "limit=1&limit=2000":
            assert len(done(town.call("GET", f"{path}?{query}", token=town.organiser), 200)["items"]) <= 1
            continue
        refused = town.call("GET", f"{path}?{query}", token=town.organiser)
        assert refused.status_code in {400, 414, 422}, (path, refused.status_code, refused.text[:300])


def test_hostile_filters_of_pages_are_never_a_fault_of_ours(town: Town) -> None:
    """Case 29: the catalogue and the back office with absurd filters; `%` and `_` are letters."""
    values = [
        "%",
        "_",
        "\\",
        "'",
        '"',
        "x" * 101,
        "%" * 100,
        "9" * 400,
        "-1",
        "٣",
        "0",
        "10000000000000000000",
        "🦊" * 60,
    ]
    values += ["2026-99-99", "0001-01-01", "9999-12-31", "../../etc/passwd", "a\u202eb", "{}", "[]", "null", "NaN"]
    names = ("text", "city", "language", "format", "from", "to", "free", "page", "lang", "quota")
    visitor, organiser = town.visitor(), town.signed_in()
    event = _event(town)
    pages = ["/events/", f"/registration/{event['slug']}/sign-up", f"/events/{event['slug']}"]
    manage = ["/events/manage/", "/events/manage/events", "/events/manage/offers", "/notifications/manage/"]
    manage += [f"/registration/manage/{event['slug']}/"]

    for value in values:
        for page in pages:
            answer = visitor.get(page, params=dict.fromkeys(names, value))
            assert answer.status_code < 500, (page, value)
        for page in manage:
            query = dict.fromkeys((*names, "status", "state", "q", "cursor", "limit", "event_id", "sort"), value)
            assert organiser.get(page, params=query).status_code < 500, (page, value)
    nothing = visitor.get("/events/", params={"text": "%_%"})
    assert event["slug"] not in nothing.text
    for query in ("a=1&" * 200, "%ff=%fe", "a" * 9000, "lang=" + "a" * 500, "%00=1"):
        assert 400 <= visitor.get(f"/events/?{query}").status_code < 500 or query.startswith("lang")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "TRACK", "DEBUG", "get", "G\u00cbT", "X" * 100])
def test_odd_methods_are_refused(town: Town, method: str) -> None:
    """Case 29: methods that nobody serves; TRACE would echo cookies."""
    for path in ("/events/", "/registration/api/v1/check-ins", "/notifications/api/v1/mails", "/nowhere"):
        data = f"{method} {path} HTTP/1.1\r\nHost: {town.authority}\r\nX-Secret: abc\r\nConnection: close\r\n\r\n"
        head = town.raw(data.encode("latin-1"), until_closed=True)
        assert head.split(b" ", 2)[1:2] in ([b"400"], [b"404"], [b"405"], [b"501"]), head[:80]
        assert b"X-Secret" not in head


def test_odd_paths_and_headers_are_never_a_fault_of_ours(town: Town) -> None:
    """Case 29: overlong, doubly encoded, climbing, with controls; big cookies, many headers, odd languages."""
    paths = ["/events/" + "a" * 1500, "/events/%00", "/events/%ff", "/events/%252e%252e/", "/events/../../etc/passwd"]
    paths += ["/events/static/../app.py", "/events/static/%2e%2e/app.py", "/events/shared/..%2f..%2fsettings.py"]
    paths += ["/registration/check-in/assets/..%2f..%2fapp.py", "/events/static/", "/%", "/events/;a=b", "/events/%0a"]
    paths += ["/registration/api/v1/events/" + "9" * 40 + "/availability", "/events/api/v1/events/" + "-" * 36]
    paths += ["/t/" + "A" * 500, "/T/%F0%9F%A6%8A", "/t/", "/t", "/events/\u0661", "/EVENTS/", "/events//", "//"]
    for path in paths:
        for method in ("GET", "POST", "HEAD", "DELETE"):
            data = (
                f"{method} {path} HTTP/1.1\r\nHost: {town.authority}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            head = town.raw(data.encode())
            assert int(head.split(b" ", 2)[1]) < 500, (method, path)
            assert b"root:" not in head
    headers = [
        {"Accept-Language": "de;q=x,*;q=9,\u00e4"},
        {"Accept-Language": ",".join(["de"] * 500)},
        {"Accept": "application/xml;q=x"},
        {"Cookie": "at=" + "A" * 4000},
        {"Cookie": "; ".join(f"c{each}=1" for each in range(300))},
        {"Cookie": "events_session=.eJw; language=../../x; at=\"; sid='"},
        {"If-None-Match": '"' + "a" * 3000 + '"'},
        {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"},
        {"Range": "bytes=0-,5-4,-1"},
        {"Authorization": "Bearer " + "A" * 5000},
        {"Authorization": "Basic Og=="},
        {"User-Agent": "\u00ff" * 500},
        {"X-Forwarded-For": "evil, 999.1.1.1"},
        {"Content-Type": "\u00ff/;;="},
        {"Origin": "\u00ff"},
    ]
    for header in headers:
        for page in ("/events/", "/events/api/v1/events", "/registration/api/v1/openapi.json", "/events/calendar.ics"):
            answer = town.visitor().get(page, headers={name: value.encode("latin-1") for name, value in header.items()})
            assert answer.status_code < 500, (header, page)


def test_a_hundred_and_fifty_idle_connections_shut_nobody_out(town: Town) -> None:
    """Case 29: half a request each, and silence."""
    at = urlsplit(town.base)
    idle: list[socket.socket] = []
    try:
        for _ in range(150):
            idle.append(socket.create_connection((at.hostname, at.port), timeout=10))
            idle[-1].sendall(b"GET /events/ HTTP/1.1\r\nHost: x\r\nX-A: ")
        begun = time.monotonic()
        assert town.visitor().get("/events/", timeout=15).status_code == 200
        assert time.monotonic() - begun < 8
    finally:
        for each in idle:
            each.close()


def test_events_cannot_take_the_names_of_our_own_pages(town: Town) -> None:
    """Case 29: a slug that would hide a page or be hidden by one."""
    wish: dict[str, Any] = {"format": "conference", "title": "Tagung"}
    for slug in (
        "company",
        "account",
        "manage",
        "api",
        "static",
        "shared",
        "healthz",
        "readyz",
        "my",
        "check-in",
        "confirm",
    ):
        answer = town.call("POST", "/events/api/v1/events", token=town.organiser, json=wish | {"slug": slug})
        assert answer.status_code == 422 or answer.json()["slug"] != slug, slug
    assert town.visitor().get("/events/healthz").json() is not None


def _event(town: Town) -> dict[str, Any]:
    """One for all: nobody ever gets in."""
    if "besieged" not in town.__dict__:
        town.__dict__["besieged"] = town.event()
    found: dict[str, Any] = town.__dict__["besieged"]
    return found
