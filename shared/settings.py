"""What every service reads from the environment, checked at start, all faults reported at once.

A service's own settings hang on the same reading, so that one start names every mistake:

    @dataclass(frozen=True, kw_only=True)
    class RegistrationSettings:
        common: CommonSettings
        hold_minutes: int

    def read_settings() -> RegistrationSettings:
        with reading() as env:
            return RegistrationSettings(
                common=read_common("registration", env),
                hold_minutes=whole(env, "REGISTRATION_HOLD_MINUTES", 30, least=1),
            )
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from environs import Env, EnvValidationError, ValidationError

_LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")


class SettingsFault(ValueError):
    """The environment is not fit to start in; `faults` is {variable: [sentence, …]}."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        lines = [f"  {name}: {' '.join(sentences)}" for name, sentences in sorted(faults.items())]
        super().__init__("These settings need your attention:\n" + "\n".join(lines))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class CommonSettings:
    """What all three services know. Build it by hand in tests, by read_common elsewhere."""

    service: str
    secret_key: str
    var: Path = Path("var")
    database_url: str = "sqlite://"
    broker_url: str = "memory://"
    public_base_url: str = "http://127.0.0.1:8000"
    identity_public_key: str = "var/identity.pub"  # PEM text, or the path of a PEM file that may not exist yet
    trusted_proxies: int = 0
    default_locale: str = "de"
    default_zone: str = "Europe/Berlin"
    test_addresses: bool = False
    metrics_bind: str = ""  # internal address of /metrics, like 127.0.0.1:9100; empty: nothing listens

    @property
    def secure(self) -> bool:
        """Whether readers come by https: cookies are Secure and __Host- then."""
        return self.public_base_url.startswith("https://")


@contextmanager
def reading() -> Iterator[Env]:
    """Read variables through the yielded environs reader; leaving raises SettingsFault with every fault."""
    env = Env(eager=False)
    yield env
    try:
        env.seal()
    except EnvValidationError as fault:
        said = fault.error_messages
        raise SettingsFault(said if isinstance(said, Mapping) else {"environment": list(said)}) from None


def read_common(service: str, env: Env | None = None) -> CommonSettings:
    """Read what all services share. Given an env of `reading()`, faults are reported when that one ends."""
    if env is None:
        with reading() as own:
            return read_common(service, own)
    var = Path(text(env, "VAR", "var"))
    base = _base_url(env)
    database_url = text(env, f"{service.upper()}_DATABASE_URL", f"sqlite:///{var}/{service}.db")
    return CommonSettings(
        service=service,
        secret_key=_secret_key(env, var, database_url),
        var=var,
        database_url=database_url,
        broker_url=text(env, "WERKTOR_BROKER_URL", "memory://"),
        public_base_url=base,
        identity_public_key=text(env, "WERKTOR_IDENTITY_PUBLIC_KEY", str(var / "identity.pub")),
        trusted_proxies=whole(env, "WERKTOR_TRUSTED_PROXIES", 0, least=0, most=5),
        default_locale=text(env, "WERKTOR_DEFAULT_LOCALE", "de", validate=_is_locale),
        default_zone=text(env, "WERKTOR_DEFAULT_ZONE", "Europe/Berlin", validate=_is_zone),
        metrics_bind=text(env, "WERKTOR_METRICS_BIND", "", validate=_is_bind),
        test_addresses=flag(env, "WERKTOR_TEST_ADDRESSES", base.startswith("http://")),
    )


def text(env: Env, name: str, default: str, *, validate: Callable[[str], None] | None = None) -> str:
    """A variable as text; unset and empty mean the default."""
    return str(env.str(name, default, validate=validate) or default)


def whole(env: Env, name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
    """A variable as a whole number within bounds."""

    def within(number: int) -> None:
        if (least is not None and number < least) or (most is not None and number > most):
            raise ValidationError(f"Must be from {least} to {most}." if most else f"Must be at least {least}.")

    found = env.int(name, default, validate=within)
    return default if found is None else found


def flag(env: Env, name: str, default: bool) -> bool:
    """A variable as yes or no: true, false, 1, 0, on, off."""
    found = env.bool(name, default)
    return default if found is None else found


def keep_once(path: Path, content: str, *, mode: int = 0o600) -> str:
    """Write the file unless somebody was faster, and return what it holds. Safe between processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="utf-8")


def _base_url(env: Env) -> str:
    port = whole(env, "PORT", 8000, least=0, most=65535)
    return text(env, "WERKTOR_PUBLIC_BASE_URL", f"http://127.0.0.1:{port}", validate=_is_origin).rstrip("/")


def _secret_key(env: Env, var: Path, database_url: str) -> str:
    name = "WERKTOR_SECRET_KEY"
    if given := text(env, name, "", validate=_is_long):
        return given
    if database_url.startswith("sqlite"):
        return keep_once(var / "secret.key", secrets.token_urlsafe(48)).strip()
    env.str(name, validate=_is_present)
    return ""


def _is_origin(url: str) -> None:
    try:
        parts = urlsplit(url)
        port_is_sound = parts.port is None or parts.port > 0
    except ValueError:
        port_is_sound = False
    if not port_is_sound or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValidationError("Must be like https://events.example.org.")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValidationError("Must be an origin: no path, query or fragment.")


def _is_bind(address: str) -> None:
    host, _, port = address.rpartition(":")
    if address and not (host and port.isdigit() and int(port) <= 65535):
        raise ValidationError("Must be like 127.0.0.1:9100.")


def _is_long(key: str) -> None:
    if key and len(key) < 32:
        raise ValidationError("Must have at least 32 characters.")


def _is_present(value: str) -> None:
    if not value:
        raise ValidationError("Must be set when the database is not SQLite.")


def _is_locale(name: str) -> None:
    if name and not _LOCALE.fullmatch(name):
        raise ValidationError("Must be a language like de or pt_BR.")


def _is_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValidationError("Must be an IANA time zone like Europe/Berlin.") from None
