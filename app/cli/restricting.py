"""`kith restrict`: keep records or persons but neither show nor use them; list restrictions, lift one."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, Data, Stop, opened, out, settings_of
from app.erasing import NothingToErase
from app.restricting import lift, restrict
from ledger.restriction import REASONS


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("restrict")(restrict_command)


def restrict_command(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Records (source|id) or persons (e…), one or more.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help=f"One of {', '.join(REASONS)}.")] = "accuracy",
    lifting: Annotated[str | None, typer.Option("--lift", help="End the restriction of this id.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="Print every one, a JSON line each.")] = False,
    data: Data = None,
) -> None:
    """Withhold records or persons from every answer until the restriction is lifted; print it (JSON)."""
    if bool(targets) + (lifting is not None) + listing != 1:
        raise Stop("say what to restrict, or --lift ID, or --list", BAD_INPUT)
    if reason not in REASONS:
        raise Stop(f"--reason is one of {', '.join(REASONS)}", BAD_INPUT)
    with opened(settings_of(data)) as kith:
        if listing:
            with kith.ledger.read() as session:
                for one in session.restrictions.all():
                    print(json.dumps(asdict(one)))
            return
        try:
            done = restrict(kith, targets, reason) if targets else lift(kith, lifting or "")
        except NothingToErase as error:
            raise Stop(str(error), BAD_INPUT) from error
        except KeyError as error:
            raise Stop("no restriction of this id is in force: see --list", BAD_INPUT) from error
        out.print_json(data=asdict(done))
