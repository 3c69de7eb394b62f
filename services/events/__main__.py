"""python -m services.events serve|relay|consume|schedule|migrate|… (the process roles and admin commands)"""

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import waitress
from sqlalchemy.orm import Session

from services.events import app as events
from services.events.schemas.import_files import read_events
from services.events.schemas.tokens import signed_token
from services.events.settings import EventsSettings, read_settings
from services.events.storage import accounts, organisations
from services.events.storage.tables import Organisation
from services.events.use_cases.add_member import add_member, invite_member
from services.events.use_cases.create_organisation import OrganisationWish, create_organisation
from services.events.use_cases.create_token import create_token
from services.events.use_cases.import_events import import_events
from services.events.use_cases.open_account import open_account
from services.events.use_cases.request_sign_in import make_link, url_of
from shared import clock, telemetry
from shared.database import connect, sessions_for
from shared.errors import InvalidInput, Rejection
from shared.http.keys import signing_key
from shared.messaging.commands import messages
from shared.messaging.workers import ROLES
from shared.policy import Actor, Role
from shared.settings import SettingsFault

OPERATOR = Actor(kind="command_line", is_admin=True)
_ROLE = click.Choice([str(each) for each in Role])


@click.group(help=__doc__)
def main() -> None:
    """All settings come from the environment, as for the running services."""


@main.command()
@click.option("--port", default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(port: int, host: str) -> None:
    """Serve the web part alone, without a front door (production uses gunicorn services.events.wsgi:app)."""
    telemetry.configure("events")
    waitress.serve(events.create_app(_settings()), host=host, port=port, ident=None)


def _add_role(name: str) -> None:
    @main.command(name, help=f"Work as {name} until told to stop.")
    def work() -> None:
        telemetry.configure("events")
        events.work(_settings(), name)


for _name in ROLES:
    _add_role(_name)


@main.command()
def migrate() -> None:
    """Bring the database to the newest version."""
    events.migrate(_settings())


@main.command("create-organisation")
@click.argument("name")
@click.option("--email", required=True, help="Where attendees may write to.")
@click.option("--slug", default="", help="Its part of addresses; made from the name otherwise.")
@click.option("--website", default="")
@click.option("--city", default="")
@click.option("--locale", default="de", show_default=True)
def create_organisation_(name: str, email: str, slug: str, website: str, city: str, locale: str) -> None:
    """Add an organisation; prints its slug."""
    wish = OrganisationWish(name=name, email=email, slug=slug, website=website, city=city, locale=locale)
    with _transaction() as session:
        click.echo(create_organisation(wish, session=session, now=clock.now()).slug)


@main.command("create-token")
@click.option("--organisation", "slug", required=True, help="The organisation's slug.")
@click.option("--role", type=_ROLE, required=True)
@click.option("--name", default="", help="What the token is for.")
def create_token_(slug: str, role: str, name: str) -> None:
    """Give out an API token for an organisation; prints just the token."""
    settings = _settings()
    key = signing_key(settings.identity_key, settings.common.identity_public_key)
    with _transaction(settings) as session:
        organisation = organisations.get_by_slug(session, slug)
        row = create_token(
            organisation_id=organisation.id, role=Role(role), name=name, session=session, now=clock.now(), by=OPERATOR
        )
        token = signed_token(row, key)
    click.echo(token)


@main.command("add-member")
@click.argument("email")
@click.option("--organisation", "slug", required=True)
@click.option("--role", type=_ROLE, required=True)
@click.option("--name", default="")
@click.option("--locale", default="")
def add_member_(email: str, slug: str, role: str, name: str, locale: str) -> None:
    """Give somebody a role in an organisation, without a mail."""
    with _transaction() as session:
        organisation = organisations.get_by_slug(session, slug)
        add_member(
            email,
            role=Role(role),
            name=name,
            locale=locale,
            organisation_id=organisation.id,
            session=session,
            now=clock.now(),
            by=OPERATOR,
        )


@main.command()
@click.argument("email")
@click.option("--organisation", "slug", required=True)
@click.option("--role", type=_ROLE, required=True)
@click.option("--name", default="")
def invite(email: str, slug: str, role: str, name: str) -> None:
    """Give somebody a role and mail her a link."""
    settings = _settings()
    with _transaction(settings) as session:
        invite_member(
            email,
            role=Role(role),
            name=name,
            organisation=organisations.get_by_slug(session, slug),
            token=secrets.token_urlsafe(32),
            base_url=settings.common.public_base_url,
            session=session,
            now=clock.now(),
            by=OPERATOR,
        )


@main.command("create-admin")
@click.argument("email")
@click.option("--name", default="")
def create_admin(email: str, name: str) -> None:
    """Let somebody run the whole installation; prints a sign-in link."""
    settings = _settings()
    with _transaction(settings) as session:
        account = open_account(email, name=name, session=session, now=clock.now())
        account.is_admin = True
        token = secrets.token_urlsafe(32)
        make_link(account, token=token, session=session, now=clock.now(), purpose="invitation")
    click.echo(url_of(token, settings.common.public_base_url))


@main.command("sign-in-link")
@click.option("--email", required=True)
@click.option("--next", "next_path", default="", help="The page to go to.")
def sign_in_link(email: str, next_path: str) -> None:
    """Print a link that signs an account in, for local runs and first set-up."""
    settings = _settings()
    with _transaction(settings) as session:
        account = accounts.find_by_address(session, email)
        if account is None:
            raise click.ClickException("Nobody has this address. `invite` or `add-member` opens an account.")
        token = secrets.token_urlsafe(32)
        make_link(account, token=token, session=session, now=clock.now(), next_path=next_path)
    click.echo(url_of(token, settings.common.public_base_url))


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "slug", default="", help="Whose events they are; needed where there are several.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_(file: Path, slug: str, dry_run: bool) -> None:
    """Take in events from a YAML or CSV file, as drafts; a wrong row is named and changes nothing else."""
    with _transaction() as session:
        rows = read_events(file.read_bytes(), name=file.name)
        organisation = _holder(session, slug)
        report = import_events(rows, organisation=organisation, session=session, now=clock.now(), by=OPERATOR)
        if dry_run:
            session.rollback()
    for line in report.lines:
        click.echo(line)
    sys.exit(1 if report.wrong else 0)


@main.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    app = events.create_app(_settings())
    with app.app_context():
        click.echo(json.dumps(app.extensions["werktor.api"].description(), indent=2))


@main.command("messages", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def messages_(arguments: tuple[str, ...]) -> None:
    """Messages from and to other services: what waits, what was parked."""
    sessions = sessions_for(connect(_settings().common.database_url))
    messages("events", sessions).main(list(arguments), prog_name="python -m services.events messages")


def _holder(session: Session, slug: str) -> Organisation:
    """The named organisation, or the only one; an empty installation gets one that holds what is imported."""
    if slug:
        return organisations.get_by_slug(session, slug)
    known = organisations.all_of_them(session)
    if len(known) > 1:
        slugs = ", ".join(each.slug for each in known)
        raise click.ClickException(f"Say --organisation: whose events are these? There are {slugs}.")
    if known:
        return known[0]
    click.echo("There is no organisation yet; “import” holds the drafts.")
    wish = OrganisationWish(name="Import", slug="import", email="")
    return create_organisation(wish, session=session, now=clock.now())


def _settings() -> EventsSettings:
    try:
        return read_settings()
    except SettingsFault as fault:
        raise click.ClickException(str(fault)) from None


@contextmanager
def _transaction(settings: EventsSettings | None = None) -> Iterator[Session]:
    """One transaction; a rejection is said in a sentence."""
    settings = settings or _settings()
    events.migrate(settings)
    engine = connect(settings.common.database_url)
    try:
        with sessions_for(engine).begin() as session:
            yield session
    except InvalidInput as refusal:
        sentences = [f"{name}: {' '.join(said)}" for name, said in refusal.errors.items()]
        raise click.ClickException("; ".join(sentences)) from None
    except Rejection as refusal:
        raise click.ClickException(f"{refusal.title}. {refusal.detail % refusal.facts}".strip()) from None
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
