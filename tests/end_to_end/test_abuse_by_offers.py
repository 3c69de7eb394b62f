"""What is tried with the offers of companies: foreign ones, and words that become mails."""

from datetime import timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest

from shared import clock
from tests.end_to_end.product import text_of
from tests.end_to_end.town import Town, address, done
from tests.events.offer_builders import TOUR

OFFERS = "/events/api/v1/offers"
LINES = "Gern.\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script>\r\n.\r\n{{7*7}} %(name)s"
SIGNS = 'Gold, "Bcc: x" <evil@example.org>; GmbH & <b>Co</b>'
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(400)]


def test_foreign_offers_are_as_unknown_as_ones_that_do_not_exist(town: Town) -> None:
    """Cases 1 and 17: another organisation reads, changes and answers none of ours."""
    offer = _offered(town)
    nobody = "00000000-0000-4000-8000-000000000000"
    steps = ("accept", "decline", "request-change", "answer", "withdraw")
    bodies: dict[str, Any] = {"accept": {"start": _date()}, "decline": {"reason": "x"}}

    for step in steps:
        wish = bodies.get(step, {"text": "x"})
        answers = [
            town.call("POST", f"{OFFERS}/{each}/{step}", token=town.rival, json=wish) for each in (offer["id"], nobody)
        ]
        assert [each.status_code for each in answers] == [404, 404], step
    for method, wish in (("GET", None), ("PATCH", {"title": "Übernommen"})):
        assert town.call(method, f"{OFFERS}/{offer['id']}", token=town.rival, json=wish).status_code == 404
        assert town.call(method, f"{OFFERS}/{offer['id']}", json=wish).status_code == 401
    assert offer["id"] not in town.call("GET", OFFERS, token=town.rival).text

    after = done(town.call("GET", f"{OFFERS}/{offer['id']}", token=town.organiser), 200)
    assert (after["status"], after["version"]) == ("offered", offer["version"])


def test_words_about_an_offer_stay_words_in_mails(town: Town) -> None:
    """Cases 8 and 10: company names, threads, reasons."""
    email = address()
    offer = _offered(town, email=email, company_name=SIGNS, title="=1+1 {{7*7}}")
    path = f"{OFFERS}/{offer['id']}"

    done(town.call("POST", f"{path}/request-change", token=town.organiser, json={"text": LINES}), 200)
    done(town.call("POST", f"{path}/decline", token=town.organiser, json={"reason": LINES}), 200)

    town.product.mail(email, having="Gern.", number=2)
    mails = [each for each in town.product.mails() if email in str(each["To"])]
    assert len(mails) >= 2
    for each in mails:
        mail = BytesParser(policy=policy.default).parsebytes(each.as_bytes())
        assert [one.addr_spec for one in mail["To"].addresses] == [email]
        assert not {"bcc", "cc"} & {name.lower() for name in mail.keys()}  # noqa: SIM118 - a mail is no dict
        html = mail.get_body(("html",))
        assert html is None or "<script" not in html.get_content()
        assert html is None or "<b>Co" not in html.get_content()
    assert "Bcc: evil@example.org" in text_of(mails[-1])


def test_a_draft_belongs_to_the_browser_that_began_it(town: Town) -> None:
    """Case 1: its address alone opens it for nobody, and no cookie of another browser does."""
    offer = _drafted(town)
    page = f"/events/company/offers/{offer['id']}"
    thief = town.visitor()
    thief.cookies.set("events_drafts", "WyIwIl0.abc.def")

    for path in (page, f"{page}/tour", f"{page}/check"):
        assert thief.get(path).headers.get("Location", "").startswith("/events/account/sign-in")
    refused = thief.fill("/events/account/sign-in", {"title": "Übernommen"}, to=f"{page}/tour")
    assert refused.status_code in {303, 401, 403, 404}
    assert done(town.call("GET", f"{OFFERS}/{offer['id']}", token=town.organiser), 200)["content"].get("title") != (
        "Übernommen"
    )


def _drafted(town: Town, **differences: Any) -> dict[str, Any]:
    wish = TOUR | {"dates": [_date()], "email": address()} | differences
    found: dict[str, Any] = done(town.call("POST", OFFERS, token=town.organiser, json=wish), 201)
    return found


def _offered(town: Town, **differences: Any) -> dict[str, Any]:
    draft = _drafted(town, **differences)
    found: dict[str, Any] = done(town.call("POST", f"{OFFERS}/{draft['id']}/offer", token=town.organiser), 200)
    return found


def _date() -> str:
    return f"{(clock.now() + timedelta(days=60)).date()}T14:00"
