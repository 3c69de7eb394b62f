"""When two e-mail addresses are the same person's."""

import unicodedata


def key(address: str) -> str:
    """The form under which an account is known: NFC, no case, the host name in its ASCII form.

    The local part loses its case too: no mail system of today tells Anna@ from anna@, and people type both.
    """
    local, _, host = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local.casefold()}@{_ascii(host.casefold())}"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
