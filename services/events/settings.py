"""What the events service reads from its environment."""

from dataclasses import dataclass

from shared.settings import CommonSettings, read_common, reading, text


@dataclass(frozen=True, kw_only=True)
class EventsSettings:
    """identity_key: the private half of the key pair, PEM text or a path; made on first use where it is a path."""

    common: CommonSettings
    identity_key: str


def read_settings() -> EventsSettings:
    """Raises SettingsFault naming everything that is wrong."""
    with reading() as env:
        common = read_common("events", env)
        return EventsSettings(
            common=common, identity_key=text(env, "EVENTS_IDENTITY_KEY", str(common.var / "identity.key"))
        )
