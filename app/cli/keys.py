"""`kith key`: make, list, revoke keys; open the page with one."""

from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import BAD_INPUT, Data, Stop, opened, out, settings_of
from app.cli.serving import base_url
from app.security.roles import Role
from app.security.session import page_link

keys = typer.Typer(help="Make, list and revoke keys; open the page with one.", no_args_is_help=True)
ACTOR = "kith key"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="key")


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whom or what it is for; the audit shows it.")],
    role: Annotated[list[Role], typer.Option("--role", help="What it may do; may be given more than once.")],
    source: Annotated[
        str | None, typer.Option("--source", help="The one source a pusher's key pushes.")
    ] = None,
    data: Data = None,
) -> None:
    """Make a key and print it, this once."""
    if (Role.PUSHER in role) != (source is not None):
        raise Stop(
            "a pusher's key is bound to one source, and only that: give --role pusher with --source",
            BAD_INPUT,
        )
    with opened(settings_of(data), must_exist=False) as kith, kith.ledger.write() as session:
        if source is not None and not session.sources.known(source):
            session.sources.register(source, None, ACTOR)
        print(session.keys.create(name, [one.value for one in role], source, ACTOR))


@keys.command("list")
def list_keys(data: Data = None) -> None:
    """Show every key, never its secret."""
    table = Table("id", "name", "roles", "source", "made", "state")
    with opened(settings_of(data)) as kith, kith.ledger.read() as session:
        for key in session.keys.all():
            state = "revoked" if key["revoked_at"] else "loopback only" if key["loopback_only"] else "live"
            table.add_row(
                key["id"],
                key["name"],
                ", ".join(key["roles"]),
                key["source"] or "",
                key["created_at"][:10],
                state,
            )
    out.print(table)


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, from `kith key list`.")], data: Data = None
) -> None:
    """Make a key useless, at once."""
    with opened(settings_of(data)) as kith, kith.ledger.write() as session:
        try:
            session.keys.revoke(key_id, ACTOR)
        except KeyError:
            raise Stop("no key has this id; `kith key list` shows them", BAD_INPUT) from None


@keys.command("open")
def open_page(
    key_id: Annotated[
        str | None, typer.Argument(help="Its id, from `kith key list`; the first key if left out.")
    ] = None,
    data: Data = None,
) -> None:
    """Print a link that opens the page once, within a quarter of an hour."""
    settings = settings_of(data)
    with opened(settings) as kith, kith.ledger.write() as session:
        live = [key["id"] for key in session.keys.all() if key["revoked_at"] is None]
        wanted = key_id or (live[0] if live else "")
        if wanted not in live:
            raise Stop("no live key has this id; `kith key list` shows them", BAD_INPUT)
        print(page_link(session, wanted, base_url(settings)))
