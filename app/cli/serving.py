"""`kith serve`: API and page from one process."""

from typing import Annotated

import typer

from app.cli.console import Data, opened, out, settings_of
from app.main import check_binding, require_free_port, serve
from app.security.session import first_key, page_link
from app.settings import Settings
from app.wiring import Kith

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on [KITH_HOST, else 127.0.0.1].")]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port [KITH_PORT, else 8765].")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve_command)


def serve_command(data: Data = None, host: Host = None, port: Port = None) -> None:
    """Serve API and page until Ctrl-C. On a first start a key is made, for this machine only."""
    settings = settings_of(data, host=host, port=port)
    require_free_port(settings)
    with opened(settings, must_exist=False) as kith:
        check_binding(kith, settings.host)
        announce(kith, settings)
        serve(kith, settings)


def announce(kith: Kith, settings: Settings) -> None:
    """Print where the page is; make the first key where there is none."""
    made = first_key(kith.ledger)
    file = settings.data / "key"
    if made is not None:
        write_private(settings, made)
    url = base_url(settings)
    with kith.ledger.write() as session:
        loopback = [key for key in session.keys.all() if key["loopback_only"] and key["revoked_at"] is None]
        link = page_link(session, loopback[0]["id"], url) if loopback else f"{url}/"
    out.print(f"Page   {link}", markup=False)
    out.print(f"API    {url}/v1" + (f", key in {file}" if file.exists() else ""), markup=False)
    out.print("Ctrl-C stops it.")


def write_private(settings: Settings, key: str) -> None:
    """Write the first key into the data folder, readable for its owner alone."""
    file = settings.data / "key"
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(key + "\n")


def base_url(settings: Settings) -> str:
    """Return where the service is reached from this machine."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
