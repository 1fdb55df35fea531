"""`kith retention`: rules on how long what a source says is kept, by kind; the nightly run, now."""

from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import BAD_INPUT, Data, Stop, err, opened, out, progress, settings_of
from app.retention import ACTOR, retain
from ledger.retention import ANY, RECORD, Rule

rules = typer.Typer(help="How long what a source says is kept.", no_args_is_help=True)

Source = Annotated[str, typer.Option("--source", help="A source; all of them if left out.")]
Kind = Annotated[str, typer.Option("--kind", help="`record` for persons, else a kind of event (custody …).")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rules, name="retention")


@rules.command("set")
def set_rule(
    days: Annotated[int, typer.Option("--days", min=1, help="Days after which it is erased.")],
    source: Source = ANY,
    kind: Kind = RECORD,
    data: Data = None,
) -> None:
    """Set a rule: a record goes so many days after it was last said, an event after its end."""
    with opened(settings_of(data)) as kith, kith.ledger.write() as session:
        session.retention.put(Rule(source, kind, days), ACTOR)


@rules.command("drop")
def drop(source: Source = ANY, kind: Kind = RECORD, data: Data = None) -> None:
    """Take a rule back."""
    with opened(settings_of(data)) as kith, kith.ledger.write() as session:
        try:
            session.retention.drop(source, kind, ACTOR)
        except KeyError as error:
            raise Stop("there is no such rule; `kith retention list` shows them", BAD_INPUT) from error


@rules.command("list")
def list_rules(data: Data = None) -> None:
    """Show the rules, and how much of the ledger is due."""
    table = Table("source", "kind", "days")
    with opened(settings_of(data)) as kith, kith.ledger.read() as session:
        for rule in session.retention.all():
            table.add_row("every" if rule.source == ANY else rule.source, rule.kind, str(rule.days))
        records, events = session.retention.due(kith.ledger.now())
    out.print(table)
    err.print(f"{len(records):,} records and {len(events):,} events are due.")


@rules.command("run")
def run(data: Data = None) -> None:
    """Erase now what is due; while `kith serve` runs, this happens by itself every night."""
    with opened(settings_of(data)) as kith, progress("Erasing what is due"):
        done = retain(kith)
    for certificate in done:
        print(certificate)
    err.print(f"{len(done):,} certificates." if done else "Nothing is due.")
