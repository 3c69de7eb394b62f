"""Bringing an event to people: poster, sign-up link, and the card on other web sites."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from threading import Thread
from wsgiref.types import WSGIApplication

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.events.builders import a_draft, a_published
from tests.events.doors import House

TITLE = {"de": "Blick in die Goldschmiede", "ar": "نظرة إلى ورشة الذهب"}


def published(house: House) -> tuple[str, str]:
    house.organisation()
    with house.sessions.begin() as session:
        event = a_published(session, title=TITLE)
        return str(event.id), event.slug


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_code_on_the_printed_poster_leads_to_the_sign_up(house: House, tmp_path: Path, language: str) -> None:
    event_id, slug = published(house)
    desk = house.signed_in()

    answer = desk.get(f"/events/manage/events/{event_id}/poster.pdf?lang={language}")

    assert answer.mimetype == "application/pdf"
    (tmp_path / "poster.pdf").write_bytes(answer.data)
    subprocess.run(["pdftoppm", "-r", "100", "-png", "poster.pdf", "page"], cwd=tmp_path, check=True)
    (page,) = tmp_path.glob("page*.png")
    read = subprocess.run(["zbarimg", "-q", "--raw", page], capture_output=True, text=True, check=True)
    assert read.stdout.strip() == f"http://127.0.0.1:8000/registration/{slug}/sign-up"
    text = subprocess.run(["pdftotext", "poster.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ("Goldschmiede" in text.stdout) == (language != "ar")


def test_a_draft_has_nothing_to_share(house: House) -> None:
    house.organisation()
    with house.sessions.begin() as session:
        event_id = a_draft(session).id
    desk = house.signed_in()

    assert desk.get(f"/events/manage/events/{event_id}/share").status_code == 404
    assert desk.get(f"/events/manage/events/{event_id}/poster.pdf").status_code == 404


def test_the_poster_is_the_organisers(house: House) -> None:
    event_id, _slug = published(house)

    assert house.signed_in(slug="andere").get(f"/events/manage/events/{event_id}/share").status_code == 404


def test_the_card_speaks_the_readers_language_and_sets_no_cookie(house: House) -> None:
    _event_id, slug = published(house)

    answer = house.visitor("ar").get(f"/events/embed/{slug}.json", headers={"Origin": "https://verein.example"})

    assert answer.json["title"] == {"text": TITLE["ar"], "language": "ar"}
    assert answer.json["direction"] == "rtl"
    assert answer.json["sign_up_url"] == f"http://127.0.0.1:8000/registration/{slug}/sign-up"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


def test_only_what_is_meant_for_other_sites_may_be_loaded_there(house: House) -> None:
    answer = house.visitor().get("/events/", headers={"Origin": "https://verein.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_nobody_learns_of_a_draft_by_its_card(house: House) -> None:
    house.organisation()
    with house.sessions.begin() as session:
        slug = a_draft(session).slug

    assert house.visitor().get(f"/events/embed/{slug}.json").status_code == 404


@pytest.mark.browser
def test_the_snippet_becomes_a_card_on_another_site(house: House) -> None:
    event_id, slug = published(house)
    desk = house.signed_in()
    share_page = desk.get(f"/events/manage/events/{event_id}/share?lang=de").get_data(as_text=True)
    snippet = unescape(re.findall(r'data-copy="([^"]*)"', share_page)[1])
    with serving(house.app) as ours:
        page_of_others = Response(_foreign(snippet.replace("http://127.0.0.1:8000", ours)), mimetype="text/html")
        with serving(page_of_others) as theirs, sync_playwright() as engine:
            browser = engine.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(theirs)
            card = page.locator("werktor-event article")
            assert card.locator("h2").inner_text() == TITLE["de"]
            sign_up = card.get_by_role("link", name="Anmelden").get_attribute("href")
            assert sign_up == f"http://127.0.0.1:8000/registration/{slug}/sign-up"
            browser.close()


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()


def _foreign(snippet: str) -> str:
    return f'<!doctype html><html lang="de"><meta charset="utf-8"><body>{snippet}</body></html>'
