"""Which addresses are called: public ones, however somebody spells a private one."""

import pytest

from services.notifications.domain.webhook_address import AddressRefused, is_public, target

REFUSED = {
    "http://example.org/hooks": "not_https",
    "ftp://example.org/hooks": "not_https",
    "example.org/hooks": "not_https",
    "https://": "malformed",
    "https://example.org:8443/": "port",
    "https://example.org:0/": "port",
    "https://example.org:99999/": "malformed",
    "https://user:secret@example.org/": "credentials",
    "https://@example.org/": "credentials",
    "https://example.org\\@127.0.0.1/": "malformed",
    "https://example.org/a b": "malformed",
    "https://example.org/a\r\nX: y": "malformed",
    "https://exämple.org/": "malformed",
    "https://exa mple.org/": "malformed",
    "https://-example.org/": "malformed",
    "https://169.254.169.254/": "private_address",
    "https://127.0.0.1/": "private_address",
    "https://10.0.0.1/": "private_address",
    "https://0.0.0.0/": "private_address",
    "https://100.64.0.1/": "private_address",
    "https://192.0.0.9/": "private_address",
    "https://224.0.0.1/": "private_address",
    "https://255.255.255.255/": "private_address",
    "https://[::1]/": "private_address",
    "https://[::]/": "private_address",
    "https://[::ffff:127.0.0.1]/": "private_address",
    "https://[::127.0.0.1]/": "private_address",
    "https://[64:ff9b::7f00:1]/": "private_address",
    "https://[2002:7f00:1::]/": "private_address",
    "https://[fe80::1]/": "private_address",
    "https://[fec0::1]/": "private_address",
    "https://[fd00:ec2::254]/": "private_address",
    "https://[ff0e::1]/": "private_address",
    "https://2130706433/": "malformed",
    "https://0x7f000001/": "malformed",
    "https://0177.0.0.1/": "malformed",
    "https://127.1/": "malformed",
    "https://0x7f.1/": "malformed",
    "https://127.0.0.1./": "malformed",
    "https://example.0x7f/": "malformed",
    f"https://example.org/{'a' * 500}": "malformed",
}


@pytest.mark.parametrize(("url", "reason"), REFUSED.items())
def test_these_are_never_called(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        target(url)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://example.org", "example.org", "/"),
        ("https://EXAMPLE.org:443/hooks?a=b#c", "example.org", "/hooks?a=b"),
        ("https://xn--exmple-cua.org./x", "xn--exmple-cua.org", "/x"),
        ("https://93.184.215.14/", "93.184.215.14", "/"),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "/"),
    ],
)
def test_public_https_addresses_are(url: str, authority: str, path: str) -> None:
    found = target(url)

    assert (found.secure, found.port, found.authority, found.path) == (True, 443, authority, path)


def test_a_closed_network_may_call_its_own() -> None:
    found = target("http://127.0.0.1:8080/hooks", private=True)

    assert (found.secure, found.authority) == (False, "127.0.0.1:8080")
    with pytest.raises(AddressRefused, match="credentials"):
        target("http://a:b@127.0.0.1/", private=True)


@pytest.mark.parametrize("address", ["", "localhost", "fe80::1%eth0", "2606:2800::1%1", "127.0.0.1", "192.88.99.1"])
def test_what_is_not_a_public_address_is_not(address: str) -> None:
    assert not is_public(address)
