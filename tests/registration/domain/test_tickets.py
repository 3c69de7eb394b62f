"""Ticket codes and page tokens."""

import hashlib
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.secrets import ALPHABET, derive, fingerprint
from services.registration.domain.tickets import in_groups, read_code

CODE = "0123456789ABCDEFGHJKMNPQRS"


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        in_groups(CODE),
        in_groups(CODE).replace("-", " "),
        f"  {CODE}\r\n",
        CODE.replace("1", "I").replace("0", "O"),
        CODE.replace("1", "l").replace("0", "o"),
        in_groups(CODE).replace("-", "–"),
        f"\u200e{CODE}\u200f",
        f"HTTP://127.0.0.1:8000/T/{CODE}",
        f"https://werktor.example.org/t/{CODE.lower()}",
        f"https://werktor.example.org/registration/t/{in_groups(CODE)}?utm=x#y",
        f"/t/{CODE}/",
    ],
)
def test_a_code_is_read_however_it_was_written(written: str) -> None:
    assert read_code(written) == CODE


@pytest.mark.parametrize(
    "written", ["", "hello", CODE[:-1], CODE + "0", CODE.replace("Q", "U"), "http://[", "x" * 10**6]
)
def test_what_is_no_code_is_no_code(written: str) -> None:
    assert read_code(written) is None


@given(st.text())
def test_reading_never_fails(text: str) -> None:
    assert read_code(text) is None or len(read_code(text) or "") == 26


@given(st.binary(min_size=16), st.uuids())
def test_every_derived_code_reads_back(key: bytes, registration_id: UUID) -> None:
    code = derive(key, "ticket", registration_id)

    assert set(code) <= set(ALPHABET)
    assert read_code(in_groups(code).lower()) == code


def test_codes_differ_by_key_purpose_and_registration() -> None:
    one, other = uuid4(), uuid4()
    codes = {
        derive(key, purpose, about)
        for key in (b"a" * 32, b"b" * 32)
        for purpose in ("ticket", "page")
        for about in (one, other)
    }

    assert len(codes) == 8


def test_the_database_keeps_only_a_hash() -> None:
    assert fingerprint(CODE) == hashlib.sha256(CODE.encode()).hexdigest()
