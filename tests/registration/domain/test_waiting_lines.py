"""Who gets the free places where people wait for several quotas."""

from uuid import UUID

import pytest

from services.registration.domain.waiting_lines import next_in_lines

MORNING, EVENING = UUID(int=1), UUID(int=2)
ANNA, BORIS, CHEN, DALIA = (UUID(int=each) for each in range(11, 15))


@pytest.mark.parametrize(("first", "second"), [(MORNING, EVENING), (EVENING, MORNING)])
def test_nobody_is_overtaken_by_somebody_who_comes_first_in_another_line(first: UUID, second: UUID) -> None:
    waiting = [(BORIS, first, True), (ANNA, second, False), (BORIS, second, True)]

    assert next_in_lines(waiting, {first: 1, second: 1}) == {ANNA: {second}}


def test_whoever_wants_all_or_nothing_gets_all_at_once_and_lets_others_pass_until_then() -> None:
    waiting = [(ANNA, MORNING, True), (BORIS, MORNING, False), (ANNA, EVENING, True)]

    assert next_in_lines(waiting, {MORNING: 1, EVENING: 0}) == {BORIS: {MORNING}}
    assert next_in_lines(waiting, {MORNING: 1, EVENING: 1}) == {ANNA: {MORNING, EVENING}}
    assert next_in_lines(waiting, {MORNING: 2, EVENING: 1}) == {ANNA: {MORNING, EVENING}, BORIS: {MORNING}}


def test_of_two_who_block_each_other_the_first_in_the_first_quota_goes_before() -> None:
    waiting = [(ANNA, MORNING, True), (BORIS, MORNING, True), (BORIS, EVENING, True), (ANNA, EVENING, True)]

    assert next_in_lines(waiting, {MORNING: 1, EVENING: 1}) == {ANNA: {MORNING, EVENING}}


def test_whoever_takes_what_comes_gets_every_free_place_that_is_hers() -> None:
    waiting = [(ANNA, MORNING, False), (CHEN, MORNING, False), (DALIA, EVENING, False), (ANNA, EVENING, False)]

    assert next_in_lines(waiting, {MORNING: 1, EVENING: 2}) == {ANNA: {MORNING, EVENING}, DALIA: {EVENING}}
    assert next_in_lines(waiting, {MORNING: -1, EVENING: 0}) == {}
