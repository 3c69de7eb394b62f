"""python -m services.registration serve|relay|consume|schedule|migrate|messages|seal-anew"""

import click
from werkzeug.serving import run_simple

from services.registration.app import create_app, migrate, terms_of, work
from services.registration.settings import RegistrationSettings, read_settings
from services.registration.use_cases.seal_anew import seal_anew
from shared.database import connect, sessions_for
from shared.messaging.commands import messages
from shared.messaging.workers import ROLES
from shared.settings import SettingsFault


def main() -> None:
    """Read the settings first: a wrong one is said in one line, not in a traceback."""
    try:
        settings = read_settings()
    except SettingsFault as fault:
        raise SystemExit(str(fault)) from None
    commands(settings)()


def commands(settings: RegistrationSettings) -> click.Group:
    """The process roles and admin commands."""
    group = click.Group("registration", help="Sign-ups, waiting lists, tickets, check-in.")
    for role in ROLES:
        group.add_command(_role(role, settings))
    group.add_command(_migrate(settings))
    group.add_command(_serve(settings))
    group.add_command(_seal_anew(settings))
    engine = connect(settings.common.database_url)
    group.add_command(messages(settings.common.service, sessions_for(engine)))
    return group


def _role(role: str, settings: RegistrationSettings) -> click.Command:
    def run() -> None:
        work(settings, role)

    return click.Command(role, callback=run, help=f"Run the {role} role until SIGTERM.")


def _migrate(settings: RegistrationSettings) -> click.Command:
    def run() -> None:
        migrate(settings)

    return click.Command("migrate", callback=run, help="Bring the database to the newest version.")


def _seal_anew(settings: RegistrationSettings) -> click.Command:
    def run() -> None:
        sessions = sessions_for(connect(settings.common.database_url))
        total = 0
        while True:
            with sessions.begin() as session:
                done = seal_anew(session=session, ring=terms_of(settings).ring)
            total += done
            if not done:
                break
        click.echo(f"{total} answers and files are encrypted anew.")

    help_ = "Encrypt sensitive answers and files with the newest of REGISTRATION_ANSWER_KEYS."
    return click.Command("seal-anew", callback=run, help=help_)


def _serve(settings: RegistrationSettings) -> click.Command:
    def run(port: int) -> None:
        run_simple("127.0.0.1", port, create_app(settings), threaded=True)

    port = click.Option(["--port"], type=int, default=8002, show_default=True)
    help_ = "Serve this service alone, for looking at it; in production gunicorn does."
    return click.Command("serve", callback=run, params=[port], help=help_)


if __name__ == "__main__":
    main()
