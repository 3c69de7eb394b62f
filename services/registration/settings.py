"""What the registration service reads from its environment."""

import base64
import re
from dataclasses import dataclass

from environs import ValidationError

from shared.settings import CommonSettings, flag, read_common, reading, text, whole

LENGTH = 32  # bytes of a key, for AES-256


@dataclass(frozen=True, kw_only=True)
class RegistrationSettings:
    """confirm_address: whether a place counts only after the link in the mail was used.

    answer_keys: (id, key) of what seals sensitive answers, the newest first; without any, a key is derived from
    WERKTOR_SECRET_KEY.
    """

    common: CommonSettings
    confirm_address: bool = True
    hold_minutes: int = 30
    minimum_seconds: int = 2
    answer_keys: tuple[tuple[str, bytes], ...] = ()


def read_settings() -> RegistrationSettings:
    """Every fault of the environment at once."""
    with reading() as env:
        return RegistrationSettings(
            common=read_common("registration", env),
            confirm_address=flag(env, "REGISTRATION_CONFIRM_ADDRESS", True),
            hold_minutes=whole(env, "REGISTRATION_HOLD_MINUTES", 30, least=1, most=10_080),
            minimum_seconds=whole(env, "REGISTRATION_FORM_MINIMUM_SECONDS", 2, least=0, most=600),
            answer_keys=_keys(text(env, "REGISTRATION_ANSWER_KEYS", "", validate=_are_keys)),
        )


def _keys(written: str) -> tuple[tuple[str, bytes], ...]:
    """ "2027a:<base64>,2026b:<base64>", each key 32 bytes."""
    pairs = (each.strip().partition(":") for each in written.split(",") if each.strip())
    return tuple((name, base64.b64decode(key, validate=True)) for name, _colon, key in pairs)


def _are_keys(written: str) -> None:
    try:
        keys = _keys(written)
    except ValueError:
        keys = (("", b""),)
    if any(not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", name) or len(key) != LENGTH for name, key in keys):
        raise ValidationError("Must be like 2027a:<32 bytes in base64>, several separated by commas.")
