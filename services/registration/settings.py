"""What the registration service reads from its environment."""

from dataclasses import dataclass

from shared.settings import CommonSettings, flag, read_common, reading, whole


@dataclass(frozen=True, kw_only=True)
class RegistrationSettings:
    """confirm_address: whether a place counts only after the link in the mail was used."""

    common: CommonSettings
    confirm_address: bool = True
    hold_minutes: int = 30
    minimum_seconds: int = 2


def read_settings() -> RegistrationSettings:
    """Every fault of the environment at once."""
    with reading() as env:
        return RegistrationSettings(
            common=read_common("registration", env),
            confirm_address=flag(env, "REGISTRATION_CONFIRM_ADDRESS", True),
            hold_minutes=whole(env, "REGISTRATION_HOLD_MINUTES", 30, least=1, most=10_080),
            minimum_seconds=whole(env, "REGISTRATION_FORM_MINIMUM_SECONDS", 2, least=0, most=600),
        )
