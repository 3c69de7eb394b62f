"""The fold of a scan log."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.check_in import LoggedScan, lets_in, standing
from tests.registration.check_in_door import START

LINES = st.lists(
    st.builds(
        lambda number, verdict, minute, target: LoggedScan(
            scan_id=UUID(int=number),
            verdict=verdict,
            scanned_at=START + timedelta(minutes=minute),
            device=f"Tor {number % 3}",
            undoes=UUID(int=target) if verdict == "undone" else None,
        ),
        number=st.integers(0, 30),
        verdict=st.sampled_from(["admitted", "duplicate", "refused", "undone"]),
        minute=st.integers(0, 5),
        target=st.integers(0, 30),
    ),
    max_size=12,
    unique_by=lambda line: line.scan_id,
)


@given(LINES, st.randoms())
def test_who_is_first_does_not_depend_on_the_order_of_arrival(log: list[LoggedScan], chance: object) -> None:
    shuffled = list(log)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert standing(shuffled) == standing(log)


@given(LINES)
def test_only_green_scans_that_nobody_took_back_stand(log: list[LoggedScan]) -> None:
    undone = {line.undoes for line in log if line.verdict == "undone"}

    assert {line.scan_id for line in standing(log)} == {
        line.scan_id for line in log if line.verdict == "admitted" and line.scan_id not in undone
    }


@given(LINES, st.integers(0, 600))
def test_a_live_scan_never_gets_past_a_standing_one(log: list[LoggedScan], delay: int) -> None:
    stands = standing(log)
    first = stands[0] if stands else None
    made = START + timedelta(minutes=3)

    green = lets_in(first, scanned_at=made, received_at=made + timedelta(milliseconds=10 * min(delay, 999)))

    assert green == (first is None)
