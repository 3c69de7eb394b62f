"""The Ed25519 key pair: events signs with the private half, everybody verifies with the public one."""

import os
from functools import lru_cache
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.settings import keep_once


def signing_key(source: str, public_path: str) -> OKPKey:
    """The private key from PEM text or a file; a missing file is made, and the public half put beside it.

    Safe when several processes start at once: all get the same pair.
    """
    if source.lstrip().startswith("-----BEGIN"):
        return OKPKey.import_key(source)
    path = Path(source)
    pem = path.read_text() if path.is_file() else keep_once(path, _pem(OKPKey.generate_key("Ed25519"), private=True))
    key = OKPKey.import_key(pem)
    if not public_path.lstrip().startswith("-----BEGIN"):
        keep_once(Path(public_path), _pem(key, private=False), mode=0o644)
    return key


def verifying_key(source: str) -> OKPKey | None:
    """The public key from PEM text or a file; None while events has not written the file yet."""
    pem = public_pem(source)
    return None if pem is None else _imported(pem)


def public_pem(source: str) -> str | None:
    """The public key as text; None while events has not written the file yet."""
    if source.lstrip().startswith("-----BEGIN"):
        return source
    try:
        return _text_of(source, os.stat(source).st_mtime_ns)  # noqa: PTH116 - asked with every request, and twice as fast
    except OSError:
        return None


@lru_cache(maxsize=8)
def _text_of(path: str, _modified: int) -> str:
    return Path(path).read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def _imported(pem: str) -> OKPKey | None:
    try:
        return OKPKey.import_key(pem)
    except (JoseError, ValueError):
        return None


def _pem(key: OKPKey, *, private: bool) -> str:
    return key.as_pem(private=private).decode()
