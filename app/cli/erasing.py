"""`kith erase`: take records or a person out for good, list the certificates, finish what was left open."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli.console import BAD_INPUT, CHECK_FAILED, Data, Stop, err, opened, out, progress, settings_of
from app.erasing import NothingToErase, erase, finish
from app.wiring import Kith
from ledger.erasure import REASONS, Erasure


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("erase")(erase_command)


def erase_command(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Records (source|id) or persons (e…), one or more.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help=f"One of {', '.join(REASONS)}.")] = "request",
    finishing: Annotated[
        bool, typer.Option("--finish", help="Overwrite bytes that an earlier erasure could not.")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="Print every certificate, a JSON line each.")
    ] = False,
    keys: Annotated[
        bool, typer.Option("--keys", help="Print keyed hashes of all that was erased, for a later restore.")
    ] = False,
    data: Data = None,
) -> None:
    """Erase records or persons with all that was made of them, and print the certificate (JSON)."""
    if bool(targets) + finishing + listing + keys != 1:
        raise Stop("say what to erase, or --finish, or --list, or --keys", BAD_INPUT)
    if reason not in REASONS:
        raise Stop(f"--reason is one of {', '.join(REASONS)}", BAD_INPUT)
    with opened(settings_of(data)) as kith:
        if listing:
            with kith.ledger.read() as session:
                for one in session.erasures.all():
                    print(json.dumps(asdict(one)))
            return
        if keys:
            with kith.ledger.read() as session:
                for token in session.erasures.tokens():
                    print("\t".join(token))
            return
        with progress("Erasing"):
            open_ = finish(kith) if finishing else _erase(kith, targets or (), reason)
        _advise(open_)


def _erase(kith: Kith, targets: Sequence[str], reason: str) -> list[Erasure]:
    try:
        erasure = erase(kith, targets, reason)
    except NothingToErase as error:
        raise Stop(str(error), BAD_INPUT) from error
    out.print_json(data=asdict(erasure))
    return [] if erasure.finished else [erasure]


def _advise(open_: Sequence[Erasure]) -> None:
    """Say what is left to do where the graph is another server's: its files keep what was deleted."""
    if not open_:
        err.print("Nothing of it is left in the data folder or the graph. Backups made before still hold it.")
        return
    err.print(
        "It is gone from every answer; Neo4j's files still hold the bytes. Stop the server, delete its "
        "data/databases and data/transactions, start it, then: kith rebuild, kith erase --finish"
    )
    raise Stop(f"{len(open_)} erasures are not finished in Neo4j's files", CHECK_FAILED)
