"""The parts of a mail (RFC 2045, 2046, 2387): each is its headers, an empty line and 7-bit content with CRLF.

Written by hand because the standard library takes ten times as long for what is always the same few headers.
"""

import hashlib
from base64 import encodebytes
from binascii import b2a_qp

_PLAIN = bytes(byte for byte in range(127) if byte != ord("="))  # quoted-printable needs three signs for the others


def text(subtype: str, content: str) -> bytes:
    """Words, in the shorter of the two encodings that no relay touches."""
    raw = content.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"
    strange = raw.translate(None, delete=_PLAIN)
    kind = f'text/{subtype}; charset="utf-8"'
    if len(strange) * 6 > len(raw):
        return _part(kind, _base64(raw), "base64")
    return _part(kind, b2a_qp(raw, istext=True), "quoted-printable")


def picture(png: bytes, content_id: str, name: str) -> bytes:
    """An image that the page shows."""
    shown = (f'Content-Disposition: inline; filename="{name}"', f"Content-ID: <{content_id}>")
    return _part("image/png", _base64(png), "base64", *shown)


def calendar_text(content: bytes, method: str) -> bytes:
    """What a mail program takes for an invitation (RFC 6047)."""
    return _part(f'text/calendar; charset="utf-8"; method="{method}"', _base64(content), "base64")


def file(content: bytes, kind: str, name: str) -> bytes:
    """Something to keep."""
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return _part(f'{kind}; name="{name}"', _base64(content), "base64", disposition)


def alternative(*parts: bytes) -> bytes:
    """The same several times, the best last."""
    return _several("alternative", parts)


def related(page: bytes, *others: bytes) -> bytes:
    """A page and what it shows."""
    return _several('related; type="text/html"', (page, *others))


def mixed(*parts: bytes) -> bytes:
    """A letter and files."""
    return _several("mixed", parts)


def _part(kind: str, content: bytes, encoding: str, *headers: str) -> bytes:
    lines = (f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", *headers)
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + b"\r\n" + content


def _several(subtype: str, parts: tuple[bytes, ...]) -> bytes:
    """The boundary cannot stand in any part: neither encoding ever writes "=_", and each level hashes the one below."""
    boundary = b"=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:32].encode()
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary.decode()}"\r\n\r\n'.encode("ascii")
    inside = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return head + inside + b"--" + boundary + b"--\r\n"


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")
