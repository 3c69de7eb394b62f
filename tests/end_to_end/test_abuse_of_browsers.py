"""What is tried with somebody else's browser: forged posts, stolen sessions, led astray, framed."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

import pytest

from tests.end_to_end.doors import Door, doors
from tests.end_to_end.product import text_of
from tests.end_to_end.town import Answer, Town, address, done

EVIL = "https://evil.example"
ELSEWHERE = [
    EVIL,
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://127.0.0.1@evil.example",
    "@evil.example",
    ".evil.example",
    "/%5cevil.example",
    "/%2f/evil.example",
    "/%09/evil.example",
    "/..//evil.example",
    "/events/..%2f/evil.example",
    "/events/\r\nSet-Cookie: a=b",
    "/events/%0d%0aSet-Cookie:%20a=b",
    "/\u2028/evil.example",
    "／／evil.example",
    "http://127.0.0.1:1\\@evil.example",
    "/" + "a" * 3000,
]
HOSTS = [
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example@127.0.0.1",
    "127.0.0.1@evil.example",
    "[::1",
    "127.0.0.1:99999999",
    "127.0.0.1:x",
    "a" * 300,
    "127.0.0.1/../evil",
    "127.0.0.1\\evil",
    "xn--127-0-0-1",
    "127.0.0.1, evil.example",
    "0x7f.1",
    "",
]
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


def test_no_form_is_accepted_without_its_token_whatever_the_address(town: Town) -> None:
    """Case 6: every address of the product that takes a post, asked with a signed-in browser."""
    visitor = town.signed_in("admin")

    answers = {door: visitor.request(door.method, door.example) for door in doors() if door.writes and not door.is_api}

    assert len(answers) > 30
    assert {door: each.status_code for door, each in answers.items() if each.status_code != 400} == {}


def test_no_json_is_accepted_from_a_browser_without_a_token(town: Town) -> None:
    """Case 6: cookies alone do not make an API call."""
    visitor = town.signed_in("admin")

    answers = {
        door: visitor.request(door.method, door.example, **_body(door))
        for door in doors()
        if door.writes and door.is_api
    }

    assert len(answers) > 8
    assert {door: each.status_code for door, each in answers.items() if each.status_code != 400} == {}


def _body(door: Door) -> dict[str, Any]:
    """What the door would take: files where they belong, JSON everywhere else."""
    if door.example.endswith("/files"):
        return {"data": b"%PDF-1.4", "headers": {"Content-Type": "application/pdf"}}
    return {"json": {}}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "{base}.evil.example"},
        {"Origin": "{base}@evil.example"},
    ],
    ids=lambda each: "-".join(*each.items()),
)
def test_no_write_is_accepted_from_another_site_even_with_a_token(town: Town, headers: dict[str, str]) -> None:
    """Case 6: the token may have leaked; where the post comes from counts too."""
    visitor = town.signed_in()
    told = {name: value.format(base=town.base) for name, value in headers.items()}
    fields = {"csrf_token": visitor.csrf("/events/account/"), "name": "Übernommen", "locale": "de"}

    refused = visitor.post("/events/account/", data=fields, headers=told)
    others = [visitor.request(each.method, each.example, data=fields, headers=told) for each in _some_doors()]

    assert {refused.status_code, *(each.status_code for each in others)} == {403}
    assert "Übernommen" not in visitor.get("/events/account/").text


def test_a_token_of_another_browser_does_not_help(town: Town) -> None:
    """Case 6: the attacker's own token in the victim's browser."""
    victim = town.signed_in()
    foreign = town.visitor().csrf("/events/account/sign-in")

    refused = victim.post("/events/account/", data={"csrf_token": foreign, "name": "Übernommen", "locale": "de"})

    assert refused.status_code == 400
    assert "Übernommen" not in victim.get("/events/account/").text


def test_reading_an_address_that_takes_posts_changes_nothing(town: Town) -> None:
    """Case 6: GET and HEAD of everything that writes; nobody is signed out, nothing is lost."""
    visitor, event = town.signed_in(), town.event()
    registered = town.attendee(event)

    for door in doors():
        if door.writes:
            assert visitor.get(door.example).status_code < 500
            assert visitor.head(door.example).status_code < 500
    path = f"/registration/api/v1/registrations/{registered['id']}/cancel"
    assert town.call("GET", path, token=town.organiser).status_code == 404

    assert visitor.get("/events/account/").status_code == 200
    assert town.registrations(event) == [registered]


def test_no_next_address_leads_elsewhere(town: Town) -> None:
    """Case 12: where one goes after signing in and after a renewed session."""
    visitor, stranger = town.signed_in(), town.visitor()

    for target in ELSEWHERE:
        for who, page in ((visitor, "sign-in"), (visitor, "refresh"), (stranger, "refresh")):
            answer = who.get(f"/events/account/{page}", params={"next": target})
            assert answer.status_code == 303, target
            _ensure_here(answer)


def test_no_path_that_looks_like_a_host_is_led_to_it(town: Town) -> None:
    """Case 12: redirects that are made of the path that was asked for."""
    visitor = town.visitor()

    for path in ("//evil.example/", "//evil.example/events/manage/", "/%5Cevil.example/", "/\\evil"):
        head = town.raw(f"GET {path} HTTP/1.1\r\nHost: {town.authority}\r\nConnection: close\r\n\r\n".encode())
        assert b"evil" not in _header(head, b"location").partition(b"?")[0]
        _ensure_here(visitor.get(f"/events/manage/{quote(path)}"))


def test_a_link_that_carries_another_address_signs_in_and_stays_here(town: Town) -> None:
    """Case 12: the target travels through the form, the mail and the link."""
    email = town.member()
    town.visitor().fill("/events/account/sign-in", {"email": email, "next": "//evil.example"})
    mail = town.product.mail(email, number=2)
    link = next(word for word in text_of(mail).split() if "/account/link/" in word)

    answer = town.visitor().fill(link, {})

    assert answer.status_code == 303
    assert answer.headers["Location"] in {"/events/manage/", "/events/account/"}


def test_a_sign_in_link_survives_every_look_and_works_once(town: Town) -> None:
    """Case 22: mail scanners open links, also with HEAD; only the button counts, and only once."""
    email = town.member()
    link = town.link_of(email)

    looks = [town.visitor().request(method, link) for method in ("GET", "HEAD", "OPTIONS") * 5]
    blind = town.visitor().post(link)
    used, again = town.visitor(), town.visitor()
    token = again.csrf(link)
    first = used.fill(link, {})
    second = again.post(link, data={"csrf_token": token})

    assert {each.status_code for each in looks} == {200}
    assert not [each for each in looks if "sid" in each.cookies]
    assert blind.status_code == 400
    assert first.status_code == 303
    assert second.status_code == 410
    assert "sid" in used.cookies
    assert "sid" not in again.cookies


def test_looking_at_links_in_mails_neither_confirms_nor_cancels(town: Town) -> None:
    """Case 22: the confirmation of an address, her own page, the question before cancelling."""
    event, email = town.event(), address()
    done(town.sign_up(event, email=email), 201)
    confirmation = town.product.link(email, r"/registration/confirm/[0-9a-z]+")
    page = confirmation.replace("/confirm/", "/my/")

    for path in (confirmation, page, f"{page}/cancel", f"{page}/language"):
        for method in ("GET", "HEAD", "GET"):
            assert town.visitor().request(method, path).status_code in {200, 405}
    assert town.visitor().post(confirmation).status_code == 400
    assert town.visitor().post(f"{page}/cancel").status_code == 400
    assert [each["status"] for each in town.registrations(event)] == ["pending"]

    assert town.visitor().fill(confirmation, {}).status_code == 303
    assert [each["status"] for each in town.registrations(event)] == ["confirmed"]
    assert town.visitor().fill(f"{page}/cancel", {}).status_code == 303
    assert [each["status"] for each in town.registrations(event)] == ["cancelled"]


def test_a_pairing_link_survives_every_look_and_pairs_one_phone(town: Town) -> None:
    """Case 22: a chat program previews the link that makes a phone a scanner."""
    event, organiser = town.event(), town.signed_in("admin")
    page = f"/registration/manage/{event['slug']}/devices"
    assert organiser.fill(page, {"name": "Tor 3"}).status_code == 303
    link = "/registration/check-in/pair/" + organiser.get(page).text.split("/registration/check-in/pair/")[1][:26]

    looks = [town.visitor().request(method, link) for method in ("GET", "HEAD") * 5]
    phone, thief = town.visitor(), town.visitor()
    token = thief.csrf(link)

    assert {each.status_code for each in looks} == {200}
    assert phone.fill(link, {}).status_code == 303
    assert thief.post(link, data={"csrf_token": token}).status_code in {404, 410}
    assert phone.get(f"/registration/check-in/{event['slug']}").status_code == 200
    assert thief.get(f"/registration/check-in/{event['slug']}").status_code == 303
    assert phone.get(f"/registration/manage/{event['slug']}/attendance.csv").status_code in {303, 403, 404}


def test_an_account_session_is_new_with_every_sign_in_and_its_cookies_are_locked(town: Town) -> None:
    """Case 25: fixation, and the flags that http allows (`__Host-` and Secure come with https)."""
    visitor = town.visitor()
    visitor.cookies.set("sid", "planted-by-somebody")
    visitor.cookies.set("at", "planted.by.somebody")
    before = visitor.csrf("/events/account/sign-in")

    answer = visitor.fill(town.link_of(town.member()), {})

    cookies = _cookies(answer)
    assert cookies["sid"].value not in {"", "planted-by-somebody"}
    for name in ("sid", "at"):
        assert cookies[name]["httponly"]
        assert cookies[name]["samesite"] == "Lax"
        assert cookies[name]["path"] == "/"
        assert not cookies[name]["domain"]
    assert visitor.post("/events/account/", data={"csrf_token": before, "name": "X", "locale": "de"}).status_code == 400


def test_every_cookie_of_the_product_is_locked(town: Town) -> None:
    """Case 25: whoever sets it."""
    event = town.event()
    pages = ["/events/", "/events/account/sign-in", "/events/company/", "/events/?lang=ar"]
    pages += [f"/registration/{event['slug']}/sign-up", "/notifications/mailbox/?lang=en"]
    cookies = [each for page in pages for each in _cookies(town.visitor().get(page)).values()]

    assert cookies
    for each in cookies:
        assert (bool(each["httponly"]), each["samesite"], each["path"], each["domain"]) == (True, "Lax", "/", "")


def test_signing_out_ends_the_session_at_the_server_for_all_its_cookies(town: Town) -> None:
    """Case 25: a stolen copy of the cookies is worth nothing afterwards, in any of the services."""
    visitor = town.signed_in()
    event = town.event()
    stolen = dict(visitor.cookies)
    assert visitor.fill("/events/account/", {}, to="/events/account/sign-out").status_code == 303

    thief = town.visitor()
    thief.cookies.update(stolen)

    assert thief.get("/events/account/refresh").headers["Location"] == "/events/"
    thief.cookies.update(stolen)
    for page in ("/events/account/", "/events/manage/"):
        assert thief.get(page).status_code == 303
    assert thief.get("/events/api/v1/organisations").status_code == 401
    town.eventually_refused(thief, f"/registration/api/v1/events/{event['id']}/registrations")
    town.eventually_refused(thief, "/notifications/api/v1/mails")


def test_signing_out_everywhere_ends_all_browsers_and_only_ones_own(town: Town) -> None:
    """Case 25: a lost phone."""
    email, phone, laptop, other = town.member(), town.visitor(), town.visitor(), town.signed_in()
    assert phone.fill(town.link_of(email), {}).status_code == 303
    town.visitor().fill("/events/account/sign-in", {"email": email, "next": ""})
    assert laptop.fill(town.link_of(email, 2), {}).status_code == 303

    assert laptop.fill("/events/account/", {}, to="/events/account/sign-out-everywhere").status_code == 303

    assert phone.get("/events/account/").status_code == 303
    assert phone.get("/events/account/refresh").headers["Location"] == "/events/"
    assert other.get("/events/account/").status_code == 200


def test_an_access_cookie_that_we_did_not_sign_is_nobodys(town: Town) -> None:
    """Case 25: alg none, another key, a token for programs used as cookie."""
    none = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ3ZXJrdG9yLWV2ZW50cyIsImF1ZCI6Indlcmt0b3IiLCJhZG1pbiI6dHJ1ZX0."
    signed = dict(town.signed_in().cookies)["at"]
    forged = [none, signed[:-4] + "AAAA", signed.rpartition(".")[0] + ".", town.admin, "a.b.c", "x" * 5000, "."]

    for each in forged:
        visitor = town.visitor()
        visitor.cookies.set("at", each)
        assert visitor.get("/events/account/").status_code == 303
        assert visitor.get("/events/api/v1/organisations").status_code == 401
    for bearer in (*forged[:3], signed, "", "Bearer", '"'):
        assert town.call("GET", "/events/api/v1/organisations", token=bearer or " ").status_code == 401


def test_a_host_that_is_not_ours_is_refused(town: Town) -> None:
    """Case 24: the Host header, with and without the other headers that name hosts."""
    for host in HOSTS:
        for page in ("/events/", "/registration/api/v1/openapi.json", "/notifications/mailbox/"):
            head = town.raw(f"GET {page} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            assert head.split(b" ", 2)[1] == b"400", host


def test_headers_that_name_another_host_change_nothing(town: Town) -> None:
    """Case 24: X-Forwarded-Host and its kin, an absolute address in the request line, two Host headers."""
    headers = "X-Forwarded-Host: evil.example\r\nX-Host: evil.example\r\nForwarded: host=evil.example\r\n"
    headers += "X-Forwarded-Server: evil.example\r\nX-Forwarded-Prefix: /evil\r\nX-Original-URL: /evil\r\n"
    asked = f"GET /events/manage/ HTTP/1.1\r\nHost: {town.authority}\r\n{headers}Connection: close\r\n\r\n"

    head = town.raw(asked.encode(), until_closed=True)
    absolute = f"GET http://evil.example/events/manage/ HTTP/1.1\r\nHost: {town.authority}\r\nConnection: close\r\n\r\n"
    twice = f"GET /events/ HTTP/1.1\r\nHost: {town.authority}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    assert head.split(b" ", 2)[1] == b"303"
    assert b"evil" not in head
    for data in (absolute, twice):
        answer = town.raw(data.encode(), until_closed=True)
        assert b"evil" not in answer


def test_links_in_mails_never_follow_the_asker(town: Town) -> None:
    """Case 24: asked by another name that a local run allows, mails still name the public address."""
    email = town.member()
    visitor = town.visitor()
    visitor.headers["Host"] = "localhost:1234"

    sent = visitor.fill("/events/account/sign-in", {"email": email, "next": ""}, headers={"X-Forwarded-Host": "evil"})

    assert sent.status_code == 200
    mail = text_of(town.product.mail(email, number=2))
    assert f"{town.base}/events/account/link/" in mail
    assert "localhost" not in mail
    assert "evil" not in mail


def test_no_page_may_be_framed_and_every_page_has_its_locks(town: Town) -> None:
    """Case 26: every address of the product, whoever asks, also when it refuses."""
    visitors = [town.visitor(), town.signed_in("admin")]
    event = town.event()

    for door in doors():
        for visitor in visitors:
            answer = visitor.get(door.example)
            assert answer.status_code < 500, door
            _ensure_locked(answer)
    for page in (f"/events/{event['slug']}", f"/registration/{event['slug']}/sign-up", "/nowhere", "/events/%00"):
        _ensure_locked(town.visitor().get(page))


def _ensure_locked(answer: Answer) -> None:
    if "X-Request-Id" not in answer.headers:
        return  # the front door's own answer
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


def _some_doors() -> list[Door]:
    return [each for each in doors() if each.writes and not each.is_api][::5]


def _ensure_here(answer: Answer) -> None:
    location = answer.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location.partition("?")[0].split("/events/manage/")[0]
    assert "a" not in answer.cookies


def _cookies(answer: Answer) -> dict[str, Any]:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.raw.headers.getlist("Set-Cookie"):
        jar.load(line)
    return dict(jar)


def _header(head: bytes, name: bytes) -> bytes:
    lines = head.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return b"".join(line for line in lines if line.lower().startswith(name + b":"))
