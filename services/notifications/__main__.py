"""python -m services.notifications serve|relay|consume|schedule|deliver|migrate|messages"""

import threading
from collections.abc import Iterable

import click
from werkzeug.serving import run_simple

from services.notifications.app import create_app, migrate, start_carriers, watch, work
from services.notifications.settings import NotificationsSettings, read_settings
from shared.database import connect, sessions_for
from shared.messaging.commands import messages
from shared.messaging.workers import ROLES
from shared.settings import SettingsFault
from shared.stopping import until_told
from shared.telemetry import configure

_DELIVER = "Carry mails to the mail server and webhooks to other systems until SIGTERM; any number may."


def main() -> None:
    """Read the settings first: a wrong one is said in one line, not in a traceback."""
    try:
        settings = read_settings()
    except SettingsFault as fault:
        raise SystemExit(str(fault)) from None
    configure("notifications")
    commands(settings)()


def commands(settings: NotificationsSettings) -> click.Group:
    """The process roles and admin commands."""
    group = click.Group("notifications", help="Mails and calendar invitations.")
    for role in ROLES:
        group.add_command(_role(role, settings))
    group.add_command(_deliver(settings))
    group.add_command(_migrate(settings))
    group.add_command(_serve(settings))
    engine = connect(settings.common.database_url)
    group.add_command(messages(settings.common.service, sessions_for(engine)))
    return group


def _role(role: str, settings: NotificationsSettings) -> click.Command:
    def run() -> None:
        work(settings, role)

    return click.Command(role, callback=run, help=f"Run the {role} role until SIGTERM.")


def _deliver(settings: NotificationsSettings) -> click.Command:
    def run() -> None:
        stop = threading.Event()
        others = 2  # the courier, and whoever looks at the figures
        engine = connect(settings.common.database_url, pool_size=settings.connections + others)
        watch(settings, engine, "deliver")
        until_told(lambda: _join(start_carriers(settings, engine, stop)), stop)

    return click.Command("deliver", callback=run, help=_DELIVER)


def _join(threads: Iterable[threading.Thread]) -> None:
    for each in threads:
        each.join()


def _migrate(settings: NotificationsSettings) -> click.Command:
    return click.Command(
        "migrate", callback=lambda: migrate(settings), help="Bring the database to the newest version."
    )


def _serve(settings: NotificationsSettings) -> click.Command:
    def run(port: int) -> None:
        run_simple("127.0.0.1", port, create_app(settings), threaded=True)

    port = click.Option(["--port"], type=int, default=8003, show_default=True)
    help_ = "Serve this service alone, for looking at it; in production gunicorn does."
    return click.Command("serve", callback=run, params=[port], help=help_)


if __name__ == "__main__":
    main()
