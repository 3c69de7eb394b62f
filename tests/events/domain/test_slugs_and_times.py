"""Readable addresses, and times that clocks change."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain import addresses, local_times, slugs


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Check-in", "check-in-abc123"),
        ("Blick in die Gießerei", "blick-in-die-giesserei"),
        ("Über Ärger & Öl", "ueber-aerger-oel"),
        ("Smørrebrød på Å", "smoerrebroed-paa-aa"),
        ("Łódź 2026", "lodz-2026"),
        ("manage", "manage-abc123"),
        ("زيارة شركة", "company-tour-2026-12-03-abc123"),
        ("🙂", "company-tour-2026-12-03-abc123"),
        ("x" * 80, "x" * 60),
    ],
)
def test_titles_become_readable_addresses(title: str, slug: str) -> None:
    assert slugs.slug_of(title, fallback="company_tour-2026-12-03", mark="abc123") == slug


@given(st.text(max_size=300))
def test_every_title_has_a_plain_address(title: str) -> None:
    slug = slugs.slug_of(title, fallback="fair", mark="abc123")

    assert slug.isascii()
    assert 3 <= len(slug) <= 67
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        (datetime(2026, 12, 3, 14), datetime(2026, 12, 3, 13, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 7, 3, 14), datetime(2026, 7, 3, 12, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_local_times_mean_an_instant(local: datetime, instant: datetime) -> None:
    assert local_times.instant(local, "Europe/Berlin") == instant
    assert local_times.exists(local, "Europe/Berlin")


def test_the_hour_that_clocks_skip_does_not_exist() -> None:
    assert not local_times.exists(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")  # noqa: DTZ001


@pytest.mark.parametrize(
    "written", ["Mina@Brücke.example.org", " mina@brücke.EXAMPLE.org ", "mina@xn--brcke-lva.example.org"]
)
def test_one_mailbox_has_one_account(written: str) -> None:
    assert addresses.key(written) == "mina@xn--brcke-lva.example.org"
