"""What a draft may lack, what an offer may not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.events.domain.offer_content import (
    EMPTY,
    changed_fields,
    complete_tour,
    faults,
    for_the_same_tour,
    new_content,
    places_of,
)
from services.events.domain.offers import OfferIsIncomplete
from tests.events.offer_builders import TOUR

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_an_empty_draft_names_every_missing_fact_in_the_order_of_the_form() -> None:
    missing = faults(EMPTY, now=NOW)

    assert list(missing) == [
        "company_name",
        "site.city",
        "contact_name",
        "title",
        "description",
        "dates",
        "meeting_point",
        "languages",
    ]


def test_a_complete_draft_becomes_a_tour() -> None:
    tour = complete_tour(new_content(TOUR), now=NOW)

    assert (tour.title, tour.places, len(tour.starts)) == ("Blick in die Goldschmiede", 10, 3)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("dates", ["2026-12-03"], "Please give each date with day and time."),
        ("dates", ["T14:00"], "Please give each date with day and time."),
        ("dates", ["2026-10-03T14:00"], "Please offer dates in the future only."),
        ("dates", ["2027-03-28T02:30"], "This time does not exist: the clocks go forward that night."),
        ("dates", ["2026-12-03T14:00", "2026-12-03T14:00"], "Two dates are the same."),
        ("dates", [f"2026-12-0{day}T14:00" for day in range(1, 7)], "Please offer at most five dates."),
        ("dates", ["9999-12-03T14:00"], "Please give a date between 1990 and 2100."),
        ("zone", "Mars/Crater", "This time zone is not known."),
        ("places", 900, "Please enter a sensible number."),
        ("places", 0, "Please enter a sensible number."),
        ("duration_minutes", 5, "Please enter a sensible number."),
        ("unsound", {"places": "viele"}, "Please correct this entry."),
        ("languages", [], "Please choose at least one language."),
    ],
)
def test_each_fault_has_its_sentence(field: str, value: Any, complaint: str) -> None:
    content = new_content(TOUR, {field: value})

    with pytest.raises(OfferIsIncomplete) as rejection:
        complete_tour(content, now=NOW)

    assert rejection.value.errors == {"places" if field == "unsound" else field: [complaint]}


def test_every_guide_takes_ten_unless_the_company_says_otherwise() -> None:
    assert places_of(new_content(guides=3)) == 30
    assert places_of(new_content(guides=3, places=12)) == 12


def test_only_what_differs_is_a_change() -> None:
    old = new_content(TOUR)
    new = new_content(TOUR, site=TOUR["site"] | {"street": "Werkstr. 3"}, places=10, title="Anders")

    assert changed_fields(old, new) == ("site.street", "title")


def test_the_same_tour_again_keeps_all_but_the_dates() -> None:
    again = new_content(for_the_same_tour(new_content(TOUR)))

    assert again == new_content(TOUR, dates=[])
