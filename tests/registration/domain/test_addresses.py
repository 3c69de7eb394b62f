"""Which addresses are the same person."""

import pytest

from services.registration.domain.addresses import address


@pytest.mark.parametrize(
    ("written", "ascii_form", "key"),
    [
        ("Anna@Example.ORG", "Anna@example.org", "anna@example.org"),
        ("anna+tour@example.org", "anna+tour@example.org", "anna+tour@example.org"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
        ("anna@XN--BCHER-KVA.example", "anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
        ("anna@مثال.example", "anna@xn--mgbh0fb.example", "anna@xn--mgbh0fb.example"),
    ],
)
def test_an_address_has_one_key_in_every_spelling(written: str, ascii_form: str, key: str) -> None:
    found = address(written)

    assert (found.ascii, found.key) == (ascii_form, key)


def test_a_domain_in_other_letters_stays_readable() -> None:
    assert address("anna@xn--bcher-kva.example").written == "anna@bücher.example"
